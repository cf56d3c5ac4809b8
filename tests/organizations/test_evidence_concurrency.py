"""Many people act at once: every chain stays whole, every number is used, nobody waits for ever."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections, transaction

from award_portal.lib import clock
from documents.issuing import issue_document, next_number
from documents.models import IssuedDocument
from organizations import evidence
from organizations.auditing import verify_database
from organizations.digests import publish_heads
from organizations.messages import send_message
from organizations.models import AuditDigest, AuditRecord, InboxMessage
from organizations.outbox import deliver_due
from tests.factories import make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

THREADS = 8


class RolledBack(Exception):
    pass


def at_once(work: Callable[[int], object], *, times: int) -> list[object]:
    """Run `work(0…times-1)` in threads, each with a connection of its own; what they returned."""

    def run(number: int) -> object:
        try:
            return work(number)
        except RolledBack:
            return None
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(times)))


def test_threads_recording_to_two_chains_leave_no_gap_and_do_not_deadlock(frozen):
    def act(number: int) -> None:
        chains = [("round:a",), ("round:b",), ("round:a", "round:b")][number % 3]
        with transaction.atomic():
            for chain in chains:
                evidence.record("sample.step", chain=chain, by=None, subject=f"sample:{number}", at=clock.now())
            if number % 7 == 3:
                raise RolledBack

    at_once(act, times=150)
    kept = [number for number in range(150) if number % 7 != 3]
    for chain, kinds in (("round:a", (0, 2)), ("round:b", (1, 2))):
        count = sum(number % 3 in kinds for number in kept)
        seqs = list(AuditRecord.objects.filter(chain=chain).order_by("pk").values_list("seq", flat=True))
        assert seqs == list(range(1, count + 1))
    assert verify_database().verified


def test_document_numbers_are_gapless_through_rollbacks(frozen):
    def issue(number: int) -> None:
        with transaction.atomic():
            issue_document(
                "call",
                title="样例（虚构）",
                template="call.html",
                content={},
                scheme_key="urumqi",
                at=clock.now(),
                by=None,
            )
            if number % 4 == 1:
                raise RolledBack

    at_once(issue, times=60)
    numbers = sorted(IssuedDocument.objects.values_list("number", flat=True))
    assert numbers == [f"URUMQI-2026-{number:05d}" for number in range(1, 46)]


def test_two_sequences_are_numbered_apart(frozen):
    def allot(number: int) -> tuple[str, int]:
        name = "certificate:a" if number % 2 else "certificate:b"
        with transaction.atomic():
            return name, next_number(name)

    allotted = at_once(allot, times=60)
    for name in ("certificate:a", "certificate:b"):
        assert sorted(value for one, value in allotted if one == name) == list(range(1, 31))  # type: ignore[misc]


def test_a_number_is_allotted_only_inside_a_transaction():
    with pytest.raises(AssertionError):
        next_number("certificate:a")


def test_of_many_sweepers_one_delivers_each_message_and_publishes_each_head(frozen):
    reader, at = make_user(), clock.now()
    for number in range(40):
        send_message([reader], subject=f"样例{number}", at=at)
    with transaction.atomic():
        evidence.record("sample.step", chain="round:a", by=None, subject="sample:1", at=at)

    swept = at_once(lambda _: (deliver_due(at), publish_heads(at)), times=THREADS)
    assert sum(one[0] for one in swept) == 40  # type: ignore[index]
    assert sorted(InboxMessage.objects.values_list("subject", flat=True)) == sorted(f"样例{n}" for n in range(40))
    assert sum(one[1] for one in swept) == AuditDigest.objects.count() == 1  # type: ignore[index]


def test_the_engine_under_test_locks_in_a_file_or_a_server():
    """A shared in-memory SQLite fails its writers at once; what these tests prove there proves nothing."""
    name = str(connection.settings_dict["NAME"])
    assert connection.vendor == "postgresql" or (".sqlite3" in name and "memory" not in name)
