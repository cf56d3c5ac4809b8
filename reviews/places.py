"""How a tier's places are given: quota, sub-quotas, score floors, nominee lists, ties; pure functions (U4, Y4, Y11).

A name is its key. Whoever holds the counts or the scores orders the names into levels, equal ones side by side; what is
here says who of them gets a place. Names outside the quota (B18, Y23) never come here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache
from itertools import product
from typing import Any


@dataclass(frozen=True)
class Limit:
    """Of a group's names at most so many get a place, or at least so many places are kept for them."""

    members: frozenset[int]
    at_most: int | None = None
    at_least: int = 0
    label: str = ""


@dataclass(frozen=True)
class Places:
    """A tier's places: `seats` in all, of which `taken` are given already, within the limits of its groups."""

    seats: int
    limits: tuple[Limit, ...] = ()
    taken: frozenset[int] = frozenset()

    @property
    def left(self) -> int:
        return max(self.seats - len(self.taken), 0)


@dataclass(frozen=True)
class Filling:
    """Who gets a place, who share the last one, and how many of the places not given the tie is about."""

    elected: frozenset[int]
    tied: frozenset[int]
    seats_left: int
    contested: int = 0


def reserved_for_groups(chosen: Collection[int], places: Places) -> int:
    """The fewest further names that would give every group the places kept for it."""
    floors = [one for one in places.limits if one.at_least]
    unmet = tuple(max(one.at_least - len(one.members & set(chosen)), 0) for one in floors)
    if not any(unmet):
        return 0
    known = frozenset().union(*(one.members for one in floors))
    kinds = {tuple(key in one.members for one in floors) for key in known}
    kinds |= {tuple(place == own for place in range(len(floors))) for own in range(len(floors))}
    return _fewest(unmet, tuple(sorted(kinds)))


@lru_cache(maxsize=4096)
def _fewest(unmet: tuple[int, ...], kinds: tuple[tuple[bool, ...], ...]) -> int:
    """How few names, each of one of the kinds, meet every demand."""
    first = next((place for place, count in enumerate(unmet) if count), None)
    if first is None:
        return 0
    helping = [kind for kind in kinds if kind[first]]
    rests = {tuple(max(count - hit, 0) for count, hit in zip(unmet, kind, strict=True)) for kind in helping}
    return 1 + min(_fewest(rest, kinds) for rest in rests)


def breaches(chosen: Collection[int], places: Places) -> list[Limit | None]:
    """What giving places to `chosen` beside those taken would break: a group's limit, or None for the quota itself.

    A place kept for a group is given to nobody else: it stays vacant when none of the group gets it.
    """
    whole = places.taken | set(chosen)
    found: list[Limit | None] = [
        one for one in places.limits if one.at_most is not None and len(one.members & whole) > one.at_most
    ]
    if len(whole) > places.seats:
        found.append(None)
    elif len(whole) + reserved_for_groups(whole, places) > places.seats:
        found += [one for one in places.limits if one.at_least > len(one.members & whole)]
    return found


def fill_places(levels: Iterable[Collection[int]], places: Places) -> Filling:
    """Level by level, best first, as many names as the places hold; who is blocked by a limit is passed over.

    Where not all of a level fit and nothing tells them apart they are tied: none of them is elected, and the places the
    tie is about are given to nobody below.
    """
    elected: set[int] = set()
    tied: set[int] = set()
    contested = 0
    rest = places
    for level in levels:
        sure, open_names, picks = _pick(frozenset(level), rest)
        elected |= sure
        tied |= open_names
        rest = replace(rest, taken=rest.taken | sure)
        if open_names:
            contested += max(len(one) for one in picks)
            rest = _hold_for_tie(rest, picks)
    return Filling(frozenset(elected), frozenset(tied), max(places.left - len(elected), 0), contested)


def _pick(level: frozenset[int], places: Places) -> tuple[set[int], set[int], list[set[int]]]:
    """(names in every largest choice, names in some of them only, what each largest choice adds to the first)."""
    kinds: dict[tuple[bool, ...], list[int]] = defaultdict(list)
    for key in sorted(level):
        kinds[tuple(key in one.members for one in places.limits)].append(key)
    groups = list(kinds.values())
    best: list[tuple[int, ...]] = [(0,) * len(groups)]
    for counts in product(*(range(min(len(one), places.left) + 1) for one in groups)):
        if sum(counts) < sum(best[0]) or sum(counts) == 0:
            continue
        if breaches(_take(groups, counts), places):
            continue
        best = [*best, counts] if sum(counts) == sum(best[0]) else [counts]
    sure: set[int] = set()
    unsure: set[int] = set()
    for place, keys in enumerate(groups):
        fewest, most = min(one[place] for one in best), max(one[place] for one in best)
        if fewest == len(keys):
            sure |= set(keys)
        elif most:
            unsure |= set(keys)
    return sure, unsure, [_take(groups, one) - sure for one in best]


def _take(groups: Sequence[Sequence[int]], counts: Sequence[int]) -> set[int]:
    return {key for keys, count in zip(groups, counts, strict=True) for key in keys[:count]}


def _hold_for_tie(places: Places, picks: Sequence[Collection[int]]) -> Places:
    """What is left for the levels below, however the tie is settled."""
    limits = []
    for one in places.limits:
        used = [len(one.members & set(pick)) for pick in picks]
        most = None if one.at_most is None else max(one.at_most - max(used), 0)
        limits.append(replace(one, at_most=most, at_least=max(one.at_least - min(used), 0)))
    return replace(places, seats=places.seats - max(len(one) for one in picks), limits=tuple(limits))


def places_for_tied(places: Places, first: Filling) -> Places:
    """The places of the further ballot: those the tie is about, among the tied, beside those already elected."""
    tie = Limit(first.tied, at_most=first.contested)
    return replace(places, taken=places.taken | first.elected, limits=(*places.limits, tie))


# -- by score ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Scored:
    """A name with its composite in per cent, and the tiers it has won before and now stands outside the quota of."""

    key: int
    percent: Decimal
    repeats: frozenset[str] = frozenset()


@dataclass(frozen=True)
class RankedTier:
    """A tier as a ranking sees it; `votes` are those of the further ballot among its tied: key → votes that carry."""

    key: str
    places: Places
    floor_percent: int | None = None
    chosen_from: str | None = None
    votes: Mapping[int, int] | None = None


@dataclass(frozen=True)
class Ranking:
    """The list the scores give: key → tier, who of them is outside the quota, and the ties still to settle by tier."""

    tiers: dict[int, str] = field(default_factory=dict)
    outside: frozenset[int] = frozenset()
    tied: dict[str, frozenset[int]] = field(default_factory=dict)
    unsettled: str = ""


def decision_order(tiers: Sequence[Any]) -> list[Any]:
    """The tiers (each with `key` and `chosen_from`, a key or None), each after the list it is chosen from."""
    waiting: list[Any] = list(tiers)
    order: list[Any] = []
    while waiting:
        done = {one.key for one in order}
        following = next((one for one in waiting if not one.chosen_from or one.chosen_from in done), waiting[0])
        waiting.remove(following)
        order.append(following)
    return order


def levels_of(values: Mapping[int, Any]) -> list[list[int]]:
    """The keys by their value, highest first, equal ones together."""
    return [[key for key in values if values[key] == value] for value in sorted(set(values.values()), reverse=True)]


def reaches(percent: Decimal, floor_percent: int | None) -> bool:
    """Not under the floor (Y11: 不低于标准总分的 60%)."""
    return floor_percent is None or percent >= floor_percent


def rank_names(
    names: Collection[Scored], tiers: Sequence[RankedTier], *, further_ballot: bool, refused: Collection[int] = ()
) -> Ranking:
    """The list that follows from the scores and nothing else (Y11).

    Each tier takes the best not yet listed (or the best of the list it is chosen from) within its places; under its
    floor nobody, the place stays vacant. A repeat winner whose score would have reached a place is listed outside the
    quota, unless it is among the `refused`. A tie at the last place is settled by the further ballot's votes; without
    them the ranking stops at that tier, and what stays equal leaves the place vacant.
    """
    listed: dict[int, str] = {}
    outside: set[int] = set()
    ties: dict[str, frozenset[int]] = {}
    for tier in decision_order(tiers):
        pool = {
            one.key: one
            for one in names
            if listed.get(one.key) == (tier.chosen_from or None)
            and reaches(one.percent, tier.floor_percent)
            and one.key not in refused
        }
        inside = {key: one.percent for key, one in pool.items() if tier.key not in one.repeats}
        first = fill_places(levels_of(inside), tier.places)
        elected = set(first.elected)
        if first.tied:
            ties[tier.key] = first.tied
            if further_ballot and tier.votes is None:
                return Ranking(listed, frozenset(outside), ties, unsettled=tier.key)
            if further_ballot:
                votes = {key: count for key, count in (tier.votes or {}).items() if key in first.tied}
                elected |= fill_places(levels_of(votes), places_for_tied(tier.places, first)).elected
        line = _line(inside, first, tier.places)
        beside = {key for key, one in pool.items() if key not in inside and line is not None and one.percent >= line}
        outside = (outside - elected) | beside
        listed |= dict.fromkeys(elected | beside, tier.key)
    return Ranking(listed, frozenset(outside), ties)


def _line(inside: Mapping[int, Decimal], first: Filling, places: Places) -> Decimal | None:
    """The score that still reaches a place: any while places are left, else the lowest that got one; None: no place."""
    if first.contested < first.seats_left:
        return Decimal(0)
    reached = [inside[key] for key in first.elected | first.tied]
    return min(reached) if reached and places.left else None
