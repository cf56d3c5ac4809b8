"""What the applicant takes away: the form to print, sign and seal, and the whole application as one PDF."""

from __future__ import annotations

import uuid
from urllib.parse import quote

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from award_portal.lib import clock

from ..compiling import compile_application, enclosures_of, form_content, form_parts
from .applicant import own_application


@login_required
@never_cache
@require_GET
def print_form(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The 申报表 as it stands, with its signature page, to print, sign and seal."""
    application = own_application(request, public_id)
    content = form_content(application)
    context = {
        "application": application,
        "parts": form_parts(application, content),
        "declarations": application.rulebook.declarations_for(application.subject),
        "enclosures": enclosures_of(application, content),
        "dossier": application.current_dossier,
        "book": application.rulebook,
        "now": clock.now(),
        "site_name": application.rulebook.name,
    }
    return render(request, "applications/applicant/print.html", context)


@login_required
@never_cache
@require_GET
def compiled(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The whole application as one PDF: cover, contents, numbered pages."""
    application = own_application(request, public_id)
    data = compile_application(application, at=clock.now())
    response = HttpResponse(data, content_type="application/pdf")
    name = quote(f"{application.organization}申报材料.pdf")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    response["Cache-Control"] = "private, no-store"
    return response
