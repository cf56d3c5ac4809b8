"""The applicant's pages: open rounds, the task list, the form, the internal publicity, submitting, corrections."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from award_portal.lib import clock
from awards.models import Round
from awards.parameters import rulebook_for
from awards.rulebook import Section
from awards.workdays import CalendarMissing
from organizations.files import UploadRefused, serve_file
from organizations.models import Organization
from organizations.once import once_only

from .. import filling, self_publicity, submitting
from ..dossier_layout import lay_out_section
from ..filling import FillingRefused, StaleAnswer
from ..form_answers import indicator_years, problems_of
from ..forms.applicant import (
    ProofForm,
    SecretForm,
    StartPublicityForm,
    UploadForm,
    WithdrawForm,
    section_form,
)
from ..machine_checks import Result, check_draft
from ..models import Application, Attachment
from ..moves import StepRefused, blockers
from ..pipeline import State
from ..progress import documents_for, steps_for, tasks_for, timeline_for
from ..rules import works_in


def own_application(request: HttpRequest, public_id) -> Application:
    """The person's own application, or 404."""
    found = Application.objects.of_applicant(request.user).with_names()  # type: ignore[arg-type]
    return get_object_or_404(found, public_id=public_id)


@login_required
@never_cache
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """The person's applications, and the rounds its organisations may apply in."""
    organizations = list(Organization.objects.claimed_by(request.user).order_by("name"))  # type: ignore[arg-type]
    own = Application.objects.of_applicant(request.user).with_names().order_by("-created_at")  # type: ignore[arg-type]
    rounds = Round.objects.open_for_applications(clock.now()).select_related("scheme", "edition", "office")
    begun = {(one.round_id, one.organization_id) for one in own if one.state != State.WITHDRAWN}
    offers = [
        {
            "round": round,
            "book": rulebook_for(round),
            "free": [one for one in organizations if (round.pk, one.pk) not in begun],
        }
        for round in rounds
    ]
    context = {"applications": own, "offers": offers, "organizations": organizations}
    return render(request, "applications/applicant/mine.html", context)


@login_required
@require_POST
@once_only
def start(request: HttpRequest) -> HttpResponse:
    """Begin a draft in a round for one of the person's organisations."""
    round = get_object_or_404(Round.objects.published(), public_id=_uuid(request.POST.get("round")))
    organization = get_object_or_404(
        Organization.objects.claimed_by(request.user),  # type: ignore[arg-type]
        public_id=_uuid(request.POST.get("organization")),
    )
    try:
        application = filling.start_application(round, organization=organization, by=request.user, at=clock.now())  # type: ignore[arg-type]
    except FillingRefused as refused:
        for one in refused.blockers:
            messages.error(request, str(one))
        return redirect("applications:mine")
    return redirect("applications:overview", public_id=application.public_id)


@login_required
@never_cache
@require_GET
def overview(request: HttpRequest, public_id) -> HttpResponse:
    """The applicant's page of an application; the desks that judge it are led to theirs."""
    application = Application.objects.of_applicant(request.user).with_names().filter(public_id=public_id).first()  # type: ignore[arg-type]
    if application is None:
        return _lead_to_desk(request, public_id)
    now = clock.now()
    tasks, problems = tasks_for(application, at=now)
    correction = application.corrections.filter(answered_at=None, lapsed_at=None).first()
    context = {
        "application": application,
        "steps": steps_for(application),
        "entries": timeline_for(application),
        "documents": documents_for(application),
        "tasks": tasks,
        "problem_count": len(problems),
        "own_publicity": application.self_publicities.filter(abandoned_at=None).first(),
        "correction": correction,
        "may_withdraw": not blockers(application, "withdraw", by=request.user, at=now),  # type: ignore[arg-type]
        "State": State,
        "site_name": application.rulebook.name,
        "has_self_publicity": application.rulebook.has_stage("self_publicity"),
    }
    return render(request, "applications/applicant/overview.html", context)


def _lead_to_desk(request: HttpRequest, public_id) -> HttpResponse:
    application = get_object_or_404(Application.objects.submitted().with_names(), public_id=public_id)
    if works_in(request.user, application.recommender) or works_in(request.user, application.round.office):  # type: ignore[arg-type]
        return redirect("applications:examine", public_id=public_id)
    raise Http404


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def section(request: HttpRequest, public_id, key: str) -> HttpResponse:
    """One section of the form: saved as typed; what it still lacks is told beside the inputs."""
    application = own_application(request, public_id)
    one = _section(application, key)
    if one.kind == "attachments":
        return attachments(request, application, one)
    answer = application.answers.filter(section=key).first()
    data = answer.data if answer else {}
    form = section_form(application, one, data, posted=request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            answer = filling.save_section(
                application, key, _posted(form), version=_version(request), by=request.user, at=clock.now()  # type: ignore[arg-type]
            )  # fmt: skip
        except StaleAnswer as stale:
            for name, theirs in stale.theirs.items():
                form.add_error(name if name in form.fields else None, f"别处已保存为：{theirs}")
            form.add_error(None, f"{stale} 您填写的内容保留在下面；确认后再次保存，以您的内容为准。")
            return _render_section(request, application, one, form, version=stale.version, status=409)
        except FillingRefused as refused:
            form.add_error(None, str(refused))
            return _render_section(request, application, one, form, version=_version(request), status=422)
        problems = [problem for problem in problems_of(application) if problem.part == key]
        if not problems:
            messages.success(request, f"“{one.title}”已完成。")
            return redirect("applications:overview", public_id=public_id)
        form.add_problems(problems)
        messages.info(request, "已保存。还有下列内容需要补充。")
        return _render_section(request, application, one, form, version=answer.version)
    return _render_section(request, application, one, form, version=answer.version if answer else 1)


@never_cache
@require_POST
def autosave(request: HttpRequest, public_id, key: str) -> JsonResponse:
    """Keep what changed: 200 with the new version, 409 with their texts, 401 when the session is lost."""
    if not request.user.is_authenticated:
        return JsonResponse({"ok": False, "sign_in": reverse("organizations:sign_in")}, status=401)
    application = own_application(request, public_id)
    one = _section(application, key)
    form = section_form(application, one, {}, posted=request.POST)
    form.is_valid()
    changed = {name: value for name, value in _posted(form).items() if name in request.POST}
    try:
        answer = filling.save_section(
            application, key, changed, version=_version(request), by=request.user, at=clock.now()
        )
    except StaleAnswer as stale:
        return JsonResponse({"ok": False, "theirs": stale.theirs, "version": stale.version}, status=409)
    except FillingRefused as refused:
        return JsonResponse({"ok": False, "message": str(refused)}, status=400)
    return JsonResponse({"ok": True, "version": answer.version, "saved_at": f"{clock.now():%H:%M}"})


@login_required
@require_POST
def secret(request: HttpRequest, public_id, key: str) -> HttpResponse:
    """Mark or unmark a section as holding a trade secret (U11.2)."""
    application = own_application(request, public_id)
    form = SecretForm(request.POST)
    if form.is_valid():
        try:
            filling.mark_secret(
                application, key, is_secret=form.cleaned_data["is_secret"], reason=form.cleaned_data["reason"],
                by=request.user, at=clock.now(),  # type: ignore[arg-type]
            )  # fmt: skip
            messages.success(request, "商业秘密标记已保存。")
        except FillingRefused as refused:
            messages.error(request, str(refused))
    return redirect("applications:section", public_id=public_id, key=key)


def attachments(request: HttpRequest, application: Application, one: Section, *, form=None, failed="") -> HttpResponse:
    """The list of materials with what is uploaded under each."""
    now = clock.now()
    problems = {problem.field: problem.text for problem in problems_of(application) if problem.part == one.key}
    files = list(application.attachments.filter(removed_at=None).select_related("file"))
    rows = [
        {
            "wanted": wanted,
            "ground": application.rulebook.ground(wanted),
            "files": [file for file in files if file.key == wanted.key],
            "problem": problems.get(wanted.key, ""),
            "editable": filling.is_editable(application, wanted.key, at=now)
            or filling.is_editable(application, one.key, at=now),
            "form": form if failed == wanted.key else UploadForm(auto_id=f"id_{wanted.key}_%s"),
        }
        for wanted in application.rulebook.form.attachments
    ]
    context = {"application": application, "section": one, "rows": rows, "site_name": application.rulebook.name}
    status = 422 if failed else 200
    return render(request, "applications/applicant/attachments.html", context, status=status)


@login_required
@require_POST
@once_only
def attach(request: HttpRequest, public_id, key: str) -> HttpResponse:
    """Upload one file under an attachment key; a refusal says why and keeps everything else."""
    application = own_application(request, public_id)
    part = next(one for one in application.rulebook.form.sections if one.kind == "attachments")
    form = UploadForm(request.POST, request.FILES, auto_id=f"id_{key}_%s")
    if form.is_valid():
        try:
            filling.attach_file(
                application, key, form.cleaned_data["upload"], is_secret=form.cleaned_data["is_secret"],
                by=request.user, at=clock.now(),  # type: ignore[arg-type]
            )  # fmt: skip
        except UploadRefused as refused:
            form.add_error("upload", str(refused))
        except FillingRefused as refused:
            form.add_error("upload", str(refused))
        else:
            messages.success(request, "已上传。")
            return redirect(f"{reverse('applications:section', args=[public_id, part.key])}#m-{key}")
    return attachments(request, application, part, form=form, failed=key)


@login_required
@require_POST
def detach(request: HttpRequest, public_id, attachment_id) -> HttpResponse:
    application = own_application(request, public_id)
    part = next(one for one in application.rulebook.form.sections if one.kind == "attachments")
    found = get_object_or_404(application.attachments.filter(removed_at=None), public_id=attachment_id)
    try:
        filling.remove_attachment(found, by=request.user, at=clock.now())  # type: ignore[arg-type]
        messages.success(request, "已移除。")
    except FillingRefused as refused:
        messages.error(request, str(refused))
    return redirect("applications:section", public_id=public_id, key=part.key)


@login_required
@require_GET
def own_file(request: HttpRequest, public_id, attachment_id) -> HttpResponse:
    """The applicant's own upload."""
    application = own_application(request, public_id)
    found = get_object_or_404(
        Attachment.objects.select_related("file"), application=application, public_id=attachment_id
    )
    return serve_file(found.file)


@login_required
@never_cache
@require_GET
def check(request: HttpRequest, public_id) -> HttpResponse:
    """Everything before submitting at one look: what is missing, what the machine finds, what comes next."""
    application = own_application(request, public_id)
    now = clock.now()
    titles = {one.key: one.title for one in application.rulebook.form.sections}
    step = "submit" if application.state == State.SELF_PUBLICITY else "start_self_publicity"
    context = {
        "application": application,
        "problems": [{"title": titles.get(one.part, ""), "problem": one} for one in problems_of(application)],
        "checks": check_draft(application, at=now),
        "Result": Result,
        "blockers": blockers(application, step, by=request.user, at=now),  # type: ignore[arg-type]
        "has_self_publicity": application.rulebook.has_stage("self_publicity"),
        "site_name": application.rulebook.name,
    }
    return render(request, "applications/applicant/check.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def publicity(request: HttpRequest, public_id) -> HttpResponse:
    """The internal publicity: start it, prove it, submit after it, or give it up to change the form."""
    application = own_application(request, public_id)
    if not application.rulebook.has_stage("self_publicity"):
        raise Http404
    own = application.self_publicities.filter(abandoned_at=None).first()
    starting = StartPublicityForm(request.POST if request.POST.get("do") == "start" else None)
    initial = {"settlement": own.settlement, "had_objections": _yes_no(own.had_objections)} if own else {}
    proving = ProofForm(
        request.POST if request.POST.get("do") == "prove" else None, request.FILES or None, initial=initial
    )
    refused: list[Any] = []
    if request.method == "POST":
        try:
            if _do_publicity(request, application, starting, proving):
                return redirect("applications:publicity", public_id=public_id)
        except (StepRefused, FillingRefused) as caught:
            refused = caught.blockers
        except UploadRefused as caught:
            proving.add_error("proof", str(caught))
        except CalendarMissing as caught:
            messages.error(request, str(caught))
        application = own_application(request, public_id)
    return _render_publicity(request, application, starting, proving, refused)


def _do_publicity(request: HttpRequest, application: Application, starting, proving) -> bool:
    user, now = request.user, clock.now()
    match request.POST.get("do"):
        case "start" if starting.is_valid():
            self_publicity.start(application, place=starting.cleaned_data["place"], by=user, at=now)  # type: ignore[arg-type]
            messages.success(request, "内部公示已开始，期满后可以提交。")
        case "prove" if proving.is_valid():
            said = {"yes": True, "no": False}.get(proving.cleaned_data["had_objections"])
            self_publicity.prove(
                application, proof=proving.cleaned_data["proof"], had_objections=said,
                settlement=proving.cleaned_data["settlement"], by=user, at=now,  # type: ignore[arg-type]
            )  # fmt: skip
            messages.success(request, "公示情况已保存。")
        case "revise":
            self_publicity.revise(application, by=user, at=now)  # type: ignore[arg-type]
            messages.info(request, "已撤回内部公示，修改后须重新公示。")
        case "submit":
            submitting.submit(application, by=user, at=now)  # type: ignore[arg-type]
            messages.success(request, "已提交。材料已固定，审核推荐单位将在收到后办理。")
        case _:
            return False
    return True


def _render_publicity(request: HttpRequest, application, starting, proving, refused) -> HttpResponse:
    now = clock.now()
    window, missing = None, ""
    try:
        window = self_publicity.propose_window(application, at=now)
    except CalendarMissing as caught:
        missing = str(caught)
    step = "submit" if application.state == State.SELF_PUBLICITY else "start_self_publicity"
    context = {
        "application": application,
        "own": application.self_publicities.filter(abandoned_at=None).first(),
        "window": window,
        "calendar_missing": missing,
        "starting": starting,
        "proving": proving,
        "refused": refused,
        "blockers": blockers(application, step, by=request.user, at=now),  # type: ignore[arg-type]
        "rule": application.rulebook.publicity("self_publicity"),
        "ground": application.rulebook.ground(application.rulebook.publicity("self_publicity").days),
        "State": State,
        "site_name": application.rulebook.name,
    }
    failed = bool(refused or starting.errors or proving.errors)
    return render(request, "applications/applicant/publicity.html", context, status=422 if failed else 200)


@login_required
@require_POST
@once_only
def hand_in(request: HttpRequest, public_id) -> HttpResponse:
    """Submit where the scheme has no internal publicity, or hand in a correction."""
    application = own_application(request, public_id)
    act = submitting.resubmit if application.state == State.CORRECTION else submitting.submit
    try:
        act(application, by=request.user, at=clock.now())  # type: ignore[arg-type]
        messages.success(request, "已提交。")
    except StepRefused as refused:
        for one in refused.blockers:
            messages.error(request, str(one))
    return redirect("applications:overview", public_id=public_id)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def withdraw(request: HttpRequest, public_id) -> HttpResponse:
    """Withdraw, on a page of its own that says what follows."""
    application = own_application(request, public_id)
    form = WithdrawForm(request.POST or None)
    refused: list[Any] = []
    if request.method == "POST" and form.is_valid():
        try:
            submitting.withdraw(application, ground=form.cleaned_data["ground"], by=request.user, at=clock.now())  # type: ignore[arg-type]
        except StepRefused as caught:
            refused = caught.blockers
        else:
            messages.success(request, "已撤回申报。")
            return redirect("applications:overview", public_id=public_id)
    context = {
        "application": application,
        "form": form,
        "blockers": refused,
        "submit_label": "撤回申报",
        "cancel_url": application.get_absolute_url(),
        "site_name": application.rulebook.name,
    }
    status = 422 if form.errors or refused else 200
    return render(request, "applications/applicant/withdraw.html", context, status=status)


@login_required
@never_cache
@require_GET
def print_form(request: HttpRequest, public_id) -> HttpResponse:
    """The 申报表 as it stands, to print, sign and seal."""
    application = own_application(request, public_id)
    answers = {one.section: one.data for one in application.answers.all()}
    parts = [
        lay_out_section(application, one.key, answers.get(one.key, {}))
        for one in application.rulebook.form.sections
        if one.kind != "attachments"
    ]
    context = {"application": application, "parts": parts, "book": application.rulebook, "now": clock.now()}
    return render(request, "applications/applicant/print.html", context)


def _render_section(
    request: HttpRequest, application: Application, one: Section, form, *, version: int, status: int = 200
) -> HttpResponse:
    answer = application.answers.filter(section=one.key).first()
    book = application.rulebook
    context: dict[str, Any] = {
        "application": application,
        "section": one,
        "form": form,
        "version": version,
        "editable": filling.is_editable(application, one.key, at=clock.now()),
        "answer": answer,
        "secret_form": SecretForm(
            initial={"is_secret": answer.is_secret, "reason": answer.secret_reason} if answer else None, prefix=""
        ),
        "limit": one.limit.value if one.limit else None,
        "length": sum(len(str(value)) for value in (answer.data if answer else {}).values()),
        "site_name": book.name,
        "ground": book.ground(one),
    }
    if one.kind == "indicators":
        context["years"] = years = indicator_years(application.round, book)
        context["rows"] = [
            {"row": row, "cells": [(year, form[f"{row.key}__{year}"]) for year in years]}
            for row in book.form.indicators.rows
        ]
    if one.kind == "eligibility":
        context["conditions"] = [(condition, form[condition.key]) for condition in book.eligibility.conditions]
    return render(request, "applications/applicant/section.html", context, status=status)


def _section(application: Application, key: str) -> Section:
    for one in application.rulebook.form.sections:
        if one.key == key:
            return one
    raise Http404


def _posted(form) -> dict[str, Any]:
    return dict(form.cleaned_data)


def _version(request: HttpRequest) -> int:
    try:
        return int(request.POST.get("version", "0"))
    except ValueError:
        return 0


def _uuid(text: str | None) -> uuid.UUID:
    try:
        return uuid.UUID(text or "")
    except ValueError as error:
        raise Http404 from error


def _yes_no(value: bool | None) -> str:
    return {True: "yes", False: "no"}.get(value, "")  # type: ignore[arg-type]
