"""Where a published notice stands today: running or over, and how many days are left of its window."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from award_portal.lib import clock
from awards.calendars import current_calendar
from awards.parameters import rulebook_for
from awards.rulebook import Rulebook
from awards.schemes import latest_edition, rulebook_of
from awards.workdays import Calendar, CalendarMissing

from .models import Notice


@dataclass(frozen=True)
class Standing:
    """A notice with what the page says of its window; `days_left` counts today and is None where nothing is counted."""

    notice: Notice
    is_running: bool
    days_left: int | None

    @property
    def kind_label(self) -> str:
        """What the regulation calls this kind of notice."""
        return kind_label(self.notice)

    @property
    def last_on(self) -> date | None:
        return self.notice.last_on


def kind_label(notice: Notice) -> str:
    """The scheme's own word for a kind of notice: of a stage, of a paper, or else the portal's."""
    book = book_of(notice)
    if book.has_stage(notice.kind):
        return book.label(notice.kind)
    return book.instrument(notice.kind) if book.has_instrument(notice.kind) else str(notice.get_kind_display())


def book_of(notice: Notice) -> Rulebook:
    """The rules of its round; of a scheme that has had none here, the present ones."""
    if notice.scheme is None:
        return rulebook_for(notice.round)
    edition = latest_edition(notice.scheme.key)
    assert edition is not None, "a scheme is loaded with its edition"
    return rulebook_of(edition)


def standings(notices: list[Notice], *, at: datetime) -> list[Standing]:
    """Each notice with its standing at `at`; the calendar is read once for all."""
    calendar = current_calendar() if any(one.is_running(at) for one in notices) else None
    return [Standing(one, one.is_running(at), days_left(one, calendar, at=at) if calendar else None) for one in notices]


def days_left(notice: Notice, calendar: Calendar, *, at: datetime) -> int | None:
    """Days of the window still to come, today among them; the day of publication is not of the window."""
    if not notice.is_running(at) or notice.starts_on is None or notice.last_on is None:
        return None
    before = max(clock.day_of(at), notice.starts_on) - timedelta(days=1)
    if notice.day_kind != "working":
        return (notice.last_on - before).days
    try:
        return calendar.working_days_between(before, notice.last_on)
    except CalendarMissing:
        return None
