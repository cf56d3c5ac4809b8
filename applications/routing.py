"""Which units an applicant may hand in to: those that recommend, none that only consents to it (Z17.3)."""

from __future__ import annotations

from awards.models import Round
from awards.parameters import rulebook_for
from organizations.models import Unit, UnitKind, UnitQuerySet


def recommending_units(round: Round) -> UnitQuerySet:
    """The scheme's recommending units that are at work, in the order of the register."""
    consenting = [one.key for one in rulebook_for(round).bodies.recommenders if one.role == "consents"]
    units = Unit.objects.active().of_scheme(round.scheme.key).of_kind(UnitKind.RECOMMENDER)
    return units.exclude(recommender_key__in=consenting)
