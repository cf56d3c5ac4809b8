"""The office's desk of cases; the supervising department reads the same pages."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from applications.desk_rules import DeskRefused
from applications.models import Application
from award_portal.lib import clock
from awards.models import Award
from organizations.files import UploadRefused, serve_file, store_upload
from organizations.models import Unit
from organizations.once import once_only

from ..case_deciding import not_heard
from ..case_door import book_for, may_handle, things_zh
from ..case_executing import settle_recovery, still_to_do
from ..case_forms import ContactForm, OpenForm, RecoveryForm
from ..case_papers import deciding_body, found_zh, replies_to, reply_of
from ..case_rules import WITHIN_THE_WINDOW, book_of, case_days, case_task, consequences, honour_uses, window_of
from ..case_steps import step_form, steps_for, take_step
from ..cases import open_case, open_contact, regulator_units
from ..forms import beside
from ..models import Case, CaseEvidence, Recovery

CONTACT_WORDS = {"name": "姓名或者单位名称", "phone": "联系电话", "address": "通讯地址"}


@login_required
@never_cache
@require_GET
def cases(request: HttpRequest) -> HttpResponse:
    """The cases of the person's schemes, the nearest due date first; what a department reported, its own."""
    user: Any = request.user
    watches = Unit.objects.of_user(user).filter(kind__in=("office", "supervisor")).exists()
    regulator = regulator_units(user)
    if not watches and not regulator:
        raise PermissionDenied
    found = Case.objects.visible_to(user) if watches else Case.objects.told_by(user)
    if request.GET.get("open"):
        found = found.open()
    rows = found.select_related("scheme", "award").order_by(F("due_at").asc(nulls_last=True), "-reported_at")
    page = Paginator(rows, 30).get_page(request.GET.get("page"))
    replies = {} if watches else replies_to(list(page))
    context = {
        "page_obj": page, "lines": [(one, replies.get(one.subject)) for one in page],
        "now": clock.now(), "watches": watches, "winners": _winners(request),
        "asked": request.GET.get("q", ""), "desk": "监督案件" if watches else "情况通报",
        "handles": Unit.objects.of_user(user).of_kind("office").exists(),
    }  # fmt: skip
    return render(request, "supervision/cases.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def new_case(request: HttpRequest, kind: str, public_id: uuid.UUID) -> HttpResponse:
    """Open a case at a desk: on an award, or on an application whose material proved false (U20)."""
    user: Any = request.user
    keys = Unit.objects.of_user(user).exclude(kind__in=("leading_body", "government")).values("scheme_key")
    award: Award | None = None
    application: Application | None = None
    if kind == "award":
        award = get_object_or_404(
            Award.objects.filter(scheme__key__in=keys).select_related("scheme", "round"), public_id=public_id
        )
    else:
        offices = Unit.objects.of_user(user).of_kind("office").values("scheme_key")
        application = get_object_or_404(
            Application.objects.with_names().submitted().filter(round__scheme__key__in=offices), public_id=public_id
        )
    about: Any = award or application
    scheme = award.scheme if award else about.round.scheme
    in_office = Unit.objects.of_user(user).of_kind("office").of_scheme(scheme.key).exists()
    form = OpenForm(request.POST or None, request.FILES or None)
    if application is not None:
        form.fields["kind"].choices = [(Case.Kind.FALSE_MATERIAL, Case.Kind.FALSE_MATERIAL.label)]  # type: ignore[attr-defined]
        form.fields["kind"].initial = Case.Kind.FALSE_MATERIAL
    if request.method == "POST" and form.is_valid():
        data, at = dict(form.cleaned_data), clock.now()
        upload = data.pop("file")
        try:
            with transaction.atomic():
                stored = store_upload(upload, purpose="case", by=user, at=at) if upload else None
                case, _ = open_case(
                    award=award, application=application, source="office" if in_office else "regulator", file=stored,
                    by=user, at=at, **data,
                )  # fmt: skip
            messages.success(request, f"已登记，案件编号{case.number}。")
            return redirect("supervision:case", case.public_id) if in_office else redirect("supervision:cases")
        except UploadRefused as refused:
            form.add_error("file", refused.message)
        except DeskRefused as refused:
            beside(form, refused)
    book = book_of(award=award, round=about.round, scheme=scheme)
    context = {
        "form": form, "award": award, "application": application, "party": about.listed_name, "in_office": in_office,
        "desk": "监督案件" if in_office else "情况通报", "word": "登记案件" if in_office else "通报情况",
        "uses": honour_uses(book), "incident": book.supervision.incident_ground.value,
        "window": window_of(book, award) if award else (), "triage": case_days(book, "triage"),
        "triage_ground": book.ground(case_days(book, "triage")),
    }  # fmt: skip
    return render(request, "supervision/new_case.html", context, status=422 if form.errors else 200)


@login_required
@never_cache
@require_GET
def case(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    return _render(request, _of_desk(request, public_id))


@login_required
@never_cache
@require_POST
@once_only
def act(request: HttpRequest, public_id: uuid.UUID, step: str) -> HttpResponse:
    """Take a step of a case; a refusal shows the page again with what was typed."""
    user: Any = request.user
    found, at = _of_desk(request, public_id), clock.now()
    chosen = next((one for one in steps_for(found, at=at) if one.key == step), None)
    if chosen is None or not may_handle(user, found):
        messages.error(request, "现在不能办理这一步，或者不由您办理。页面可能已过时，请刷新后再办。")
        return _render(request, found, status=409)
    form = step_form(found, chosen, request.POST, request.FILES)
    data: dict[str, Any] = {}
    if form is not None and not form.is_valid():
        return _render(request, found, step=step, form=form, status=422)
    try:
        with transaction.atomic():
            data = dict(form.cleaned_data) if form is not None else {}
            for name in ("file", "scan"):
                if name in data:
                    upload = data[name]
                    data[name] = store_upload(upload, purpose="case", by=user, at=at) if upload else None
            take_step(found, chosen, data, by=user, at=at)
    except UploadRefused as refused:
        assert form is not None
        form.add_error("file" if "file" in form.fields else "scan", refused.message)
        return _render(request, found, step=step, form=form, status=422)
    except DeskRefused as refused:
        if form is not None:
            beside(form, refused)
        else:
            messages.error(request, str(refused))
        return _render(request, _of_desk(request, public_id), step=step, form=form, status=409)
    messages.success(request, f"已办理：{chosen.label}。")
    return redirect("supervision:case", public_id)


@login_required
@require_POST
@once_only
def recover(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """A certificate or plaque came back, or is declared void."""
    user: Any = request.user
    recovery = get_object_or_404(
        Recovery.objects.select_related("case").filter(case__in=Case.objects.handled_by(user)), public_id=public_id
    )
    form = RecoveryForm(request.POST, prefix=str(recovery.pk))
    if form.is_valid():
        try:
            settle_recovery(recovery, **form.cleaned_data, by=user, at=clock.now())
            messages.success(request, "已登记。")
            return redirect("supervision:case", recovery.case.public_id)
        except DeskRefused as refused:
            beside(form, refused)
    return _render(request, _of_desk(request, recovery.case.public_id), recovery=form, status=422)


@login_required
@never_cache
@require_POST
def contact(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Open who reported, on a ground; recorded each time."""
    user: Any = request.user
    found = _of_desk(request, public_id)
    if not may_handle(user, found):
        raise Http404
    form = ContactForm(request.POST)
    if form.is_valid():
        try:
            known = open_contact(found, ground=form.cleaned_data["ground"], by=user, at=clock.now())
        except DeskRefused as refused:
            form.add_error("ground", str(refused))
        else:
            return _render(request, found, known=[(CONTACT_WORDS.get(key, key), value) for key, value in known.items()])
    return _render(request, found, opening=form, status=422)


@login_required
@require_GET
def evidence_file(request: HttpRequest, public_id: uuid.UUID, line: uuid.UUID) -> HttpResponseBase:
    """A file of the register, for the office and the supervising department."""
    found = _of_desk(request, public_id)
    row = get_object_or_404(CaseEvidence.objects.exclude(file=None).select_related("file"), case=found, public_id=line)
    assert row.file is not None, "lines without a file are left out"
    return serve_file(row.file)


@login_required
@require_GET
def decision_scan(request: HttpRequest, public_id: uuid.UUID) -> HttpResponseBase:
    found = _of_desk(request, public_id)
    stored = found.decision_scan
    if stored is None:
        raise Http404
    return serve_file(stored, inline=True)


def _of_desk(request: HttpRequest, public_id: uuid.UUID) -> Case:
    user: Any = request.user
    found = Case.objects.visible_to(user).with_names().select_related(
        "notice_paper", "request_paper", "decision_paper", "decision_scan", "ban", "notice", "statement_file",
        "clawback__paper",
    )  # fmt: skip
    return get_object_or_404(found, public_id=public_id)


def _winners(request: HttpRequest) -> list[Award]:
    """Standing awards whose name or number is asked for, of the schemes the person works in."""
    asked = request.GET.get("q", "").replace("\x00", "").strip()
    if not asked:
        return []
    user: Any = request.user
    keys = Unit.objects.of_user(user).values("scheme_key")
    awards = Award.objects.filter(scheme__key__in=keys).exclude(state=Award.State.REVOKED).select_related("scheme")
    return list((awards.filter(name__contains=asked) | awards.filter(certificate_number=asked)).order_by("-year")[:20])


def _render(
    request: HttpRequest, found: Case, *, step: str = "", form: Any = None, known: Any = None, recovery: Any = None,
    opening: ContactForm | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    user: Any = request.user
    at, book, handles = clock.now(), book_for(found), may_handle(user, found)
    steps = steps_for(found, at=at) if handles else []
    for one in steps:
        one.bound = form if one.key == step and form is not None else step_form(found, one)
    rows = list(found.recoveries.all())
    forms = [
        (one, recovery if recovery is not None and recovery.prefix == str(one.pk) else RecoveryForm(prefix=str(one.pk)))
        for one in rows
    ]
    rule = next((one for one in consequences(book, found.kind, award=found.award) if one.key == found.rule), None)
    context = {
        "case": found, "handles": handles, "steps": steps, "known": known, "rule": rule, "recoveries": forms,
        "things": things_zh(found),
        "evidence": found.evidence.select_related("file"), "questions": found.questions.all(),
        "openings": found.openings.select_related("user"),
        "window": window_of(book, found.award) if found.award and found.kind in WITHIN_THE_WINDOW else (),
        "statement_days": case_days(book, "statement"), "left": still_to_do(found),
        "waiting": not_heard(found, at=at) if found.state == "intended" else "",
        "is_overdue": bool(not found.is_ended and found.due_at and found.due_at <= at),
        "shown": [form, recovery, opening], "open_form": opening or ContactForm(),
        "task": case_task(
            book, found.state, is_heard=not not_heard(found, at=at), body=deciding_body(found)
        ),
        "outcome": found_zh(found), "has_contact": bool(found.contact_sealed), "reply": reply_of(found),
    }  # fmt: skip
    return render(request, "supervision/case.html", context, status=status)
