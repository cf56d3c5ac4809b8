"""The page where a desk examines an application: the frozen dossier beside the checklist, and the decisions."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from award_portal.lib import clock
from awards.workdays import CalendarMissing
from organizations.files import UploadRefused, serve_file, store_upload
from organizations.once import once_only

from ..checking import check_by_machine
from ..checklists import checklist_of, checklist_rows, save_checklist, sign_checklist, unsign_checklist
from ..consents import leg_rows
from ..consulting import went_on
from ..corrections import STEPS, return_for_correction
from ..desk_rules import EXAMINED, may_examine
from ..dossier_layout import file_groups, lay_out
from ..forms.desks import ChecklistForm, CreditCheckForm, DecisionForm, ReturnForm, SettleForm, add_refusals
from ..models import Application, ConsultationReply, CreditCheck, RecommendationOpinion
from ..moves import StepRefused, blockers
from ..pipeline import State, steps_of
from ..qualifying import accept, reject
from ..reading import readable_dossier
from ..recommending import clear_review, decline
from ..rules import works_in
from ..settling import is_settled, record_credit_check, settle_finding

PASS = {State.RECOMMENDATION_REVIEW: "clear_review", State.QUALIFICATION: "accept"}
REFUSE = {
    State.RECOMMENDATION_REVIEW: "decline",
    State.RECOMMENDATION_PUBLICITY: "decline",
    State.RECOMMENDATION: "decline",
    State.QUALIFICATION: "reject",
    State.ACCEPTANCE_PUBLICITY: "reject",
}


def desk_application(request: HttpRequest, public_id: uuid.UUID) -> Application:
    """A submitted application of the person's own desks, or 404."""
    application = get_object_or_404(Application.objects.submitted().with_names(), public_id=public_id)
    if not is_desk_of(request, application):
        raise Http404
    return application


def is_desk_of(request: HttpRequest, application: Application) -> bool:
    user: Any = request.user
    own = application.recommender is not None and works_in(user, application.recommender)
    return own or works_in(user, application.round.office)


@login_required
@never_cache
@require_GET
def examine(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    application = desk_application(request, public_id)
    return render(request, "applications/desks/examine.html", examination(request, application))


def examination(request: HttpRequest, application: Application, **replaced: Any) -> dict[str, Any]:
    """Everything the page shows; `replaced` puts a form with its errors in place of a fresh one."""
    now, user = clock.now(), request.user
    stage = stage_shown(application, user)
    active = application.state == stage and may_examine(user, application, stage)  # type: ignore[arg-type]
    readable = readable_dossier(application, user=user, at=now)  # type: ignore[arg-type]
    checklist = checklist_of(application, stage)
    rows = checklist_rows(application, stage)
    can_refuse = application.state in REFUSE and not blockers(
        application, REFUSE[State(application.state)], by=user, at=now
    )  # type: ignore[arg-type]
    context = {
        "application": application,
        "stage": stage,
        "stage_label": application.rulebook.label(stage),
        "active": active,
        "readable": readable,
        "parts": lay_out(readable) if readable else [],
        "files": file_groups(readable) if readable else [],
        "checklist": checklist,
        "rows": rows,
        "signed_now": bool(checklist and checklist.signed_at),
        "findings": [(one, is_settled(one)) for one in application.findings.filter(stage=stage).order_by("pk")],
        "credit_checks": application.credit_checks.select_related("recorded_by", "screenshot"),
        "replies": replies_of(application, stage),
        "consultation": application.rulebook.consultation(stage),
        "legs": leg_rows(application),
        "earlier": earlier_work(application, stage),
        "corrections": application.corrections.select_related("document"),
        "entries": timeline_of(application),
        "pass_step": PASS[State(stage)],
        "pass_blockers": blockers(application, PASS[State(stage)], by=user, at=now) if active else [],  # type: ignore[arg-type]
        "return_blockers": blockers(application, STEPS[State(stage)], by=user, at=now, return_to=stage)
        if active
        else [],  # type: ignore[arg-type]
        "can_refuse": can_refuse,
        "refuse_label": application.rulebook.label(
            "not_accepted" if stage == State.QUALIFICATION else "not_recommended"
        ),
        "is_office": works_in(user, application.round.office),  # type: ignore[arg-type]
    }
    if active:
        context["form"] = ChecklistForm(rows=rows, initial=checklist_initial(checklist))
    return context | replaced


def timeline_of(application: Application) -> list[dict[str, Any]]:
    labels = {name: edges[0].custom["label"] for name, edges in steps_of(Application).items()}
    return [
        {
            "at": one.at,
            "what": labels.get(one.step, one.step),
            "who": one.by_label,
            "ground": one.ground,
            "cite": one.cite,
        }
        for one in application.steps.order_by("pk")
    ]


def stage_shown(application: Application, user: Any) -> str:
    """The examined stage whose page this is: the present one, the one a correction returns to, or the person's own."""
    for candidate in (application.state, application.return_to):
        if candidate in EXAMINED and may_examine(user, application, candidate):
            return candidate
    office = works_in(user, application.round.office)
    return State.QUALIFICATION if office else State.RECOMMENDATION_REVIEW


def checklist_initial(checklist: Any) -> dict[str, Any]:
    if checklist is None:
        return {"version": 0}
    names = ("opinion", "examiner", "reviewer", "approver", "version")
    return {name: getattr(checklist, name) for name in names}


def replies_of(application: Application, stage: str) -> list[tuple[ConsultationReply, bool]]:
    rows = ConsultationReply.objects.filter(application=application, consultation__stage=stage)
    return [(one, went_on(one)) for one in rows.select_related("consultation__department").order_by("pk")]


def earlier_work(application: Application, stage: str) -> dict[str, Any] | None:
    """What the recommender did, for the office: its checklist, its consultation and its opinion."""
    if stage != State.QUALIFICATION:
        return None
    review = State.RECOMMENDATION_REVIEW
    return {
        "checklist": checklist_of(application, review),
        "rows": checklist_rows(application, review),
        "replies": replies_of(application, review),
        "opinion": RecommendationOpinion.objects.filter(application=application).select_related("document").first(),
    }


def _on_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A POST of the examination page: what the desk refuses is told on the same page."""

    @login_required
    @require_POST
    @once_only
    def wrapper(request: HttpRequest, public_id: uuid.UUID, **kwargs: Any) -> HttpResponse:
        application = desk_application(request, public_id)
        try:
            return view(request, application, **kwargs)
        except StepRefused as refused:
            context = examination(request, application, refused=refused.blockers)
            return render(request, "applications/desks/examine.html", context, status=409)

    wrapper.__name__, wrapper.__doc__ = view.__name__, view.__doc__
    return wrapper


@_on_page
def run_machine_checks(request: HttpRequest, application: Application) -> HttpResponse:
    check_by_machine(application, stage=stage_shown(application, request.user), by=request.user, at=clock.now())
    messages.success(request, "系统核查已完成，请逐项核实。")
    return redirect("applications:examine", application.public_id)


@_on_page
def checklist(request: HttpRequest, application: Application) -> HttpResponse:
    """Save what there is, or save and sign; nothing typed is lost when either is refused."""
    stage, now = stage_shown(application, request.user), clock.now()
    if "unsign" in request.POST:
        unsign_checklist(application, stage=stage, by=request.user, at=now)
        messages.success(request, "已撤回签署，可以修改审核表。")
        return redirect("applications:examine", application.public_id)
    form = ChecklistForm(request.POST, rows=checklist_rows(application, stage))
    if form.is_valid():
        try:
            save_checklist(
                application, stage=stage, items=form.items, **form.signature,
                version=form.cleaned_data["version"], by=request.user, at=now,
            )  # fmt: skip
        except StepRefused as refused:
            add_refusals(form, refused)
        else:
            if "sign" not in request.POST:
                messages.success(request, "审核表已保存。")
                return redirect("applications:examine", application.public_id)
            try:
                sign_checklist(application, stage=stage, **form.signature, by=request.user, at=now)
                messages.success(request, "审核表已签署。")
                return redirect("applications:examine", application.public_id)
            except StepRefused as refused:
                # what was typed is saved; the page carries on from the version just stored
                saved = checklist_of(application, stage)
                form.data = typed = form.data.copy()
                typed["version"] = saved.version if saved else 0
                add_refusals(form, refused)
    context = examination(request, application, form=form)
    return render(request, "applications/desks/examine.html", context, status=409)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def settle(request: HttpRequest, public_id: uuid.UUID, check: str) -> HttpResponse:
    application = desk_application(request, public_id)
    stage = stage_shown(application, request.user)
    finding = get_object_or_404(application.findings, stage=stage, check_name=check)
    form = SettleForm(request.POST or None, initial={"settled_as": finding.settled_as, "note": finding.note})
    if request.method == "POST" and form.is_valid():
        try:
            settle_finding(finding, **form.cleaned_data, by=request.user, at=clock.now())
            messages.success(request, "核实结论已记录。")
            return redirect("applications:examine", application.public_id)
        except StepRefused as refused:
            add_refusals(form, refused)
    context = {"application": application, "finding": finding, "form": form, "submit_label": "记录核实结论"}
    return render(request, "applications/desks/settle.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def credit_check(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    application = desk_application(request, public_id)
    stage, now = stage_shown(application, request.user), clock.now()
    form = CreditCheckForm(request.POST or None, request.FILES or None, initial={"looked_on": now.date()})
    if request.method == "POST" and form.is_valid():
        try:
            upload = form.cleaned_data["screenshot"]
            stored = store_upload(upload, purpose="credit_check", by=request.user, at=now) if upload else None
            record_credit_check(
                application, stage=stage, site=form.site_name, looked_at=form.looked_at(now),
                is_clear=form.cleaned_data["is_clear"] == "yes", result=form.cleaned_data["result"],
                screenshot=stored, by=request.user, at=now,
            )  # fmt: skip
            messages.success(request, "信用核查记录已登记。")
            return redirect("applications:examine", application.public_id)
        except UploadRefused as refused:
            form.add_error("screenshot", refused.message)
        except StepRefused as refused:
            add_refusals(form, refused)
    context = {"application": application, "form": form}
    return render(request, "applications/desks/credit_check.html", context)


@login_required
@never_cache
@require_GET
def credit_screenshot(request: HttpRequest, public_id: uuid.UUID, check_id: uuid.UUID) -> HttpResponse:
    application = desk_application(request, public_id)
    check = get_object_or_404(CreditCheck.objects.exclude(screenshot=None), application=application, public_id=check_id)
    assert check.screenshot is not None
    return serve_file(check.screenshot, inline=True)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def pass_on(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Clear the review, or accept: the decision has a page that says what follows."""
    application = desk_application(request, public_id)
    stage, now = stage_shown(application, request.user), clock.now()
    step = PASS[State(stage)]
    found = blockers(application, step, by=request.user, at=now)  # type: ignore[arg-type]
    if request.method == "POST":
        try:
            (clear_review if step == "clear_review" else accept)(application, by=request.user, at=now)  # type: ignore[arg-type]
            messages.success(request, f"{application.organization}已通过，转入下一环节。")
            return redirect(queue_of(stage))
        except StepRefused as refused:
            found = refused.blockers
    book = application.rulebook
    context = {
        "application": application, "blockers": found, "stage_label": book.label(stage),
        "next_label": book.label(book.next_stage(stage)), "ground": book.ground(book.stage(stage)),
        "submit_label": "审核通过" if step == "clear_review" else f"{book.label(stage)}通过",
    }  # fmt: skip
    return render(request, "applications/desks/pass_on.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def return_application(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    application = desk_application(request, public_id)
    stage, now = stage_shown(application, request.user), clock.now()
    form = ReturnForm(request.POST or None, application=application)
    if request.method == "POST" and form.is_valid():
        try:
            return_for_correction(application, stage=stage, **form.cleaned_data, by=request.user, at=now)
            messages.success(request, "已退回补正，补正通知书已发出。")
            return redirect("applications:examine", application.public_id)
        except StepRefused as refused:
            add_refusals(form, refused)
        except CalendarMissing as missing:
            form.add_error(None, str(missing))
    found = blockers(application, STEPS[State(stage)], by=request.user, at=now, return_to=stage)  # type: ignore[arg-type]
    book = application.rulebook
    context = {
        "application": application, "form": form, "blockers": found, "submit_label": "退回补正",
        "days": book.correction.days.value, "days_ground": book.ground(book.correction.days),
        "overdue_ground": book.ground(book.correction.overdue),
    }  # fmt: skip
    return render(request, "applications/desks/return.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def refuse(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Decline to recommend, or to accept: with ground and article, told in writing."""
    application = desk_application(request, public_id)
    step = REFUSE.get(State(application.state))
    now = clock.now()
    stage = State.QUALIFICATION if step == "reject" else State.RECOMMENDATION_REVIEW
    form = DecisionForm(request.POST or None, application=application, stage=stage)
    found = blockers(application, step or "decline", by=request.user, at=now)  # type: ignore[arg-type]
    if request.method == "POST" and form.is_valid():
        try:
            (reject if step == "reject" else decline)(application, **form.cleaned_data, by=request.user, at=now)  # type: ignore[arg-type]
            messages.success(request, "决定已作出，告知书已发出。")
            return redirect("applications:examine", application.public_id)
        except StepRefused as refused:
            add_refusals(form, refused)
            found = []
    book = application.rulebook
    label = book.label("not_accepted" if step == "reject" else "not_recommended")
    paper = book.instrument("rejection_notice" if step == "reject" else "declined_notice")
    context = {"application": application, "form": form, "blockers": found, "submit_label": label, "paper": paper}
    return render(request, "applications/desks/refuse.html", context)


def queue_of(stage: str) -> str:
    return "applications:qualification_desk" if stage == State.QUALIFICATION else "applications:recommendation_desk"
