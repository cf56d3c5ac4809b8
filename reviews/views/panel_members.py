"""The office's page of a panel's members: who has answered, who has signed, who is reminded."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from applications.moves import StepRefused
from award_portal.lib import clock
from awards.parameters import rulebook_for
from organizations.once import once_only

from ..invitations import remind_invited
from ..models import Panel, Pledge
from ..pledges import pledge_title
from .desk import office_panel


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def panel_members(request: HttpRequest, panel_id: uuid.UUID) -> HttpResponse:
    """Invitations and pledges of a panel, and reminding those who have not answered."""
    panel, user = office_panel(request, panel_id), request.user
    action = request.POST.get("action", "")
    refused: list[Any] = []
    try:
        if action == "remind":
            count = remind_invited(panel, by=user, at=clock.now())  # type: ignore[arg-type]
            messages.success(request, f"已提醒{count}人。")
            return redirect("reviews:panel_members", panel_id)
    except StepRefused as stopped:
        refused = stopped.blockers
    rows = member_rows(panel)
    context = {
        "panel": panel, "rows": rows, "refused": refused,
        "waiting": sum(1 for one in rows if one["state"] == "sent"),
        "pledge_title": pledge_title(rulebook_for(panel.round)),
    }  # fmt: skip
    return render(request, "reviews/experts/panel_members.html", context, status=409 if refused else 200)


def member_rows(panel: Panel) -> list[dict[str, Any]]:
    """Everybody who is or was on the panel; two queries for any number."""
    members = panel.members.select_related("expert__user", "invitation").order_by("left_at", "pk")
    signed = {
        one.expert_id: one
        for one in Pledge.objects.filter(round=panel.round, expert__memberships__panel=panel).select_related("document")
    }
    rows = []
    for one in members:
        invitation = getattr(one, "invitation", None)
        state = "left" if one.left_at and (invitation is None or invitation.state != "declined") else ""
        rows.append(
            {
                "member": one, "invitation": invitation, "pledge": signed.get(one.expert_id),
                "state": state or (invitation.state if invitation else "accepted"),
                "is_chair": one.expert_id == panel.chair_id,
            }
        )  # fmt: skip
    return rows
