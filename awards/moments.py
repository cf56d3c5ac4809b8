"""The moments of a round at which people go on: the application window opens and closes (R3)."""

from __future__ import annotations

from datetime import datetime

from award_portal.lib.sweeping import register_moment

from .models import Round


def next_window_edge(after: datetime) -> datetime | None:
    """The next opening or closing of an announced round's application window."""
    announced = Round.objects.published()
    opens = announced.filter(opens_at__gt=after).order_by("opens_at").values_list("opens_at", flat=True).first()
    closes = announced.filter(closes_at__gt=after).order_by("closes_at").values_list("closes_at", flat=True).first()
    return min((one for one in (opens, closes) if one), default=None)


register_moment("application_windows", next_window_edge)
