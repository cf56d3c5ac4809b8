"""The last word on a round's list: every name approved or refused, read over, then recorded (U11.9, Y5)."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from applications.forms.desks import add_refusals
from applications.models import Application, Hold
from applications.moves import StepRefused
from applications.pipeline import State
from award_portal.lib import clock
from awards.models import Award, Round
from awards.parameters import rulebook_for
from awards.rulebook import Rulebook
from documents.models import IssuedDocument
from documents.official import may_enter
from documents.registers import register_response
from organizations.models import Unit
from organizations.once import once_only

from ..approving import approval_refusals, approvals_for, names_before, record_approval, rounds_before
from ..decision_registers import approval_register
from ..forms.meetings import ApprovalForm
from ..models import Approval


@login_required
@never_cache
@require_GET
def approvals(request: HttpRequest) -> HttpResponse:
    """The rounds with names before their approver, and the decisions recorded."""
    user: Any = request.user
    rounds = rounds_before(user)
    desks = Unit.objects.of_user(user).filter(kind__in=("office", "government", "supervisor"))
    if not (desks.exists() or rounds.exists()):
        raise Http404
    waiting = Count("applications", filter=Q(applications__state=State.APPROVAL))
    before = [one for one in rounds.annotate(waiting=waiting).order_by("-pk") if one.waiting]
    decided = approvals_for(user).annotate(
        approved=Count("items", filter=Q(items__is_approved=True)),
        refused=Count("items", filter=Q(items__is_approved=False)),
    )
    found = list(decided.order_by("-decided_on", "-pk"))
    if request.GET.get("format"):
        return register_response(approval_register(found), request.GET["format"], at=clock.now())
    word = word_for([*before, *(one.round for one in found)])
    context = {"rounds": before, "approvals": found, "word": word, "nothing": f"没有待{word}的名单"}
    return render(request, "reviews/meetings/approvals.html", context)


def word_for(rounds: list[Round]) -> str:
    """What the regulations of these rounds call the last word; the usual 审定 where they differ."""
    words = {rulebook_for(one).label(State.APPROVAL) for one in rounds}
    return words.pop() if len(words) == 1 else "审定"


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def approve(request: HttpRequest, round_id: uuid.UUID) -> HttpResponse:
    """Fill in the decision, read it over, record it; a refusal leaves everything typed on the page."""
    user: Any = request.user
    round = get_object_or_404(rounds_before(user), public_id=round_id)
    names, label = names_before(round), rulebook_for(round).label(State.APPROVAL)
    if not names:
        messages.info(request, f"该届没有待{label}的名单，{label}结果可能已经登记。")
        return redirect("reviews:approvals")
    form = ApprovalForm(request.POST or None, names=names, word=label, initial={"decided_on": clock.today()})
    step = request.POST.get("step", "")
    if request.method == "POST" and form.is_valid() and step != "edit":
        given = form.decision | {"verdicts": form.verdicts, "deferred": form.deferred, "by": user, "at": clock.now()}
        try:
            if step == "record":
                approval = record_approval(round, **given)
                messages.success(request, f"{label}结果已登记。")
                return redirect("reviews:approval", approval.public_id)
            refused = approval_refusals(round, names, **given)
            if not refused:
                return render(request, "reviews/meetings/approve_check.html", _check(round, form, names))
            raise StepRefused(refused)
        except StepRefused as refused_by:
            add_refusals(form, refused_by)
    return render(request, "reviews/meetings/approve.html", _fill_in(round, form, names))


def _fill_in(round: Round, form: ApprovalForm, names: list[Application]) -> dict[str, Any]:
    book = rulebook_for(round)
    held = {
        hold.application_id: hold
        for hold in Hold.objects.open().filter(application__in=names)
        if "approve" in hold.steps
    }
    rows = [
        (place, one, book.tier(one.shortlist_entry.tier).name, held.get(one.pk), *form.bound(one))
        for place, one in enumerate(names, start=1)
    ]
    return {
        "round": round, "form": form, "rows": rows, "ground": book.ground(book.stage(State.APPROVAL)),
        "body": book.approver.name, "label": book.label(State.APPROVAL), "noun": book.noun,
        "papers": IssuedDocument.objects.filter(
            chain=round.chain, kind__in=("review_report", "meeting_minutes", "resolution_record", "ranking_record")
        ).order_by("pk"),
    }  # fmt: skip


def _check(round: Round, form: ApprovalForm, names: list[Application]) -> dict[str, Any]:
    book = rulebook_for(round)
    verdicts = form.verdicts
    decided = [one for one in names if one.pk in verdicts]
    rows = [(one, book.tier(one.shortlist_entry.tier).name, *verdicts[one.pk]) for one in decided]
    return {
        "round": round, "form": form, "rows": rows, "approved": sum(1 for row in rows if row[2]),
        "refused": sum(1 for row in rows if not row[2]),
        "deferred": [(one, form.deferred[one.pk]) for one in names if one.pk in form.deferred],
        "ground": book.ground(book.stage(State.APPROVAL)),
        "instrument": book.instrument("commendation"), "certificate": book.instrument("certificate"),
        "refused_label": book.label(State.NOT_APPROVED), "label": book.label(State.APPROVAL), "noun": book.noun,
        "then_publicity": book.label(State.AWARD_PUBLICITY) if book.publicity_after_approval else "",
    }  # fmt: skip


def publicity_awaited(approval: Approval, book: Rulebook) -> str:
    """The publicity whose end the awards of this decision still wait for, in the regulation's word; "" for none."""
    waiting = approval.items.filter(is_approved=True, application__state=State.AWARD_PUBLICITY)
    return book.label(State.AWARD_PUBLICITY) if waiting.exists() else ""


@login_required
@never_cache
@require_GET
def approval(request: HttpRequest, approval_id: uuid.UUID) -> HttpResponse:
    """What was decided on each name, the paper that publishes it, and the certificates."""
    user: Any = request.user
    one = get_object_or_404(approvals_for(user).select_related("commendation"), public_id=approval_id)
    book = rulebook_for(one.round)
    if request.GET.get("format"):
        return register_response(approval_register([one]), request.GET["format"], at=clock.now())
    items = one.items.select_related("application__organization", "application__shortlist_entry").order_by("pk")
    awards = {row.application_number: row for row in Award.objects.filter(round=one.round)}
    subjects = [f"award:{row.public_id}" for row in awards.values()]
    papers = {row.subject: row for row in IssuedDocument.objects.filter(kind="certificate", subject__in=subjects)}
    rows = []
    for item in items:
        award = awards.get(item.application.number)
        paper = papers.get(f"award:{award.public_id}") if award else None
        rows.append((item, book.tier(item.application.shortlist_entry.tier).name, award, paper))
    context = {
        "approval": one, "rows": rows, "ground": book.ground(book.stage(State.APPROVAL)),
        "body": book.approver.name, "certificate": book.instrument("certificate"),
        "label": book.label(State.APPROVAL), "refused_label": book.label(State.NOT_APPROVED), "noun": book.noun,
        "may_seal": one.commendation is not None and may_enter(user, one.commendation),
        "waits_for": "" if one.commendation_id else publicity_awaited(one, book),
    }  # fmt: skip
    return render(request, "reviews/meetings/approval.html", context)
