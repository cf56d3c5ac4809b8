"""合议 at the leader's page and at each member's own: signing in, what was said, what each changes of their own."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from applications.forms.desks import add_refusals
from applications.models import Application
from applications.moves import StepRefused
from applications.rules import works_in
from award_portal.lib import clock
from organizations.once import once_only

from ..aggregating import stage_score
from ..agreed_sheets import in_lot_order
from ..consensus import (
    answer_change,
    attend_consensus,
    change_score,
    close_blockers,
    close_consensus,
    consensus_blockers,
    convene_consensus,
    current_session,
    discuss_item,
)
from ..discrepancies import column_of, discrepancy_matrix
from ..flagged_readers import flagged_columns
from ..forms.consensus import (
    AttendForm,
    ChangeForm,
    CloseForm,
    ConveneForm,
    DiscussForm,
    ProposeForm,
    RegisterForm,
    SignForm,
)
from ..models import Assignment, ConsensusChange, ConsensusSession, OpinionDraft, Panel, PanelOpinion
from ..opinions import sign_opinion, signatures_of
from .invitations import answer_first
from .opinions import led
from .scoring import own_assignment


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def consensus(request: HttpRequest, panel_id: uuid.UUID, public_id: uuid.UUID) -> HttpResponse:
    """The leader's and the office's page: convene, sign in, note item by item, close."""
    panel, application = led(request, panel_id, public_id)
    session = current_session(panel, application)
    readers = in_lot_order(
        Assignment.objects.of_stage(application, panel.stage).select_related("expert__user", "sheet", "panel")
    )
    rows = discrepancy_matrix(application, panel.stage)
    forms_ = _leader_forms(request, session, readers, rows)
    action = request.POST.get("action", "")
    if request.method == "POST" and action in forms_ and forms_[action].is_valid():
        try:
            _lead(request, panel, application, session, readers, action, forms_[action].cleaned_data)
            return redirect("reviews:consensus", panel_id, public_id)
        except StepRefused as refused:
            add_refusals(forms_[action], refused)
    said = dict(session.items.values_list("item", "said")) if session else {}
    context = {
        "panel": panel, "application": application, "session": session, "rows": rows, "forms": forms_,
        "barred": flagged_columns(application, panel.stage),
        "failed": forms_.get(action) if request.method == "POST" else None,
        "flagged": [(row, said.get(row.key, ""), forms_.get(f"discuss-{row.key}")) for row in rows if row.is_flagged],
        "attended": session.attendances.select_related("assignment__expert__user") if session else [],
        "changes": _changes(session, readers) if session else [],
        "blockers": close_blockers(session) if session and session.closed_at is None and rows else [],
        "needed": consensus_blockers(application, panel) if rows else [],
        "by_office": works_in(request.user, panel.round.office),  # type: ignore[arg-type]
    }  # fmt: skip
    return render(request, "reviews/panels/consensus.html", context)


def _leader_forms(
    request: HttpRequest, session: ConsensusSession | None, readers: list[Assignment], rows: list[Any]
) -> dict[str, forms.Form]:
    action = request.POST.get("action", "")

    def data(name: str) -> Any:
        return request.POST if action == name else None

    if not rows:
        return {}
    if session is None or session.closed_at is not None:
        today = {"held_on": clock.today(), "starts": "14:30"}
        return {"convene": ConveneForm(data("convene"), initial=today)}
    came = set(session.attendances.values_list("assignment", flat=True))
    absent = sorted((one for one in readers if one.pk not in came), key=lambda one: one.pk)
    flagged = [(row.key, row.title) for row in rows if row.is_flagged]
    said = dict(session.items.values_list("item", "said"))
    found: dict[str, forms.Form] = {
        "propose": ProposeForm(data("propose"), experts=len(readers), items=flagged),
        "close": CloseForm(data("close")),
    }
    if absent:
        found["register"] = RegisterForm(data("register"), absent=absent)
    for key, _ in flagged:
        name = f"discuss-{key}"
        found[name] = DiscussForm(data(name), initial={"said": said.get(key, "")}, auto_id=f"id_%s_{key}")
    return found


def _lead(
    request: HttpRequest, panel: Panel, application: Application, session: ConsensusSession | None,
    readers: list[Assignment], action: str, data: dict[str, Any],
) -> None:  # fmt: skip
    user: Any = request.user
    at = clock.now()
    if action == "convene":
        form = ConveneForm(request.POST)
        form.is_valid()
        convene_consensus(application, stage=panel.stage, starts_at=form.starts_at, place=data["place"], by=user, at=at)
        messages.success(request, "合议已召集，已通知各成员。")
        return
    if session is None:
        return
    if action == "register":
        one = next(one for one in readers if str(one.public_id) == data["assignment"])
        attend_consensus(session, assignment=one, mode=data["mode"], words=data["words"], by=user, at=at)
    elif action == "propose":
        one = readers[int(data["expert"]) - 1]
        change_score(session, assignment=one, item=data["item"], new=data["new"], reason=data["reason"], by=user, at=at)
        messages.success(request, "改分已登记，待专家本人确认后生效。")
    elif action == "close":
        close_consensus(session, conclusion=data["conclusion"], by=user, at=at)
        messages.success(request, "合议已结束，合议记录已形成。")
    else:
        discuss_item(session, item=action.removeprefix("discuss-"), said=data["said"], by=user, at=at)
        messages.success(request, "讨论情况已记录。")


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def my_consensus(request: HttpRequest, assignment_id: uuid.UUID) -> HttpResponse:
    """A reader's page after the last sheet: the matrix with the own column, the session, the opinion to sign."""
    assignment = own_assignment(request, assignment_id)
    panel, application = assignment.panel, assignment.application
    if first := answer_first(request, assignment.expert, panel):
        return first
    session = current_session(panel, application)
    draft = OpinionDraft.objects.filter(panel=panel, application=application).first()
    figures = stage_score(application, panel.stage)
    rows = discrepancy_matrix(application, panel.stage)
    found = _own_forms(request, rows, draft)
    action = request.POST.get("action", "")
    form = found.get(action)
    if request.method == "POST" and form is None and not action.startswith("answer:"):
        messages.error(request, "没有办理：本页已没有这一项，请核对后再办理。")
        return redirect("reviews:my_consensus", assignment_id)
    if request.method == "POST" and (form is None or form.is_valid()):
        try:
            _take_part(request, assignment, session, draft, action, form.cleaned_data if form else {})
            return redirect("reviews:my_consensus", assignment_id)
        except StepRefused as refused:
            if form is None:
                form = forms.Form(request.POST)
                form.is_valid()
            add_refusals(form, refused)
    own = column_of(assignment) if rows else 0
    signed = signatures_of(draft, str(figures.score)) if draft and figures else {}
    changes = _changes(session, [assignment]) if session else []
    context = {
        "assignment": assignment, "panel": panel, "application": application, "session": session, "rows": rows,
        "own": own, "forms": found, "failed": form if request.method == "POST" else None, "draft": draft,
        "barred": flagged_columns(application, panel.stage),
        "flagged": [
            (row, row.cells[own - 1][1], found.get(f"change-{row.key}")) for row in rows if row.is_flagged
        ],
        "attendance": session.attendances.filter(assignment=assignment).first() if session else None,
        "changes": changes, "signature": signed.get(assignment.expert_id),
        "existing": PanelOpinion.objects.filter(application=application, stage=panel.stage)
        .select_related("document").first(),
    }  # fmt: skip
    return render(request, "reviews/panels/my_consensus.html", context)


def _own_forms(request: HttpRequest, rows: list[Any], draft: OpinionDraft | None) -> dict[str, forms.Form]:
    action = request.POST.get("action", "")

    def data(name: str) -> Any:
        return request.POST if action == name else None

    found: dict[str, forms.Form] = {
        "attend": AttendForm(data("attend")),
        "sign": SignForm(data("sign"), initial={"revision": draft.revision if draft else None}),
    }
    for row in rows:
        if row.is_flagged:
            name = f"change-{row.key}"
            found[name] = ChangeForm(data(name), auto_id=f"id_%s_{row.key}")
    return found


def _take_part(
    request: HttpRequest, assignment: Assignment, session: ConsensusSession | None, draft: OpinionDraft | None,
    action: str, data: dict[str, Any],
) -> None:  # fmt: skip
    user: Any = request.user
    at = clock.now()
    if action == "sign" and draft is not None:
        sign_opinion(draft, by=user, at=at, **data)
        messages.success(request, "已签署。")
    elif session is None:
        return
    elif action == "attend":
        attend_consensus(session, assignment=assignment, by=user, at=at, **data)
        messages.success(request, "已签到。")
    elif action.startswith("change-"):
        item = action.removeprefix("change-")
        change_score(session, assignment=assignment, item=item, by=user, at=at, **data)
        messages.success(request, "改分已记录，原评分表保留。")
    elif action.startswith("answer:"):
        _, answer, key = (action + "::").split(":")[:3]
        answer_change(_change(assignment, key), agree=answer == "agree", by=user, at=at)
        messages.success(request, "已答复。")


def _change(assignment: Assignment, key: str) -> ConsensusChange:
    try:
        public_id = uuid.UUID(key)
    except ValueError:
        raise Http404 from None
    return get_object_or_404(
        ConsensusChange.objects.select_related("session__panel__round", "assignment__expert"),
        assignment=assignment, public_id=public_id,
    )  # fmt: skip


def _changes(session: ConsensusSession, readers: list[Assignment]) -> list[tuple[int, ConsensusChange]]:
    """Every change with the number of its expert; nobody's name."""
    rows = ConsensusChange.objects.filter(session=session, assignment__in=readers).order_by("pk")
    columns = {one.pk: nth for nth, one in enumerate(readers, start=1)}
    return [(columns[one.assignment_id], one) for one in rows]
