"""A paper that no longer holds: number, content and file stay, and every page that names it says 已作废."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from organizations import evidence
from organizations.models import User

from .models import IssuedDocument


@transaction.atomic
def void_document(document: IssuedDocument, *, because: str, by: User, at: datetime) -> IssuedDocument:
    """Mark an issued paper as void, once; the first reason stands."""
    locked = IssuedDocument.objects.select_for_update(of=("self",)).get(pk=document.pk)
    if locked.voided_at is None:
        locked.voided_at, locked.voided_because = at, because[:120]
        locked.save(update_fields=["voided_at", "voided_because"])
        evidence.record(
            "document.void", chain=locked.chain or evidence.SYSTEM_CHAIN, by=by, at=at,
            subject=f"document:{locked.number}", data={"kind": locked.kind},
        )  # fmt: skip
    return locked
