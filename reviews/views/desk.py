"""What the review's pages ask first: whose panel, whose round; anything else is not there."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from applications.models import Application
from awards.models import Round
from organizations.models import Unit

from ..models import Panel, PanelGroup
from ..panel_places import groups_of, own_applications


def office_panel(request: HttpRequest, panel_id: uuid.UUID) -> Panel:
    """A panel of the person's own office, or 404."""
    user: Any = request.user
    return get_object_or_404(Panel.objects.of_office(user).with_round(), public_id=panel_id)


def office_round(request: HttpRequest, round_id: uuid.UUID) -> Round:
    user: Any = request.user
    rounds = Round.objects.visible_to(user).published().select_related("scheme", "edition", "office")
    return get_object_or_404(rounds, public_id=round_id)


def asked_group(request: HttpRequest, round: Round, stage: str) -> PanelGroup | None:
    """The group of a divided stage named by `?group=`, or 404; None where none is named."""
    named = request.GET.get("group", "")
    if not named:
        return None
    found = [one for one in groups_of(round, stage) if str(one.public_id) == named]
    if not found:
        raise Http404
    return found[0]


def require_office_desk(request: HttpRequest) -> list[Unit]:
    user: Any = request.user
    offices = list(Unit.objects.of_user(user).of_kind("office"))
    if not offices:
        raise Http404
    return offices


def application_of(panel: Panel, public_id: uuid.UUID) -> Application:
    """An application the panel judges or judged, or 404: of several panels of a stage, each has its own."""
    return get_object_or_404(own_applications(panel.round, panel.group).with_names().submitted(), public_id=public_id)
