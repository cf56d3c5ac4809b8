"""What whoever holds a receipt sees of a case: its timeline, the letters, completing, adding, taking back (U13)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from award_portal.lib import clock
from award_portal.lib.clients import asks_too_often
from award_portal.lib.crypto import digest_secret
from awards.faces import show_as
from documents.receipts import serve_to_holder
from organizations.once import once_only

from .. import completing, handling, joining
from ..casework import HandlingRefused
from ..form_check import EVIDENCE, FilingRefused
from ..forms import CompletionForm, SupplementForm, WithdrawForm
from ..models import CaseLetter, Objection, SituationReport
from ..outcomes import outcome_zh
from ..pipeline import LEGS_ZH, OPEN, State
from .filing import TOO_OFTEN

HOUR = 3600
# the letters that tell of a turn the case took
LETTER_WORDS = {
    "objection_completion": "通知补正",
    "objection_handover": "移送其他受理单位接续办理",
    "objection_outcome": "后续处理办结，已书面告知",
}


@require_http_methods(["GET", "POST"])
@once_only
def receipt(request: HttpRequest, secret: str) -> HttpResponse:
    """How an objection stands, for whoever holds its receipt; until the finding it is added to or taken back here."""
    objection = _of_receipt(secret)
    show_as(request, objection.application.round.scheme)
    step = request.POST.get("step", "withdraw")
    forms = _forms(request, objection, step)
    form = forms.get(step)
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            if asks_too_often(request, "receipt", at_most=30, within_seconds=HOUR):
                raise HandlingRefused(TOO_OFTEN)
            done = _take(step, objection, form)
        except HandlingRefused as refused:
            form.add_error(None, str(refused))
        except FilingRefused as refused:
            form.add_lacks(refused.lacks)
        else:
            messages.success(request, done)
            return redirect("objections:receipt", secret=secret)
    failed = any(one.errors for one in forms.values())
    response = render(
        request, "objections/receipt.html", _context(objection, secret, forms), status=422 if failed else 200
    )
    return _private(response)


def _forms(request: HttpRequest, objection: Objection, step: str) -> dict[str, Any]:
    """What may be done with the receipt in the case's state."""

    def given(name: str) -> tuple[Any, ...]:
        return (request.POST, request.FILES) if request.method == "POST" and step == name else ()

    forms: dict[str, Any] = {}
    asked_to_withdraw = bool(given("withdraw"))
    if objection.state in OPEN or asked_to_withdraw:
        forms["withdraw"] = WithdrawForm(*given("withdraw"))
    if objection.state == State.INCOMPLETE:
        ground = objection.application.rulebook.ground(objection.application.rulebook.objections)
        forms["complete"] = CompletionForm(
            *given("complete"), asked=completing.lacking(objection), ground=ground
        )  # fmt: skip
    elif objection.state in OPEN:
        forms["supplement"] = SupplementForm(*given("supplement"))
    return forms


def _take(step: str, objection: Objection, form: Any) -> str:
    now, data = clock.now(), form.cleaned_data
    if step == "complete":
        completing.complete_filing(
            objection, fields=form.given_fields, files=form.given_files, text=data["text"], at=now
        )
        return "补正材料已经提交，办理期限自今日起算。"
    if step == "supplement":
        joining.supplement(objection, text=data["text"], files={EVIDENCE: data["evidence"]}, at=now)
        return "补充材料已经提交。"
    handling.withdraw(objection, because=data["because"], at=now)
    return "异议已经撤回。"


def _context(objection: Objection, secret: str, forms: dict[str, Any]) -> dict[str, Any]:
    letters = objection.letters.filter(audience=CaseLetter.Audience.OBJECTOR).select_related("document")
    return {
        "objection": objection,
        "secret": secret,
        "form": forms.get("withdraw") or WithdrawForm(),
        "may_withdraw": "withdraw" in forms,
        "forms": forms,
        "errors": [one for one in forms.values() if one.errors],
        "lacks": [text for _, text in objection.lacks],
        "outcome": outcome_zh(objection.lead or objection) if objection.state == State.TOLD else "",
        "is_told": objection.state == State.TOLD,
        "letters": list(letters),
        "joined": list(objection.joined.all()),
        "timeline": timeline(objection),
        "State": State,
    }


def timeline(objection: Objection) -> list[tuple[datetime, str]]:
    """What happened to the case, as its objector may know it: no finding before it is told."""
    ends = {State.REFUSED: "不予受理，已书面告知", State.LAPSED: "逾期未补正，终止办理", State.WITHDRAWN: "异议人撤回",
            State.TOLD: "处理结果已书面告知"}  # fmt: skip
    found = [
        (objection.filed_at, "收到异议材料"),
        (objection.completed_at, "材料补齐，办理期限起算"),
        (objection.accepted_at, "受理"),
        (objection.forwarded_at, "转送调查"),
        (objection.investigating_at, "开始调查"),
        (objection.reported_at, "收到调查情况报告"),
        (objection.decided_at, "作出认定"),
        (objection.told_at, ends.get(State(objection.state), "")),
        *((one.filed_at, f"收到补充材料（{one.number}）") for one in objection.joined.all()),
        *((one.extended_at, f"延长办理期限（{LEGS_ZH[one.leg]}）") for one in objection.extensions.all()),
        *((one.issued_at, LETTER_WORDS.get(one.document.kind)) for one in objection.letters.select_related("document")),
    ]
    return sorted((at, words) for at, words in found if at is not None and words)


@require_GET
def letter(request: HttpRequest, secret: str, letter_id) -> HttpResponseBase:
    """One of the letters addressed to the objector (U13)."""
    found = _of_receipt(secret).letters.filter(audience=CaseLetter.Audience.OBJECTOR).select_related("document")
    return serve_to_holder(get_object_or_404(found, public_id=letter_id).document)


@require_GET
def reply_paper(request: HttpRequest, secret: str) -> HttpResponseBase:
    """The written answer, for whoever holds the receipt (U13)."""
    return serve_to_holder(_of_receipt(secret).reply)


@require_GET
def situation_receipt(request: HttpRequest, secret: str) -> HttpResponse:
    """How a tip was used, for whoever holds its receipt."""
    found = SituationReport.objects.select_related("application__organization", "application__round__scheme")
    report = get_object_or_404(found, secret_digest=digest_secret(secret))
    show_as(request, report.application.round.scheme)
    return _private(render(request, "objections/situation_receipt.html", {"report": report}))


def _private(response: HttpResponse) -> HttpResponse:
    # the secret in the address goes to no other site; "no-referrer" would rob the page's own form of its origin
    response["Referrer-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store"
    return response


def _of_receipt(secret: str) -> Objection:
    digest = digest_secret(secret)
    found = Objection.objects.select_related(
        "application__organization", "application__round__scheme", "application__round__edition",
        "application__round__office", "handler", "reply", "lead",
    )  # fmt: skip
    return get_object_or_404(found.filter(Q(secret_digest=digest) | Q(joined__secret_digest=digest)).distinct())
