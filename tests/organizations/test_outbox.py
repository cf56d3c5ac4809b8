"""What a transaction ordered is delivered once; what cannot be delivered waits with the reason, naming no person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import transaction

from award_portal.lib import clock, sweeping
from organizations import outbox
from organizations.messages import send_message
from organizations.models import InboxMessage, OutboxItem
from organizations.outbox import DeliveryFailed, deliver_due, outbox_handler
from tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture(autouse=True)
def _handlers_of_this_test() -> Iterator[None]:
    kept = dict(outbox._handlers)
    yield
    outbox._handlers.clear()
    outbox._handlers.update(kept)


def order(kind: str, key: str = "sample:1", **payload) -> OutboxItem:
    return OutboxItem.objects.create(kind=kind, key=key, payload=payload, due_at=clock.now())


def test_a_message_reaches_the_inbox_once():
    reader = make_user()
    send_message([reader, reader], subject="受理公示已发布", body="正文", url="/sample/", at=clock.now())
    assert not InboxMessage.objects.exists()
    assert [deliver_due(clock.now()), deliver_due(clock.now())] == [1, 0]
    message = InboxMessage.objects.get()
    assert (message.user, message.subject, message.body, message.url) == (reader, "受理公示已发布", "正文", "/sample/")
    assert message.sent_at == clock.now()


def test_nothing_is_delivered_of_a_transaction_that_was_rolled_back():
    with transaction.atomic():
        send_message([make_user()], subject="样例", at=clock.now())
        transaction.set_rollback(True)
    assert deliver_due(clock.now()) == 0


def test_a_row_is_not_delivered_before_it_is_due(frozen: clock.Frozen):
    send_message([make_user()], subject="样例", at=clock.now() + timedelta(hours=1))
    assert deliver_due(clock.now()) == 0
    assert deliver_due(clock.now() + timedelta(hours=1)) == 1


def test_a_row_that_fails_leaves_no_half_effect_and_the_next_is_delivered():
    reader = make_user()

    def write_and_stumble(payload, made, at):
        InboxMessage.objects.create(user=reader, subject="半途", sent_at=at)
        raise ValueError("张三 650102199001011234")

    outbox_handler("sample", write_and_stumble)
    failing = order("sample")
    send_message([reader], subject="其后", at=clock.now())
    assert deliver_due(clock.now()) == 1
    assert [one.subject for one in InboxMessage.objects.all()] == ["其后"]
    failing.refresh_from_db()
    assert (failing.done_at, failing.attempts) == (None, 1)


def test_an_error_is_kept_and_logged_without_what_it_quotes(caplog: pytest.LogCaptureFixture):
    def stumble(payload, made, at):
        raise ValueError("张三 650102199001011234")

    outbox_handler("sample", stumble)
    failing = order("sample")
    deliver_due(clock.now())
    failing.refresh_from_db()
    assert failing.last_error.startswith("ValueError at tests/organizations/test_outbox.py:")
    assert "张三" not in caplog.text
    assert "ValueError" in caplog.text


def test_a_failed_row_waits_twice_as_long_each_time_and_is_given_up_at_last(frozen: clock.Frozen):
    def refuse(payload, made, at):
        raise DeliveryFailed("打印机缺纸")

    outbox_handler("sample", refuse)
    failing = order("sample")
    waited = []
    while OutboxItem.objects.due(failing.due_at).exists():
        frozen.travel_to(failing.due_at)
        deliver_due(clock.now())
        failing.refresh_from_db()
        waited.append((failing.due_at - clock.now()) // timedelta(minutes=1))
    assert waited == [2, 4, 8, 16, 32, 64, 128, 256]
    assert (failing.done_at, failing.attempts) == (None, OutboxItem.MAX_ATTEMPTS)
    assert failing.last_error == "打印机缺纸"


def test_a_row_nobody_knows_how_to_deliver_waits_with_the_reason():
    failing = order("unheard_of")
    deliver_due(clock.now())
    failing.refresh_from_db()
    assert (failing.done_at, failing.attempts) == (None, 1)
    assert "unheard_of" in failing.last_error


@pytest.mark.django_db(transaction=True)
def test_what_takes_long_is_prepared_outside_any_transaction():
    seen = {}

    def prepare(payload):
        seen["preparing in a transaction"] = transaction.get_connection().in_atomic_block
        return "made"

    def carry_out(payload, made, at):
        seen["made"], seen["carried out in one"] = made, transaction.get_connection().in_atomic_block

    outbox_handler("sample", carry_out, prepare=prepare)
    order("sample")
    deliver_due(clock.now())
    assert seen == {"preparing in a transaction": False, "made": "made", "carried out in one": True}


def test_delivering_is_no_moment_a_rehearsal_stops_at():
    send_message([make_user()], subject="样例", at=clock.now() + timedelta(hours=1))
    assert sweeping.next_due(clock.now()) is None
