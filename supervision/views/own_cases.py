"""What a winner or applicant is asked and told in a case: never who reported (U20, U21)."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from applications.desk_rules import DeskRefused
from award_portal.lib import clock
from award_portal.templatetags.words import zh_last_day
from awards.workdays import date_zh
from documents.models import IssuedDocument
from organizations.files import UploadRefused, serve_file, store_upload
from organizations.once import once_only

from ..case_deciding import state_defence, waive_defence
from ..case_door import book_for
from ..case_forms import AnswerForm, RectifiedForm, StatementForm
from ..case_inquiry import answer_question, report_rectified
from ..case_papers import TO_THE_PARTY, found_zh
from ..case_pipeline import CaseState
from ..case_rules import case_days
from ..models import Case, CaseQuestion

FORMS: dict[str, Any] = {"answer": AnswerForm, "statement": StatementForm, "rectified": RectifiedForm, "waive": None}


@login_required
@require_GET
def own_cases(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    found = Case.objects.put_to(user).select_related("scheme", "award").order_by("-reported_at", "-pk")
    page = Paginator(found, 30).get_page(request.GET.get("page"))
    return render(request, "supervision/own_cases.html", {"page_obj": page})


@login_required
@never_cache
@require_GET
def own_case(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    return _render(request, _own(request, public_id))


@login_required
@never_cache
@require_POST
@once_only
def own_act(request: HttpRequest, public_id: uuid.UUID, step: str) -> HttpResponse:
    """Answer, speak to what is intended, give that up, or say what was put right."""
    if step not in FORMS:
        raise Http404
    user: Any = request.user
    case, at = _own(request, public_id), clock.now()
    form = FORMS[step](request.POST, request.FILES, auto_id=f"{step}-%s") if FORMS[step] else None
    if form is not None and not form.is_valid():
        return _render(request, case, step=step, form=form, status=422)
    data = dict(form.cleaned_data) if form is not None else {}
    try:
        with transaction.atomic():
            if "file" in data:
                data["file"] = store_upload(data["file"], purpose="case", by=user, at=at) if data["file"] else None
            match step:
                case "answer":
                    asked = get_object_or_404(case.questions, public_id=_uuid(request.POST.get("question", "")))
                    answer_question(asked, by=user, at=at, **data)
                case "statement":
                    state_defence(case, by=user, at=at, **data)
                case "waive":
                    waive_defence(case, by=user, at=at)
                case "rectified":
                    report_rectified(case, by=user, at=at, **data)
    except UploadRefused as refused:
        assert form is not None
        form.add_error("file", refused.message)
        return _render(request, case, step=step, form=form, status=422)
    except DeskRefused as refused:
        messages.error(request, str(refused))
        return _render(request, _own(request, public_id), step=step, form=form, status=409)
    messages.success(request, "已提交。")
    return redirect("supervision:own_case", public_id)


@login_required
@require_GET
def own_statement(request: HttpRequest, public_id: uuid.UUID) -> HttpResponseBase:
    """The proof the party gave with what it said."""
    case = _own(request, public_id)
    if case.statement_file is None:
        raise Http404
    return serve_file(case.statement_file)


def _own(request: HttpRequest, public_id: uuid.UUID) -> Case:
    user: Any = request.user
    found = (
        Case.objects.put_to(user)
        .with_names()
        .select_related("notice_paper", "decision_paper", "ban", "clawback__paper")
    )
    return get_object_or_404(found, public_id=public_id)


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as wrong:
        raise Http404 from wrong


def _task(case: Case, questions: list[CaseQuestion], *, may_speak: bool) -> str:
    """What the party has to do now, and by when; empty where nothing is asked of it."""
    waiting = [one for one in questions if one.answered_at is None and one.due_at]
    if case.state == CaseState.INQUIRY and waiting:
        return f"{zh_last_day(min(one.due_at for one in waiting if one.due_at))}24:00前答复询问"
    if case.state == CaseState.RECTIFYING and case.rectify_by:
        return f"{date_zh(case.rectify_by)}前改正，并报告改正情况"
    if may_speak and case.statement_until:
        return f"{zh_last_day(case.statement_until)}24:00前可以陈述申辩，逾期未提出的视为放弃"
    left = [one for one in case.recoveries.all() if one.settled_at is None]
    if left and left[0].due_on:
        return f"{date_zh(left[0].due_on)}前交回{'、'.join(one.label for one in left)}"
    return ""


def _render(request: HttpRequest, case: Case, *, step: str = "", form: Any = None, status: int = 200) -> HttpResponse:
    at = clock.now()
    may_speak = bool(
        case.state == CaseState.INTENDED and case.statement_until and at < case.statement_until
        and case.statement_waived_at is None
    )  # fmt: skip
    questions = list(case.questions.all())
    papers = IssuedDocument.objects.filter(subject=case.subject, kind__in=TO_THE_PARTY).order_by("pk")
    context = {
        "case": case, "questions": questions, "papers": papers, "may_speak": may_speak,
        "inquiring": case.state == CaseState.INQUIRY, "rectifying": case.state == CaseState.RECTIFYING,
        "forms": {
            key: form if key == step and form is not None else one(auto_id=f"{key}-%s")
            for key, one in FORMS.items()
            if one
        },
        "task": _task(case, questions, may_speak=may_speak), "outcome": found_zh(case),
        "statement_days": case_days(book_for(case), "statement"), "recoveries": case.recoveries.all(),
    }  # fmt: skip
    return render(request, "supervision/own_case.html", context, status=status)
