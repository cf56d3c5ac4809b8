"""Which units an applicant may hand in to: those that recommend, none that only consents to it (Z17.3)."""

from __future__ import annotations

from collections.abc import Iterable

from awards.models import Edition, Round
from awards.parameters import rulebook_for
from awards.schemes import rulebook_of
from organizations.models import Unit, UnitKind, UnitQuerySet, User


def recommending_units(round: Round) -> UnitQuerySet:
    """The scheme's recommending units that are at work, in the order of the register."""
    consenting = [one.key for one in rulebook_for(round).bodies.recommenders if one.role == "consents"]
    units = Unit.objects.active().of_scheme(round.scheme.key).of_kind(UnitKind.RECOMMENDER)
    return units.exclude(recommender_key__in=consenting)


def consenting_units(user: User) -> list[Unit]:
    """The person's units that only consent to recommendations, by the newest text of each scheme."""
    own = list(Unit.objects.of_user(user).of_kind(UnitKind.RECOMMENDER).exclude(recommender_key=""))
    keys = {unit.scheme_key for unit in own}
    editions = Edition.objects.filter(scheme__key__in=keys).select_related("scheme").order_by("loaded_at", "pk")
    books = {one.scheme.key: rulebook_of(one) for one in editions}
    consenting = {
        (scheme, kind.key)
        for scheme, book in books.items()
        for kind in book.bodies.recommenders
        if kind.role == "consents"
    }
    return [unit for unit in own if (unit.scheme_key, unit.recommender_key) in consenting]


def schemes_publishing(stage: str, *, keys: Iterable[str]) -> set[str]:
    """Which of these schemes have a round under way with that publicity in it."""
    under_way = Round.objects.published().filter(closed_at=None, scheme__key__in=list(keys))
    rounds = under_way.select_related("scheme", "edition")
    return {one.scheme.key for one in rounds if rulebook_for(one).has_stage(stage)}
