"""The record of who did what, when and on what ground, chained by hash so that a change shows (E3)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from award_portal.lib import clock

from .models import AuditHead, AuditRecord, User

GENESIS = "0" * 64
CLOCK_ACTOR = "clock"
SYSTEM_CHAIN = "portal"


def record(
    verb: str,
    *,
    chain: str = SYSTEM_CHAIN,
    by: User | None,
    subject: str,
    at: datetime,
    data: Mapping[str, Any] | None = None,
) -> AuditRecord:
    """Append one link to a chain. Must run inside the transaction of what it records; the head is the last lock.

    A transaction writes to one chain; one that must write to two takes them in the order of their names, or two of
    them wait for each other. `data` is plain JSON without personal data; `by` None is the clock.
    """
    assert transaction.get_connection().in_atomic_block, "evidence is written with what it is evidence of"
    AuditHead.objects.get_or_create(chain=chain, defaults={"hash": GENESIS})
    head = AuditHead.objects.select_for_update(of=("self",)).get(chain=chain)
    link = AuditRecord(
        chain=chain,
        seq=head.seq + 1,
        verb=verb,
        actor=CLOCK_ACTOR if by is None else str(by.public_id),
        subject=subject,
        data=_plain(data or {}),
        at=at,
        recorded_at=clock.recorded_now(),
        previous_hash=head.hash,
    )
    link.hash = digest(link)
    link.save(force_insert=True)
    head.seq, head.hash = link.seq, link.hash
    head.save(update_fields=["seq", "hash"])
    return link


def _plain(value: Any) -> Any:
    """A value as every database gives it back: PostgreSQL rewrites 1e16 and -0.0, and the digest would not hold."""
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value


def digest(link: AuditRecord) -> str:
    """SHA-256 over the link's canonical JSON, the previous digest among it."""
    text = json.dumps(as_exported(link), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def as_exported(link: AuditRecord) -> dict[str, Any]:
    """What the export carries of a link, and what its digest is taken over (all but the digest itself)."""
    return {
        "chain": link.chain,
        "seq": link.seq,
        "verb": link.verb,
        "actor": link.actor,
        "subject": link.subject,
        "data": link.data,
        "at": link.at.astimezone(clock.SHANGHAI).isoformat(),
        "recorded_at": link.recorded_at.astimezone(clock.SHANGHAI).isoformat(),
        "previous_hash": link.previous_hash,
    }
