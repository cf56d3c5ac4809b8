"""The page of one visit, for its team and the office: sign-in, question list, findings, closing record, print."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from applications.forms.desks import add_refusals
from applications.moves import StepRefused
from applications.rules import acts_for, works_in
from award_portal.lib import clock
from documents.registers import attachment
from organizations.files import UploadRefused, serve_file
from organizations.once import once_only

from ..forms.sessions import ReasonForm
from ..forms.visits import (
    AmendForm,
    AskForm,
    ChangeForm,
    CloseForm,
    ConfirmForm,
    FindingForm,
    ResultsForm,
    SignForm,
    StrikeForm,
    UnsignedForm,
)
from ..models import FindingPhoto, Visit, VisitFinding, VisitSignature
from ..panels import current_members
from ..review_notices import issue_visit_notices, notice_to_panel, notices_of
from ..visit_papers import record_pdf, site_pack
from ..visiting import (
    amend_finding,
    close_visit,
    closing_blockers,
    item_titles,
    note_finding,
    note_unsigned,
    put_question,
    settle_question,
    sign_meeting,
    strike_question,
)
from ..visits import (
    cancel_visit,
    change_visit,
    cite_of,
    confirm_plan,
    contact_phone,
    leads_visit,
    may_see_visit,
    send_plan,
    team_of,
)
from .visits import pledge_first, seen_visit


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def visit(request: HttpRequest, visit_id: uuid.UUID) -> HttpResponse:
    """Plan, meetings, question list, findings and record of one visit, in the order of the day."""
    one = seen_visit(request, visit_id)
    team, user = team_of(one), request.user
    if first := pledge_first(request, one):
        return first
    action = request.POST.get("action", "")
    forms = _forms(request, one, action)
    form: Any = forms.get(action)
    try:
        if form is not None and form.is_valid():
            messages.success(request, _carry_out(one, action, form, by=user))
            return redirect("reviews:visit", visit_id)
        if form is None and action and _tick(one, action, team, by=user):
            return redirect("reviews:visit", visit_id)
    except UploadRefused as refused:
        form.add_error("photos", refused.message)
    except StepRefused as refused:
        if form is None:
            for blocker in refused.blockers:
                messages.error(request, str(blocker))
            return redirect("reviews:visit", visit_id)
        add_refusals(form, refused)
    return render(request, "reviews/visits/visit.html", _context(request, one, forms, form, team))


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def finding(request: HttpRequest, finding_id: uuid.UUID) -> HttpResponse:
    """One finding again: another verdict, the applicant's answer; until the closing record is signed."""
    row = get_object_or_404(VisitFinding.objects.select_related("visit"), public_id=finding_id)
    one = seen_visit(request, row.visit.public_id)
    if not any(member.user_id == request.user.pk for member in team_of(one)):
        raise Http404
    if first := pledge_first(request, one):
        return first
    form = AmendForm(request.POST or None, initial={"verdict": row.verdict, "text": row.text, "answer": row.answer})
    if request.method == "POST" and form.is_valid():
        try:
            amend_finding(row, by=request.user, at=clock.now(), **form.cleaned_data)  # type: ignore[arg-type]
            messages.success(request, "核查情况已更新。")
            return redirect("reviews:visit", one.public_id)
        except StepRefused as refused:
            add_refusals(form, refused)
    return render(request, "reviews/visits/finding.html", {"visit": one, "finding": row, "form": form})


@login_required
@never_cache
@require_GET
def site_print(request: HttpRequest, visit_id: uuid.UUID) -> HttpResponse:
    """All that a member needs on site as one PDF, for the team's members only."""
    one = get_object_or_404(Visit.objects.standing().of_team(request.user).with_names(), public_id=visit_id)  # type: ignore[arg-type]
    return pledge_first(request, one) or attachment(
        site_pack(one, at=clock.now()), "现场评审材料.pdf", "application/pdf", inline=True
    )


@login_required
@never_cache
@require_GET
def visit_record(request: HttpRequest, visit_id: uuid.UUID) -> HttpResponse:
    """The closing record to print, for the team and the office."""
    one = seen_visit(request, visit_id)
    if first := pledge_first(request, one):
        return first
    return attachment(record_pdf(one, at=clock.now()), "末次会议记录.pdf", "application/pdf", inline=True)


@login_required
@never_cache
@require_GET
def visit_photo(request: HttpRequest, photo_id: uuid.UUID) -> HttpResponse:
    """A photograph: for the team and the office, and for the applicant once the record is signed."""
    photo = get_object_or_404(FindingPhoto.objects.select_related("file", "finding__visit"), public_id=photo_id)
    one, user = photo.finding.visit, request.user
    own = one.closed_at is not None and acts_for(user, one.application)  # type: ignore[arg-type]
    if not own and not may_see_visit(one, user):  # type: ignore[arg-type]
        raise Http404
    return serve_file(photo.file)


def _forms(request: HttpRequest, one: Visit, action: str) -> dict[str, Any]:
    items, questions = item_titles(one), list(one.questions.order_by("pk"))

    def data(name: str) -> Any:
        return request.POST if action == name else None

    return {
        "confirm": ConfirmForm(data("confirm")),
        "sign": SignForm(data("sign"), initial={"meeting": "opening"}),
        "ask": AskForm(data("ask"), items=items),
        "results": ResultsForm(data("results"), questions=questions),
        "strike": StrikeForm(data("strike"), questions=questions),
        "finding": FindingForm(data("finding"), request.FILES if action == "finding" else None, items=items),
        "close": CloseForm(data("close")),
        "unsigned": UnsignedForm(data("unsigned")),
        "change": ChangeForm(
            data("change"), members=current_members(one.panel),
            initial={"starts_on": one.starts_on, "ends_on": one.ends_on},
        ),
        "cancel": ReasonForm(data("cancel")),
    }  # fmt: skip


def _context(request: HttpRequest, one: Visit, forms: dict[str, Any], form: Any, team: list) -> dict[str, Any]:
    user: Any = request.user
    signed = list(one.signatures.select_related("expert__user"))
    present = {(each.meeting, each.expert_id) for each in signed}
    return {
        "visit": one, "panel": one.panel, "application": one.application, "forms": forms,
        "failing": form or forms["close"], "ground": cite_of(one), "phone": contact_phone(one),
        "by_office": works_in(user, one.panel.round.office), "leads": leads_visit(one, user),
        "on_team": any(member.user_id == user.pk for member in team),
        "team": [
            (member, ("opening", member.pk) in present, ("closing", member.pk) in present, member.user_id == user.pk)
            for member in team
        ],
        "notices": notices_of(one) if works_in(user, one.panel.round.office) else [],
        "notice": notice_to_panel(one),
        "theirs": [each for each in signed if each.expert_id is None], "stops": one.stops.all(),
        "replies": one.replies.select_related("by"), "blockers": closing_blockers(one) if not one.closed_at else [],
        "findings": one.findings.select_related("noted_by__user").prefetch_related("photos__file"),
        "meetings": VisitSignature.Meeting.choices,
        "running": bool(one.confirmed_at) and not one.closed_at and not one.cancelled_at,
    }  # fmt: skip


def _carry_out(one: Visit, action: str, form: Any, *, by: Any) -> str:
    at, data = clock.now(), form.cleaned_data

    def results() -> str:
        for question, text in form.changed_results:
            settle_question(question, result=text, by=by, at=at)
        return "核实情况已保存。"

    def close() -> str:
        close_visit(one, text=data["text"], by=by, at=at)
        return "末次会议记录已签署，已请对方确认。"

    work: dict[str, tuple[Callable[[], Any], str]] = {
        "confirm": (lambda: confirm_plan(one, note=data["note"], by=by, at=at), "日程已确认。"),
        "sign": (lambda: sign_meeting(one, by=by, at=at, **data), "已登记签到。"),
        "ask": (lambda: put_question(one, by=by, at=at, **data), "问题已列入清单。"),
        "results": (results, "核实情况已保存。"),
        "strike": (lambda: strike_question(form.questions[data["question"]], because=data["because"], by=by, at=at),
                   "已划去。"),
        "finding": (lambda: note_finding(one, by=by, at=at, **data), "核查情况已记录。"),
        "close": (close, "末次会议记录已签署，已请对方确认。"),
        "unsigned": (lambda: note_unsigned(one, because=data["because"], by=by, at=at), "已记录。"),
        "change": (lambda: change_visit(one, by=by, at=at, **form.chosen), "日程已变更，已请对方重新确认。"),
        "cancel": (lambda: cancel_visit(one, reason=data["reason"], by=by, at=at), "现场评审已取消，已通知有关人员。"),
    }  # fmt: skip
    carry, told = work[action]
    carry()
    return told


def _tick(one: Visit, action: str, team: list, *, by: Any) -> bool:
    """A single button: sending the plan, the notices, or a member signing in to a meeting."""
    at = clock.now()
    if action == "send":
        send_plan(one, by=by, at=at)
        return True
    if action == "notify":
        issue_visit_notices(one, by=by, at=at)
        return True
    for meeting in VisitSignature.Meeting.values:
        for member in team:
            if action == f"{meeting}-{member.public_id}":
                sign_meeting(one, meeting=meeting, expert=member, by=by, at=at)
                return True
    return False
