"""The investigation's part of a case: what its page shows, the steps it posts, the papers it reads (U13, U14)."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from organizations.files import serve_file

from .. import explaining, investigating, outcomes
from ..case_steps import CaseStep
from ..forms import AskForm, DecisionForm, ReportForm
from ..models import Objection

INVESTIGATION_STEPS: dict[str, CaseStep] = {
    "begin": CaseStep(lambda case, data, by, at: investigating.begin_investigation(case, by=by, at=at)),
    "ask": CaseStep(
        lambda case, data, by, at: explaining.ask_applicant(case, question=data["question"], by=by, at=at), AskForm
    ),
    "report": CaseStep(
        lambda case, data, by, at: investigating.report(case, text=data["text"], by=by, at=at), ReportForm
    ),
    "decide": CaseStep(
        lambda case, data, by, at: outcomes.decide(case, finding=data["finding"], text=data["text"], by=by, at=at),
        DecisionForm,
    ),
}


def investigation_context(request: HttpRequest, objection: Objection) -> dict[str, Any]:
    """What `objections/_case_investigation.html` and `_case_finding.html` show."""
    book = objection.application.rulebook
    return {
        "ground_ask": book.ground(book.objections.experts_allowed),
        "ground_report": book.ground(book.objections.clocks.report.days),
        "ground_upheld": book.ground(book.objections.upheld_on_prohibition),
    }


@login_required
@require_GET
def answer_paper(request: HttpRequest, public_id) -> HttpResponse:
    """The proof the applying organisation gave with its explanation."""
    visible = Objection.objects.visible_to(request.user).exclude(answer_file=None).select_related("answer_file")
    return serve_file(get_object_or_404(visible, public_id=public_id).answer_file)
