"""The panel's opinion on one application: the leader's and the office's page, and the desk both begin from."""

from __future__ import annotations

import uuid
from typing import Any

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
from ..consensus import current_session
from ..discrepancies import discrepancy_matrix, flagged_items, leader_of, may_lead
from ..flagged_readers import flagged_columns
from ..forms.consensus import DraftForm, SignForm
from ..models import OpinionDraft, Panel, PanelOpinion
from ..opinions import (
    draft_opinion,
    issue_opinion,
    members_to_sign,
    opinion_blockers,
    sign_opinion,
    signatures_of,
    summary_of_sheets,
)
from .desk import application_of
from .invitations import answer_first


def led(request: HttpRequest, panel_id: uuid.UUID, public_id: uuid.UUID) -> tuple[Panel, Application]:
    """A panel and an application of it that the person leads on, or whose office they work in; else 404."""
    panel = get_object_or_404(Panel.objects.with_round(), public_id=panel_id)
    application = application_of(panel, public_id)
    if not may_lead(panel, application, request.user):  # type: ignore[arg-type]
        raise Http404
    return panel, application


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def opinion(request: HttpRequest, panel_id: uuid.UUID, public_id: uuid.UUID) -> HttpResponse:
    """The figures once all sheets are in, the consensus, the draft with its signatures, and its issue."""
    user: Any = request.user
    panel, application = led(request, panel_id, public_id)
    by_office = works_in(user, panel.round.office)
    if not by_office and (answer := answer_first(request, leader_of(panel, application), panel)):
        return answer
    draft = OpinionDraft.objects.filter(panel=panel, application=application).first()
    figures = stage_score(application, panel.stage)
    first = draft.text if draft else summary_of_sheets(figures) if figures else ""
    form = DraftForm(_if(request, "draft"), initial={"text": first})
    sign = SignForm(_if(request, "sign"), initial={"revision": draft.revision if draft else None})
    if request.method == "POST":
        try:
            said = _act(request, panel, application, draft, form, sign)
            if said:
                messages.success(request, said)
                return redirect("reviews:opinion", panel_id, public_id)
        except StepRefused as refused:
            if not form.is_bound:  # nothing was typed: the words are the draft's
                form = DraftForm({"text": first})
                form.is_valid()
            add_refusals(sign if request.POST.get("action") == "sign" else form, refused)
    signed = signatures_of(draft, str(figures.score)) if draft and figures else {}
    members = members_to_sign(panel, application) if figures else []
    existing = PanelOpinion.objects.filter(application=application, stage=panel.stage).select_related("document")
    context = {
        "panel": panel, "application": application, "existing": existing.first(), "form": form, "sign": sign,
        "draft": draft, "blockers": opinion_blockers(application, panel.stage), "figures": figures,
        "rows": discrepancy_matrix(application, panel.stage), "flagged": flagged_items(application, panel.stage),
        "barred": flagged_columns(application, panel.stage),
        "session": current_session(panel, application),
        "members": [(one, signed.get(one.pk)) for one in members],
        "may_sign": draft is not None and any(one.user_id == user.pk for one in members),
        "own": next((row for row in signed.values() if row.expert.user_id == user.pk), None),
        "all_signed": draft is not None and bool(members) and all(one.pk in signed for one in members),
        "by_office": by_office,
    }  # fmt: skip
    return render(request, "reviews/panels/opinion.html", context)


def _act(
    request: HttpRequest, panel: Panel, application: Application, draft: OpinionDraft | None, form: DraftForm,
    sign: SignForm,
) -> str:  # fmt: skip
    """Carry out what the page asked; "" where a form has to be corrected first."""
    user: Any = request.user
    action, at = request.POST.get("action", ""), clock.now()
    if action == "draft" and form.is_valid():
        draft_opinion(application, stage=panel.stage, text=form.cleaned_data["text"], by=user, at=at)
        return "评审意见已交成员签署。"
    if action == "sign" and draft is not None and sign.is_valid():
        sign_opinion(draft, by=user, at=at, **sign.cleaned_data)
        return "已签署。"
    if action == "issue":
        issue_opinion(application, stage=panel.stage, by=user, at=at)
        return "评审意见已形成。"
    return ""


def _if(request: HttpRequest, name: str) -> Any:
    return request.POST if request.POST.get("action") == name else None
