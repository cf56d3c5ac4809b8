"""Keeping an uploaded file: inspected first, under a random name, its digest on record."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import BinaryIO, cast
from urllib.parse import quote

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse

from award_portal.lib.uploads import UploadRefused, inspect

from .models import StoredFile, User

__all__ = ["UploadRefused", "serve_file", "store_upload"]


def store_upload(
    upload: UploadedFile, *, purpose: str, by: User | None, at: datetime, allowed: list[str] | None = None
) -> StoredFile:
    """Inspect and keep an upload; raises UploadRefused (Chinese text in `.message`) and keeps nothing."""
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
    stored.content.save(f"{uuid.uuid4().hex}.{found.extension}", upload, save=False)
    stored.save()
    return stored


def serve_file(stored: StoredFile, *, inline: bool = False) -> FileResponse:
    """Answer with a file the caller has already decided this person may read."""
    response = FileResponse(stored.content.open("rb"), content_type=stored.content_type)
    disposition = "inline" if inline and stored.content_type == "application/pdf" else "attachment"
    response["Content-Disposition"] = f"{disposition}; filename*=UTF-8''{quote(stored.original_name)}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
