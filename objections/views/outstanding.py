"""What upheld objections still ask of the office: decisions to enter, list changes to announce (B16, R12)."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from awards.models import Round
from organizations.models import Unit
from publicity.list_changes import notices_to_change, own_lists_to_change

from ..models import Outcome


@login_required
@require_GET
def outstanding(request: HttpRequest) -> HttpResponse:
    """Everything outstanding of the office's rounds, or of the lists a recommender published, on one page."""
    user: Any = request.user
    units = Unit.objects.of_user(user)
    offices, recommenders = units.of_kind("office"), units.of_kind("recommender")
    if not (offices | recommenders).exists():
        raise Http404
    asked = Outcome.objects.outstanding().of_office(user).select_related(
        "objection__application__organization", "objection__application__round"
    )  # fmt: skip
    changed = notices_to_change(Round.objects.filter(office__in=offices)) | own_lists_to_change(recommenders)
    changed = changed.select_related("round", "issuer").distinct()
    return render(request, "objections/outstanding.html", {"outcomes": asked, "notices": changed})
