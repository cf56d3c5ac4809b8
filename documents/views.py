"""Downloading papers, and entering what the desk adds to them."""

from __future__ import annotations

from urllib.parse import quote
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from award_portal.lib import clock
from organizations.files import UploadRefused, serve_file, store_upload
from organizations.once import once_only

from .access import may_read
from .forms import OfficialForm
from .models import IssuedDocument
from .official import OfficialRefused, enter_official, may_enter


def readable(request: HttpRequest, public_id: UUID) -> IssuedDocument:
    document = get_object_or_404(IssuedDocument.objects.select_related("issuer", "sealed_scan"), public_id=public_id)
    if not may_read(request.user, document):
        raise Http404
    return document


@require_GET
def download(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The rendered paper; while it is still being rendered, a page that says so."""
    document = readable(request, public_id)
    if not document.is_rendered:
        return render(request, "documents/pending.html", {"document": document}, status=202)
    response = FileResponse(document.file.open("rb"), content_type="application/pdf")
    name = quote(f"{document.title}.pdf")
    response["Content-Disposition"] = f"inline; filename*=UTF-8''{name}"
    response["X-Content-Type-Options"] = "nosniff"
    if not document.is_public:
        response["Cache-Control"] = "private, no-store"
    return response


@require_GET
def sealed(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The sealed scan: the official copy beside the rendered one."""
    document = readable(request, public_id)
    if document.sealed_scan is None:
        raise Http404
    return serve_file(document.sealed_scan, inline=True)


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def official(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Enter 发文字号, 成文日期 and the sealed scan."""
    document = readable(request, public_id)
    if not may_enter(request.user, document):  # type: ignore[arg-type]
        raise Http404
    initial = {"official_number": document.official_number, "official_on": document.official_on}
    form = OfficialForm(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            scan = (
                store_upload(
                    data["sealed_scan"], purpose="sealed_scan", by=request.user, at=clock.now(), allowed=["pdf"]  # type: ignore[arg-type]
                )
                if data["sealed_scan"]
                else None
            )  # fmt: skip
            enter_official(
                document, official_number=data["official_number"], official_on=data["official_on"], sealed_scan=scan,
                by=request.user, at=clock.now(),  # type: ignore[arg-type]
            )  # fmt: skip
        except UploadRefused as refused:
            form.add_error("sealed_scan", refused.message)
        except OfficialRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "已登记。")
            return redirect("documents:official", public_id=public_id)
    context = {"document": document, "form": form}
    return render(request, "documents/official.html", context, status=422 if form.errors else 200)
