"""What the review's pages ask first: whose panel, whose round; anything else is not there."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from applications.models import Application
from awards.models import Round
from organizations.models import Unit

from ..models import Panel


def office_panel(request: HttpRequest, panel_id: uuid.UUID) -> Panel:
    """A panel of the person's own office, or 404."""
    user: Any = request.user
    return get_object_or_404(Panel.objects.of_office(user).with_round(), public_id=panel_id)


def office_round(request: HttpRequest, round_id: uuid.UUID) -> Round:
    user: Any = request.user
    rounds = Round.objects.visible_to(user).published().select_related("scheme", "edition", "office")
    return get_object_or_404(rounds, public_id=round_id)


def require_office_desk(request: HttpRequest) -> list[Unit]:
    user: Any = request.user
    offices = list(Unit.objects.of_user(user).of_kind("office"))
    if not offices:
        raise Http404
    return offices


def application_of(panel: Panel, public_id: uuid.UUID) -> Application:
    """An application the panel judges or judged, or 404."""
    return get_object_or_404(
        Application.objects.with_names().filter(round=panel.round).submitted(), public_id=public_id
    )
