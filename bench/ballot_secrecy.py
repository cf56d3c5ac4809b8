"""The attack on the secret ballot over 1,000 ballots of nine: does it link voters to votes better than chance?

The functions are the test's, tests/reviews/ballot_attack.py. The files are seized after every batch of ballots, since a
write-ahead log is used again after a while, and at the end for all ballots together. Ends with 1 if anything was found,
or if the same attack finds nothing where the tables are used naively.
"""

from __future__ import annotations

import argparse
import sys
from datetime import date
from random import Random
from time import perf_counter

from apart import say, set_up


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--ballots", type=int, default=1000)
    asked.add_argument("--batch", type=int, default=50)
    asked.add_argument("--seed", type=int, default=20260303)
    asked.add_argument("--postgres", action="store_true", help="on PostgreSQL, instead of SQLite")
    given = asked.parse_args()
    set_up(postgres=given.postgres)
    from award_portal.lib import clock

    with clock.frozen(clock.at(date(2026, 3, 2), 9)):
        return 1 if attack_all(given) else 0


def attack_all(given: argparse.Namespace) -> list[str]:
    """The readings that found anything: better than chance, a key, a paper."""
    from reviews.models import Ballot
    from tests.reviews.ballot_attack import Election, attack, hold_election, hold_naive_election, mark, seize
    from tests.reviews.meeting_builders import build_deliberation
    from tests.reviews.test_ballot_secrecy import CHANCE, NAIVE_BALLOTS, NAMES, papers_in_the_log

    deliberation, random = build_deliberation(applications=NAMES, members=9), Random(given.seed)
    found: list[str] = []
    elections: list[Election] = []
    while len(elections) < given.ballots:
        since, started = mark(), perf_counter()
        size = min(given.batch, given.ballots - len(elections))
        batch = [hold_election(deliberation, random) for _ in range(size)]
        took = perf_counter() - started
        elections += batch
        loot = seize(since)
        found += [name for name in attack(batch, loot) if "remnants" in name]
        kept = loot.log + b"".join(loot.tables.values())
        found += [f"the last paper of ballot {one.ballot_id}" for one in batch if one.sealed[-1][:24] in kept]
        say(f"{len(elections)} ballots, {took / len(batch):.2f} s each, {len(kept) >> 20} MB read; found {found}")
    assert not Ballot.objects.with_remnants().exists()
    say("all of them, at the end:")
    for name, score in attack(elections, seize(mark())).items():
        say(f"{name}: {score}")
        if "remnants" in name or score.deviations >= CHANCE:
            found.append(name)
    say(f"{sum(len(one.votes) for one in elections)} papers of {len(elections)} ballots; found {found or 'nothing'}")
    say("the same tables used naively, beside them:")
    since = mark()
    with papers_in_the_log():
        naive = [hold_naive_election(deliberation, random) for _ in range(NAIVE_BALLOTS)]
        linked = attack(naive, seize(since))
    for name, score in linked.items():
        say(f"{name}: {score}")
    best = max(linked.values(), key=lambda score: score.linked)
    return found if best.linked == best.members else [*found, "the attack is blind: it finds nothing here either"]


sys.exit(main())
