"""Whether a cut hangs on one reader: the ranking again without each of them in turn (V5). Pure functions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

# inside the line, tied across it, or outside
IN, TIED, OUT = "in", "tied", "out"


def places_in_order(
    scores: Mapping[int, Fraction], places: int | None, *, barred: Collection[int] = ()
) -> dict[int, str]:
    """Where each stands to the line: IN when all with its score fit, OUT when the places go to higher scores."""
    found = {}
    running = [score for key, score in scores.items() if key not in barred]
    for key, score in scores.items():
        above = sum(1 for one in running if one > score)
        level = sum(1 for one in running if one == score)
        if key in barred:
            found[key] = OUT
        elif places is None or above + level <= places:
            found[key] = IN
        else:
            found[key] = OUT if above >= places else TIED
    return found


@dataclass(frozen=True)
class Without:
    """The ranking without one reader: where names stand that stood elsewhere with all of them."""

    reader: int
    moved: Mapping[int, tuple[str, str]]

    @property
    def flips(self) -> bool:
        return bool(self.moved)


@dataclass(frozen=True)
class Stability:
    """Every name's place with all readers, its lowest and highest score without one, and what flips."""

    places: Mapping[int, str]
    lowest: Mapping[int, Fraction]
    highest: Mapping[int, Fraction]
    without: Sequence[Without]

    def flips_of(self, key: int) -> list[Without]:
        return [one for one in self.without if key in one.moved]


def leave_one_out(
    totals: Mapping[int, Mapping[int, Fraction]],
    scores: Mapping[int, Fraction],
    combine: Callable[[list[Fraction]], Fraction],
    *,
    places: int | None,
    barred: Collection[int] = (),
) -> Stability:
    """`scores` as they are decided on; without a reader each name it read is combined anew from the others.

    A name nobody else read keeps its score: there is nothing to put in its place.
    """
    first = places_in_order(scores, places, barred=barred)
    lowest, highest, found = dict(scores), dict(scores), []
    for reader in sorted({one for row in totals.values() for one in row}):
        left = dict(scores)
        for key, row in totals.items():
            others = [total for one, total in row.items() if one != reader]
            if reader in row and others:
                left[key] = combine(others)
                lowest[key], highest[key] = min(lowest[key], left[key]), max(highest[key], left[key])
        then = places_in_order(left, places, barred=barred)
        moved = {key: (first[key], then[key]) for key in scores if first[key] != then[key]}
        found.append(Without(reader, moved))
    return Stability(first, lowest, highest, found)
