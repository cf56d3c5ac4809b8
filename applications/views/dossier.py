"""Reading a frozen dossier: page, marked parts opened one by one, and files."""

from __future__ import annotations

import uuid

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from award_portal.lib import clock
from organizations.files import serve_file

from ..dossier_layout import file_groups, lay_out, lay_out_section
from ..models import Application
from ..reading import NotReadable, ReadableDossier, open_file, open_section, proof_of_self_publicity, readable_dossier


@login_required
@never_cache
@require_GET
def dossier(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """What was submitted, exactly as it was frozen."""
    readable = readable_or_404(request, public_id, version=_version(request))
    return render(
        request,
        "applications/desks/dossier.html",
        {
            "application": readable.application,
            "readable": readable,
            "parts": lay_out(readable),
            "files": file_groups(readable),
            "versions": list(readable.application.dossiers.order_by("version").values_list("version", flat=True)),
        },
    )


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def dossier_part(request: HttpRequest, public_id: uuid.UUID, key: str) -> HttpResponse:
    """A marked section: GET asks, POST opens it and puts the opening on record."""
    readable = readable_or_404(request, public_id, version=_version(request))
    context = {"application": readable.application, "readable": readable}
    if key not in readable.section_keys or (readable.needs_opening(key) and not readable.may_open(key)):
        raise Http404
    book = readable.application.rulebook
    if request.method == "POST" or not readable.needs_opening(key):
        answers = open_section(readable, key, by=request.user, at=clock.now())
        context["part"] = lay_out_section(readable.application, key, answers, withheld=readable.withheld)
        return render(request, "applications/desks/dossier_part.html", context)
    context |= {"title": book.section(key).title, "reason": readable.secret_reason(key)}
    return render(request, "applications/desks/open_secret.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def dossier_file(request: HttpRequest, public_id: uuid.UUID, file_id: uuid.UUID) -> HttpResponse:
    """A file of the dossier; a marked one is asked for by POST, and the opening is on record."""
    readable = readable_or_404(request, public_id, version=_version(request))
    try:
        frozen = readable.file(file_id)
        if frozen.is_secret and not readable.access.is_own:
            if not readable.may_open(frozen.key):
                raise Http404
            if request.method != "POST":
                context = {"application": readable.application, "readable": readable, "title": frozen.name}
                return render(request, "applications/desks/open_secret.html", context)
        return serve_file(open_file(readable, file_id, by=request.user, at=clock.now()), inline=True)
    except NotReadable:
        raise Http404 from None


@login_required
@never_cache
@require_GET
def self_publicity_proof(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    readable = readable_or_404(request, public_id)
    try:
        return serve_file(proof_of_self_publicity(readable), inline=True)
    except NotReadable:
        raise Http404 from None


def readable_or_404(request: HttpRequest, public_id: uuid.UUID, *, version: int | None = None) -> ReadableDossier:
    application = get_object_or_404(Application.objects.with_names(), public_id=public_id)
    readable = readable_dossier(application, user=request.user, at=clock.now(), version=version)  # type: ignore[arg-type]
    if readable is None:
        raise Http404
    return readable


def _version(request: HttpRequest) -> int | None:
    text = request.GET.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else None
