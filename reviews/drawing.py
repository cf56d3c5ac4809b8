"""Drawing by lot, so that anybody can draw again: the seed and the candidates decide, and nothing else.

Each candidate's ticket is the SHA-256 of `seed|candidate`; the tickets in ascending order are the order drawn. It needs
no random generator of any language or version: a pencil, the record and a hash tool replay it.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass


class CannotSpread(Exception):
    """Too few free experts for an application; `short` tells each with how many there are."""

    def __init__(self, short: dict[str, int]) -> None:
        self.short = short
        super().__init__(str(short))


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
class Spread:
    """application → the experts who read it."""

    readers: dict[str, list[str]]

    def load(self) -> dict[str, int]:
        counts: dict[str, int] = {}
        for experts in self.readers.values():
            for one in experts:
                counts[one] = counts.get(one, 0) + 1
        return counts


def spread_readers(
    applications: Collection[str],
    experts: Collection[str],
    *,
    barred: Collection[tuple[str, str]],
    readers: int,
    seed: str,
    load: Mapping[str, int] | None = None,
) -> Spread:
    """So many readers for each application, nobody who is barred from it, the load as even as can be.

    The applications with the fewest free experts choose first; each takes those with the least work so far, lots
    deciding among equals. `barred` holds (expert, application) pairs; `load` is what each reads already.
    """
    free = {one: [expert for expert in experts if (expert, one) not in barred] for one in applications}
    short = {one: len(found) for one, found in free.items() if len(found) < readers}
    if short:
        raise CannotSpread(short)
    work = {expert: (load or {}).get(expert, 0) for expert in experts}
    chosen: dict[str, list[str]] = {}
    for one in sorted(applications, key=lambda one: (len(free[one]), ticket(seed, one))):
        ranked = sorted(free[one], key=lambda expert: (work[expert], ticket(seed, f"{one}|{expert}")))
        chosen[one] = ranked[:readers]
        for expert in chosen[one]:
            work[expert] += 1
    return Spread(chosen)
