"""A timetable as a drawing: bars over the days, with holidays, make-up days and today (no effect, no query).

Positions are percent of the width and heights are pixels, so that words keep their size on a telephone and on paper.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from .workdays import Calendar

ONE_DAY = timedelta(days=1)
HEAD, ROW, FOOT = 26, 40, 8


@dataclass(frozen=True)
class Bar:
    """One line to draw: planned days, the days it really took so far, and publicity windows."""

    label: str
    starts_on: date
    ends_on: date
    actual: tuple[date, date] | None = None
    windows: tuple[tuple[date, date], ...] = ()
    # the day after which it is late, where it is
    late_after: date | None = None


@dataclass(frozen=True)
class Box:
    x: str
    width: str
    y: int = 0
    height: int = 0
    kind: str = ""
    title: str = ""


@dataclass(frozen=True)
class DrawnRow:
    label: str
    anchor: str
    label_x: str
    label_y: int
    y: int
    boxes: list[Box] = field(default_factory=list)


@dataclass(frozen=True)
class Mark:
    x: str
    label: str = ""
    anchor: str = "start"


@dataclass(frozen=True)
class Chart:
    """Everything `awards/_gantt.html` draws."""

    title: str
    height: int
    shades: list[Box]
    months: list[Mark]
    rows: list[DrawnRow]
    today: Mark | None
    has_actual: bool
    has_windows: bool
    has_late: bool


def draw_chart(bars: Iterable[Bar], calendar: Calendar, *, today: date, title: str) -> Chart | None:
    """The drawing of some bars, or None when there are none."""
    bars = list(bars)
    if not bars:
        return None
    scale = _Scale.over(bars)
    rows = [_row(bar, scale, HEAD + number * ROW) for number, bar in enumerate(bars)]
    height = HEAD + len(bars) * ROW + FOOT
    mark = None
    if scale.first <= today <= scale.last:
        place = scale.place(today)
        mark = Mark(f"{place:.2f}%", "今日", "start" if place < 85 else "end")
    return Chart(
        title, height, list(_shades(scale, calendar, below=height - HEAD + 6)), list(_months(scale)), rows, mark,
        has_actual=any(one.actual for one in bars), has_windows=any(one.windows for one in bars),
        has_late=any(one.late_after for one in bars),
    )  # fmt: skip


@dataclass(frozen=True)
class _Scale:
    """The days drawn; `last` is drawn whole."""

    first: date
    last: date

    @classmethod
    def over(cls, bars: list[Bar]) -> _Scale:
        days = [day for one in bars for day in (one.starts_on, one.ends_on, *(one.actual or ()))]
        days += [day for one in bars for window in one.windows for day in window]
        return cls(min(days), max(days))

    def place(self, day: date) -> float:
        return 100 * (day - self.first).days / ((self.last - self.first).days + 1)

    def box(self, first: date, last: date, **given) -> Box:
        width = 100 * ((last - first).days + 1) / ((self.last - self.first).days + 1)
        return Box(f"{self.place(first):.2f}%", f"{width:.2f}%", **given)


def _row(bar: Bar, scale: _Scale, y: int) -> DrawnRow:
    boxes = [
        scale.box(bar.starts_on, bar.ends_on, y=y + 17, height=9, kind="plan", title=_span(bar.label, "计划", bar))
    ]
    if bar.actual:
        boxes.append(scale.box(*bar.actual, y=y + 28, height=7, kind="actual", title=f"{bar.label}实际"))
        if bar.late_after and bar.actual[1] > bar.late_after:
            late_from = max(bar.late_after + ONE_DAY, bar.actual[0])
            boxes.append(scale.box(late_from, bar.actual[1], y=y + 28, height=7, kind="late", title=f"{bar.label}超期"))
    boxes += [scale.box(*one, y=y + 29, height=5, kind="window", title=f"{bar.label}公示期") for one in bar.windows]
    starts, ends = scale.place(bar.starts_on), scale.place(bar.ends_on + ONE_DAY)
    anchor, x = ("start", starts) if starts < 55 else ("end", ends)
    return DrawnRow(bar.label, anchor, f"{x:.2f}%", y + 12, y, boxes)


def _span(label: str, what: str, bar: Bar) -> str:
    return f"{label}{what}：{bar.starts_on:%Y-%m-%d}至{bar.ends_on:%Y-%m-%d}"


def _shades(scale: _Scale, calendar: Calendar, *, below: int) -> Iterator[Box]:
    """Runs of days off; a run that takes in a working weekday is a holiday. Make-up days on their own."""
    run: list[date] = []
    day = scale.first
    while day <= scale.last + ONE_DAY:
        known = day <= scale.last and day.year in calendar.years
        is_off = known and day not in calendar.years[day.year]
        if run and not is_off:
            is_holiday = any(one.weekday() < 5 for one in run)
            yield scale.box(run[0], run[-1], y=HEAD - 6, height=below, kind="holiday" if is_holiday else "weekend")
            run = []
        if is_off:
            run.append(day)
        elif known and day.weekday() >= 5:
            yield scale.box(day, day, y=HEAD - 6, height=below, kind="make-up")
        day += ONE_DAY


def _months(scale: _Scale) -> Iterator[Mark]:
    """Every month that begins inside, fewer names the longer the time; January names its year."""
    months = (scale.last.year - scale.first.year) * 12 + scale.last.month - scale.first.month
    step = 1 if months <= 10 else 2 if months <= 20 else 3
    year, month = scale.first.year, scale.first.month
    for _ in range(months):
        month += 1
        if month > 12:
            year, month = year + 1, 1
        place = scale.place(date(year, month, 1))
        named = month % step == 1 % step and place < 96
        label = (f"{year}年" if month == 1 else f"{month}月") if named else ""
        yield Mark(f"{place:.2f}%", label)
