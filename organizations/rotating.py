"""Changing the key of what is sealed: row by row and file by file, so that it can be stopped and gone on with."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from django.core.files.base import ContentFile
from django.db import transaction

from award_portal.lib import crypto
from award_portal.lib.sealed import ERASED, SealedTextField

from .files import open_stored
from .models import StoredFile

BATCH = 500


@dataclass
class Counted:
    """What of one column stands where; `failed` are the rows that do not open, which stay as they are."""

    total: int = 0
    behind: int = 0  # not yet under the newest key when it was looked at
    rotated: int = 0
    failed: list[int | str] = field(default_factory=list)


def rotate_column(column: SealedTextField, *, dry_run: bool = False) -> Counted:
    """Every token of the column under the newest key; what changed meanwhile is left for the next run."""
    sealed = column.model._base_manager.exclude(**{f"{column.name}__in": ("", ERASED)})
    behind = sealed.exclude(**{f"{column.name}__startswith": crypto.newest_prefix()}).order_by("pk")
    counted = Counted(total=sealed.count(), behind=behind.count())
    last = None
    while not dry_run:
        rows = list((behind.filter(pk__gt=last) if last is not None else behind)[:BATCH])
        if not rows:
            break
        for row in rows:
            last = row.pk
            token = getattr(row, column.name)
            try:
                fresh = crypto.rotate(token, bound_to=column.bound_to(row))
            except crypto.DecryptionFailed:
                counted.failed.append(row.pk)
                continue
            same = column.model._base_manager.filter(pk=row.pk, **{column.name: token})
            counted.rotated += same.update(**{column.name: fresh})
    return counted


def rotate_files(*, dry_run: bool = False) -> Counted:
    """Every sealed file under the newest key: written anew beside the old one, which goes when the row has changed."""
    sealed = StoredFile.objects.exclude(key_id="").filter(erased_at=None)
    behind = sealed.exclude(key_id=crypto.newest_key()).order_by("pk")
    counted = Counted(total=sealed.count(), behind=behind.count())
    for stored in [] if dry_run else behind.iterator(chunk_size=BATCH):
        try:
            with open_stored(stored) as content:
                key_id, fresh = crypto.encrypt_bytes(content.read(), bound_to=stored.binding)
        except (crypto.DecryptionFailed, OSError):
            counted.failed.append(stored.pk)
            continue
        storage, old = stored.content.storage, stored.content.name or ""
        name = storage.save(
            stored.content.field.generate_filename(stored, f"{uuid.uuid4().hex}.sealed"), ContentFile(fresh)
        )
        with transaction.atomic():
            same = StoredFile.objects.filter(pk=stored.pk, key_id=stored.key_id, erased_at=None)
            changed = same.update(key_id=key_id, content=name)
        storage.delete(old if changed else name)
        counted.rotated += changed
    return counted
