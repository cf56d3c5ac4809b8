"""Handing 200 applications to 300 experts, five readers each: the solver beside a greedy hand, in one run."""

from __future__ import annotations

import random
import sys
from collections import Counter
from pathlib import Path

from apart import say, seconds

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

APPLICATIONS, EXPERTS, READERS, FIELDS, BARRED = 200, 300, 5, 8, 0.05


def spread_readers(reading) -> dict[str, list[str]]:
    """The greedy hand: who has the fewest free experts chooses first, the least busy of a fitting field, by lot."""
    from reviews.drawing import ticket

    work = dict(reading.experts)
    free = {paper: [one for one in work if (one, paper) not in reading.barred] for paper in reading.wanted}
    chosen = {}
    for paper in sorted(free, key=lambda one: (len(free[one]), ticket(reading.seed, one))):
        ranked = sorted(
            free[paper],
            key=lambda one: (work[one], (one, paper) not in reading.fitting, ticket(reading.seed, f"{paper}|{one}")),
        )
        chosen[paper] = ranked[: reading.wanted[paper]]
        for one in chosen[paper]:
            work[one] += 1
    return chosen


def made_up(seed: int, *, unlucky: bool):
    """Experts with some work already, conflicts here and there; unlucky, an application has a dozen free readers."""
    from reviews.assigning import Reading

    by = random.Random(seed)
    people = {f"e{number:03d}": by.randrange(3) for number in range(EXPERTS)}
    papers = [f"a{number:03d}" for number in range(APPLICATIONS)]
    knows = {one: by.randrange(FIELDS) for one in people}
    asks = {one: by.randrange(FIELDS) for one in papers}
    pairs = [(one, paper) for one in people for paper in papers]
    barred = {pair for pair in pairs if by.random() < BARRED}
    if unlucky:
        known = {paper: set(by.sample(sorted(people)[: EXPERTS * 2 // 3], 12)) for paper in papers}
        barred = {(one, paper) for one, paper in pairs if one not in known[paper]}
    fitting = frozenset((one, paper) for one, paper in pairs if knows[one] == asks[paper])
    return Reading(
        wanted=dict.fromkeys(papers, READERS),
        experts=people,
        seed=f"种子{seed}",
        barred=frozenset(barred),
        fitting=fitting,
    )


def main() -> None:
    import scipy.optimize  # noqa: F401  the import is not what is measured

    from reviews.assigning import Spread, balance_readers, worth

    for name, unlucky in (("conflicts at random", False), ("a dozen free each", True)):
        for seed in (1, 2):
            reading = made_up(seed, unlucky=unlucky)
            greedy, best = [], []
            slow = seconds(lambda: best.append(balance_readers(reading)))  # noqa: B023
            fast = seconds(lambda: greedy.append(spread_readers(reading)))  # noqa: B023
            say(f"{name}, seed {seed}: solver {slow:.1f} s, greedy {fast:.2f} s, {slow / fast:.0f} ×")
            for label, spread in (("solver", best[0]), ("greedy", Spread(greedy[0]))):
                found = worth(reading, spread)
                added = spread.load()
                loads = Counter(had + added[one] for one, had in reading.experts.items())
                say(
                    f"  {label}: loads {found['lowest']}–{found['highest']}, spread {found['spread']}, "
                    f"{found['matches']} of {found['readings']} match; {dict(sorted(loads.items()))}"
                )


main()
