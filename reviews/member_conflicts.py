"""A member of the leading body tied to a name is recused from it before anything is voted on that name (U23).

The same graph as for experts: employment, accounts, recommender's staff, declared ties. The office recuses at the
meeting; nothing is decided on a name while a member in the room who is tied to it still counts. A tie found after the
ballot opened is caught when the paper is cast.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.urls import reverse

from applications.desk_rules import DeskRefused
from applications.gates import Blocker
from applications.models import Application
from applications.pipeline import State
from award_portal.lib import clock
from awards.parameters import rulebook_for
from organizations.messages import people_of, send_message
from organizations.models import User

from .conflicts import Conflict, findings_of_people
from .meetings import recuse_member, recused_names, stand_back
from .models import Ballot, Meeting, MeetingMember


@dataclass(frozen=True)
class MemberConflict:
    """A member, a name, and why the member may not judge it."""

    member: MeetingMember
    application: Application
    conflicts: list[Conflict]

    @property
    def reason(self) -> str:
        return "；".join(str(one) for one in self.conflicts)


def unrecused(
    meeting: Meeting, names: Collection[Application], *, present_only: bool = False, member: MeetingMember | None = None
) -> list[MemberConflict]:
    """The members tied to one of the names and not recused from it, in the same few queries for any number."""
    seats = meeting.members.with_people()
    members = list(seats.filter(pk=member.pk) if member else seats.filter(is_present=True) if present_only else seats)
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


def recuse_tied_voter(ballot: Ballot, member: MeetingMember, *, by: User) -> None:
    """The graph is asked again at the urn: who is tied to a name by now is recused from it, and puts in no paper.

    It is asked of every name alike, before a choice is looked at, so what is refused and what is on record say nothing
    of one. The ballot's bases have changed: it is void, as after any recusal, and voted again. The recusal stands
    although the paper is refused, so this is not part of the caller's transaction.
    """
    names = [one.application for one in ballot.candidates.select_related("application")]
    if not unrecused(ballot.meeting, names, member=member):
        return
    at = clock.now()
    with transaction.atomic():
        meeting = Meeting.objects.select_for_update(of=("self",)).get(pk=ballot.meeting_id)
        if not meeting.ballots.filter(pk=ballot.pk, state=Ballot.State.OPEN).exists():
            return
        found = unrecused(meeting, names, member=member)
        for one in found:
            ground = one.reason[:200]
            stand_back(meeting, one.member, one.application, ground=ground, by=by, at=at, found_at="casting")
        send_message(
            people_of(meeting.round.office), url=reverse("reviews:meeting", args=[meeting.public_id]), at=at,
            subject=f"{ballot.tier_name}第{ballot.number}次表决作废：有成员应当回避，请重新开始投票",
        )  # fmt: skip
    cite = rulebook_for(meeting.round).recusal_ground
    told = [
        Blocker(
            f"您与{one.application.organization}有利害关系，已登记回避，不就其表决："
            f"{'；'.join(each.told_to_expert for each in one.conflicts)}。",
            cite,
        )
        for one in found
    ]
    again = Blocker("计票基数因此变更，本次表决作废，表决票没有投出；已投的票不拆封即销毁，请等候重新投票。", cite)
    raise DeskRefused([*told, again])


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
