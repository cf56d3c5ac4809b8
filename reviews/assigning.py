"""Who reads what: so many readers an application, nobody in conflict, the work even (docs/decisions/0012-scipy.md).

In this order: the loads as even as can be (the sum of their squares least, so the highest is as low as can be, and the
lowest as high); then as many readers as can be whose field is the applicant's; then the lot. Everything it rests on is
in `Reading`, so that anybody can work it out again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .drawing import ticket

# hexadecimal digits of a ticket that make a lot: long enough that two spreads never have the same sum, but by a freak
LOT_DIGITS = 7


@dataclass(frozen=True)
class Reading:
    """`wanted`: application → readers it still needs; `experts`: expert → what they read already.

    `barred` and `fitting` hold (expert, application) pairs; `limit` is the most anybody may read in all, 0 for none.
    """

    wanted: Mapping[str, int]
    experts: Mapping[str, int]
    seed: str
    barred: frozenset[tuple[str, str]] = frozenset()
    fitting: frozenset[tuple[str, str]] = frozenset()
    limit: int = 0


@dataclass(frozen=True)
class Spread:
    """application → the experts who read it, in the order of their keys."""

    readers: dict[str, list[str]]
    solver: str = field(default="", compare=False)

    def load(self) -> Counter[str]:
        return Counter(one for experts in self.readers.values() for one in experts)


class CannotSpread(Exception):
    """Too few readers to be had; `short` tells of each application how many there are, `limit` whether that binds."""

    def __init__(self, short: dict[str, int], *, limit: int = 0) -> None:
        self.short, self.limit = short, limit
        super().__init__(str(short))


def worth(reading: Reading, spread: Spread) -> dict[str, int]:
    """The figures a spread is judged by, with the work that stood before."""
    added = spread.load()
    loads = [had + added[one] for one, had in reading.experts.items()] or [0]
    matches = sum((one, paper) in reading.fitting for paper, experts in spread.readers.items() for one in experts)
    return {
        "highest": max(loads), "lowest": min(loads), "spread": max(loads) - min(loads),
        "matches": matches, "readings": sum(added.values()),
    }  # fmt: skip


def balance_readers(reading: Reading) -> Spread:
    """The best spread there is, the same whoever works it out; `CannotSpread` names the applications that lack readers.

    Readers and applications make a transport problem, whose corners are whole numbers: three linear programmes, each on
    the face of best solutions the one before left, settle evenness, matches and lots without weighing them against
    each other. `units` are the readings an expert could have beyond the present ones; the u-th costs 2u−1.
    """
    pairs = _open_pairs(reading)
    if not pairs:
        return Spread({one: [] for one in reading.wanted})
    total = sum(reading.wanted.values())
    most = reading.limit or max(reading.experts.values()) + len(reading.wanted)
    top = min(most, 1 + -(-(total + sum(reading.experts.values())) // len(reading.experts)))
    while True:
        programme = _Programme(reading, pairs, top)
        if programme.settle([0] * len(pairs), [2 * unit - 1 for _, unit in programme.units]):
            break
        if top >= most:
            raise CannotSpread(_shortfall(reading, pairs, most), limit=reading.limit)
        top = min(most, 2 * top)
    still = [0] * len(programme.units)
    programme.settle([-1 if one in reading.fitting else 0 for one in pairs], still)
    programme.settle([lot(reading.seed, *one) for one in pairs], still)
    readers: dict[str, list[str]] = {one: [] for one in reading.wanted}
    for (expert, paper), is_chosen in zip(pairs, programme.chosen, strict=False):
        if is_chosen:
            readers[paper].append(expert)
    return Spread(readers, solver=programme.solver)


class _Programme:
    """The transport problem: pairs and units each taken or not; every `settle` narrows it to its own best face."""

    def __init__(self, reading: Reading, pairs: list[tuple[str, str]], top: int) -> None:
        import numpy as np
        import scipy
        from scipy.sparse import csr_array

        self.solver = f"SciPy {scipy.__version__} HiGHS"
        self.units = [(one, unit) for one, had in sorted(reading.experts.items()) for unit in range(had + 1, top + 1)]
        row_of = {("a", one): row for row, one in enumerate(sorted(reading.wanted))}
        row_of |= {("e", one): row for row, one in enumerate(sorted(reading.experts), start=len(row_of))}
        # an application's row: its pairs make up what it wants; an expert's: as many pairs taken as units
        rows = [row_of["a", paper] for _, paper in pairs] + [row_of["e", one] for one, _ in pairs]
        rows += [row_of["e", one] for one, _ in self.units]
        columns = [*range(len(pairs)), *range(len(pairs)), *range(len(pairs), len(pairs) + len(self.units))]
        signs = [1.0] * (2 * len(pairs)) + [-1.0] * len(self.units)
        self.size = len(pairs) + len(self.units)
        self.table = csr_array((signs, (rows, columns)), shape=(len(row_of), self.size))
        self.sums = np.array([*(reading.wanted[one] for one in sorted(reading.wanted)), *(0 for _ in reading.experts)])
        self.low, self.high = np.zeros(self.size), np.ones(self.size)
        self.chosen: Any = []

    def settle(self, pair_costs: list[int], unit_costs: list[int]) -> bool:
        """Find the least cost, and fix whatever every solution of that cost has in common; False when there is none."""
        import numpy as np
        from scipy.optimize import linprog

        costs = np.array([*pair_costs, *unit_costs], dtype=float)
        bounds = np.column_stack([self.low, self.high])
        found = linprog(costs, A_eq=self.table, b_eq=self.sums, bounds=bounds, method="highs-ds")
        if found.status == 2:
            return False
        if found.x is None:
            raise RuntimeError(f"HiGHS: {found.message}")
        # whole costs make whole marginals: what has a cost of its own left is at its bound in every best solution
        left = costs - self.table.T @ found.eqlin.marginals
        free = self.low != self.high
        self.low, self.high = (
            np.where(free & (left < -0.5), 1.0, self.low),
            np.where(free & (left > 0.5), 0.0, self.high),
        )
        self.chosen = found.x > 0.5
        return True


def lot(seed: str, expert: str, application: str) -> int:
    """The lot of an expert for an application: the first digits of the ticket of `application|expert`."""
    return int(ticket(seed, f"{application}|{expert}")[:LOT_DIGITS], 16)


def _open_pairs(reading: Reading) -> list[tuple[str, str]]:
    """The (expert, application) pairs that may be, in a fixed order; refused where an application has too few."""
    pairs = [
        (expert, paper)
        for paper in sorted(reading.wanted)
        for expert in sorted(reading.experts)
        if reading.wanted[paper] and (expert, paper) not in reading.barred
    ]
    free = Counter(paper for _, paper in pairs)
    short = {one: free[one] for one, count in reading.wanted.items() if free[one] < count}
    if short:
        raise CannotSpread(short)
    return pairs


def _shortfall(reading: Reading, pairs: list[tuple[str, str]], most: int) -> dict[str, int]:
    """The applications that cannot have all their readers though each has enough free ones, with how many they get."""
    import numpy as np
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_flow

    papers, people = sorted(reading.wanted), sorted(reading.experts)
    node = {("a", one): place for place, one in enumerate(papers, start=1)}
    node |= {("e", one): place for place, one in enumerate(people, start=1 + len(papers))}
    sink = 1 + len(node)
    edges = [(0, node["a", one], reading.wanted[one]) for one in papers]
    edges += [(node["a", paper], node["e", one], 1) for one, paper in pairs]
    edges += [(node["e", one], sink, max(0, most - reading.experts[one])) for one in people]
    starts, ends, room = zip(*edges, strict=True)
    graph = csr_array((np.array(room, dtype=np.int32), (starts, ends)), shape=(sink + 1, sink + 1))
    given = maximum_flow(graph, 0, sink).flow[[0], :].toarray()[0]
    return {one: int(given[node["a", one]]) for one in papers if given[node["a", one]] < reading.wanted[one]}
