"""The desks this room gives a person: preparing rounds, the imported lists, the work calendar."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse

from award_portal.lib import clock
from organizations.desks import Desk, desk_provider
from organizations.models import User

from .calendars import running_out
from .preparing import offices_of


@desk_provider
def awards_desks(user: User) -> Iterable[Desk]:
    if offices_of(user).exists():
        yield Desk("届次筹备", reverse("awards:rounds"), order=15)
        yield Desk("名录导入", reverse("awards:imports"), order=80)
    if user.is_staff:
        yield Desk("工作日历", reverse("awards:calendar"), count=1 if running_out(clock.today()) else 0, order=90)
