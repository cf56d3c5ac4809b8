"""The investigation's part of a case: what its page shows, the steps it posts, the papers it reads (U13, U14)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from applications.rules import works_in
from organizations.files import UploadRefused, serve_file, store_upload
from organizations.models import StoredFile, User

from .. import evidence_register, explaining, investigating, outcomes
from ..case_steps import CaseStep
from ..casework import HandlingRefused
from ..investigation_forms import AskForm, DecisionForm, DropFactForm, EvidenceForm, FactForm, ReportForm
from ..models import EvidenceItem, ExpertInquiry, Fact, Objection, Outcome, Question, QuestionFile

Given = dict[str, Any]


def keep(uploads: Iterable[UploadedFile], *, purpose: str, by: User, at: datetime) -> list[StoredFile]:
    """Keep what was uploaded, or say which file cannot be kept."""
    try:
        return [store_upload(one, purpose=purpose, by=by, at=at) for one in uploads]
    except UploadRefused as refused:
        raise HandlingRefused(refused.message) from refused


def _ask(case: Objection, data: Given, by: User, at: datetime) -> None:
    with transaction.atomic():
        files = keep(data["papers"], purpose="objection_question", by=by, at=at)
    explaining.ask_applicant(case, question=data["question"], due_on=data["due_on"], files=files, by=by, at=at)


def _register(case: Objection, data: Given, by: User, at: datetime) -> None:
    with transaction.atomic():
        (file,) = keep([data["file"]], purpose="objection_evidence", by=by, at=at)
        evidence_register.register_evidence(case, **(data | {"file": file}), by=by, at=at)


def _drop_fact(case: Objection, data: Given, by: User, at: datetime) -> None:
    evidence_register.drop_fact(get_object_or_404(Fact, objection=case, public_id=data["fact"]), by=by, at=at)


INVESTIGATION_STEPS: dict[str, CaseStep] = {
    "begin": CaseStep(lambda case, data, by, at: investigating.begin_investigation(case, by=by, at=at)),
    "ask": CaseStep(_ask, AskForm, uploads=True),
    "evidence": CaseStep(_register, EvidenceForm, uploads=True),
    "fact": CaseStep(
        lambda case, data, by, at: evidence_register.add_fact(
            case, text=data["text"], evidence=data["items"], by=by, at=at
        ),
        FactForm,
        for_case=True,
    ),
    "drop_fact": CaseStep(_drop_fact, DropFactForm),
    "report": CaseStep(
        lambda case, data, by, at: investigating.report(case, text=data["text"], by=by, at=at), ReportForm
    ),
    "decide": CaseStep(
        lambda case, data, by, at: outcomes.decide(
            case, finding=data["finding"], text=data["text"], about=data["about"], condition=data["condition"],
            by=by, at=at,
        ),
        DecisionForm,
        for_case=True,
    ),
}  # fmt: skip


def investigation_context(request: HttpRequest, objection: Objection) -> dict[str, Any]:
    """What `objections/_case_investigation.html` and `_case_finding.html` show."""
    book = objection.application.rulebook
    return {
        "questions": list(objection.questions.prefetch_related("files__file")),
        "evidence": list(objection.evidence_items.select_related("file")),
        "facts": list(objection.facts.prefetch_related("evidence")),
        "inquiries": list(objection.expert_inquiries.select_related("expert__user", "opinion_file")),
        "outcomes": list((objection.lead or objection).outcomes.select_related("document", "decision__document")),
        "cancelling": Outcome.Kind.CANCELLATION,
        "experts_allowed": book.objections.experts_allowed.value,
        "ground_ask": book.ground(book.objections.experts_allowed),
        "ground_report": book.ground(book.objections.clocks.report.days),
        "ground_upheld": book.ground(book.objections.upheld_on_prohibition),
        "found_condition": book.condition(objection.found_condition) if objection.found_condition else None,
    }


@login_required
@require_GET
def question_paper(request: HttpRequest, public_id) -> HttpResponse:
    """A paper of a question or of its answer: for the desk of the case and for the organisation that was asked."""
    user: Any = request.user
    found = get_object_or_404(QuestionFile.objects.select_related("question", "file"), public_id=public_id)
    on_desk = Objection.objects.visible_to(user).filter(pk=found.question.objection_id).exists()
    if not (on_desk or Question.objects.asked_of(user).filter(pk=found.question_id).exists()):
        raise Http404
    return serve_file(found.file)


@login_required
@require_GET
def evidence_paper(request: HttpRequest, public_id) -> HttpResponse:
    """A paper of the register: for the desk of the case, and for the expert who pledged and still looks into it."""
    user: Any = request.user
    found = get_object_or_404(EvidenceItem.objects.select_related("file"), public_id=public_id)
    on_desk = Objection.objects.visible_to(user).filter(pk=found.objection_id).exists()
    asked = ExpertInquiry.objects.of_expert(user).filter(objection=found.objection_id, left_at=None)
    if not (on_desk or asked.exclude(pledged_at=None).filter(objection__decided_at=None).exists()):
        raise Http404
    return serve_file(found.file)


def is_handler(request: HttpRequest, objection: Objection) -> bool:
    return works_in(request.user, objection.handled_by)  # type: ignore[arg-type]
