"""上届复制: what the office settled for the last round, proposed for the next one value by value (R3).

Nothing is taken silently: each value is shown with what the edition changed since, and the officer ticks it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from award_portal.lib import clock
from organizations.models import User

from .calendars import current_calendar
from .differences import ground_of
from .models import Round
from .parameters import CONFIRMED, confirm_parameter, rulebook_for, set_parameter
from .rulebook import Rulebook, RulebookInvalid, RuleRow
from .rulebook.overrides import is_whole_rubric
from .schemes import rulebook_of
from .workdays import Calendar, CalendarMissing
from .years import add_years


@dataclass(frozen=True)
class Proposal:
    """One value of the last round: what it was, what the new edition says, and whether it still fits."""

    path: str
    label: str
    then_zh: str
    now_zh: str
    ground: str
    was_set: bool
    changes: tuple[str, ...] = ()
    refusal: str = ""
    is_done: bool = False

    @property
    def may_take(self) -> bool:
        return not self.refusal and not self.is_done


def last_round(round: Round) -> Round | None:
    """The round before this one of the same scheme."""
    before = Round.objects.filter(scheme_id=round.scheme_id, ordinal__lt=round.ordinal)
    return before.select_related("edition__scheme", "scheme").order_by("-ordinal").first()


def proposals_for(round: Round) -> list[Proposal]:
    """What the last round set or confirmed, in the new document's order; what is gone stands last."""
    source = last_round(round)
    if source is None:
        return []
    old, new = rulebook_of(source.edition), rulebook_of(round.edition)
    before, after = {row.path: row for row in old.rules()}, {row.path: row for row in new.rules()}
    settled = {row.path: row for row in rulebook_for(source).rules()}
    done = set(round.parameters.values_list("path", flat=True))
    proposals = []
    for one in source.parameters.all():
        if is_whole_rubric(one.path):
            continue  # criteria are approved for one round
        was, now, then = before.get(one.path), after.get(one.path), settled.get(one.path)
        was_set = one.ground != CONFIRMED
        proposals.append(
            Proposal(
                path=one.path,
                label=(now or was).label if now or was else one.path,  # type: ignore[union-attr]
                then_zh=then.value_zh if then else str(one.value),
                now_zh=now.value_zh if now else "",
                ground=one.ground if was_set else "",
                was_set=was_set,
                changes=_changes(was, now),
                refusal=_refusal(new, was, now, one.value, was_set=was_set),
                is_done=one.path in done,
            )
        )
    order = {path: place for place, path in enumerate(after)}
    return sorted(proposals, key=lambda one: order.get(one.path, len(order)))


def _changes(was: RuleRow | None, now: RuleRow | None) -> tuple[str, ...]:
    """What the edition changed about a value since."""
    if was is None or now is None:
        return ()
    changes = []
    if (was.value, was.bound) != (now.value, now.bound):
        changes.append(f"规则中的值由“{was.value_zh}”改为“{now.value_zh}”")
    if ground_of(was) != ground_of(now):
        changes.append(f"依据由“{ground_of(was)}”改为“{ground_of(now)}”")
    return tuple(changes)


def _refusal(book: Rulebook, was: RuleRow | None, now: RuleRow | None, value: Any, *, was_set: bool) -> str:
    """Why a value of the last round cannot be taken on the new edition, or nothing."""
    if now is None:
        return "本届所用版本没有这一项"
    if not now.may_be_set:
        return f"本届所用版本由{now.citation_zh}定为{now.value_zh}，不由办公室设定"
    if not was_set:
        changed = was is None or was.value != now.value
        return "规则中的值已改，请在“办公室设定值”中重新核对" if changed else ""
    try:
        book.with_parameters({now.path: value})
    except RulebookInvalid as invalid:
        return "；".join(one.message_zh for one in invalid.errors)
    return ""


@transaction.atomic
def take_over(round: Round, paths: Collection[str], *, by: User, at: datetime) -> int:
    """Take the ticked values, each on record with where it came from. Raises ParameterRefused; then none is taken."""
    source = last_round(round)
    chosen = [one for one in proposals_for(round) if one.path in paths and one.may_take]
    for one in chosen:
        if source is None or not one.was_set:
            confirm_parameter(round, one.path, by=by, at=at)
            continue
        value = source.parameters.get(path=one.path).value
        set_parameter(round, one.path, value, ground=f"沿用{source.title}取值：{one.ground}"[:300], by=by, at=at)
    return len(chosen)


# -- dates -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ShiftedDates:
    """The last round's dates so many years on, each on a working day where the calendar is published."""

    years: int
    last: dict[str, date]
    proposed: dict[str, date]
    missing: str = ""


def shifted_dates(round: Round) -> ShiftedDates | None:
    """The last round's window and due date moved by the years between the rounds; None when it had none."""
    source = last_round(round)
    if source is None or not (source.opens_at and source.closes_at and source.recommendation_due_on):
        return None
    book = rulebook_for(round)
    years = round.year - source.year if round.year > source.year else book.cycle_years.value
    closes = source.closes_at.astimezone(clock.SHANGHAI) - timedelta(microseconds=1)
    last = {
        "opens_on": clock.day_of(source.opens_at),
        "closes_on": closes.date(),
        "recommendation_due_on": source.recommendation_due_on,
    }
    moved = {name: add_years(day, years) for name, day in last.items()}
    try:
        return ShiftedDates(years, last, _on_working_days(moved, current_calendar()))
    except CalendarMissing as missing:
        return ShiftedDates(years, last, moved, str(missing))


def _on_working_days(days: dict[str, date], calendar: Calendar) -> dict[str, date]:
    return {name: calendar.next_working_day(day) for name, day in days.items()}
