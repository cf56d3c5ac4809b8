"""Putting a notice on the public site: a call, a decision, a correction. Publicity windows are in `opening.py`."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from awards.models import Round, Scheme
from documents.models import IssuedDocument
from organizations import evidence
from organizations.models import Unit, User

from .models import Notice


def announce(
    round: Round | None,
    *,
    scheme: Scheme | None = None,
    kind: str,
    title: str,
    body: str,
    issuer: Unit,
    by: User | None,
    at: datetime,
    document: IssuedDocument | None = None,
    amends: Notice | None = None,
) -> Notice:
    """Publish a notice without a window; one of no round is its scheme's. Runs inside the transaction of its cause."""
    assert transaction.get_connection().in_atomic_block
    notice = Notice.objects.create(
        round=round,
        scheme=scheme if round is None else None,
        kind=kind,
        issuer=issuer,
        title=title,
        body=body,
        published_at=at,
        published_by=by,
        document=document,
        amends=amends,
    )
    chain = round.chain if round is not None else evidence.SYSTEM_CHAIN
    evidence.record(
        f"notice.{kind}", chain=chain, by=by, subject=f"notice:{notice.public_id}", at=at, data={"title": title}
    )
    return notice
