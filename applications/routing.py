"""Which units an applicant may hand in to: those that recommend, none that only consents to it (Z17.3)."""

from __future__ import annotations

from collections.abc import Iterable

from awards.models import Round
from awards.parameters import rulebook_for
from organizations.models import Unit, UnitKind, UnitQuerySet


def recommending_units(round: Round) -> UnitQuerySet:
    """The scheme's recommending units that are at work, in the order of the register."""
    return Unit.objects.active().of_scheme(round.scheme.key).of_kind(UnitKind.RECOMMENDER)


def schemes_publishing(stage: str, *, keys: Iterable[str]) -> set[str]:
    """Which of these schemes have a round under way with that publicity in it."""
    under_way = Round.objects.published().filter(closed_at=None, scheme__key__in=list(keys))
    rounds = under_way.select_related("scheme", "edition")
    return {one.scheme.key for one in rounds if rulebook_for(one).has_stage(stage)}
