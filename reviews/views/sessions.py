"""Defense sessions and on-site visits: schedule, sign-in, lots, minutes."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from applications.forms.desks import add_refusals
from applications.models import Application
from applications.moves import StepRefused
from applications.rules import works_in
from award_portal.lib import clock
from awards.models import Round
from awards.parameters import rulebook_for
from organizations.once import once_only

from ..forms.panels import LotsForm, MinutesForm, SessionForm
from ..models import Session, SessionSlot
from ..panels import current_members
from ..sessions import draw_lots, leads, schedule_session, sign_in, write_minutes
from .desk import office_panel


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def sessions(request: HttpRequest, panel_id: uuid.UUID) -> HttpResponse:
    """The panel's schedule, and adding to it."""
    panel = office_panel(request, panel_id)
    placed = SessionSlot.objects.filter(session__panel=panel).values("application")
    waiting = Application.objects.filter(round=panel.round, state=panel.stage).exclude(pk__in=placed)
    form = SessionForm(
        request.POST or None, waiting=list(waiting.select_related("organization", "round").order_by("pk")),
        members=current_members(panel), initial={"leader": str(panel.chair.public_id)},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            made = schedule_session(panel, by=request.user, at=clock.now(), **form.chosen)  # type: ignore[arg-type]
            messages.success(request, f"场次已安排，已通知{rulebook_for(panel.round).noun}和评审组。")
            return redirect("reviews:session", made.public_id)
        except StepRefused as refused:
            add_refusals(form, refused)
    rows = panel.sessions.select_related("leader__user").prefetch_related("slots__application__organization")
    minutes = rulebook_for(panel.round).review(panel.stage).session_minutes.value
    context = {"panel": panel, "form": form, "rows": rows, "minutes": minutes}
    return render(request, "reviews/panels/sessions.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def session(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    """One session or visit: who has arrived, in what turn, and what was minuted. Its leader writes the minutes too."""
    user: Any = request.user
    theirs = Q(panel__round__in=Round.objects.visible_to(user)) | Q(leader__user=user)
    one = get_object_or_404(
        Session.objects.filter(theirs).select_related(
            "panel__round__scheme", "panel__round__edition", "panel__round__office", "leader__user"
        ),
        public_id=session_id,
    )
    by_office = works_in(user, one.panel.round.office)
    if not by_office and not leads(one, user):
        raise Http404
    slots = list(one.slots.select_related("application__organization"))
    action = request.POST.get("action", "")
    lots = LotsForm(request.POST if action == "lots" else None)
    minutes = MinutesForm(request.POST if action == "minutes" else None, initial={"minutes": one.minutes})
    failing: Any = minutes if action == "minutes" else lots
    try:
        if action.startswith("sign-"):
            slot = next((each for each in slots if f"sign-{each.application.public_id}" == action), None)
            if slot is not None:
                sign_in(one, slot.application, by=user, at=clock.now())
                return redirect("reviews:session", session_id)
        elif action == "lots" and lots.is_valid():
            draw_lots(one, by=user, at=clock.now(), **lots.cleaned_data)
            messages.success(request, "抽签完成。")
            return redirect("reviews:session", session_id)
        elif action == "minutes" and minutes.is_valid():
            write_minutes(one, minutes=minutes.cleaned_data["minutes"], by=user, at=clock.now())
            messages.success(request, "记录已保存。")
            return redirect("reviews:session", session_id)
    except StepRefused as refused:
        if not failing.is_bound:
            for blocker in refused.blockers:
                messages.error(request, str(blocker))
            return redirect("reviews:session", session_id)
        add_refusals(failing, refused)
    rule = rulebook_for(one.panel.round).review(one.panel.stage)
    context = {
        "session": one, "panel": one.panel, "slots": slots, "lots": lots, "minutes": minutes, "failing": failing,
        "by_office": by_office, "by_lot": rule.order_by_lot.value,
        "signed": any(each.signed_in_at for each in slots),
    }  # fmt: skip
    return render(request, "reviews/panels/session.html", context)
