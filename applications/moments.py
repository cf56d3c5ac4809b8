"""The moments at which an applicant can go on: its own publicity has run (U11.2)."""

from __future__ import annotations

from datetime import datetime

from award_portal.lib.sweeping import register_moment

from .models import SelfPublicity
from .pipeline import State


def next_self_publicity_end(after: datetime) -> datetime | None:
    running = SelfPublicity.objects.filter(
        abandoned_at=None, application__state=State.SELF_PUBLICITY, ends_at__gt=after
    )
    return running.order_by("ends_at").values_list("ends_at", flat=True).first()


register_moment("self_publicity", next_self_publicity_end)
