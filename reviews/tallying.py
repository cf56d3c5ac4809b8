"""Counting a ballot: pure functions over counts, so that anybody can do it again from the slips alone."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction

from .places import Filling, Places, fill_places, levels_of


@dataclass(frozen=True)
class Tally:
    """One name's count: votes for it, and the members who could vote on it."""

    key: int
    votes_for: int
    base: int


def carries(votes_for: int, base: int, *, majority: Fraction) -> bool:
    """More than `majority` of those who could vote on the name (section 7)."""
    return votes_for > base * majority


def decide_ballot(tallies: Collection[Tally], *, seats: int | Places, majority: Fraction) -> Filling:
    """Of the names that carry the majority, most votes first, as many as the places hold within their limits.

    Names that share the last place when not all of them fit are tied: none of them is elected in this ballot.
    """
    carried = {one.key: one.votes_for for one in tallies if carries(one.votes_for, one.base, majority=majority)}
    return fill_places(levels_of(carried), seats if isinstance(seats, Places) else Places(seats))


def is_quorate(present: int, electorate: int, *, quorum: Fraction) -> bool:
    return electorate > 0 and present >= electorate * quorum
