"""What the office adds to a paper after it was signed and sealed: its own number, its date, the sealed scan."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from organizations import evidence
from organizations.models import StoredFile, Unit, User

from .models import IssuedDocument


class OfficialRefused(Exception):
    """The entry cannot be made; the text is for people."""


def may_enter(user: User, document: IssuedDocument) -> bool:
    """The unit that issued the paper, and the office of its scheme."""
    units = Unit.objects.of_user(user).of_scheme(document.scheme_key)
    issued = document.issuer is not None and units.filter(pk=document.issuer.pk).exists()
    return issued or units.of_kind("office").exists()


@transaction.atomic
def enter_official(
    document: IssuedDocument,
    *,
    official_number: str,
    official_on: date,
    sealed_scan: StoredFile | None,
    by: User,
    at: datetime,
) -> IssuedDocument:
    """Enter 发文字号 and 成文日期, and the sealed scan when it is there; content and number never change."""
    document = IssuedDocument.objects.select_for_update(of=("self",)).get(pk=document.pk)
    if not may_enter(by, document):
        raise OfficialRefused("发文字号由发文单位或者办公室登记。")
    if official_on > at.date():
        raise OfficialRefused("成文日期不能晚于今天。")
    document.official_number, document.official_on = official_number.strip(), official_on
    document.sealed_scan = sealed_scan or document.sealed_scan
    document.save(update_fields=["official_number", "official_on", "sealed_scan"])
    evidence.record(
        "document.official",
        chain=document.chain or evidence.SYSTEM_CHAIN,
        by=by,
        subject=f"document:{document.public_id}",
        at=at,
        data={
            "official_number": document.official_number,
            "scan_sha256": document.sealed_scan.sha256 if document.sealed_scan else "",
        },
    )
    return document
