"""Keeping an uploaded file: inspected first, under a random name, its digest on record."""

from __future__ import annotations

import uuid
from datetime import datetime
from io import BytesIO
from typing import BinaryIO, cast
from urllib.parse import quote

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase

from award_portal.lib import clock, crypto
from award_portal.lib.uploads import UploadRefused, inspect

from .models import StoredFile, User

__all__ = ["FileErased", "UploadRefused", "erase_stored", "open_stored", "serve_file", "store_upload"]


class FileErased(Exception):
    """The file's term is over and its bytes are gone; the text is for people."""

    def __init__(self, stored: StoredFile) -> None:
        assert stored.erased_at is not None
        on = stored.erased_at.astimezone(clock.SHANGHAI)
        super().__init__(f"该文件保管期满，内容已于{on.year}年{on.month}月{on.day}日清除，不能再打开。")


def store_upload(
    upload: UploadedFile,
    *,
    purpose: str,
    by: User | None,
    at: datetime,
    allowed: list[str] | None = None,
    sealed: bool = False,
) -> StoredFile:
    """Inspect and keep an upload; raises UploadRefused (Chinese text in `.message`) and keeps nothing.

    `sealed` is for what shows who a person is (identity card, signature): its bytes are encrypted where they lie.
    """
    found = inspect(
        cast(BinaryIO, upload.file),  # an upload that came with a form has its file
        name=upload.name or "",
        max_bytes=settings.UPLOAD_MAX_BYTES,
        allowed=allowed or settings.UPLOAD_ALLOWED,
    )
    upload.seek(0)
    stored = StoredFile(
        purpose=purpose,
        original_name=(upload.name or "")[-200:],
        extension=found.extension,
        content_type=found.content_type,
        size=found.size,
        sha256=found.sha256,
        uploaded_by=by,
        uploaded_at=at,
    )
    name, content = f"{uuid.uuid4().hex}.{found.extension}", cast(File, upload)
    if sealed:
        stored.key_id, encrypted = crypto.encrypt_bytes(upload.read(), bound_to=stored.binding)
        name, content = f"{uuid.uuid4().hex}.sealed", ContentFile(encrypted)
    stored.content.save(name, content, save=False)
    stored.save()
    return stored


def open_stored(stored: StoredFile) -> BinaryIO:
    """The bytes as they were handed in; raises FileErased where their term is over, and DecryptionFailed."""
    if stored.erased_at is not None:
        raise FileErased(stored)
    content = stored.content.open("rb")
    if not stored.key_id:
        return cast(BinaryIO, content)
    with content:
        return BytesIO(crypto.decrypt_bytes(content.read(), key_id=stored.key_id, bound_to=stored.binding))


def erase_stored(stored: StoredFile, *, at: datetime) -> None:
    """The bytes go for ever at the end of their term; the row keeps digest and size, and no name of a file."""
    name, storage = stored.content.name, stored.content.storage
    stored.erased_at, stored.original_name = at, f"已清除.{stored.extension}"
    stored.save(update_fields=["erased_at", "original_name"])
    if name:
        transaction.on_commit(lambda: storage.delete(name))


def serve_file(stored: StoredFile, *, inline: bool = False) -> HttpResponseBase:
    """Answer with a file the caller has already decided this person may read."""
    try:
        response: HttpResponseBase = FileResponse(open_stored(stored), content_type=stored.content_type)
    except FileErased as erased:
        return HttpResponse(str(erased), status=410, content_type="text/plain; charset=utf-8")
    disposition = "inline" if inline and stored.content_type == "application/pdf" else "attachment"
    response["Content-Disposition"] = f"{disposition}; filename*=UTF-8''{quote(stored.original_name)}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
