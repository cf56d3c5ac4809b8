"""The expert's pages: 我的评审, and the sheet beside the dossier, saved as it is typed."""

from __future__ import annotations

import uuid
from collections.abc import Container
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import F, Q
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
from awards.rulebook import Rubric, RubricItem
from awards.rulebook.rubrics import Veto
from organizations.once import once_only

from ..aggregating import stage_score
from ..conflicts import conflicts_of
from ..discrepancies import led_by
from ..expert_desk import own_desk
from ..late_conflicts import late_conflicts
from ..models import Assignment, ConsensusSession, Expert, OpinionDraft, ScoreSheet, Session, Visit
from ..pointers import Source, sources_of
from ..scoring import (
    StaleSheet,
    changed_since,
    faults_in,
    missing_in,
    rubric_of,
    save_sheet,
    sheet_total,
    submit_sheet,
)
from ..sheet_words import VETO_WORDS, WORDS
from .invitations import answer_first

# said aloud: PostgreSQL puts what has no value last
FIRST_OPEN = F("sheet__submitted_at").asc(nulls_first=True)


@login_required
@never_cache
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """The person's own assignments, open ones first; panels they lead; their sessions."""
    user: Any = request.user
    get_object_or_404(Expert.objects.filter(user=user)[:1])
    rows = list(Assignment.objects.of_expert(user).with_names().order_by(FIRST_OPEN, "panel__due_on", "pk"))
    shut = {one.assignment.pk for one in late_conflicts(rows)}
    for row in rows:
        row.is_shut = row.pk in shut  # type: ignore[attr-defined]
    meeting = set(
        ConsensusSession.objects.filter(closed_at=None, panel__assignments__expert__user=user).values_list(
            "panel_id", "application_id"
        )
    )
    drafts = set(
        OpinionDraft.objects.filter(opinion=None, panel__assignments__expert__user=user)
        .exclude(signatures__expert__user=user, signatures__revision=F("revision"))
        .values_list("panel_id", "application_id")
    )
    for one in rows:
        one.in_consensus = (one.panel_id, one.application_id) in meeting  # type: ignore[attr-defined]
        one.to_sign = (one.panel_id, one.application_id) in drafts  # type: ignore[attr-defined]
    sessions = (
        Session.objects.standing()
        .filter(panel__members__expert__user=user, panel__members__left_at=None)
        .filter(Q(minuted_at=None) | Q(starts_at__gte=clock.day_start(clock.today())))
        .select_related("panel__round__edition", "leader__user")
        .distinct()
    )
    visits = Visit.objects.standing().of_team(user).filter(sent_at__isnull=False).with_names()
    context = {"rows": rows, "led": led_by(user), "sessions": sessions, "visits": visits, **own_desk(user)}
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
    typed, comments, user = *typed_words(request), request.user
    try:
        save_sheet(assignment, items=typed, comments=comments, by=user, at=clock.now(), version=posted_version(request))
        if request.POST.get("then") == "submit":
            submit_sheet(assignment, by=user, at=clock.now())
            messages.success(request, "评分表已提交。")
            return redirect("reviews:mine")
        messages.success(request, "已保存。")
        return redirect("reviews:sheet", assignment_id)
    except StaleSheet as stale:
        return _page(request, assignment, typed=typed, theirs=stale.theirs, version=stale.version, status=409)
    except StepRefused as refused:
        return _page(request, assignment, typed=typed, refused=refused.blockers, status=400)


@never_cache
@require_POST
def autosave(request: HttpRequest, assignment_id: uuid.UUID) -> JsonResponse:
    """Keep what changed; the answer says what was kept, what was not and why, and what another page wrote meanwhile.

    200 all kept; 400 some words not, with the reasons; 409 the same word changed elsewhere; 401 without a session.
    """
    if not request.user.is_authenticated:
        return JsonResponse({"ok": False, "sign_in": reverse("organizations:sign_in")}, status=401)
    assignment, by, at = own_assignment(request, assignment_id), request.user, clock.now()
    typed, comments = typed_words(request)
    version = posted_version(request)
    try:
        faults = faults_in(assignment, typed, by=by, at=at)
        good = without(typed, faults)
        kept = save_sheet(assignment, items=good, comments=comments, by=by, at=at, version=version)
    except StaleSheet as stale:
        return JsonResponse({"ok": False, "theirs": stale.theirs, "version": stale.version}, status=409)
    except StepRefused as refused:
        return JsonResponse({"ok": False, "message": str(refused)}, status=400)
    names = {f"{word}-{key}" for key, row in good.items() for word in row}
    unseen = changed_since(kept, kept.version if version is None else version)
    told = {
        "version": kept.version,
        "saved_at": f"{kept.saved_at.astimezone(clock.SHANGHAI):%H:%M}",
        "others": {name: text for name, text in unseen.items() if name not in names and name != "comments"}
        | ({"comments": kept.comments} if comments is None and "comments" in unseen else {}),
    }
    if faults:
        told |= {"kept": sorted(names), "message": "".join(one.text for one in faults.values())}
        told["faults"] = {name: str(one) for name, one in faults.items()}
    return JsonResponse({"ok": not faults, **told}, status=400 if faults else 200)


def own_assignment(request: HttpRequest, assignment_id: uuid.UUID) -> Assignment:
    """The person's own assignment that has not ended; after a recusal it is not there."""
    user: Any = request.user
    return get_object_or_404(Assignment.objects.of_expert(user).with_names(), public_id=assignment_id)


def typed_words(request: HttpRequest) -> tuple[dict[str, dict[str, str]], str | None]:
    """`score-<item>`, `strengths-<item>`, … and the comments; a word chosen as stored (`take-<name>`) is left out."""
    taken = {name.removeprefix("take-") for name, text in request.POST.items() if name[:5] == "take-" and text == "1"}
    items: dict[str, dict[str, str]] = {}
    for name, text in request.POST.items():
        word, _, key = name.partition("-")
        if key and word in ("score", *WORDS, *VETO_WORDS) and name not in taken:
            items.setdefault(key, {})[word] = str(text)
    return items, None if "comments" in taken else request.POST.get("comments")


def without(items: dict[str, dict[str, str]], faults: Container[str]) -> dict[str, dict[str, str]]:
    """The words without the faulty ones; a pointer at fault goes whole, its file with its page."""
    return {
        key: {
            word: text
            for word, text in row.items()
            if f"{word}-{key}" not in faults and not (word == "file" and f"page-{key}" in faults)
        }
        for key, row in items.items()
    }


def posted_version(request: HttpRequest) -> int | None:
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


def _page(
    request: HttpRequest, assignment: Assignment, *, typed: dict[str, dict[str, str]] | None = None,
    refused: list[Blocker] | None = None, theirs: dict[str, str] | None = None, version: int | None = None,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    application, now = assignment.application, clock.now()
    book = application.rulebook
    stored = assignment.sheet
    stored.refresh_from_db()
    readable = readable_dossier(application, user=request.user, at=now)  # type: ignore[arg-type]
    rubric = rubric_of(application, assignment.panel.stage)
    sources = sources_of(readable)
    # beside its own field, as the autosave tells it
    faults = faults_in(assignment, typed, by=request.user, at=now) if typed and refused else {}  # type: ignore[arg-type]
    rows = [_row(one, rubric, stored, typed or {}, theirs or {}, sources, faults) for one in rubric.items]
    comments = request.POST.get("comments", stored.comments)
    context = {
        "assignment": assignment, "application": application, "sheet": stored, "rows": rows, "rubric": rubric,
        "readable": readable, "parts": lay_out(readable) if readable else [], "sources": sources,
        "files": file_groups(readable) if readable else [], 
        "vetoes": [_veto(one, stored, typed or {}, theirs or {}, faults) for one in rubric.vetoes],
        "total": sheet_total(stored), "scored": sum(1 for one in rows if one["score"]),
        "missing": missing_in(assignment, stored), "refused": refused or [], "is_stale": theirs is not None,
        "version": version or stored.version, "comments": comments,
        "their_comments": (theirs or {}).get("comments") if (theirs or {}).get("comments") != comments else None,
        "is_open": stored.submitted_at is None and readable is not None and application.state == assignment.panel.stage,
        "stage_cite": book.ground(book.stage(assignment.panel.stage)),
        "reopening": assignment.reopenings.last() if status == 200 else None,
        "all_in": stored.submitted_at is not None and stage_score(application, assignment.panel.stage) is not None,
    }  # fmt: skip
    return render(request, "reviews/panels/sheet.html", context, status=status)


def _row(
    item: RubricItem, rubric: Rubric, stored: ScoreSheet, typed: dict[str, dict[str, str]], theirs: dict[str, str],
    sources: list[Source], faults: dict[str, Blocker],
) -> dict[str, Any]:  # fmt: skip
    """One item as the page shows it: what was typed before what is stored, and what was stored elsewhere beside it."""
    words = dict.fromkeys(("score", *WORDS), "") | stored.items.get(item.key, {}) | typed.get(item.key, {})
    pointed = next((one for one in sources if one.key == words["file"]), None)
    guide = rubric.guide_of(item)
    return {
        "item": item, "bands": rubric.bands_for(item), "factors": guide.factors if guide else (),
        "step": f"{rubric.step_for(item).normalize():f}", **words,
        "faults": _faults_at(item.key, faults),
        "pointed": pointed, "pointed_url": pointed.at_page(words["page"]) if pointed else "",
        "theirs": {
            word: theirs[f"{word}-{item.key}"]
            for word in ("score", *WORDS)
            if theirs.get(f"{word}-{item.key}", words[word]) != words[word]
        },
    }  # fmt: skip


def _faults_at(key: str, faults: dict[str, Blocker]) -> dict[str, str]:
    """Word → what is wrong with it, for one item."""
    return {name.partition("-")[0]: one.text for name, one in faults.items() if name.partition("-")[2] == key}


def _veto(
    veto: Veto, stored: ScoreSheet, typed: dict[str, dict[str, str]], theirs: dict[str, str],
    faults: dict[str, Blocker],
) -> dict[str, Any]:  # fmt: skip
    words = dict.fromkeys(VETO_WORDS, "") | stored.items.get(veto.key, {}) | typed.get(veto.key, {})
    elsewhere = {
        word: theirs[f"{word}-{veto.key}"]
        for word in VETO_WORDS
        if theirs.get(f"{word}-{veto.key}", words[word]) != words[word]
    }
    return {"item": veto, **words, "theirs": elsewhere, "faults": _faults_at(veto.key, faults)}
