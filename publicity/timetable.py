"""A running round's timetable: what was planned, what happened, its publicity windows, and where it is late."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from applications.pipeline import State
from applications.timetable import Passage, passages_of
from award_portal.lib import clock
from awards.calendars import current_calendar
from awards.gantt import Bar, Chart, draw_chart
from awards.models import Round
from awards.parameters import rulebook_for
from awards.planning import APPLICATION, PlannedStage, plan_stages, whole_timetable
from awards.workdays import Calendar, CalendarMissing

from .models import Notice


@dataclass(frozen=True)
class Line:
    """One stage: planned, passed, its notices, and by how many working days it is behind the plan."""

    planned: PlannedStage
    passage: Passage
    notices: list[Notice]
    late_days: int
    is_over: bool

    @property
    def state(self) -> str:
        return self.planned.state

    @property
    def is_running(self) -> bool:
        return bool(self.passage.here)

    @property
    def windows(self) -> list[tuple[date, date]]:
        return [(one.starts_on, one.last_on) for one in self.notices if one.starts_on and one.last_on]


def round_timetable(round: Round, *, at: datetime) -> list[Line]:
    """Every line of a dated round, in the rulebook's order; CalendarMissing for an unpublished year."""
    if not (round.opens_at and round.closes_at):
        return []
    book, calendar = rulebook_for(round), current_calendar()
    opens_on, closes_on = _day(round.opens_at), _last_day(round.closes_at)
    stages = plan_stages(book, calendar, closes_on=closes_on)
    planned = whole_timetable(book, calendar, opens_on=opens_on, closes_on=closes_on, stages=stages)
    passages, notices = passages_of(round), defaultdict(list)
    for notice in Notice.objects.public().windows().filter(round=round).order_by("published_at", "pk"):
        notices[notice.kind].append(notice)
    lines = []
    for one in planned:
        passage = passages.get(State.DRAFT if one.state == APPLICATION else one.state, Passage())
        # before the window closes others may still come
        is_over = passage.is_over and at >= round.closes_at
        late = 0 if one.state in (APPLICATION, State.SELF_PUBLICITY) else late_days(one, passage, calendar, at=at)
        lines.append(Line(one, passage, notices[one.state], late, is_over))
    return lines


def late_days(planned: PlannedStage, passage: Passage, calendar: Calendar, *, at: datetime) -> int:
    """Working days beyond the planned last day: until today while somebody is there, else until the last one left."""
    until = _day(at) if passage.here else _day(passage.last_out) if passage.last_out else None
    if until is None or until <= planned.ends_on:
        return 0
    try:
        return calendar.working_days_between(planned.ends_on, until)
    except CalendarMissing:
        return 0


def timetable_chart(round: Round, lines: list[Line], *, at: datetime) -> Chart | None:
    """The lines as a drawing."""
    bars = [
        Bar(
            one.planned.label,
            one.planned.starts_on,
            one.planned.ends_on,
            actual=_actual(one, at=at),
            windows=tuple(one.windows),
            late_after=one.planned.ends_on if one.late_days else None,
        )
        for one in lines
    ]
    return draw_chart(bars, current_calendar(), today=_day(at), title=f"{round.title}计划与实际工期图")


def _actual(line: Line, *, at: datetime) -> tuple[date, date] | None:
    """From the first that came to the last that left; to today while somebody is there."""
    passage = line.passage
    came = passage.first_in or passage.first_out
    if came is None:
        return None
    gone = at if passage.here else passage.last_out or passage.last_in or came
    return (_day(came), max(_day(came), _day(gone)))


def _day(instant: datetime) -> date:
    return clock.day_of(instant)


def _last_day(closes_at: datetime) -> date:
    return _day(closes_at - timedelta(microseconds=1))
