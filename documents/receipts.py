"""A paper handed to whoever holds a receipt: the secret in the address goes to no other site and into no cache."""

from __future__ import annotations

from urllib.parse import quote

from django.http import FileResponse, Http404
from django.http.response import HttpResponseBase

from .models import IssuedDocument


def serve_to_holder(document: IssuedDocument | None) -> HttpResponseBase:
    """The rendered paper in the page's frame; 404 where there is none yet. The caller has looked at the secret."""
    if document is None or not document.is_rendered:
        raise Http404
    response = FileResponse(document.file.open("rb"), content_type="application/pdf")
    response["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(document.title)}.pdf"
    response["X-Content-Type-Options"] = "nosniff"
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "private, no-store"
    return response
