"""The objection desk of the office and of the units that investigate."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse

from organizations.desks import Desk, desk_provider
from organizations.models import Unit, User

from .models import Objection


@desk_provider
def objection_desks(user: User) -> Iterable[Desk]:
    if Unit.objects.of_user(user).filter(kind__in=("office", "recommender")).exists():
        waiting = Objection.objects.visible_to(user).unfinished().count()
        yield Desk("异议办理", reverse("objections:cases"), count=waiting, order=60)
