"""The review report: figures from the data, words drafted and edited, preview, issue, correction (V7)."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from applications.forms.desks import add_refusals
from applications.gates import Blocker
from applications.moves import StepRefused
from award_portal.lib import clock
from awards.models import Round
from awards.parameters import rulebook_for
from documents.registers import attachment
from documents.rendering import render_document
from organizations.once import once_only

from ..forms.panels import ReportCorrectionForm, ReportForm
from ..models import ReviewReport
from ..report_words import PARTS, draft_words
from ..reporting import (
    StaleReport,
    correction_blockers,
    draft_of,
    drop_correction,
    frozen_table,
    issue_report,
    preview_report,
    report_blockers,
    report_figures,
    save_report,
    standing_report,
    start_correction,
)
from .desk import office_round
from .scoring import posted_version


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def report(request: HttpRequest, round_id: uuid.UUID) -> HttpResponse:
    """Draft, issue, correct; an issued report is shown as it was frozen."""
    round = office_round(request, round_id)
    then = request.POST.get("then", "")
    if then in ("correct", "drop"):
        return _correct(request, round, then)
    form = ReportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given: Any = {"sections": form.sections, "version": form.cleaned_data["version"], "by": request.user}
        try:
            if then == "issue":
                issued = issue_report(round, **given, at=clock.now())
                messages.success(request, f"{issued.document.title if issued.document else ''}已签发。")
            else:
                save_report(round, **given, at=clock.now())
                messages.success(request, "报告草稿已保存。")
            return redirect("reviews:report_preview" if then == "preview" else "reviews:report", round_id)
        except StepRefused as refused:
            add_refusals(form, refused)
            if isinstance(refused, StaleReport):
                # the next save is over what was just shown to be newer
                form.data = typed = request.POST.copy()
                typed["version"] = str(refused.version)
    return _page(request, round, form)


def _correct(request: HttpRequest, round: Round, then: str) -> HttpResponse:
    user: Any = request.user
    correction = ReportCorrectionForm(request.POST)
    refused: list[Blocker] = []
    try:
        if then == "drop":
            drop_correction(round, by=user, at=clock.now())
            messages.success(request, "更正稿已放弃，已签发的版本继续有效。")
            return redirect("reviews:report", round.public_id)
        if correction.is_valid():
            start_correction(round, ground=correction.cleaned_data["ground"], by=user, at=clock.now())
            messages.success(request, "更正稿已建立，修改后签发。")
            return redirect("reviews:report", round.public_id)
    except StepRefused as stopped:
        refused = stopped.blockers
    return _page(request, round, None, correction=correction, refused=refused)


def _page(
    request: HttpRequest, round: Round, form: ReportForm | None, *, correction: ReportCorrectionForm | None = None,
    refused: list[Blocker] | None = None,
) -> HttpResponse:  # fmt: skip
    book = rulebook_for(round)
    label, draft, standing = book.instrument("review_report"), draft_of(round), standing_report(round)
    is_open = draft is not None or standing is None
    figures = report_figures(round) if is_open or standing is None else standing.figures
    drafted = draft_words(round, figures) if is_open else {}
    kept = draft.sections if draft else {}
    if form is None or not form.is_bound:
        form = ReportForm(initial={**drafted, **kept, "version": draft.version if draft else 1})
    shown = {key: form[key].value() for key in PARTS}
    may_correct = not is_open and not correction_blockers(round)
    context = {
        "round": round, "form": form, "label": label, "issue_label": f"签发{label}", "refused": refused or [],
        "is_open": is_open, "standing": standing, "ground": draft.ground if draft else "",
        "issued": ReviewReport.objects.exclude(issued_at=None).filter(round=round).select_related("document"),
        "correction": (correction or ReportCorrectionForm()) if may_correct else None,
        "parts": [(form[key], drafted.get(key, "") if shown[key] != drafted.get(key) else "") for key in PARTS],
        "words": [] if is_open or standing is None else [
            {"key": key, "title": title, "text": standing.sections.get(key, "")} for key, title in PARTS.items()
        ],
        "rows": frozen_table(round) if is_open or standing is None else standing.table, "figures": figures,
        "stages": [book.label(one) for one in book.review_states],
        "blockers": report_blockers(round) if is_open else [],
        "weights": [(book.label(one.state), one.percent) for one in book.scoring.composite.value],
        "weights_ground": book.ground(book.scoring.composite), "left_label": book.label("eliminated"),
    }  # fmt: skip
    return render(request, "reviews/panels/report.html", context)


@never_cache
@require_POST
def report_autosave(request: HttpRequest, round_id: uuid.UUID) -> JsonResponse:
    """Keep what changed: 200 with the version, 409 with the stored texts, 401 without a session, 400 with why."""
    if not request.user.is_authenticated:
        return JsonResponse({"ok": False, "sign_in": reverse("organizations:sign_in")}, status=401)
    round = office_round(request, round_id)
    typed = {key: str(request.POST[key]) for key in PARTS if key in request.POST}
    try:
        kept = save_report(
            round, sections=typed, by=request.user, at=clock.now(), version=posted_version(request)
        )  # fmt: skip
    except StaleReport as stale:
        return JsonResponse({"ok": False, "theirs": stale.theirs, "version": stale.version}, status=409)
    except StepRefused as refused:
        return JsonResponse({"ok": False, "message": str(refused)}, status=400)
    saved = kept.saved_at.astimezone(clock.SHANGHAI)
    return JsonResponse({"ok": True, "version": kept.version, "saved_at": f"{saved:%H:%M}"})


@login_required
@never_cache
@require_GET
def report_preview(request: HttpRequest, round_id: uuid.UUID) -> HttpResponse:
    """The paper as it would be issued now, as a PDF that is not kept."""
    round = office_round(request, round_id)
    if draft_of(round) is None and (standing := standing_report(round)) is not None and standing.document:
        return redirect(standing.document.get_absolute_url())
    paper = preview_report(round, at=clock.now())
    return attachment(render_document(paper).data, f"{paper.title}（预览稿）.pdf", "application/pdf", inline=True)
