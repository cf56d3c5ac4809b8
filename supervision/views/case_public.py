"""What anybody may tell of a winner, without an account, and how it goes on (U19, Y21)."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from applications.desk_rules import DeskRefused
from award_portal.lib import clock
from award_portal.lib.clients import asks_too_often
from award_portal.lib.crypto import digest_secret
from awards.faces import show_as
from awards.models import Award
from documents.receipts import serve_to_holder
from organizations.files import UploadRefused, store_upload
from organizations.once import once_only

from ..case_door import book_for
from ..case_forms import ReportForm
from ..case_papers import deciding_body, reply_of
from ..case_rules import book_of, case_days, case_task, honour_uses, window_of
from ..case_telling import outcome_zh
from ..cases import report_award
from ..forms import beside
from ..models import Case

OFTEN = {"at_most": 10, "within_seconds": 3600}


@require_http_methods(["GET", "POST"])
@once_only
def report(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Tell of a misuse, an incident or false material; the reporter's name is sealed where it is given."""
    found = Award.objects.public().select_related("scheme", "round__scheme", "round__edition", "round__office")
    award = get_object_or_404(found, public_id=public_id)
    show_as(request, award.scheme)
    form = ReportForm(request.POST or None, request.FILES or None)
    refused = ""
    if request.method == "POST" and form.is_valid():
        if asks_too_often(request, "case", **OFTEN):
            refused = "提交过于频繁，请一小时后再试。已填写的内容已保留。"
        else:
            try:
                return redirect("supervision:case_receipt", secret=_report(award, form))
            except UploadRefused as wrong:
                form.add_error("file", wrong.message)
            except DeskRefused as wrong:
                beside(form, wrong)
    book = book_of(award=award, round=award.round, scheme=award.scheme)
    first, end, ground = window_of(book, award)
    context = {
        "award": award, "form": form, "refused": refused, "uses": honour_uses(book), "first": first, "end": end,
        "ground": ground, "triage": case_days(book, "triage"), "triage_ground": book.ground(case_days(book, "triage")),
        "incident": book.supervision.incident_ground.value,
    }  # fmt: skip
    status = 429 if refused else 422 if form.errors else 200
    return render(request, "supervision/report_award.html", context, status=status)


@require_GET
def receipt(request: HttpRequest, secret: str) -> HttpResponse:
    """How a report stands, for whoever holds its address."""
    case = _of_receipt(secret)
    show_as(request, case.scheme)
    context = {
        "case": case, "outcome": outcome_zh(case), "book": book_for(case), "reply": reply_of(case), "secret": secret,
        "task": case_task(book_for(case), case.state, is_heard=True, body=deciding_body(case))[0],
    }  # fmt: skip
    response = render(request, "supervision/case_receipt.html", context)
    response["Referrer-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store"
    return response


@require_GET
def reply_paper(request: HttpRequest, secret: str) -> HttpResponseBase:
    """The written answer, for whoever holds the receipt."""
    return serve_to_holder(reply_of(_of_receipt(secret)))


def _of_receipt(secret: str) -> Case:
    found = Case.objects.with_names().exclude(secret_digest="")
    return get_object_or_404(found, secret_digest=digest_secret(secret))


def _report(award: Award, form: ReportForm) -> str:
    data, at = form.cleaned_data, clock.now()
    with transaction.atomic():
        stored = None
        if data["file"]:
            upload = data["file"]
            # a file's own name may tell who sent it
            upload.name = f"反映人提供的材料.{(upload.name or '').rpartition('.')[2].lower()}"
            stored = store_upload(upload, purpose="case", by=None, at=at)
        _, secret = report_award(
            award, kind=data["kind"], text=data["text"], happened_on=data["happened_on"],
            contact={key: data[key] for key in ReportForm.CONTACT}, file=stored, at=at,
        )  # fmt: skip
    return secret
