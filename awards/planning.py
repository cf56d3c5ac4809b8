"""The timetable of a round in working days: forwards from the call, or back from the ceremony (倒排工期).

Stages come in the rulebook's own order. What is planned is the office's own arrangement; only a publicity's length and
the application window are the regulation's, and a plan never makes either shorter.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import takewhile

from .rulebook import Rulebook
from .rulebook.process import Stage
from .workdays import Calendar

# it runs inside the application window
INSIDE_THE_WINDOW = "self_publicity"
APPLICATION = "application"
DUE_WITH = "recommendation"


@dataclass(frozen=True)
class PlannedStage:
    """One line of the timetable: a stage with its first and last planned day, and its planned working days."""

    state: str
    label: str
    starts_on: date
    ends_on: date
    days: int


@dataclass(frozen=True)
class BackwardPlan:
    """倒排工期: the dates a round must keep to award on a given day."""

    opens_on: date
    closes_on: date
    recommendation_due_on: date
    stages: list[PlannedStage]


def propose_dates(book: Rulebook, calendar: Calendar, *, announced_on: date) -> dict[str, date]:
    """Window and due date from the rulebook's planned days, counted from the announcement."""
    days = book.timing.application_window_days.value
    closes_on = calendar.window(announced_on, days, book.window_day_kind).last_day
    # no further than the recommendation: the years after it need not be published yet
    until_due = list(takewhile(lambda one: one.state != DUE_WITH, _after_the_window(book)))
    until_due += [one for one in _after_the_window(book) if one.state == DUE_WITH] or _after_the_window(book)[:1]
    return {
        "opens_on": announced_on,
        "closes_on": closes_on,
        "recommendation_due_on": _due_on(_plan(until_due, calendar, after=closes_on)),
    }


def plan_stages(book: Rulebook, calendar: Calendar, *, closes_on: date) -> list[PlannedStage]:
    """The timetable after the window closes, stage by stage in working days (CalendarMissing when a year lacks)."""
    return _plan(_after_the_window(book), calendar, after=closes_on)


def plan_backwards(book: Rulebook, calendar: Calendar, *, awarded_on: date) -> BackwardPlan:
    """From the day of the award back to the opening, in planned working days (CalendarMissing when a year lacks)."""
    # the first working day at or before the ceremony ends the last stage
    end = calendar.subtract_working_days(awarded_on, 0)
    planned: list[PlannedStage] = []
    for stage in reversed(_after_the_window(book)):
        before = _day_before(stage, calendar, end=end)
        first = calendar.add_working_days(before, 1)
        planned.insert(0, PlannedStage(stage.state, stage.label, first, end, stage.plan_days.value))
        end = before
    days = book.timing.application_window_days.value
    if book.window_day_kind == "working":
        opens_on = calendar.subtract_working_days(end, days)
    else:
        opens_on = end - timedelta(days=days)
    return BackwardPlan(opens_on, end, _due_on(planned), planned)


def whole_timetable(
    book: Rulebook, calendar: Calendar, *, opens_on: date, closes_on: date, stages: list[PlannedStage]
) -> list[PlannedStage]:
    """The stages with the application window before them, and the publicity that runs inside it at its latest."""
    lines = [PlannedStage(APPLICATION, "申报期", opens_on, closes_on, _working_days(calendar, opens_on, closes_on))]
    if book.has_stage(INSIDE_THE_WINDOW):
        rule = book.publicity(INSIDE_THE_WINDOW)
        days = rule.days.value
        if rule.day_kind.value == "working":
            first = calendar.add_working_days(calendar.subtract_working_days(closes_on, days), 1)
        else:
            first = closes_on - timedelta(days=days - 1)
        label = f"{book.stage(INSIDE_THE_WINDOW).label}（最迟）"
        lines.append(PlannedStage(INSIDE_THE_WINDOW, label, first, closes_on, days))
    return [*lines, *stages]


def day_unit(kind: str) -> str:
    return "个工作日" if kind == "working" else "个自然日"


def _after_the_window(book: Rulebook) -> list[Stage]:
    return [one for one in book.stages if one.state != INSIDE_THE_WINDOW]


def _plan(stages: Iterable[Stage], calendar: Calendar, *, after: date) -> list[PlannedStage]:
    planned = []
    for stage in stages:
        window = calendar.window(after, stage.plan_days.value)
        last = max(window.last_day, _publicity_ends_on(stage, calendar, published_on=after) or window.last_day)
        planned.append(PlannedStage(stage.state, stage.label, window.first_day, last, window.days))
        after = last
    return planned


def _day_before(stage: Stage, calendar: Calendar, *, end: date) -> date:
    """The last working day before a stage that must be over at `end`; a publicity is given its whole window."""
    before = calendar.subtract_working_days(end, stage.plan_days.value)
    while (_publicity_ends_on(stage, calendar, published_on=before) or end) > end:
        before = calendar.subtract_working_days(before, 1)
    return before


def _publicity_ends_on(stage: Stage, calendar: Calendar, *, published_on: date) -> date | None:
    """The last day of the stage's publicity when its list goes out at the end of the stage before."""
    if stage.publicity is None:
        return None
    return calendar.window(published_on, stage.publicity.days.value, stage.publicity.day_kind.value).last_day


def _due_on(planned: list[PlannedStage]) -> date:
    return next((one.ends_on for one in planned if one.state == DUE_WITH), planned[0].ends_on)


def _working_days(calendar: Calendar, first: date, last: date) -> int:
    return calendar.working_days_between(first - timedelta(days=1), last)
