"""Drawing by lot, so that anybody can draw again: the seed and the candidates decide, and nothing else.

Each candidate's ticket is the SHA-256 of `seed|candidate`; the tickets in ascending order are the order drawn. It needs
no random generator of any language or version: a pencil, the record and a hash tool replay it.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field


def fresh_seed() -> str:
    return secrets.token_hex(8)


def ticket(seed: str, candidate: str) -> str:
    return hashlib.sha256(f"{seed}|{candidate}".encode()).hexdigest()


def draw(candidates: Iterable[str], count: int, *, seed: str) -> list[str]:
    """The first `count` of the candidates in the order of their tickets; the order they are given in is no matter."""
    return sorted(set(candidates), key=lambda one: ticket(seed, one))[:count]


def hand_out_turns(signed_in: Sequence[str], *, seed: str) -> dict[str, int]:
    """Turns 1…n by lot, one to each in the order of signing in: the k-th to sign in takes the k-th slip drawn."""
    slips = draw([f"{number:03d}" for number in range(1, len(signed_in) + 1)], len(signed_in), seed=seed)
    return {one: int(slip) for one, slip in zip(signed_in, slips, strict=True)}


@dataclass(frozen=True)
class Quota:
    """So many of one field, and so many more in order behind them; an empty field is any field."""

    count: int
    reserve: int = 0
    field: str = ""


@dataclass(frozen=True)
class Drawn:
    """Who is drawn and who stands in reserve, each in order and with the field of the quota they were drawn for."""

    chosen: list[tuple[str, str]] = field(default_factory=list)
    reserve: list[tuple[str, str]] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        return [one for one, _ in self.chosen]


def draw_by_field(candidates: Mapping[str, Collection[str]], quotas: Sequence[Quota], *, seed: str) -> Drawn:
    """Each quota in turn takes the lowest tickets of its field that are left: members first, then its reserve.

    `candidates` maps each to its fields. A quota that finds too few takes all there are: the caller counts.
    """
    order = draw(candidates, len(candidates), seed=seed)
    drawn = Drawn()
    taken: set[str] = set()
    for quota in quotas:
        found = [one for one in order if one not in taken and (not quota.field or quota.field in candidates[one])]
        members, behind = found[: quota.count], found[quota.count : quota.count + quota.reserve]
        taken |= {*members, *behind}
        drawn.chosen.extend((one, quota.field) for one in members)
        drawn.reserve.extend((one, quota.field) for one in behind)
    return drawn


def first_in_line(line: Sequence[str], passed: Collection[str]) -> list[str]:
    """The first of a reserve list who is not passed over, alone in a list; an empty one when all are."""
    return [one for one in line if one not in passed][:1]
