"""A round's archive: ordered by the office, made off the request, kept with its digest, every download on record."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import IO, Any

from django.core.files.uploadedfile import TemporaryUploadedFile
from django.db import transaction
from django.db.models import Q, QuerySet

from applications.rules import works_in
from awards.models import Round
from organizations import evidence
from organizations.models import OutboxItem, Unit, User
from organizations.outbox import outbox_handler

from .archive_parts import CLASSES, TERMS
from .archive_zip import Written, write_archive
from .models import ArchiveDownload, RoundArchive

# Archiving must not change what is archived, so it is recorded beside the round's own chain.
CHAIN = evidence.SYSTEM_CHAIN


class ArchiveRefused(Exception):
    """The archive cannot be ordered as asked; the text is for people."""


def rounds_to_archive(user: User) -> QuerySet[Round]:
    """The announced rounds of the person's office, and those of the scheme the person supervises."""
    units = Unit.objects.of_user(user)
    watched = units.of_kind("supervisor").values("scheme_key")
    found = Round.objects.published().filter(Q(office__in=units.of_kind("office")) | Q(scheme__key__in=watched))
    return found.select_related("scheme", "edition", "office").distinct()


def default_retention() -> dict[str, str]:
    return {one.key: one.default for one in CLASSES}


@transaction.atomic
def order_archive(round: Round, *, retention: Mapping[str, str], by: User, at: datetime) -> RoundArchive:
    """Order an archive of the round as it stands; the sweep makes it. Before the round is over it says 未结束."""
    round = Round.objects.select_for_update(of=("self",)).get(pk=round.pk)
    if not works_in(by, round.office):
        raise ArchiveRefused("归档由办公室办理。")
    if round.published_at is None:
        raise ArchiveRefused("申报通知尚未发布，没有可以归档的材料。")
    if RoundArchive.objects.filter(round=round).waiting().exists():
        raise ArchiveRefused("上一次归档正在生成，请稍后刷新。")
    chosen = default_retention() | dict(retention)
    if not set(chosen) <= set(default_retention()) or not set(chosen.values()) <= set(TERMS):
        raise ArchiveRefused("保管期限应为永久、30年或者10年。")
    archive = RoundArchive.objects.create(
        round=round, is_final=round.closed_at is not None, retention=chosen, ordered_by=by, ordered_at=at
    )
    OutboxItem.objects.create(kind="round_archive", key=archive.outbox_key, payload={"archive": archive.pk}, due_at=at)
    evidence.record(
        "archive.order", chain=CHAIN, by=by, subject=f"round:{round.public_id}", at=at,
        data={"final": archive.is_final, "retention": chosen},
    )  # fmt: skip
    return archive


@transaction.atomic
def record_download(archive: RoundArchive, *, by: User, at: datetime) -> ArchiveDownload:
    """Every download of an archive is on record before a byte of it goes out."""
    evidence.record(
        "archive.download", chain=CHAIN, by=by, subject=f"round:{archive.round.public_id}", at=at,
        data={"archive": str(archive.public_id), "sha256": archive.sha256},
    )  # fmt: skip
    return ArchiveDownload.objects.create(archive=archive, user=by, downloaded_at=at)


def digest_of(file: IO[bytes]) -> str:
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]


def _prepare(payload: dict[str, Any]) -> tuple[TemporaryUploadedFile, Written] | None:
    archive = RoundArchive.objects.select_related("round__scheme", "round__edition", "round__office").get(
        pk=payload["archive"]
    )
    if archive.made_at:
        return None
    # a temporary file is moved into its place, so that the transaction that keeps it copies nothing
    made = TemporaryUploadedFile("archive.zip", "application/zip", 0, None)
    assert made.file is not None
    written = write_archive(archive.round, made.file, retention=archive.retention)
    made.file.flush()
    made.size = made.file.tell()
    return made, written


def _carry_out(payload: dict[str, Any], prepared: tuple[TemporaryUploadedFile, Written] | None, at: datetime) -> None:
    if prepared is None:
        return
    made, written = prepared
    archive = RoundArchive.objects.select_related("round").get(pk=payload["archive"])
    archive.sha256, archive.size = digest_of(made.file), made.size or 0  # type: ignore[arg-type]
    archive.entries, archive.missing, archive.made_at = written.entries, written.missing, at
    archive.file.save(f"{archive.public_id.hex}.zip", made, save=False)
    made.close()
    archive.save()
    evidence.record(
        "archive.make", chain=CHAIN, by=None, subject=f"round:{archive.round.public_id}", at=at,
        data={"archive": str(archive.public_id), "sha256": archive.sha256, "entries": written.entries},
    )  # fmt: skip


outbox_handler("round_archive", _carry_out, prepare=_prepare)
