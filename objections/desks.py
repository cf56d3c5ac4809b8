"""The objection desk of the office and of the units that investigate, and what an applicant is asked to explain."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse

from organizations.desks import Desk, desk_provider
from organizations.models import Unit, User

from .models import Objection
from .pipeline import WITH_INVESTIGATOR


@desk_provider
def objection_desks(user: User) -> Iterable[Desk]:
    if Unit.objects.of_user(user).filter(kind__in=("office", "recommender")).exists():
        waiting = Objection.objects.visible_to(user).unfinished().count()
        yield Desk("异议办理", reverse("objections:cases"), count=waiting, order=60)
    asked = Objection.objects.asked_of(user)
    if asked.exists():
        waiting = asked.filter(answered_at=None, state__in=WITH_INVESTIGATOR).count()
        yield Desk("异议说明", reverse("objections:explanations"), count=waiting, order=25)
