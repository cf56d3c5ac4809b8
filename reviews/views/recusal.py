"""Recusal at pages: the expert's own, the office's order, the applicant's request and the office's decision (U23)."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from applications.forms.desks import add_refusals
from applications.models import Application
from applications.moves import StepRefused
from award_portal.lib import clock
from awards.models import Round
from organizations.files import UploadRefused, serve_file, store_upload
from organizations.once import once_only

from ..forms.panels import AskRecusalForm, DecideRecusalForm, RecuseForm
from ..late_conflicts import late_conflicts_of_office
from ..member_conflicts import recuse_all_found
from ..models import Assignment, Recusal
from ..recusal import ask_recusal, decide_recusal, order_recusal, recuse_oneself
from .desk import require_office_desk
from .meetings import office_meeting
from .scoring import own_assignment


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def recuse_self(request: HttpRequest, assignment_id: uuid.UUID) -> HttpResponse:
    assignment = own_assignment(request, assignment_id)
    return _recuse(request, assignment, recuse_oneself, "reviews:mine")


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def recuse_by_order(request: HttpRequest, assignment_id: uuid.UUID) -> HttpResponse:
    user: Any = request.user
    ours = Assignment.objects.active().filter(panel__round__in=Round.objects.visible_to(user)).with_names()
    assignment = get_object_or_404(ours, public_id=assignment_id)
    return _recuse(request, assignment, order_recusal, "reviews:panel", assignment.panel.public_id)


def _recuse(request: HttpRequest, assignment: Assignment, carry_out: Any, back: str, *args: Any) -> HttpResponse:
    form = RecuseForm(request.POST or None, book=assignment.application.rulebook)
    if request.method == "POST" and form.is_valid():
        try:
            carry_out(assignment, by=request.user, at=clock.now(), **form.cleaned_data)
            messages.success(request, "回避已生效，阅卷授权已收回。")
            return redirect(back, *args)
        except StepRefused as refused:
            add_refusals(form, refused)
    context = {
        "form": form, "assignment": assignment, "submit_label": "确认回避", "by_office": carry_out is order_recusal,
        "cite": assignment.application.rulebook.recusal_ground,
    }  # fmt: skip
    return render(request, "reviews/panels/recuse.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def ask(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """An applicant asks, with evidence, that an expert step back from its own application."""
    user: Any = request.user
    own = Application.objects.of_applicant(user).submitted().with_names()
    application = get_object_or_404(own, public_id=public_id)
    form = AskRecusalForm(request.POST or None, request.FILES or None, book=application.rulebook)
    if request.method == "POST" and form.is_valid():
        data, at = form.cleaned_data, clock.now()
        try:
            with transaction.atomic():
                proof = store_upload(data.pop("proof"), purpose="recusal_proof", by=user, at=at)
                ask_recusal(application, proof=proof, by=user, at=at, **data)
            messages.success(request, "回避申请已提交办公室。")
            return redirect("applications:overview", public_id)
        except UploadRefused as refused:
            form.add_error("proof", refused.message)
        except StepRefused as refused:
            add_refusals(form, refused)
    book = application.rulebook
    ground = book.ground(book.recusal.on_request) if book.recusal.on_request else book.recusal_ground
    context = {"form": form, "application": application, "ground": ground, "noun": book.noun}
    return render(request, "reviews/panels/ask_recusal.html", context)


@login_required
@never_cache
@require_POST
@once_only
def recuse_members(request: HttpRequest, meeting_id: uuid.UUID) -> HttpResponse:
    """The one button of the meeting's page: every member found tied to a name is recused from it."""
    one, user = office_meeting(request, meeting_id), request.user
    try:
        count = recuse_all_found(one, by=user, at=clock.now())  # type: ignore[arg-type]
        messages.success(request, f"已登记{count}项回避。")
    except StepRefused as refused:
        messages.error(request, str(refused))
    return redirect("reviews:meeting", meeting_id)


@login_required
@never_cache
@require_GET
def recusals(request: HttpRequest) -> HttpResponse:
    """Every recusal of the office's rounds, the undecided first."""
    require_office_desk(request)
    rows = Recusal.objects.of_office(request.user).select_related(  # type: ignore[arg-type]
        "application__organization", "expert__user", "replacement__user"
    ).order_by("decided_at", "-asked_at")  # fmt: skip
    waiting = [one for one in rows if one.state == Recusal.State.ASKED]
    decided = [one for one in rows if one.state != Recusal.State.ASKED]
    late = late_conflicts_of_office(request.user)  # type: ignore[arg-type]
    return render(request, "reviews/panels/recusals.html", {"waiting": waiting, "decided": decided, "late": late})


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def decide(request: HttpRequest, recusal_id: uuid.UUID) -> HttpResponse:
    recusal = _ours(request, recusal_id)
    stage = recusal.application.state
    assignments = list(Assignment.objects.of_stage(recusal.application, stage).with_names())
    form = DecideRecusalForm(request.POST or None, assignments=assignments)
    if request.method == "POST" and form.is_valid():
        chosen = next((one for one in assignments if str(one.public_id) == form.cleaned_data["assignment"]), None)
        try:
            decide_recusal(
                recusal, assignment=chosen, decision=form.cleaned_data["decision"], by=request.user, at=clock.now()
            )  # type: ignore[arg-type]
            messages.success(request, "已决定，并已告知申请人。")
            return redirect("reviews:recusals")
        except StepRefused as refused:
            add_refusals(form, refused)
    grounds = {one.key: one.text for one in recusal.application.rulebook.recusal.grounds}
    context = {"form": form, "recusal": recusal, "ground": grounds.get(recusal.ground, ""), "submit_label": "作出决定"}
    return render(request, "reviews/panels/decide_recusal.html", context)


@login_required
@never_cache
@require_GET
def recusal_proof(request: HttpRequest, recusal_id: uuid.UUID) -> HttpResponse:
    return serve_file(_ours(request, recusal_id).proof, inline=True)


def _ours(request: HttpRequest, recusal_id: uuid.UUID) -> Recusal:
    rows = Recusal.objects.of_office(request.user).exclude(proof=None)  # type: ignore[arg-type]
    return get_object_or_404(
        rows.select_related("application__organization", "application__round__edition", "application__round__office",
                            "application__round__scheme", "proof", "expert__user"),
        public_id=recusal_id,
    )  # fmt: skip
