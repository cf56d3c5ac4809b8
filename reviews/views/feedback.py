"""评审反馈报告: the office's list, the page it is edited at, and the applicant's own (section 8)."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from applications.gates import Blocker
from applications.models import Application
from applications.moves import StepRefused
from applications.pipeline import REVIEWS
from applications.rules import acts_for, works_in
from award_portal.lib import clock
from awards.models import Round
from awards.parameters import rulebook_for
from documents.registers import register_response
from organizations.once import once_only

from ..decision_registers import feedback_register
from ..feedback import (
    LIMIT,
    OVERALL_LIMIT,
    StaleFeedback,
    confirm_feedback,
    draft_feedback,
    leads,
    may_write,
    paper_label,
    parts_of,
    release_blockers,
    release_feedback,
    reviewed,
    save_feedback,
    text_blockers,
    texts_of,
)
from ..models import FeedbackReport, Panel
from .scoring import posted_version


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def feedback(request: HttpRequest, round_id: uuid.UUID) -> HttpResponse:
    """Everybody reviewed with how far the feedback is; the office drafts and releases, a leader sees its own."""
    round, is_office = _round(request, round_id)
    user: Any = request.user
    refused: list[Blocker] = []
    if request.method == "POST":
        try:
            messages.success(request, _take(request, round))
            return redirect("reviews:feedback", round_id)
        except StepRefused as stopped:
            refused = stopped.blockers
    elif request.GET.get("format") and is_office:
        return register_response(feedback_register(round), request.GET["format"], at=clock.now())
    book = rulebook_for(round)
    written = {
        one.application_id: one
        for one in FeedbackReport.objects.of_round(round).select_related("document", "application__organization")
    }
    rows = []
    for one in reviewed(round):
        if not is_office and not leads(one, user):
            continue
        report = written.get(one.pk)
        if report:
            report.application = one
        rows.append((one, report, release_blockers(report) if report and not report.released_at else []))
    context = {
        "round": round, "book": book, "label": paper_label(book), "rows": rows, "refused": refused,
        "is_office": is_office, "chosen": set(request.POST.getlist("report")),
        "undrafted": sum(1 for one, report, _ in rows if report is None and one.state not in REVIEWS),
        "ready": sum(1 for _, report, found in rows if report and not report.released_at and not found),
    }  # fmt: skip
    return render(request, "reviews/feedback/list.html", context, status=409 if refused else 200)


def _take(request: HttpRequest, round: Round) -> str:
    given: Any = {"by": request.user, "at": clock.now()}
    if request.POST.get("action") == "draft":
        return f"已起草{len(draft_feedback(round, **given))}份。"
    chosen = FeedbackReport.objects.of_round(round).filter(public_id__in=_uuids(request.POST.getlist("report")))
    return f"已发放{len(release_feedback(round, chosen, **given))}份。"


def _uuids(texts: list[str]) -> list[uuid.UUID]:
    found = []
    for text in texts:
        try:
            found.append(uuid.UUID(text))
        except ValueError:
            continue
    return found


def _round(request: HttpRequest, round_id: uuid.UUID) -> tuple[Round, bool]:
    """A round of the person's office, or one in which it leads a panel; anything else is not there."""
    user: Any = request.user
    rounds = Round.objects.published().select_related("scheme", "edition", "office")
    round = get_object_or_404(rounds, public_id=round_id)
    is_office = works_in(user, round.office)
    if not is_office and not Panel.objects.filter(round=round, chair__user=user).exists():
        raise Http404
    return round, is_office


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def feedback_report(request: HttpRequest, report_id: uuid.UUID) -> HttpResponse:
    """One applicant's feedback, item by item: edited and confirmed by the panel's leader or the office."""
    report = _written(request, report_id)
    if request.method != "POST":
        return _page(request, report)
    user: Any = request.user
    typed = typed_texts(request)
    try:
        save_feedback(report, texts=typed, by=user, at=clock.now(), version=posted_version(request))
        if request.POST.get("then") == "confirm":
            confirm_feedback(report, by=user, at=clock.now())
            messages.success(request, "反馈报告已确认，可以发放。")
            return redirect("reviews:feedback", report.application.round.public_id)
        messages.success(request, "已保存。")
        return redirect("reviews:feedback_report", report_id)
    except StaleFeedback as stale:
        return _page(request, report, typed=typed, refused=stale.blockers, version=stale.version, status=409)
    except StepRefused as refused:
        return _page(request, report, typed=typed, refused=refused.blockers, status=400)


def _page(
    request: HttpRequest, report: FeedbackReport, *, typed: dict[str, str] | None = None,
    refused: list[Blocker] | None = None, version: int | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    report.refresh_from_db()
    application = report.application
    book = application.rulebook
    texts = texts_of(report) | (typed or {})
    parts = [
        (part, "、".join(book.label(one) for one in part.stages), [
            (item, part.key(item), texts.get(f"strengths-{part.key(item)}", ""),
             texts.get(f"improvements-{part.key(item)}", ""))
            for item in part.rubric.items
        ])
        for part in parts_of(application)
    ]  # fmt: skip
    context = {
        "report": report, "application": application, "round": application.round, "label": paper_label(book),
        "parts": parts, "overall": texts["overall"], "refused": refused or [], "version": version or report.version,
        "faults": text_blockers(report) if report.released_at is None and not refused else [],
        "limit": LIMIT, "overall_limit": OVERALL_LIMIT, "content": report.document.content if report.document else {},
    }  # fmt: skip
    return render(request, "reviews/feedback/edit.html", context, status=status)


@never_cache
@require_POST
def feedback_autosave(request: HttpRequest, report_id: uuid.UUID) -> JsonResponse:
    """Keep what changed: 200 with the version, 409 with the stored texts, 401 without a session, 400 with why."""
    if not request.user.is_authenticated:
        return JsonResponse({"ok": False, "sign_in": reverse("organizations:sign_in")}, status=401)
    report = _written(request, report_id)
    try:
        kept = save_feedback(
            report, texts=typed_texts(request), by=request.user, at=clock.now(), version=posted_version(request)
        )
    except StaleFeedback as stale:
        return JsonResponse({"ok": False, "theirs": stale.theirs, "version": stale.version}, status=409)
    except StepRefused as refused:
        return JsonResponse({"ok": False, "message": str(refused)}, status=400)
    saved = kept.saved_at.astimezone(clock.SHANGHAI)
    return JsonResponse({"ok": True, "version": kept.version, "saved_at": f"{saved:%H:%M}"})


def typed_texts(request: HttpRequest) -> dict[str, str]:
    """`overall`, `strengths-<key>` and `improvements-<key>` as they were posted."""
    return {
        name: str(text)
        for name, text in request.POST.items()
        if name == "overall" or name.startswith(("strengths-", "improvements-"))
    }


def _written(request: HttpRequest, report_id: uuid.UUID) -> FeedbackReport:
    user: Any = request.user
    reports = FeedbackReport.objects.select_related(
        "application__organization", "application__round__scheme", "application__round__edition",
        "application__round__office", "document", "confirmed_by",
    )  # fmt: skip
    report = get_object_or_404(reports, public_id=report_id)
    if not may_write(report.application, user):
        raise Http404
    return report


@login_required
@never_cache
@require_GET
def own_feedback(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The applicant reads its feedback once it is released; before that there is nothing here."""
    user: Any = request.user
    application = get_object_or_404(Application.objects.with_names(), public_id=public_id)
    report = FeedbackReport.objects.released().filter(application=application).select_related("document").first()
    if report is None or not acts_for(user, application):
        raise Http404
    context = {
        "application": application, "report": report, "label": paper_label(application.rulebook),
        # what was issued, not what the rules would make of it today
        "content": report.document.content if report.document else {},
    }  # fmt: skip
    return render(request, "reviews/feedback/own.html", context)
