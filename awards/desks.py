"""The desks this room gives a person: preparing rounds, the imported lists, the work calendar."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse

from award_portal.lib import clock
from organizations.desks import AFTERWARDS, RULES, Desk, desk_provider
from organizations.models import User
from organizations.staffing import SchemeChoice, scheme_provider

from .calendars import running_out
from .models import Scheme
from .preparing import offices_of
from .schemes import latest_edition, rulebook_of


@desk_provider
def awards_desks(user: User) -> Iterable[Desk]:
    if offices_of(user).exists():
        yield Desk("届次筹备", reverse("awards:rounds"), order=15)
        yield Desk("规则版本", reverse("awards:editions"), order=16, group=RULES)
        yield Desk("名录导入", reverse("awards:imports"), order=80, group=AFTERWARDS)
    elif user.is_staff:
        yield Desk("规则版本", reverse("awards:editions"), order=16)
    if user.is_staff:
        yield Desk("工作日历", reverse("awards:calendar"), count=1 if running_out(clock.today()) else 0, order=90)


@scheme_provider
def schemes_with_their_recommenders() -> Iterable[SchemeChoice]:
    """What an administrator may choose for a unit: each scheme, and the kinds its newest edition names (U8)."""
    for scheme in Scheme.objects.order_by("name", "pk"):
        edition = latest_edition(scheme.key)
        kinds = rulebook_of(edition).bodies.recommenders if edition else ()
        yield SchemeChoice(scheme.key, scheme.name, tuple((one.key, one.name) for one in kinds))
