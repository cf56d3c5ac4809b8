"""The office's pages of a review stage: the board, forming the panel by lot, its readers, the panel's opinion."""

from __future__ import annotations

import uuid
from collections import Counter
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from applications.forms.desks import add_refusals
from applications.moves import StepRefused
from award_portal.lib import clock
from awards.parameters import rulebook_for
from awards.workdays import CalendarMissing
from organizations.models import User
from organizations.once import once_only

from ..board import panel_rows, review_board
from ..conflict_board import lines_of
from ..conflicts import findings_between
from ..forms.panels import AssignForm, DrawMoreForm, FormPanelForm, PanelSettingsForm
from ..models import Expert, Recusal
from ..panel_places import groups_of
from ..panels import (
    add_members,
    appoint_chair,
    candidates_of,
    current_members,
    fields_of,
    form_panel,
    free_experts,
    planned_due,
    seated_elsewhere,
    set_due,
)
from ..readers import assign_readers
from ..reserve import standing_reserve
from .desk import asked_group, office_panel, office_round, require_office_desk
from .drawing import left_out, people_of_kind


@login_required
@never_cache
@require_GET
def panels(request: HttpRequest) -> HttpResponse:
    """评审组织: every review stage of the office's rounds and how far it is."""
    require_office_desk(request)
    user: Any = request.user
    context = {"rows": review_board(user), "asked": Recusal.objects.of_office(user).waiting().count()}
    return render(request, "reviews/panels/board.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def new_panel(request: HttpRequest, round_id: uuid.UUID, stage: str) -> HttpResponse:
    """Draw a panel and its reserve by lot, so many of each field, witnessed."""
    round, user = office_round(request, round_id), cast(User, request.user)
    book = rulebook_for(round)
    if stage not in book.review_states:
        raise Http404
    rule = book.review(stage)
    group = asked_group(request, round, stage)
    if group is None and groups_of(round, stage):
        return redirect("reviews:panel_groups", round_id, stage)
    try:
        due_on = planned_due(round, stage, clock.now())
    except CalendarMissing as missing:
        messages.warning(request, str(missing))
        due_on = None
    applications = candidates_of(round, stage, group)
    free, excluded = free_experts(round, applications, until=due_on, seated=seated_elsewhere(round, stage))
    there = Counter(name for one in free for name in fields_of(one))
    fields = sorted(there)
    initial = {"size": rule.panel_min.value, "due_on": due_on, "reserve": 2}
    form = FormPanelForm(request.POST or None, fields=fields, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            panel = form_panel(
                round, stage=stage, group=group, size=data["size"], reserve=data["reserve"] or 0, quotas=form.quotas,
                seed=data["seed"], witness=data["witness"], due_on=data["due_on"], by=user, at=clock.now(),
            )  # fmt: skip
            messages.success(request, "评审组已抽取组建。")
            return redirect("reviews:panel", panel.public_id)
        except StepRefused as refused:
            add_refusals(form, refused)
    asked = findings_between(free, applications)
    context = {
        "asked": [one for one in lines_of(free, applications, asked) if one.is_question],
        "form": form, "round": round, "stage": stage, "group": group, "label": book.label(stage),
        "panel_min": rule.panel_min.value,
        "ground": book.ground(rule.panel_min), "free": len(free), "excluded": left_out(round, excluded),
        "rows": [(name, there[name], *form.of_field(number)) for number, name in enumerate(fields)],
        "submit_label": "抽取评审组", "recusal_ground": book.recusal_ground, "noun": book.noun,
        "watchers": people_of_kind(round, "supervisor"), "judged": applications if group else [],
    }  # fmt: skip
    return render(request, "reviews/panels/new_panel.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def panel(request: HttpRequest, panel_id: uuid.UUID) -> HttpResponse:
    """The panel: members and reserve, readers and their progress, the records of every draw."""
    one = office_panel(request, panel_id)
    members = current_members(one)
    rule = rulebook_for(one.round).review(one.stage)
    action = request.POST.get("action", "")
    pool = Expert.objects.active().of_scheme(one.round.scheme.key)
    fields = sorted(set(pool.order_by().values_list("field", flat=True)))
    first = {"readers": rule.readers_min.value, "limit": one.load_limit}
    forms: dict[str, Any] = {
        "assign": AssignForm(_if(request, action, "assign"), initial=first),
        "more": DrawMoreForm(_if(request, action, "more"), fields=fields),
        "settings": PanelSettingsForm(
            _if(request, action, "settings"), members=members,
            initial={"due_on": one.due_on, "chair": str(one.chair.public_id)},
        ),
    }  # fmt: skip
    form = forms.get(action)
    if form is not None and form.is_valid():
        try:
            messages.success(request, _carry_out(one, action, form.cleaned_data, by=request.user))
            return redirect("reviews:panel", panel_id)
        except StepRefused as refused:
            add_refusals(form, refused)
    rows = panel_rows(one)
    context = {
        "panel": one, "rows": rows, "rule": rule, "forms": forms,
        "seats": one.members.select_related("expert__user", "replaces__user").order_by("pk"),
        "reserve": standing_reserve(one),
        "draws": one.draws.order_by("pk"),
        "moved": one.assignments.handed_over().order_by("pk"),
        "is_working": not rows or any(row.application.state == one.stage for row in rows),
        "failed": form if form is not None and form.errors else None,
        "has_sessions": rule.session_minutes.value is not None,
    }  # fmt: skip
    return render(request, "reviews/panels/panel.html", context)


def _if(request: HttpRequest, action: str, name: str) -> Any:
    return request.POST if action == name else None


def _carry_out(panel: Any, action: str, data: dict[str, Any], *, by: Any) -> str:
    at = clock.now()
    if action == "assign":
        made = assign_readers(panel, readers=data["readers"], limit=data["limit"] or 0, seed=data["seed"], by=by, at=at)
        return f"已分配{len(made)}份评审任务，已通知专家。"
    if action == "more":
        drawn = add_members(
            panel, count=data["count"], field=data["field"], seed=data["seed"], witness=data["witness"], by=by, at=at
        )
        return f"已增补{len(drawn)}名专家。"
    if data["due_on"] != panel.due_on:
        set_due(panel, due_on=data["due_on"], by=by, at=at)
    chair = next(one for one in current_members(panel) if str(one.public_id) == data["chair"])
    if chair.pk != panel.chair_id:
        appoint_chair(panel, expert=chair, by=by, at=at)
    return "已保存。"
