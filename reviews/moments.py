"""The moments at which the review goes on: sheets are due, a session starts, the leading body meets."""

from __future__ import annotations

from datetime import datetime, timedelta

from award_portal.lib import clock
from award_portal.lib.sweeping import register_moment

from .models import Assignment, Meeting, Session

MEETING_HOUR = 9


def next_sheets_due(after: datetime) -> datetime | None:
    """The end of the last day of a panel that has sheets out."""
    out = Assignment.objects.filter(ended_at=None, sheet__submitted_at=None, sheet__voided_at=None)
    days = out.filter(panel__due_on__gte=clock.day_of(after))
    day = days.order_by("panel__due_on").values_list("panel__due_on", flat=True).first()
    return clock.day_start(day + timedelta(days=1)) if day else None


def next_session(after: datetime) -> datetime | None:
    return Session.objects.filter(starts_at__gt=after).order_by("starts_at").values_list("starts_at", flat=True).first()


def next_meeting(after: datetime) -> datetime | None:
    """The morning of the next meeting."""
    today = clock.day_of(after)
    days = Meeting.objects.filter(held_on__gte=today).exclude(state=Meeting.State.DECIDED).order_by("held_on")
    mornings = (clock.at(day, MEETING_HOUR) for day in days.values_list("held_on", flat=True).distinct()[:2])
    return next((one for one in mornings if one > after), None)


register_moment("sheets", next_sheets_due)
register_moment("sessions", next_session)
register_moment("meetings", next_meeting)
