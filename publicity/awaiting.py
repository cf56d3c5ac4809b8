"""The names that wait for their list: in a publicity state, not on a list of it yet."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from applications.models import Application
from applications.pipeline import PUBLICITIES, State
from applications.routing import schemes_publishing
from awards.models import Round
from awards.parameters import rulebook_for
from organizations.models import Unit, UnitKind, User

from .models import NoticeItem


@dataclass(frozen=True)
class WaitingList:
    """So many names of one round wait for one unit's list."""

    round: Round
    kind: str
    label: str
    issuer: Unit
    count: int


def issuers_of(user: User) -> QuerySet[Unit]:
    """The units for which the person publishes lists.

    A recommender publishes where a round under way has it publish.
    """
    units = Unit.objects.of_user(user)
    own = units.of_kind(UnitKind.RECOMMENDER)
    publishing = schemes_publishing(State.RECOMMENDATION_PUBLICITY, keys=own.values_list("scheme_key", flat=True))
    lists = Q(kind=UnitKind.RECOMMENDER, scheme_key__in=publishing, pk__in=own.values("pk"))
    return units.filter(Q(kind=UnitKind.OFFICE) | lists)


def names_awaiting(units: QuerySet[Unit] | list[Unit]) -> QuerySet[Application]:
    """Applications these units may put on a list now: recommenders their own, offices those of their rounds."""
    listed = NoticeItem.objects.filter(application=OuterRef("pk"), notice__kind=OuterRef("state"), struck_at=None)
    recommended = Q(state=State.RECOMMENDATION_PUBLICITY, recommender__in=units)
    of_office = Q(state__in=PUBLICITIES, round__office__in=units) & ~Q(state=State.RECOMMENDATION_PUBLICITY)
    return Application.objects.filter(recommended | of_office).filter(~Exists(listed))


def waiting_lists(user: User) -> list[WaitingList]:
    """What waits to be published by the person's units, one line a round, list and unit; constant queries."""
    units = list(issuers_of(user))
    waiting = names_awaiting(units).annotate(office_id=F("round__office"))
    counted = Counter(
        (
            one["round"],
            one["state"],
            one["recommender"] if one["state"] == State.RECOMMENDATION_PUBLICITY else one["office_id"],
        )
        for one in waiting.values("round", "state", "recommender", "office_id")
    )
    rounds = Round.objects.select_related("scheme", "edition").in_bulk({key[0] for key in counted})
    by_key = {unit.pk: unit for unit in units}
    return [
        WaitingList(rounds[round], kind, rulebook_for(rounds[round]).label(kind), by_key[issuer], count)
        for (round, kind, issuer), count in sorted(counted.items(), key=str)
    ]
