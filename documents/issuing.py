"""Issuing a paper: number and frozen content commit together; rendering follows from the outbox."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from organizations.models import OutboxItem, Unit, User

from .models import IssuedDocument, NumberCounter

# What every page of a paper says that was issued on the rehearsal clock.
REHEARSAL_NOTE = "演练文书，不具有公文效力"


def next_number(name: str) -> int:
    """The next number of a sequence: gapless, because the counter row stays locked until what it numbers commits."""
    assert transaction.get_connection().in_atomic_block, "a number is allotted with what it numbers"
    NumberCounter.objects.get_or_create(name=name)
    counter = NumberCounter.objects.select_for_update(of=("self",)).get(name=name)
    counter.value += 1
    counter.save(update_fields=["value"])
    return counter.value


def next_case_number(letters: str, *, scheme_key: str, year: int) -> str:
    """`URUMQI-YY-2026-0001`: counted by scheme, letters and year, without a gap; no two awards share one."""
    return f"{scheme_key.upper()}-{letters}-{year}-{next_number(f'{letters}:{scheme_key}:{year}'):04d}"


def issue_document(
    kind: str,
    *,
    title: str,
    template: str,
    content: Mapping[str, Any],
    scheme_key: str,
    at: datetime,
    by: User | None,
    chain: str = "",
    subject: str = "",
    issuer: Unit | None = None,
    is_public: bool = False,
) -> IssuedDocument:
    """Number a paper and freeze its content (JSON values only); the PDF is rendered by the sweep.

    `template` is a file of templates/documents/. The content holds all that the template prints: nothing is looked up
    again at rendering time, so what was issued is what is printed for ever.
    """
    frozen = json.loads(json.dumps(content, ensure_ascii=False, default=str))
    if settings.REHEARSAL:
        frozen["rehearsal_note"] = REHEARSAL_NOTE
    text = json.dumps(frozen, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    year = at.year
    number = next_number(f"document:{scheme_key}:{year}")
    document = IssuedDocument.objects.create(
        number=f"{scheme_key.upper()}-{year}-{number:05d}",
        scheme_key=scheme_key,
        chain=chain,
        subject=subject,
        kind=kind,
        title=title,
        template=template,
        content=frozen,
        content_sha256=hashlib.sha256(text.encode()).hexdigest(),
        issuer=issuer,
        issued_by=by,
        issued_at=at,
        is_public=is_public,
    )
    OutboxItem.objects.create(
        kind="render_document", key=f"render:{document.public_id}", payload={"document": document.pk}, due_at=at
    )
    return document
