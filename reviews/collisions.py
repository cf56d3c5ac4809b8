"""Nobody sits in two places at once and no room is given twice: asked before either is put in the diary."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from datetime import date, datetime

from applications.gates import Blocker
from award_portal.lib import clock
from awards.models import Round
from awards.parameters import rulebook_for
from awards.workdays import date_zh

from .models import Expert, Session, Visit, VisitMember


def session_collisions(
    round: Round, experts: Collection[Expert], *, starts_at: datetime, ends_at: datetime, place: str, but: int = 0
) -> list[Blocker]:
    """What a session at that time and place would collide with; `but` is the session that is being moved."""
    others = list(Session.objects.within(starts_at, ends_at).exclude(pk=but).select_related("panel__round"))
    cite = _cite(round)
    found = [
        Blocker(f"{place}在{_when(one)}已有其他场次。", cite)
        for one in others
        if one.panel.round.office_id == round.office_id and _room(one.place) == _room(place)
    ]
    users = {one.user_id: one for one in experts}
    for one in others:
        sitting = one.panel.members.filter(left_at=None, expert__user__in=users).values_list("expert__user", flat=True)
        found += [Blocker(f"{users[key]}在{_when(one)}已有其他场次（{one.place}）。", cite) for key in sitting]
    return found + _on_visits(users, starts_at.date(), ends_at.date(), cite)


def visit_collisions(
    round: Round, experts: Collection[Expert], *, starts_on: date, ends_on: date, but: int = 0
) -> list[Blocker]:
    """What a visit on those days would take from other visits and sessions of the same people."""
    cite, users = _cite(round), {one.user_id: one for one in experts}
    found = _on_visits(users, starts_on, ends_on, cite, but=but)
    for one in Session.objects.within(clock.day_start(starts_on), clock.at(ends_on, 24)).select_related("panel"):
        sitting = one.panel.members.filter(left_at=None, expert__user__in=users).values_list("expert__user", flat=True)
        found += [Blocker(f"{users[key]}在{_when(one)}另有场次（{one.place}）。", cite) for key in sitting]
    return found


def _on_visits(users: dict[int, Expert], starts_on: date, ends_on: date, cite: str, *, but: int = 0) -> list[Blocker]:
    rows = (
        VisitMember.objects.filter(
            visit__in=Visit.objects.on_days(starts_on, ends_on).exclude(pk=but), left_at=None, expert__user__in=users
        )
        .select_related("visit__application__organization", "expert")
        .order_by("pk")
    )
    return [
        Blocker(
            f"{users[one.expert.user_id]}在{date_zh(one.visit.starts_on)}已安排到{one.visit.application.listed_name}现场评审。",
            cite,
        )
        for one in rows
    ]


def _room(place: str) -> str:
    """A room's name without blanks and the difference of wide and narrow characters."""
    return "".join(unicodedata.normalize("NFKC", place).split()).casefold()


def _when(session: Session) -> str:
    starts = session.starts_at.astimezone(clock.SHANGHAI)
    return f"{date_zh(starts.date())}{starts:%H:%M}"


def _cite(round: Round) -> str:
    book = rulebook_for(round)
    return book.ground(book.bodies.office)
