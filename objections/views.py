"""Objection pages: filing by anyone, the receipt, and the desks of the office and the investigating unit."""

from __future__ import annotations

from urllib.parse import quote

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import F, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from applications.moves import StepRefused
from applications.rules import works_in
from award_portal.lib import clock
from awards.faces import show_as
from awards.parameters import rulebook_for
from organizations.files import UploadRefused, serve_file, store_upload
from organizations.once import once_only
from publicity.models import Notice

from . import explaining, handling
from .filing import FilingRefused, digest_secret, file_objection, filing_lacks
from .forms import AskForm, DecisionForm, ExplainForm, FilingForm, RefuseFormForm, ReportForm, WithdrawForm
from .handling import HandlingRefused
from .models import Objection, ObjectionFile
from .pipeline import OPEN, State

KINDS = ("person", "unit")


@require_http_methods(["GET", "POST"])
@once_only
def file(request: HttpRequest, public_id) -> HttpResponse:
    """File an objection to a name on a running notice; no account is needed (U12)."""
    notice = get_object_or_404(Notice.objects.public().windows().select_related("round__scheme"), public_id=public_id)
    show_as(request, notice.round.scheme)
    switched = request.POST.get("switch", "")  # a person after all, or a unit: what was typed comes along
    kind = switched or request.POST.get("kind") or request.GET.get("kind") or "person"
    kind = kind if kind in KINDS else "person"
    book = rulebook_for(notice.round)
    items = {
        str(one.application.public_id): one
        for one in notice.items.filter(struck_at=None).select_related("application__round")
    }
    # an empty form is answered too: nothing in it makes POST false
    posted = request.method == "POST" and not switched
    form = FilingForm(
        request.POST if posted else None,
        request.FILES if posted else None,
        initial=request.POST.dict() if switched else None,
        book=book,
        kind=kind,
        names=[(key, one.name) for key, one in items.items()],
    )
    if posted and not form.is_valid():
        # everything that lacks is told at once, what the files are as well as what is empty
        given = {"fields": form.given_fields, "files": form.given_files, "text": form.cleaned_data.get("text", "")}
        form.add_lacks(filing_lacks(book, form=kind, **given))
    elif posted:
        try:
            _, secret = file_objection(
                items[form.cleaned_data["application"]].application,
                form=kind,
                fields=form.given_fields,
                files=form.given_files,
                text=form.cleaned_data["text"],
                condition=form.cleaned_data["condition"],
                accuses_recommender=form.cleaned_data["accuses_recommender"],
                at=clock.now(),
            )
        except FilingRefused as refused:
            form.add_lacks(refused.lacks)
        else:
            return redirect("objections:receipt", secret=secret)
    context = {
        "notice": notice,
        "form": form,
        "kind": kind,
        "asked": form.asked,
        "ground": book.ground(form.asked),
        "is_running": notice.is_running(clock.now()),
        "site_name": book.name,
        "details": [form[name] for name in form.fields if name.startswith(("field_", "file_"))],
    }
    return render(request, "objections/file.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@once_only
def receipt(request: HttpRequest, secret: str) -> HttpResponse:
    """How an objection stands, for whoever holds its receipt; until the finding it may be taken back here."""
    objection = _of_receipt(secret)
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            handling.withdraw(objection, because=form.cleaned_data["because"], at=clock.now())
        except HandlingRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "异议已经撤回。")
            return redirect("objections:receipt", secret=secret)
    context = {
        "objection": objection,
        "secret": secret,
        "form": form,
        "may_withdraw": objection.state in OPEN or form.errors,
        "outcome": handling.outcome_zh(objection) if objection.told_at else "",
    }
    response = render(request, "objections/receipt.html", context, status=422 if form.errors else 200)
    # the secret in the address goes to no other site; "no-referrer" would rob the page's own form of its origin
    response["Referrer-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store"
    return response


@require_GET
def reply_paper(request: HttpRequest, secret: str) -> HttpResponse:
    """The written answer, for whoever holds the receipt (U13)."""
    reply = _of_receipt(secret).reply
    if reply is None or not reply.is_rendered:
        raise Http404
    response = FileResponse(reply.file.open("rb"), content_type="application/pdf")
    response["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(reply.title)}.pdf"
    response["X-Content-Type-Options"] = "nosniff"
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "private, no-store"
    return response


def _of_receipt(secret: str) -> Objection:
    found = Objection.objects.select_related(
        "application__organization", "application__round__scheme", "application__round__edition", "reply"
    )
    return get_object_or_404(found, secret_digest=digest_secret(secret))


@login_required
@require_GET
def explanations(request: HttpRequest) -> HttpResponse:
    """What the person's organisations were asked to explain (U14)."""
    found = Objection.objects.asked_of(request.user).select_related("application__round", "investigator")
    page = Paginator(found.order_by("answered_at", "due_at", "-asked_at"), 30).get_page(request.GET.get("page"))
    return render(request, "objections/explanations.html", {"page_obj": page, "State": State})


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def explain(request: HttpRequest, public_id) -> HttpResponse:
    """What the applying organisation is asked, and its answer; never the objection nor who filed it (U14)."""
    asked = Objection.objects.asked_of(request.user).select_related(
        "application__organization", "application__round__scheme", "application__round__edition", "investigator"
    )
    objection = get_object_or_404(asked, public_id=public_id)
    form = ExplainForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        upload, now = form.cleaned_data["proof"], clock.now()
        try:
            with transaction.atomic():
                proof = store_upload(upload, purpose="explanation", by=request.user, at=now) if upload else None
                explaining.explain(objection, text=form.cleaned_data["text"], proof=proof, by=request.user, at=now)
        except UploadRefused as refused:
            form.add_error("proof", refused.message)
        except HandlingRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "说明已经提交调查单位。")
            return redirect("objections:explain", public_id=public_id)
    book = objection.application.rulebook
    context = {
        "objection": objection,
        "form": form,
        "may_answer": objection.answered_at is None and objection.state == State.FORWARDED,
        "condition": book.condition(objection.condition) if objection.condition else None,
        "ground": book.ground(book.objections.experts_allowed),
    }
    return render(request, "objections/explain.html", context, status=422 if form.errors else 200)


def desk_objections(request: HttpRequest) -> QuerySet[Objection]:
    return Objection.objects.visible_to(request.user).select_related(
        "application__organization", "application__round__scheme", "application__round__edition",
        "application__round__office", "application__recommender", "investigator", "reply", "forwarding", "answer_file",
    )  # fmt: skip


@login_required
@require_GET
def cases(request: HttpRequest) -> HttpResponse:
    """The desk's objections, the nearest due date first."""
    found = desk_objections(request).order_by(F("due_at").asc(nulls_last=True), "-filed_at")
    page = Paginator(found, 30).get_page(request.GET.get("page"))
    return render(request, "objections/cases.html", {"page_obj": page, "now": clock.now()})


@login_required
@require_GET
def case(request: HttpRequest, public_id) -> HttpResponse:
    """One objection with what is to be done next. The investigator never sees who objected."""
    objection = get_object_or_404(desk_objections(request), public_id=public_id)
    return _render_case(request, objection)


@login_required
@require_POST
@once_only
def act(request: HttpRequest, public_id, step: str) -> HttpResponse:
    """Take the next step of a case; a refusal shows the page again with what was typed."""
    objection = get_object_or_404(desk_objections(request), public_id=public_id)
    forms = {"refuse_form": RefuseFormForm, "ask": AskForm, "report": ReportForm, "decide": DecisionForm}
    form = forms[step](request.POST) if step in forms else None
    if form is not None and not form.is_valid():
        return _render_case(request, objection, step=step, form=form, status=422)
    data = form.cleaned_data if form else {}
    now = clock.now()
    try:
        match step:
            case "refuse_form":
                handling.refuse_form(objection, because=data["because"], by=request.user, at=now)
            case "forward":
                handling.forward(objection, by=request.user, at=now)
            case "ask":
                explaining.ask_applicant(objection, question=data["question"], by=request.user, at=now)
            case "report":
                handling.report(objection, text=data["text"], by=request.user, at=now)
            case "decide":
                handling.decide(objection, finding=data["finding"], text=data["text"], by=request.user, at=now)
            case "tell":
                handling.tell(objection, by=request.user, at=now)
            case _:
                raise Http404
    except (HandlingRefused, StepRefused) as refused:
        messages.error(request, str(refused))
        fresh = desk_objections(request).get(pk=objection.pk)
        return _render_case(request, fresh, step=step, form=form, status=422)
    messages.success(request, "已办理。")
    return redirect("objections:case", public_id=public_id)


@login_required
@require_POST
def identity(request: HttpRequest, public_id) -> HttpResponse:
    """Open who the objector is; recorded each time."""
    objection = get_object_or_404(desk_objections(request), public_id=public_id)
    try:
        known = handling.open_identity(objection, by=request.user, at=clock.now())
    except HandlingRefused as refused:
        raise Http404 from refused
    labels = _labels(objection)
    return _render_case(request, objection, known=[(labels.get(key, key), value) for key, value in known.items()])


@login_required
@require_GET
def paper(request: HttpRequest, public_id, file_id) -> HttpResponse:
    """A proof handed in; identity papers only for the office."""
    objection = get_object_or_404(desk_objections(request), public_id=public_id)
    found = get_object_or_404(ObjectionFile.objects.select_related("file"), objection=objection, public_id=file_id)
    if found.tells_identity:
        if not works_in(request.user, objection.application.round.office):
            raise Http404
        handling.open_identity(objection, by=request.user, at=clock.now())
    return serve_file(found.file)


@login_required
@require_GET
def answer_paper(request: HttpRequest, public_id) -> HttpResponse:
    """The proof the applying organisation gave with its explanation."""
    objection = get_object_or_404(desk_objections(request).exclude(answer_file=None), public_id=public_id)
    return serve_file(objection.answer_file)


def _labels(objection: Objection) -> dict[str, str]:
    book = objection.application.rulebook
    asked = next(one for one in book.objections.filing if one.kind == objection.form)
    return {field.key: field.label for field in asked.requires}


def _render_case(
    request: HttpRequest, objection: Objection, *, step="", form=None, known=None, status: int = 200
) -> HttpResponse:
    in_office = works_in(request.user, objection.application.round.office)
    investigates = objection.investigator is not None and works_in(request.user, objection.investigator)
    book = objection.application.rulebook
    own_forms = {"refuse_form": RefuseFormForm(), "ask": AskForm(), "report": ReportForm(), "decide": DecisionForm()}
    if form is not None:
        own_forms[step] = form
    context = {
        "objection": objection,
        "in_office": in_office,
        "investigates": investigates,
        "known": known,
        "forms": own_forms,
        "files": [one for one in objection.files.select_related("file") if in_office or not one.tells_identity],
        "condition": book.condition(objection.condition) if objection.condition else None,
        "ground_forward": book.ground(book.objections.clocks.forward.days),
        "ground_ask": book.ground(book.objections.experts_allowed),
        "ground_report": book.ground(book.objections.clocks.report.days),
        "ground_upheld": book.ground(book.objections.upheld_on_prohibition),
        "is_overdue": bool(objection.due_at and objection.due_at <= clock.now()),
        "holds": objection.application.holds.filter(source=objection.hold_source),
        "State": State,
        "back": reverse("objections:cases"),
    }
    return render(request, "objections/case.html", context, status=status)
