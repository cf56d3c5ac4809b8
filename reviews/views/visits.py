"""On-site visits at their pages: the office's plans, the calendar of the review, the applicant's own page."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from applications.forms.desks import add_refusals
from applications.models import Application
from applications.moves import StepRefused
from applications.pipeline import State
from applications.rules import works_in
from award_portal.lib import clock
from awards.parameters import rulebook_for
from documents.registers import attachment, register_response
from organizations.once import once_only

from ..forms.visits import AcknowledgeForm, AnotherDayForm, PlanForm, ProgrammeForm
from ..models import Visit
from ..panel_places import judged_by
from ..panels import current_members
from ..review_calendar import entries, month_of
from ..review_notices import notice_to
from ..visit_papers import record_pdf, visit_register
from ..visiting import acknowledge_record
from ..visits import (
    ask_another_day,
    cite_of,
    confirm_plan,
    leads_visit,
    may_see_visit,
    plan_visit,
    set_programme,
    team_of,
)
from .desk import office_panel, office_round
from .invitations import answer_first


@login_required
@never_cache
@require_GET
def review_calendar(request: HttpRequest, round_id: uuid.UUID) -> HttpResponse:
    """Every session and visit of the round across its panels, a month at a time and as a list."""
    round = office_round(request, round_id)
    rows = entries(round)
    month = month_of(rows, request.GET.get("month", ""), today=clock.today())
    listed = [one for one in rows if (one.day.year, one.day.month) == (month.first.year, month.first.month)]
    context = {"round": round, "month": month, "rows": listed, "all": rows, "today": clock.today()}
    return render(request, "reviews/visits/calendar.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def visits(request: HttpRequest, panel_id: uuid.UUID) -> HttpResponse:
    """The on-site panel's visits, how far each is, and planning another."""
    panel = office_panel(request, panel_id)
    if panel.stage != State.ONSITE_REVIEW:
        raise Http404
    planned = Visit.objects.standing().filter(panel=panel).values("application")
    waiting = judged_by(panel).exclude(pk__in=planned)
    form = PlanForm(
        request.POST or None, waiting=list(waiting.with_names().order_by("pk")), members=current_members(panel)
    )
    if request.method == "POST" and form.is_valid():
        chosen = form.waiting[form.cleaned_data["application"]]
        try:
            made = plan_visit(panel, chosen, by=request.user, at=clock.now(), **form.chosen)  # type: ignore[arg-type]
            messages.success(request, "日程已拟定，请核对后送达。")
            return redirect("reviews:visit", made.public_id)
        except StepRefused as refused:
            add_refusals(form, refused)
    rows = panel.visits.with_names().prefetch_related("members__expert__user")
    book = rulebook_for(panel.round)
    context = {"panel": panel, "form": form, "rows": rows, "ground": book.ground(book.stage(panel.stage))}
    return render(request, "reviews/visits/visits.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def programme(request: HttpRequest, visit_id: uuid.UUID) -> HttpResponse:
    """The 日程 row by row, for the office and the visit's leader."""
    one = seen_visit(request, visit_id)
    user: Any = request.user
    if not works_in(user, one.panel.round.office) and not leads_visit(one, user):
        raise Http404
    if first := pledge_first(request, one):
        return first
    form = ProgrammeForm(request.POST or None, visit=one)
    if request.method == "POST" and form.is_valid():
        try:
            set_programme(one, stops=form.stops, by=user, at=clock.now())
            messages.success(request, "日程已保存。")
            return redirect("reviews:visit", visit_id)
        except StepRefused as refused:
            add_refusals(form, refused)
    return render(request, "reviews/visits/programme.html", {"visit": one, "form": form, "ground": cite_of(one)})


@login_required
@never_cache
@require_GET
def visits_export(request: HttpRequest, round_id: uuid.UUID) -> HttpResponse:
    """Every visit of the round as a workbook or to print."""
    register = visit_register(office_round(request, round_id))
    return register_response(register, request.GET.get("format", ""), at=clock.now())


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def own_visit(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The applicant's page: the plan to confirm or to ask another day for, the closing record to acknowledge."""
    one, application = own_visit_of(request, public_id)
    user: Any = request.user
    action, at = request.POST.get("action", ""), clock.now()
    another = AnotherDayForm(request.POST if action == "another" else None)
    acknowledge = AcknowledgeForm(request.POST if action == "acknowledge" else None)
    failing: Any = acknowledge if action == "acknowledge" else another
    try:
        if action == "confirm":
            confirm_plan(one, by=user, at=at)
            messages.success(request, "日程已确认。")
            return redirect("reviews:own_visit", public_id)
        if action == "another" and another.is_valid():
            ask_another_day(one, by=user, at=at, **another.cleaned_data)
            messages.success(request, "请求已送办公室。")
            return redirect("reviews:own_visit", public_id)
        if action == "acknowledge" and acknowledge.is_valid():
            acknowledge_record(one, note=acknowledge.cleaned_data["note"], by=user, at=at)
            messages.success(request, "末次会议记录已确认。")
            return redirect("reviews:own_visit", public_id)
    except StepRefused as refused:
        if not failing.is_bound:
            for blocker in refused.blockers:
                messages.error(request, str(blocker))
            return redirect("reviews:own_visit", public_id)
        add_refusals(failing, refused)
    context = {
        "application": application, "visit": one, "another": another, "acknowledge": acknowledge, "failing": failing,
        "notice": notice_to(application, one),
        "team": team_of(one), "stops": one.stops.all(), "replies": one.replies.all(), "ground": cite_of(one),
        "findings": one.findings.prefetch_related("photos__file") if one.closed_at else [],
        "may_answer": one.sent_at and not one.closed_at and at < clock.day_start(one.starts_on),
    }  # fmt: skip
    return render(request, "reviews/visits/own_visit.html", context)


@login_required
@never_cache
@require_GET
def own_record(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The signed closing record for the applicant to print and seal."""
    one, _ = own_visit_of(request, public_id)
    if one.closed_at is None:
        raise Http404
    return attachment(record_pdf(one, at=clock.now()), "末次会议记录.pdf", "application/pdf", inline=True)


def own_visit_of(request: HttpRequest, public_id: uuid.UUID) -> tuple[Visit, Application]:
    """The visit to the person's own application once its plan was sent, or 404."""
    user: Any = request.user
    application = get_object_or_404(
        Application.objects.of_applicant(user).submitted().with_names(), public_id=public_id
    )
    sent = Visit.objects.standing().filter(application=application, sent_at__isnull=False).with_names()
    return get_object_or_404(sent.order_by("-pk")[:1]), application


def pledge_first(request: HttpRequest, visit: Visit) -> HttpResponse | None:
    """Where a member of the team goes before a page of the visit opens: the invitation, the pledge (U22, U23)."""
    user: Any = request.user
    member = next((one for one in team_of(visit) if one.user_id == user.pk), None)
    return answer_first(request, member, visit.panel) if member else None


def seen_visit(request: HttpRequest, visit_id: uuid.UUID) -> Visit:
    """A visit of the person's office, or of a team the person is on now; else it is not there."""
    one = get_object_or_404(Visit.objects.with_names(), public_id=visit_id)
    if not may_see_visit(one, request.user):  # type: ignore[arg-type]
        raise Http404
    return one
