"""Delivering what transactions ordered: each outbox row once, in its own transaction, however many sweepers run."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from award_portal.lib.sweeping import Sweeper, describe_error, register

from .models import InboxMessage, OutboxItem

log = logging.getLogger(__name__)
# the sweeper that renders papers
SLOW = "outbox_slow"

# `prepare` runs outside any lock (rendering a PDF may take a second and would stop SQLite's only writer); what it
# returns is handed to `carry_out`, which runs in the transaction that marks the row done.
Prepare = Callable[[dict[str, Any]], Any]
CarryOut = Callable[[dict[str, Any], Any, datetime], None]
_handlers: dict[str, tuple[Prepare | None, CarryOut]] = {}


class DeliveryFailed(Exception):
    """A row cannot be delivered now. Its text is kept on the row: it must name no person."""


def outbox_handler(kind: str, carry_out: CarryOut, *, prepare: Prepare | None = None) -> None:
    """Register what a kind of row means."""
    _handlers[kind] = (prepare, carry_out)


def deliver_due(at: datetime) -> int:
    """Deliver every due row; how many were delivered by this sweeper."""
    return _deliver_all(OutboxItem.objects.due(at), at=at)


def deliver_quick(at: datetime) -> int:
    """Deliver what needs no preparing: messages, and whatever nobody knows how to deliver."""
    return _deliver_all(OutboxItem.objects.due(at).exclude(kind__in=_slow_kinds()), at=at)


def deliver_slow(at: datetime) -> int:
    """Deliver what takes its time to prepare: papers."""
    return _deliver_all(OutboxItem.objects.due(at).filter(kind__in=_slow_kinds()), at=at)


def _slow_kinds() -> list[str]:
    return [kind for kind, (prepare, _) in _handlers.items() if prepare is not None]


def _deliver_all(rows: QuerySet[OutboxItem], *, at: datetime) -> int:
    return sum(_deliver(pk, at=at) for pk in list(rows.values_list("pk", flat=True)))


def _deliver(pk: int, *, at: datetime) -> int:
    item = OutboxItem.objects.filter(pk=pk, done_at=None).first()
    if item is None:
        return 0
    try:
        prepare, carry_out = _handler_of(item)
        made = prepare(item.payload) if prepare else None
        with transaction.atomic():
            if not _claim(pk, at=at):
                return 0
            carry_out(item.payload, made, at)
    except Exception as error:
        # Whatever a handler stumbles over, the other rows go on.
        _postpone(item, error, at=at)
        return 0
    return 1


def _handler_of(item: OutboxItem) -> tuple[Prepare | None, CarryOut]:
    if item.kind not in _handlers:
        raise DeliveryFailed(f"没有办理“{item.kind}”的程序")
    return _handlers[item.kind]


def _claim(pk: int, *, at: datetime) -> bool:
    """Mark the row done, once: the row lock where there is one, compare-and-set everywhere."""
    if connection.features.has_select_for_update_skip_locked:
        locked = OutboxItem.objects.select_for_update(skip_locked=True).filter(pk=pk, done_at=None).first()
        if locked is None:
            return False
    return bool(OutboxItem.objects.filter(pk=pk, done_at=None).update(done_at=at))


def _postpone(item: OutboxItem, error: Exception, *, at: datetime) -> None:
    """Try again later, twice as late each time; of two sweepers that stumbled over a row one counts."""
    text = str(error) if isinstance(error, DeliveryFailed) else describe_error(error)
    attempts = item.attempts + 1
    OutboxItem.objects.filter(pk=item.pk, done_at=None, attempts=item.attempts).update(
        attempts=attempts, last_error=text[:300], due_at=at + timedelta(minutes=2**attempts)
    )
    log.error("outbox row %s (%s) failed, attempt %s: %s", item.pk, item.kind, attempts, text)


def _write_message(payload: dict[str, Any], made: Any, at: datetime) -> None:
    InboxMessage.objects.create(
        user_id=payload["user"],
        subject=payload["subject"][:120],
        body=payload["body"],
        url=payload["url"],
        sent_at=at,
    )


outbox_handler("inbox_message", _write_message)
# Delivering is not a due moment of the round: a rehearsal does not stop for it.
register(Sweeper("outbox", run=deliver_quick, next_due=lambda after: None, order=90))
register(Sweeper(SLOW, run=deliver_slow, next_due=lambda after: None, order=99))
