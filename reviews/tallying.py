"""Counting a ballot: pure functions over counts, so that anybody can do it again from the slips alone."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Tally:
    """One name's count: votes for it, and the members who could vote on it."""

    key: int
    votes_for: int
    base: int


@dataclass(frozen=True)
class Outcome:
    """Who is elected, and who share the last place with too few seats left."""

    elected: frozenset[int]
    tied: frozenset[int]
    seats_left: int


def decide_ballot(tallies: list[Tally], *, seats: int, majority: Fraction) -> Outcome:
    """More than `majority` of those who could vote on the name, most votes first, within the seats (section 7).

    Names that share the last place when not all of them fit are tied: none of them is elected in this ballot.
    """
    carried = sorted((one for one in tallies if one.votes_for > one.base * majority), key=lambda one: -one.votes_for)
    elected: set[int] = set()
    for votes in sorted({one.votes_for for one in carried}, reverse=True):
        level = {one.key for one in carried if one.votes_for == votes}
        if len(elected) + len(level) > seats:
            return Outcome(frozenset(elected), frozenset(level), seats - len(elected))
        elected |= level
        if len(elected) == seats:
            break
    return Outcome(frozenset(elected), frozenset(), seats - len(elected))


def is_quorate(present: int, electorate: int, *, quorum: Fraction) -> bool:
    return electorate > 0 and present >= electorate * quorum
