"""Papers leave the files whatever comes between: a reader, a kill, another ballot; and nobody's vote is lost by it."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest
from django.db import connection, connections, transaction

from applications.desk_rules import DeskRefused
from award_portal.lib import clock
from reviews.ballots import cast_paper, close_ballot
from reviews.models import Ballot, Paper, Slip, Voter
from reviews.scrubbing import scrub_due
from tests.organizations.child_process import child_environment

from .ballot_attack import attack, hold_election, mark, seize
from .meeting_builders import build_deliberation

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


@pytest.fixture
def deliberation(frozen):
    return build_deliberation()


@contextmanager
def an_older_reader() -> Iterator[None]:
    """Somebody reads all the while, as a dump does."""
    if connection.vendor == "sqlite":
        other = sqlite3.connect(str(connection.settings_dict["NAME"]), isolation_level=None)
        other.execute("BEGIN")
    else:
        other = connection.copy()
        other.connect()
        other.connection.set_session(isolation_level="REPEATABLE READ", autocommit=False)
    try:
        reading = other.cursor()
        reading.execute("SELECT count(*) FROM django_migrations")
        reading.fetchall()
        yield
    finally:
        other.close()


def remnants(election, since="") -> list[str]:
    return [name for name in attack([election], seize(since)) if "remnants" in name]


def test_a_reader_delays_the_scrub_and_the_next_sweep_makes_up_for_it(deliberation):
    since = mark()
    with an_older_reader():
        election = hold_election(deliberation, Random(1))
        assert Ballot.objects.get(pk=election.ballot_id).state == Ballot.State.CLOSED
        assert Ballot.objects.with_remnants().count() == 1
        assert scrub_due(clock.now()) == 0
        if connection.vendor == "sqlite":
            # which is why: passphrase in hand, every member's paper is found in the log
            score = attack([election], seize(since))["remnants in the log"]
            assert score.linked == score.members == 9
    assert scrub_due(clock.now()) == 1
    assert Ballot.objects.get(pk=election.ballot_id).scrubbed_at == clock.now()
    assert remnants(election, since) == []


def test_killed_between_the_count_and_the_scrub_the_next_sweep_makes_up_for_it(deliberation):
    since = mark()
    election = hold_election(deliberation, Random(2), close=lambda *_, **__: None)
    connection.close()
    child, numbers = Path(__file__).with_name("killed_close.py"), [election.ballot_id, deliberation.officer.pk]
    done = subprocess.run(
        [sys.executable, child, *map(str, numbers)],
        env=child_environment(PASSPHRASE=election.passphrase), capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr[-2000:]
    ballot = Ballot.objects.get(pk=election.ballot_id)
    assert (ballot.state, ballot.cast_count, ballot.scrubbed_at) == (Ballot.State.CLOSED, 9, None)
    if connection.vendor == "sqlite":
        assert remnants(election, since), "overwriting what is deleted leaves nothing: the rewrite proves nothing"
    assert scrub_due(clock.now()) == 1
    assert scrub_due(clock.now()) == 0
    assert remnants(election, since) == []


def test_nothing_is_scrubbed_inside_a_transaction_that_may_still_roll_back(deliberation):
    with transaction.atomic():
        election = hold_election(deliberation, Random(3))
        assert scrub_due(clock.now()) == 0
        assert Ballot.objects.with_remnants().count() == 1
    assert Ballot.objects.get(pk=election.ballot_id).scrubbed_at == clock.now()


def test_another_ballot_that_is_open_keeps_its_papers_and_is_counted_right(deliberation):
    still_open = hold_election(deliberation, Random(4), close=lambda *_, **__: None)
    closed = hold_election(deliberation, Random(5))
    waiting = list(Ballot.objects.with_remnants().values_list("pk", flat=True))
    # PostgreSQL cannot tell the one's remnants from the other's papers: both are known to be gone at the end
    assert waiting == ([] if connection.vendor == "sqlite" else [closed.ballot_id])
    ballot = Ballot.objects.get(pk=still_open.ballot_id)
    deliberation.close(ballot, still_open.passphrase)
    columns = zip(*still_open.votes.values(), strict=True)
    for name, votes in zip(ballot.candidates.order_by("position"), columns, strict=True):
        assert (name.votes_for, name.votes_abstain) == (votes.count("for"), votes.count("abstain"))
    assert not Ballot.objects.with_remnants().exists()


def test_sqlite_the_whole_file_is_written_anew(deliberation):
    """Overwriting alone left nothing wherever we looked; only a rewritten file promises it."""
    if connection.vendor != "sqlite":
        pytest.skip("of SQLite only")
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE scrap (content BLOB)")
        cursor.execute("INSERT INTO scrap VALUES (zeroblob(100000))")
        cursor.execute("DROP TABLE scrap")
        assert _pragma(cursor, "freelist_count") > 20
        hold_election(deliberation, Random(6))
        assert _pragma(cursor, "freelist_count") == 0


def test_sqlite_a_copy_of_the_file_while_the_ballot_is_open_holds_no_paper_twice(deliberation):
    """Where SQLite does not overwrite what it deletes, the ballot makes it: else each stirring leaves a layer."""
    if connection.vendor != "sqlite":
        pytest.skip("of SQLite only")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA secure_delete = OFF")
        hold_election(deliberation, Random(7), close=lambda *_, **__: None)
        assert _pragma(cursor, "secure_delete") == 1
    mark()
    copied = seize().tables[""]
    assert [copied.count(bytes(one)) for one in Paper.objects.values_list("sealed", flat=True)] == [1] * 9


def _pragma(cursor, name: str) -> int:
    cursor.execute(f"PRAGMA {name}")
    return cursor.fetchone()[0]


def test_postgresql_never_logs_samples_or_tidies_the_papers():
    if connection.vendor == "sqlite":
        pytest.skip("of PostgreSQL only")
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence, reloptions FROM pg_class WHERE relname = 'reviews_paper'")
        persistence, options = cursor.fetchone()
        cursor.execute(
            "SELECT attstattarget FROM pg_attribute WHERE attrelid = 'reviews_paper'::regclass "
            "AND attname IN ('id', 'sealed')"
        )
        targets = cursor.fetchall()
    assert persistence == "u"
    assert "autovacuum_enabled=false" in options
    assert targets == [(0,), (0,)]


def at_once(work, given) -> list:
    """Run `work` on each of `given` in threads of their own; what was refused comes back as the refusal."""

    def run(one):
        try:
            return work(one)
        except DeskRefused as refused:
            return refused
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(given)) as pool:
        return list(pool.map(run, given))


def against(ballot) -> dict[int, str]:
    return dict.fromkeys(ballot.candidates.values_list("application_id", flat=True), "against")


def test_two_clicks_of_the_same_member_put_in_one_paper(deliberation):
    ballot, _ = deliberation.open(deliberation.meeting())
    choices, member = against(ballot), deliberation.members[0]
    answers = at_once(lambda _: cast_paper(ballot, by=member, choices=choices), range(6))
    assert answers.count(None) == 1
    assert all("每人只能投一次" in str(one) for one in answers if one is not None)
    assert Paper.objects.filter(ballot=ballot).count() == 1


def test_who_is_told_that_he_voted_is_in_the_count_and_who_came_too_late_is_told(deliberation):
    """Members vote while the office counts: every paper is either counted or refused, whoever was first."""
    ballot, passphrase = deliberation.open(deliberation.meeting())
    choices = against(ballot)
    for one in deliberation.members[:3]:
        cast_paper(ballot, by=one, choices=choices)

    def act(member):
        if member is None:
            return close_ballot(ballot, passphrase=passphrase, by=deliberation.officer, at=clock.now())
        return cast_paper(ballot, by=member, choices=choices)

    answers = at_once(act, [*deliberation.members[3:6], None, *deliberation.members[6:]])
    closed = answers.pop(3)
    late = [one for one in answers if one is not None]
    assert all("表决票没有投出" in str(one) for one in late)
    assert closed.cast_count == 9 - len(late)
    assert Voter.objects.filter(ballot=ballot, has_voted=True).count() == closed.cast_count
    assert Slip.objects.filter(candidate__ballot=ballot).count() == closed.cast_count * len(choices)
    assert not Paper.objects.exists()
