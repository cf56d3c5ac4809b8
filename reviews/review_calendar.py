"""The calendar of a round's review: every session and visit across its panels, by month and as a list (V6)."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.urls import reverse

from award_portal.lib import clock
from awards.models import Round

from .models import Session, Visit


@dataclass(frozen=True)
class Entry:
    """One thing in the diary on one day."""

    day: date
    half: str
    starts: str
    label: str
    where: str
    who: str
    url: str
    tone: str
    state: str


@dataclass(frozen=True)
class Month:
    first: date
    weeks: list[list[tuple[date, bool, list[Entry]]]]  # day, whether it is of this month, what is on it
    before: str
    after: str


def entries(round: Round) -> list[Entry]:
    """Sessions and visits in the order of time, called-off ones left out; a visit stands on each of its days."""
    found = []
    for one in (
        Session.objects.of_round(round).standing().with_names().prefetch_related("slots__application__organization")
    ):
        starts = one.starts_at.astimezone(clock.SHANGHAI)
        names = "、".join(slot.application.listed_name for slot in one.slots.all())
        state = "已记录" if one.minuted_at else "已抽签" if one.lots_drawn_at else "已安排"
        found.append(
            Entry(
                starts.date(), "上午" if starts.hour < 12 else "下午", f"{starts:%H:%M}", one.panel.label,
                one.place, names, reverse("reviews:session", args=[one.public_id]),
                "green" if one.minuted_at else "blue", state,
            )
        )  # fmt: skip
    for visit in Visit.objects.filter(panel__round=round).standing().with_names():
        label, url = visit.panel.label, reverse("reviews:visit", args=[visit.public_id])
        for number in range((visit.ends_on - visit.starts_on).days + 1):
            found.append(
                Entry(visit.starts_on + timedelta(days=number), "全天", "", label, visit.address,
                      visit.application.listed_name, url, visit.tone, visit.status)
            )  # fmt: skip
    return sorted(found, key=lambda one: (one.day, one.starts, one.who))


def month_of(rows: list[Entry], wanted: str, *, today: date) -> Month:
    """The month asked for as `2026-03`, else that of the next entry, else this month; weeks begin on Monday."""
    first = _month(wanted) or _next(rows, today)
    by_day: dict[date, list[Entry]] = {}
    for one in rows:
        by_day.setdefault(one.day, []).append(one)
    weeks = [
        [(day, day.month == first.month, by_day.get(day, [])) for day in week]
        for week in calendar.Calendar().monthdatescalendar(first.year, first.month)
    ]
    return Month(first, weeks, _shift(first, -1), _shift(first, 1))


def _month(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%Y-%m").date()
    except ValueError:
        return None


def _next(rows: list[Entry], today: date) -> date:
    coming = [one.day for one in rows if one.day >= today] or [one.day for one in rows[-1:]] or [today]
    return coming[0].replace(day=1)


def _shift(first: date, by: int) -> str:
    number = first.year * 12 + first.month - 1 + by
    return f"{number // 12:04d}-{number % 12 + 1:02d}"
