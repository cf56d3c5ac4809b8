"""The expert's pages: 我的评审, and the sheet beside the dossier, saved as it is typed."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from applications.dossier_layout import file_groups, lay_out
from applications.gates import Blocker
from applications.moves import StepRefused
from applications.reading import readable_dossier
from award_portal.lib import clock
from organizations.once import once_only

from ..conflicts import conflicts_of
from ..expert_desk import own_desk
from ..late_conflicts import late_conflicts
from ..models import Assignment, Expert, Panel, Session, Visit
from ..scoring import WORDS, StaleSheet, missing_in, rubric_of, save_sheet, sheet_total, submit_sheet
from .invitations import answer_first


@login_required
@never_cache
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """The person's own assignments, open ones first; panels they lead; their sessions."""
    user: Any = request.user
    get_object_or_404(Expert.objects.filter(user=user)[:1])
    rows = list(Assignment.objects.of_expert(user).with_names().order_by("sheet__submitted_at", "panel__due_on", "pk"))
    shut = {one.assignment.pk for one in late_conflicts(rows)}
    for row in rows:
        row.is_shut = row.pk in shut  # type: ignore[attr-defined]
    led = list(Panel.objects.with_round().filter(chair__user=user))
    judged = (
        Assignment.objects.active().filter(panel__in=led).select_related("application__organization").order_by("pk")
    )
    for panel in led:
        panel.led_applications = list(
            {one.application_id: one.application for one in judged if one.panel_id == panel.pk}.values()
        )
    sessions = (
        Session.objects.standing()
        .filter(panel__members__expert__user=user, panel__members__left_at=None)
        .filter(Q(minuted_at=None) | Q(starts_at__gte=clock.day_start(clock.today())))
        .select_related("panel__round__edition", "leader__user")
        .distinct()
    )
    visits = Visit.objects.standing().of_team(user).filter(sent_at__isnull=False).with_names()
    context = {"rows": rows, "led": led, "sessions": sessions, "visits": visits, **own_desk(user)}
    return render(request, "reviews/panels/mine.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def sheet(request: HttpRequest, assignment_id: uuid.UUID) -> HttpResponse:
    """The rubric beside the dossier; POST saves what is on the page and, when asked, submits it."""
    assignment = own_assignment(request, assignment_id)
    if tied := conflicts_of(assignment.expert, assignment.application):
        return render(request, "reviews/panels/shut.html", {"assignment": assignment, "tied": tied}, status=403)
    if request.method != "POST":
        return answer_first(request, assignment.expert, assignment.panel) or _page(request, assignment)
    typed, user = typed_items(request), request.user
    try:
        save_sheet(
            assignment, items=typed, comments=request.POST.get("comments"), by=user, at=clock.now(),
            version=posted_version(request),
        )  # fmt: skip
        if request.POST.get("then") == "submit":
            submit_sheet(assignment, by=user, at=clock.now())
            messages.success(request, "评分表已提交。")
            return redirect("reviews:mine")
        messages.success(request, "已保存。")
        return redirect("reviews:sheet", assignment_id)
    except StaleSheet as stale:
        told = [Blocker("这份评分表刚在别处保存过。您填写的内容仍在本页；再次保存即以本页为准。")]
        return _page(request, assignment, typed=typed, refused=told, version=stale.version, status=409)
    except StepRefused as refused:
        return _page(request, assignment, typed=typed, refused=refused.blockers, status=400)


@never_cache
@require_POST
def autosave(request: HttpRequest, assignment_id: uuid.UUID) -> JsonResponse:
    """Keep what changed: 200 with the version, 409 with the stored texts, 401 without a session, 400 with why."""
    if not request.user.is_authenticated:
        return JsonResponse({"ok": False, "sign_in": reverse("organizations:sign_in")}, status=401)
    assignment = own_assignment(request, assignment_id)
    try:
        kept = save_sheet(
            assignment, items=typed_items(request), comments=request.POST.get("comments"), by=request.user,
            at=clock.now(), version=posted_version(request),
        )  # fmt: skip
    except StaleSheet as stale:
        return JsonResponse({"ok": False, "theirs": stale.theirs, "version": stale.version}, status=409)
    except StepRefused as refused:
        return JsonResponse({"ok": False, "message": str(refused)}, status=400)
    saved = kept.saved_at.astimezone(clock.SHANGHAI)
    return JsonResponse({"ok": True, "version": kept.version, "saved_at": f"{saved:%H:%M}"})


def own_assignment(request: HttpRequest, assignment_id: uuid.UUID) -> Assignment:
    """The person's own assignment that has not ended; after a recusal it is not there."""
    user: Any = request.user
    return get_object_or_404(Assignment.objects.of_expert(user).with_names(), public_id=assignment_id)


def typed_items(request: HttpRequest) -> dict[str, dict[str, str]]:
    """`score-<item>`, `strengths-<item>`, `improvements-<item>` as the sheet keeps them."""
    items: dict[str, dict[str, str]] = {}
    for name, text in request.POST.items():
        word, _, key = name.partition("-")
        if key and word in ("score", *WORDS):
            items.setdefault(key, {})[word] = str(text)
    return items


def posted_version(request: HttpRequest) -> int | None:
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


def _page(
    request: HttpRequest, assignment: Assignment, *, typed: dict[str, dict[str, str]] | None = None,
    refused: list[Blocker] | None = None, version: int | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    application, now = assignment.application, clock.now()
    book = application.rulebook
    stored = assignment.sheet
    stored.refresh_from_db()
    readable = readable_dossier(application, user=request.user, at=now)  # type: ignore[arg-type]
    rubric = rubric_of(application, assignment.panel.stage)
    rows = [
        {"item": one, "bands": rubric.bands_of(one), **stored.items.get(one.key, {}), **(typed or {}).get(one.key, {})}
        for one in rubric.items
    ]
    context = {
        "assignment": assignment, "application": application, "sheet": stored, "rows": rows, "rubric": rubric,
        "readable": readable, "parts": lay_out(readable) if readable else [],
        "files": file_groups(readable) if readable else [],
        "total": sheet_total(stored), "missing": missing_in(assignment, stored), "refused": refused or [],
        "version": version or stored.version, "comments": request.POST.get("comments", stored.comments),
        "is_open": stored.submitted_at is None and readable is not None and application.state == assignment.panel.stage,
        "stage_cite": book.ground(book.stage(assignment.panel.stage)),
    }  # fmt: skip
    return render(request, "reviews/panels/sheet.html", context, status=status)
