"""The desks the review gives a person: the expert's own assignments, and the office's organising of the review."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse

from organizations.desks import Desk, desk_provider
from organizations.models import Unit, User

from .models import Assignment, Expert, Recusal


@desk_provider
def review_desks(user: User) -> Iterable[Desk]:
    """`count` is what waits for this person: sheets not yet in, recusals not yet decided."""
    if Expert.objects.filter(user=user).exists():
        waiting = Assignment.objects.of_expert(user).filter(sheet__submitted_at=None)
        yield Desk("我的评审", reverse("reviews:mine"), count=waiting.count(), order=35)
    if Unit.objects.of_user(user).of_kind("office").exists():
        asked = Recusal.objects.of_office(user).waiting().count()
        yield Desk("评审组织", reverse("reviews:panels"), count=asked, order=40)
        yield Desk("专家库", reverse("reviews:experts"), order=41)
