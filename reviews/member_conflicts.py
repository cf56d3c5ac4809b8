"""A member of the leading body tied to a name is recused from it before anything is voted on that name (U23).

The same graph as for experts: employment, accounts, recommender's staff, declared ties. The office recuses at the
meeting; nothing is decided on a name while a member in the room who is tied to it still counts.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from applications.desk_rules import DeskRefused
from applications.gates import Blocker
from applications.models import Application
from applications.pipeline import State
from awards.parameters import rulebook_for
from organizations.models import User

from .conflicts import Conflict, findings_of_people
from .meetings import recuse_member, recused_names
from .models import Meeting, MeetingMember


@dataclass(frozen=True)
class MemberConflict:
    """A member, a name, and why the member may not judge it."""

    member: MeetingMember
    application: Application
    conflicts: list[Conflict]

    @property
    def reason(self) -> str:
        return "；".join(str(one) for one in self.conflicts)


def unrecused(meeting: Meeting, names: Collection[Application], *, present_only: bool = False) -> list[MemberConflict]:
    """The members tied to one of the names and not recused from it, in the same few queries for any number."""
    members = list(meeting.members.with_people())
    if present_only:
        members = [one for one in members if one.is_present]
    applications = Application.objects.with_names().filter(pk__in=[one.pk for one in names]).order_by("number", "pk")
    known = {one.pk: one for one in applications}
    people = {user.pk: user for one in members for user in people_of_seat(one)}
    found = findings_of_people(list(people.values()), list(known.values())).conflicts
    recused = recused_names(meeting)
    rows = []
    for member in members:
        for key in known:
            reasons = [one for user in people_of_seat(member) for one in found.get((user.pk, key), [])]
            if reasons and key not in recused.get(member.pk, ()):
                rows.append(MemberConflict(member, known[key], reasons))
    return rows


def people_of_seat(member: MeetingMember) -> list[User]:
    """The member and, where one stands in for him, his deputy: the ties of both count."""
    deputy = member.mandate.user if member.mandate else None
    return [member.user, *([deputy] if deputy else [])]


def refuse_unrecused(meeting: Meeting, names: Collection[Application]) -> None:
    """One call before a ballot opens or a list is decided: every member in the room who must stand back, does."""
    book = rulebook_for(meeting.round)
    blockers = [
        Blocker(
            f"{one.member.label}与{one.application.organization}有利害关系，应当先登记回避：{one.reason}。",
            book.recusal_ground,
        )
        for one in unrecused(meeting, names, present_only=True)
    ]
    if blockers:
        raise DeskRefused(blockers)


def unrecused_in(meeting: Meeting) -> list[MemberConflict]:
    """What the office's meeting page lists beside its one button."""
    return unrecused(meeting, list(Application.objects.filter(round=meeting.round, state=State.DELIBERATION)))


@transaction.atomic
def recuse_all_found(meeting: Meeting, *, by: User, at: datetime) -> int:
    """The office's one button: every member found tied to a name is recused from it, with the fact as the ground."""
    found = unrecused_in(meeting)
    for one in found:
        recuse_member(one.member, application=one.application, ground=one.reason[:200], by=by, at=at)
    return len(found)
