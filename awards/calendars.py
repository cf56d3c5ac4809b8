"""The working calendar as the administrator keeps it: published years, edits, CSV import, and the alarm (E1).

An edit raises the year's version; a window keeps the version and the dates it was computed with, so nothing published
moves.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from organizations.evidence import record
from organizations.models import User

from .models import CalendarDay, CalendarYear
from .workdays import Calendar, workdays_of

FIXTURES = Path(settings.BASE_DIR) / "fixtures" / "calendars"
REHEARSAL_FILE = FIXTURES / "rehearsal-2027-2036.csv"
WARN_DAYS = 60

_calendars: dict[str, Calendar] = {}


@dataclass(frozen=True)
class Departure:
    """A day that departs from the plain week."""

    day: date
    is_workday: bool
    name: str = ""


@dataclass(frozen=True)
class YearSheet:
    """One year as a CSV gives it."""

    year: int
    source: str
    is_rehearsal: bool
    days: tuple[Departure, ...]


@dataclass
class CalendarInvalid(Exception):
    """A CSV that is no calendar; every row's error, in Chinese. Nothing of it was stored."""

    errors: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return "\n".join(self.errors)


# -- reading ----------------------------------------------------------------------------------------------------------


def current_calendar() -> Calendar:
    """The published calendar as it stands. Two queries; rehearsal years count in a rehearsal only."""
    years = CalendarYear.objects.order_by("year")
    if not settings.REHEARSAL:
        years = years.filter(is_rehearsal=False)
    versions = list(years.values_list("year", "version"))
    rows = list(CalendarDay.objects.filter(year__in=[year for year, _ in versions]).values_list("day", "is_workday"))
    version = hashlib.sha256(repr((versions, sorted(rows))).encode()).hexdigest()[:12]
    calendar = _calendars.get(version)
    if calendar is None:
        calendar = Calendar({year: _working_days(year, rows) for year, _ in versions}, version=version)
        if len(_calendars) > 20:
            _calendars.clear()
        _calendars[version] = calendar
    return calendar


def _working_days(year: int, rows: list[tuple[date, bool]]) -> frozenset[date]:
    own = [(day, is_workday) for day, is_workday in rows if day.year == year]
    return workdays_of(
        year,
        days_off=[day for day, is_workday in own if not is_workday],
        make_up_days=[day for day, is_workday in own if is_workday],
    )


def running_out(today: date) -> str | None:
    """What to tell the administrator when the calendar ends within 60 days, or has ended."""
    published = set(current_calendar().years)
    year = today.year
    while year in published:
        year += 1
    left = (date(year, 1, 1) - today).days
    if left > WARN_DAYS:
        return None
    when = f"还有 {left} 天用完" if left > 0 else "已经用完"
    return (
        f"工作日历{when}：{year}年尚未录入。录入前，凡涉及该年的公示期、办理期限均无法计算，"
        f"请尽快导入{year}年节假日安排。"
    )


# -- writing ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def publish_year(sheet: YearSheet, *, by: User | None, at: datetime) -> CalendarYear:
    """Store a year whole, in place of what stood there; its version grows."""
    year, created = CalendarYear.objects.select_for_update(of=("self",)).get_or_create(
        year=sheet.year,
        defaults={"source": sheet.source, "is_rehearsal": sheet.is_rehearsal, "updated_at": at},
    )
    if not created:
        year.version += 1
        year.source, year.is_rehearsal, year.updated_at = sheet.source, sheet.is_rehearsal, at
        year.save()
    year.days.all().delete()
    CalendarDay.objects.bulk_create(
        CalendarDay(year=year, day=one.day, is_workday=one.is_workday, name=one.name) for one in sheet.days
    )
    _record(year, by=by, at=at, change="publish")
    return year


@transaction.atomic
def set_day(day: date, *, is_workday: bool, name: str, by: User, at: datetime) -> CalendarYear:
    """Say of one day of a published year whether it is worked; a plain day of the week needs no row."""
    year = CalendarYear.objects.select_for_update(of=("self",)).filter(year=day.year).first()
    if year is None:
        raise CalendarInvalid([f"{day.year}年的工作日历尚未录入，请先导入全年节假日安排，再修改单日"])
    if is_workday == (day.weekday() < 5):
        year.days.filter(day=day).delete()
    else:
        CalendarDay.objects.update_or_create(day=day, defaults={"year": year, "is_workday": is_workday, "name": name})
    year.version += 1
    year.updated_at = at
    year.save()
    _record(year, by=by, at=at, change=f"{day.isoformat()}={'work' if is_workday else 'off'}")
    return year


def _record(year: CalendarYear, *, by: User | None, at: datetime, change: str) -> None:
    data = {"year": year.year, "version": year.version, "change": change, "source": year.source}
    record("edit_calendar", by=by, subject=f"calendar:{year.year}", at=at, data=data)


@transaction.atomic
def import_csv(content: str | bytes, *, by: User, at: datetime) -> list[CalendarYear]:
    """Store every year of a CSV, or nothing; raises CalendarInvalid with each faulty row."""
    return [publish_year(sheet, by=by, at=at) for sheet in read_csv(content)]


@transaction.atomic
def seed_calendars(*, at: datetime, rehearsal: bool | None = None) -> list[int]:
    """Store the years shipped with the portal that are not there yet; the invented ones in a rehearsal only."""
    rehearsal = settings.REHEARSAL if rehearsal is None else rehearsal
    files = [path for path in sorted(FIXTURES.glob("*.csv")) if path != REHEARSAL_FILE]
    there = set(CalendarYear.objects.values_list("year", flat=True))
    added = []
    for path in [*files, *([REHEARSAL_FILE] if rehearsal else [])]:
        for sheet in read_csv(path.read_text("utf-8")):
            if sheet.year not in there:
                publish_year(sheet, by=None, at=at)
                added.append(sheet.year)
    return added


# -- CSV --------------------------------------------------------------------------------------------------------------

_HEADERS = {
    "date": "date",
    "日期": "date",
    "is_workday": "is_workday",
    "是否上班": "is_workday",
    "name": "name",
    "说明": "name",
}
_WORKED = {
    "1": True,
    "是": True,
    "上班": True,
    "true": True,
    "0": False,
    "否": False,
    "休": False,
    "放假": False,
    "false": False,
}


def read_csv(content: str | bytes) -> list[YearSheet]:
    """The years of a calendar CSV. `# 年份,2027` names the years, `# 依据,…` the source, `# 演练,是` an invented one.

    Rows are `date,is_workday,name` (日期,是否上班,说明); days that agree with the plain week are not kept.
    """
    reader = _CsvReader()
    for number, row in enumerate(csv.reader(io.StringIO(_text(content), newline="")), start=1):
        reader.take(number, [cell.strip() for cell in row])
    return reader.sheets()


def _text(content: str | bytes) -> str:
    if isinstance(content, str):
        return content.removeprefix("\ufeff")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise CalendarInvalid(["文件不是 CSV 文本（UTF-8 或 GBK），请在表格软件中另存为 CSV 后再导入"])


class _CsvReader:
    """Takes rows one by one and keeps every error, so that a person corrects the file once."""

    def __init__(self) -> None:
        self.years: list[int] = []
        self.source = ""
        self.is_rehearsal = False
        self.columns: list[str] = []
        self.days: dict[date, Departure] = {}
        self.errors: list[str] = []

    def take(self, number: int, row: list[str]) -> None:
        if not any(row):
            return
        if row[0].startswith("#"):
            self.head(number, row[0].lstrip("# ").strip(), [cell for cell in row[1:] if cell])
        elif not self.columns:
            self.columns = [_HEADERS.get(cell, "") for cell in row]
            if not {"date", "is_workday"} <= set(self.columns):
                self.errors.append(f"第 {number} 行：表头应为“date,is_workday,name”或“日期,是否上班,说明”")
        else:
            self.row(number, dict(zip(self.columns, row, strict=False)))

    def head(self, number: int, word: str, cells: list[str]) -> None:
        if word == "年份":
            for cell in cells:
                if re.fullmatch(r"20\d\d", cell, re.ASCII):
                    self.years.append(int(cell))
                else:
                    self.errors.append(f"第 {number} 行：年份“{cell}”应为四位数字，如 2027")
        elif word == "依据":
            self.source = "，".join(cells)[:200]
        elif word == "演练":
            self.is_rehearsal = cells[:1] == ["是"]

    def row(self, number: int, cells: dict[str, str]) -> None:
        day = _date(cells.get("date", ""))
        worked = _WORKED.get(cells.get("is_workday", "").lower())
        if day is None:
            self.errors.append(f"第 {number} 行：日期“{cells.get('date', '')}”无法识别，应为 2027-01-01 的形式")
        elif self.years and day.year not in self.years:
            self.errors.append(f"第 {number} 行：{day.isoformat()} 不在文件所列年份 {self.years} 内")
        elif day in self.days:
            self.errors.append(f"第 {number} 行：{day.isoformat()} 重复")
        if worked is None:
            self.errors.append(f"第 {number} 行：是否上班“{cells.get('is_workday', '')}”应为 1（上班）或 0（休息）")
        if day is not None and worked is not None:
            self.days.setdefault(day, Departure(day, worked, cells.get("name", "")[:40]))

    def sheets(self) -> list[YearSheet]:
        years = sorted(set(self.years) or {day.year for day in self.days})
        kept = [one for one in self.days.values() if one.is_workday != (one.day.weekday() < 5)]
        for year in years:
            # No year since 1999 passed without a public holiday: an empty one is a wrong or cut file.
            if not any(one.day.year == year and not one.is_workday for one in kept):
                self.errors.append(f"{year}年没有任何节假日，文件可能不完整")
        if not years:
            self.errors.append("文件中没有任何日期")
        if self.errors:
            raise CalendarInvalid(self.errors)
        return [self.sheet(year, kept) for year in years]

    def sheet(self, year: int, kept: Iterable[Departure]) -> YearSheet:
        own = sorted((one for one in kept if one.day.year == year), key=lambda one: one.day)
        return YearSheet(year, self.source or "管理员导入", self.is_rehearsal, tuple(own))


def _date(text: str) -> date | None:
    found = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", text, re.ASCII)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


__all__ = [
    "CalendarInvalid", "Departure", "YearSheet", "current_calendar", "import_csv", "publish_year", "read_csv",
    "running_out", "seed_calendars", "set_day",
]  # fmt: skip
