"""Which award each shortlisted name is proposed for: what the leading body's decision left on the record (U11.8)."""

from __future__ import annotations

from collections.abc import Iterable

from applications.models import Application, Step

DECISIONS = ("shortlist", "promote")


def tiers_of(applications: Iterable[Application]) -> dict[int, str]:
    """Application pk → tier name by its last decision; names without a decision are missing. One query."""
    steps = Step.objects.filter(application__in=[one.pk for one in applications], step__in=DECISIONS).order_by("pk")
    found = {one.application_id: str(one.facts.get("tier_name", "")) for one in steps}
    return {pk: name for pk, name in found.items() if name}


def tier_of(application: Application) -> str:
    """The name of the tier an application is proposed for; empty before the leading body decided."""
    return tiers_of([application]).get(application.pk, "")
