"""The office's papers of the whole review: 评审工作方案, 请示, 告知书, 会议材料, 专家抽取记录."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from applications.forms.desks import add_refusals
from applications.moves import StepRefused
from applications.paper_bundles import safe_name
from award_portal.lib import clock
from awards.parameters import rulebook_for
from documents.models import IssuedDocument
from documents.registers import attachment, register_response, registers_response
from organizations.once import once_only

from ..forms.packs import WorkPlanForm
from ..meeting_pack import meeting_pack, pack_pdf, pack_zip
from ..models import Meeting, Panel
from ..outcome_notices import issue_outcome_notices, waiting_for_notice
from ..registers import draw_registers, expert_register
from ..requesting import issue_approval_request, request_blockers
from ..work_plan import draft_plan, issue_plan, planned_rows
from .desk import office_panel, office_round, require_office_desk
from .meetings import office_meeting

KINDS = ("review_plan", "approval_request")


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def packs(request: HttpRequest, round_id: uuid.UUID) -> HttpResponse:
    """Everything the office lays before others in one round: what is issued, what can be, and why not yet."""
    round = office_round(request, round_id)
    actions: dict[str, Callable[[], str]] = {
        "request": lambda: f"{issue_approval_request(round, by=request.user, at=clock.now()).title}已出具。",  # type: ignore[arg-type]
        "notices": lambda: f"已出具告知书{len(issue_outcome_notices(round, by=request.user, at=clock.now()))}件。",  # type: ignore[arg-type]
    }
    refused = []
    action = actions.get(request.POST.get("action", ""))
    if action is not None:
        try:
            messages.success(request, action())
            return redirect("reviews:packs", round_id)
        except StepRefused as stopped:
            refused = stopped.blockers
    book = rulebook_for(round)
    issued = IssuedDocument.objects.filter(chain=round.chain, kind__in=KINDS).order_by("-pk")
    context: dict[str, Any] = {
        "round": round, "book": book, "refused": refused, "blockers": request_blockers(round),
        "plan_label": book.instrument("review_plan") if book.has_instrument("review_plan") else "",
        "request_label": book.instrument("approval_request") if book.has_instrument("approval_request") else "",
        "plans": [one for one in issued if one.kind == "review_plan"],
        "requests": [one for one in issued if one.kind == "approval_request"],
        "waiting": waiting_for_notice(round),
        "meetings": Meeting.objects.filter(round=round).order_by("-held_on", "-pk"),
        "panels": Panel.objects.filter(round=round).with_round().order_by("pk"),
        "approver": book.approver.name,
    }  # fmt: skip
    return render(request, "reviews/packs/packs.html", context, status=409 if refused else 200)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def work_plan(request: HttpRequest, round_id: uuid.UUID) -> HttpResponse:
    """The 评审工作方案: the draft, or the last one issued, edited and issued; nothing typed is lost."""
    round = office_round(request, round_id)
    last = IssuedDocument.objects.filter(chain=round.chain, kind="review_plan").order_by("-pk").first()
    initial = draft_plan(round) | (last.content.get("keys", {}) if last else {})
    form = WorkPlanForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            paper = issue_plan(round, form.cleaned_data, by=request.user, at=clock.now())  # type: ignore[arg-type]
            messages.success(request, f"{paper.title}已出具。")
            return redirect("reviews:packs", round_id)
        except StepRefused as stopped:
            add_refusals(form, stopped)
    context = {"round": round, "form": form, "rows": planned_rows(round), "last": last}
    return render(request, "reviews/packs/work_plan.html", context, status=422 if form.errors else 200)


@login_required
@never_cache
@require_GET
def meeting_materials(request: HttpRequest, meeting_id: uuid.UUID) -> HttpResponse:
    """会议材料 as one PDF to print, or with `?format=zip` as a file for each part."""
    meeting = office_meeting(request, meeting_id)
    try:
        parts = meeting_pack(meeting, at=clock.now())
    except StepRefused as stopped:
        messages.error(request, str(stopped))
        return redirect("reviews:packs", meeting.round.public_id)
    name = safe_name(f"{meeting.title}会议材料")
    if request.GET.get("format") == "zip":
        return attachment(pack_zip(parts), f"{name}.zip", "application/zip")
    return attachment(pack_pdf(parts), f"{name}.pdf", "application/pdf", inline=True)


@login_required
@never_cache
@require_GET
def draws(request: HttpRequest, panel_id: uuid.UUID) -> HttpResponse:
    """专家抽取记录 of one panel, for the witness to sign."""
    registers = draw_registers(office_panel(request, panel_id))
    return registers_response(registers, request.GET.get("format", "pdf"), at=clock.now())


@login_required
@never_cache
@require_GET
def experts_export(request: HttpRequest) -> HttpResponse:
    require_office_desk(request)
    register = expert_register(request.user)  # type: ignore[arg-type]
    return register_response(register, request.GET.get("format", ""), at=clock.now())
