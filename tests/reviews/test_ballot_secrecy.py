"""V8: from the closed database and its files nobody can tell who voted how, the teller's passphrase in hand.

The same attack (tests/reviews/ballot_attack.py) links nearly everybody where the same tables are used naively.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

import pytest
from django.db import connection

from reviews.ballots import cast_paper, void_ballot
from reviews.models import Ballot, Slip, Voter

from .ballot_attack import attack, hold_election, hold_naive_election, mark, random_paper, seize
from .meeting_builders import build_deliberation

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

BALLOTS, NAIVE_BALLOTS, NAMES = 16, 5, 5
# A reading that is blind passes 4 standard deviations once in 30,000 times.
CHANCE = 4.0


@pytest.fixture
def deliberation(frozen):
    return build_deliberation(applications=NAMES)


def void(ballot, *, passphrase, by, at):
    void_ballot(ballot, reason="口令遗失", by=by, at=at)


@contextmanager
def papers_in_the_log() -> Iterator[None]:
    """PostgreSQL: the papers' table as tables usually are, until the end of the block."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence = 'u' FROM pg_class WHERE relname = 'reviews_paper'")
        (was_unlogged,) = cursor.fetchone()
        cursor.execute("ALTER TABLE reviews_paper SET LOGGED")
        try:
            yield
        finally:
            if was_unlogged:
                cursor.execute("ALTER TABLE reviews_paper SET UNLOGGED")


def test_v8_the_attack_links_nearly_everybody_where_tables_are_used_naively(deliberation):
    random, since = Random(20260302), mark()
    with papers_in_the_log():
        elections = [hold_naive_election(deliberation, random) for _ in range(NAIVE_BALLOTS)]
        scores = attack(elections, seize(since))
    by_order = scores["ledger by web log, slips by id"]
    by_remnants = scores["remnants in the log"]
    for score in (by_order, by_remnants):
        assert score.members == NAIVE_BALLOTS * len(deliberation.members)
        assert score.linked >= 0.9 * score.members, score
        assert score.deviations > 2 * CHANCE, score


def test_v8_over_many_ballots_the_attack_does_no_better_than_chance(deliberation):
    random, since = Random(20260303), mark()
    elections = [hold_election(deliberation, random) for _ in range(BALLOTS)]
    voided = [hold_election(deliberation, random, close=void) for _ in range(3)]
    loot = seize(since)

    assert not Ballot.objects.with_remnants().exists()
    scores = attack(elections, loot)
    assert not [name for name in scores if "remnants" in name]
    for name, score in scores.items():
        assert score.members == BALLOTS * len(deliberation.members)
        assert score.deviations < CHANCE, f"{name}: {score}"
    # whatever the attack thinks of: of no ballot is the last paper, which all were stirred with, left in any file
    everything = loot.log + b"".join(loot.tables.values())
    for one in [*elections, *voided]:
        assert one.sealed[-1][:24] not in everything


def test_v8_what_is_left_follows_from_the_counts_alone(deliberation):
    """The same papers, given by other members in another order, leave the very same rows."""
    random = Random(20260304)
    papers = [random_paper(random, NAMES, seats=3) for _ in deliberation.members]
    left = []
    for _ in range(2):
        election = hold_election(deliberation, random, papers=papers)
        slips = Slip.objects.filter(candidate__ballot=election.ballot_id).select_related("candidate").order_by("pk")
        voters = Voter.objects.filter(ballot=election.ballot_id).order_by("pk")
        assert list(voters.values_list("member_id", flat=True)) == sorted(election.log)
        rows = [(one.pk - slips[0].pk, one.candidate.position, one.choice) for one in slips]
        left.append((rows, [(one.pk - voters[0].pk, one.has_voted) for one in voters]))
        random.shuffle(papers)
    assert left[0] == left[1]


def test_v8_all_that_a_ballot_leaves_was_written_by_the_one_transaction_that_closed_it(deliberation):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite keeps no transaction beside a row")
    election = hold_election(deliberation, Random(11))
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT xmin::text FROM reviews_voter WHERE ballot_id = %s", [election.ballot_id])
        voters = cursor.fetchall()
        cursor.execute(
            "SELECT DISTINCT s.xmin::text FROM reviews_slip s JOIN reviews_ballotcandidate c ON c.id = s.candidate_id "
            "WHERE c.ballot_id = %s",
            [election.ballot_id],
        )
        slips = cursor.fetchall()
    assert len(voters) == 1
    assert voters == slips


def test_v8_in_an_open_ballot_the_newest_paper_lies_anywhere_among_the_others(deliberation):
    """A dump taken between two votes, key in hand: the rows' order and age tell nothing of who voted when."""
    ballot, _ = deliberation.open(deliberation.meeting())
    names = list(ballot.candidates.values_list("application_id", flat=True))
    where = []
    for number, one in enumerate(deliberation.members, start=1):
        earlier = set(_rows_of_papers())
        cast_paper(ballot, by=one, choices=dict.fromkeys(names, "against"))
        rows = _rows_of_papers()
        assert len(rows) == number
        (newest,) = set(rows) - earlier
        where.append(rows.index(newest))
    # in the order of casting nine times out of nine: once in 362,880
    assert where != list(range(len(where)))
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(DISTINCT xmin::text) FROM reviews_paper")
            assert cursor.fetchone() == (1,)


def _rows_of_papers() -> list[bytes]:
    """The sealed papers as the rows lie in the table."""
    with connection.cursor() as cursor:
        place = "rowid" if connection.vendor == "sqlite" else "ctid"
        cursor.execute(f"SELECT sealed FROM reviews_paper ORDER BY {place}")
        return [bytes(sealed) for (sealed,) in cursor.fetchall()]
