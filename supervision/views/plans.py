"""Pages of the promotion plan: activities to come, who is asked to them, and what they filed."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from applications.desk_rules import DeskRefused
from award_portal.lib import clock
from organizations.once import once_only

from ..forms import beside
from ..plan_forms import CancelForm, PlanForm
from ..plan_sharing import awards_to_invite, cancel_activity, plan_activity, planning_units, plans_seen_by
from ..watching import own_awards


@login_required
@require_GET
def plans(request: HttpRequest) -> HttpResponse:
    """Activities planned, those to come first by their day."""
    user: Any = request.user
    page = Paginator(plans_seen_by(user), 30).get_page(request.GET.get("page"))
    context = {"page_obj": page, "may_plan": planning_units(user).exists(), "today": clock.today()}
    return render(request, "supervision/plans.html", context)


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def new_plan(request: HttpRequest) -> HttpResponse:
    """Plan an activity and ask winners to it."""
    user: Any = request.user
    units = planning_units(user)
    if not units.exists():
        raise PermissionDenied
    form = PlanForm(request.POST or None, units=units, awards=awards_to_invite(user))
    if request.method == "POST" and form.is_valid():
        try:
            plan = plan_activity(**form.cleaned_data, by=user, at=clock.now())
        except DeskRefused as refused:
            beside(form, refused)
        else:
            messages.success(request, "已列入推广计划，并通知参加的获奖者。")
            return redirect("supervision:plan", plan.public_id)
    return render(request, "supervision/new_plan.html", {"form": form}, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def plan(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One activity: who is asked, who filed what; the unit that planned it calls it off."""
    user: Any = request.user
    found = get_object_or_404(plans_seen_by(user), public_id=public_id)
    plans_it = planning_units(user).filter(pk=found.unit_id).exists()
    form = CancelForm(request.POST or None)
    if request.method == "POST":
        if not plans_it:
            raise Http404
        form = CancelForm(request.POST)
        if form.is_valid():
            try:
                cancel_activity(found, because=form.cleaned_data["because"], by=user, at=clock.now())
            except DeskRefused as refused:
                beside(form, refused)
            else:
                messages.success(request, "活动已取消，并通知参加的获奖者。")
                return redirect("supervision:plan", public_id)
    own = set(own_awards(user).values_list("pk", flat=True))
    invited = found.invitations.select_related("award", "record")
    # a winner reads its own line, not who else was asked
    shown = invited if plans_it or not own else invited.filter(award__in=own)
    context = {
        "plan": found, "form": form, "invited": shown, "own": own, "today": clock.today(),
        "may_cancel": plans_it and found.cancelled_at is None and found.held_on >= clock.today(),
    }  # fmt: skip
    return render(request, "supervision/plan.html", context, status=422 if form.errors else 200)
