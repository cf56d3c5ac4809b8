"""When the names of a round really entered and left each stage: what the planned timetable is held against."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Min, QuerySet

from awards.models import Round

from .models import Application, Step
from .pipeline import State


@dataclass(frozen=True)
class Passage:
    """One stage of a round: first and last entered, first and last left, and how many stand in it now."""

    first_in: datetime | None = None
    last_in: datetime | None = None
    first_out: datetime | None = None
    last_out: datetime | None = None
    entered: int = 0
    here: int = 0

    @property
    def is_over(self) -> bool:
        """Somebody left and nobody is there; who has yet to come is not known here."""
        return self.last_out is not None and not self.here


def passages_of(round: Round) -> dict[str, Passage]:
    """State → its passage. A return for correction and the coming back are no leaving and no entering.

    As many queries however many names there are. A name enters `draft` when it is begun.
    """
    steps = Step.objects.filter(application__round=round)
    names = Application.objects.filter(round=round)
    came = _edges(steps.exclude(from_state=State.CORRECTION), "to_state")
    left = _edges(steps.exclude(to_state=State.CORRECTION), "from_state")
    begun = names.aggregate(first=Min("created_at"), last=Max("created_at"), many=Count("pk"))
    if begun["many"]:
        came[State.DRAFT.value] = _Edge(**begun)
    here = _standing(names)
    return {
        state: Passage(
            first_in=came.get(state, _Edge()).first,
            last_in=came.get(state, _Edge()).last,
            first_out=left.get(state, _Edge()).first,
            last_out=left.get(state, _Edge()).last,
            entered=came.get(state, _Edge()).many,
            here=here.get(state, 0),
        )
        for state in {*came, *left, *here}
    }


@dataclass(frozen=True)
class _Edge:
    first: datetime | None = None
    last: datetime | None = None
    many: int = 0


def _edges(steps: QuerySet[Step], state: str) -> dict[str, _Edge]:
    rows = steps.order_by().values(state)
    rows = rows.annotate(first=Min("at"), last=Max("at"), many=Count("application", distinct=True))
    return {row[state]: _Edge(row["first"], row["last"], row["many"]) for row in rows}


def _standing(names: QuerySet[Application]) -> dict[str, int]:
    """How many stand where; a name under correction stands at the desk that returned it."""
    found: dict[str, int] = {}
    for row in names.order_by().values("state", "return_to").annotate(many=Count("pk")):
        state = row["return_to"] or row["state"]
        found[state] = found.get(state, 0) + row["many"]
    return found
