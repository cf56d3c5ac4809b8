"""Working days, counted from a published calendar and never guessed (E1; Civil Code arts. 200–203).

Pure functions over arrays: the first day is not counted, the last ends at the next midnight in Shanghai. A day of
a year whose calendar is not published raises CalendarMissing, whoever asks.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import accumulate
from typing import Literal
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
DayKind = Literal["working", "calendar"]
ONE_DAY = timedelta(days=1)


class CalendarMissing(Exception):
    """The working days of a year are not published yet, so nothing that touches it can be counted."""

    def __init__(self, year: int) -> None:
        self.year = year
        super().__init__(
            f"{year}年的工作日历尚未录入，无法计算涉及该年的期限。"
            f"请系统管理员在国务院办公厅公布{year}年节假日安排后录入工作日历，再办理本事项；已填写的内容不受影响。"
        )


@dataclass(frozen=True)
class Window:
    """A period as a notice prints it: published, first counted day, last day; `ends_at` is exclusive."""

    published_on: date
    first_day: date
    last_day: date
    ends_at: datetime
    calendar_version: str
    days: int
    kind: DayKind

    @property
    def text_zh(self) -> str:
        """2026年3月3日至2026年3月9日（5个工作日）."""
        unit = "个工作日" if self.kind == "working" else "个自然日"
        return f"{date_zh(self.first_day)}至{date_zh(self.last_day)}（{self.days}{unit}）"


def date_zh(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def end_of(day: date) -> datetime:
    """The exclusive end of a day: the next midnight in Shanghai."""
    return datetime.combine(day + ONE_DAY, datetime.min.time(), tzinfo=SHANGHAI)


def workdays_of(year: int, *, days_off: Iterable[date] = (), make_up_days: Iterable[date] = ()) -> frozenset[date]:
    """The working days of a year: Monday to Friday but for `days_off`, and the make-up days (调休)."""
    off, extra = frozenset(days_off), frozenset(make_up_days)
    first = date(year, 1, 1)
    every = (first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days))
    return frozenset(day for day in every if day in extra or (day.weekday() < 5 and day not in off))


@dataclass(frozen=True)
class Calendar:
    """The published years and their working days. `version` goes on every window computed with it."""

    years: Mapping[int, frozenset[date]]
    version: str = ""

    @cached_property
    def _runs(self) -> dict[int, _Run]:
        """year → the run of consecutive published years it stands in."""
        runs: dict[int, _Run] = {}
        block: list[int] = []
        for year in sorted(self.years):
            if block and year != block[-1] + 1:
                runs |= dict.fromkeys(block, _Run.over(block, self.years))
                block = []
            block.append(year)
        return runs | dict.fromkeys(block, _Run.over(block, self.years)) if block else runs

    def _run(self, day: date) -> _Run:
        try:
            return self._runs[day.year]
        except KeyError:
            raise CalendarMissing(day.year) from None

    @property
    def last_year(self) -> int | None:
        return max(self.years, default=None)

    def is_working(self, day: date) -> bool:
        self._run(day)
        return day in self.years[day.year]

    def next_working_day(self, day: date) -> date:
        """`day` itself when it is a working day, else the next one."""
        run = self._run(day)
        return run.at(bisect_left(run.days, day))

    def add_working_days(self, start: date, count: int) -> date:
        """The last day of `count` working days; `start` is not counted. 5 from 2026-09-28 end on 2026-10-10."""
        if count < 0:
            raise ValueError("工作日数不得为负")
        run = self._run(start)
        return start if count == 0 else run.at(run.upto(start) + count - 1)

    def subtract_working_days(self, end: date, count: int) -> date:
        """The latest working day with `count` working days after it up to and including `end`."""
        if count < 0:
            raise ValueError("工作日数不得为负")
        run = self._run(end)
        return run.at(run.upto(end) - count - 1)

    def working_days_between(self, start: date, end: date) -> int:
        """Working days after `start` up to and including `end`; negative when `end` comes first."""
        run = self._run(start)
        if self._run(end) is not run:
            raise CalendarMissing(
                next(year for year in range(start.year, end.year, _sign(start, end)) if year not in self.years)
            )
        return run.upto(end) - run.upto(start)

    def window(self, published_on: date, days: int, kind: DayKind = "working") -> Window:
        """The period of `days` after the day of publication, which is not counted."""
        if days < 1:
            raise ValueError("公示时间至少为一日")
        if kind == "working":
            first, last = self.add_working_days(published_on, 1), self.add_working_days(published_on, days)
        else:
            first, last = published_on + ONE_DAY, published_on + timedelta(days=days)
            self._run(last)
        return Window(published_on, first, last, end_of(last), self.version, days, kind)

    def due_at(self, start: date, days: int, kind: DayKind = "working") -> datetime:
        """The exclusive instant `days` after `start` run out."""
        return self.window(start, days, kind).ends_at


def _sign(start: date, end: date) -> int:
    return 1 if start <= end else -1


@dataclass(frozen=True)
class _Run:
    """Consecutive published years: their working days in order, and the rank of every day among them."""

    first: date
    days: tuple[date, ...]
    ranks: tuple[int, ...]

    @classmethod
    def over(cls, years: list[int], working: Mapping[int, frozenset[date]]) -> _Run:
        first = date(years[0], 1, 1)
        length = (date(years[-1] + 1, 1, 1) - first).days
        every = [first + timedelta(days=n) for n in range(length)]
        flags = [day in working[day.year] for day in every]
        days = tuple(day for day, flag in zip(every, flags, strict=True) if flag)
        return cls(first, days, tuple(accumulate(flags)))

    def upto(self, day: date) -> int:
        """How many working days of the run lie on or before `day`."""
        return self.ranks[(day - self.first).days]

    def at(self, rank: int) -> date:
        """The working day of a rank; a rank past either end needs a year that is not published."""
        if rank < 0:
            raise CalendarMissing(self.first.year - 1)
        if rank >= len(self.days):
            raise CalendarMissing(self.first.year + self._years)
        return self.days[rank]

    @property
    def _years(self) -> int:
        return (self.first + timedelta(days=len(self.ranks))).year - self.first.year


__all__ = [
    "SHANGHAI", "Calendar", "CalendarMissing", "DayKind", "Window",
    "date_zh", "end_of", "workdays_of",
]  # fmt: skip
