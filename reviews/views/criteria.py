"""The criteria of a round: what is used, a new version as a draft, and its approval by the leading body (U5)."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from applications.moves import StepRefused
from applications.rules import works_for, works_in
from award_portal.lib import clock
from awards.models import Round
from awards.parameters import rulebook_for
from awards.rubrics import changes_of
from organizations.models import User
from organizations.once import once_only

from ..criteria import (
    approve_version,
    bases_for,
    begin_version,
    criteria_of,
    faults_in,
    return_version,
    save_version,
    submit_version,
)
from ..forms.bands import band_sets, bandable
from ..forms.criteria import STEPS, VETO_BY, ApproveForm, BeginForm, ReturnForm, rows_of, step_word, typed_content
from ..models import CriteriaVersion


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def criteria(request: HttpRequest, round_id: uuid.UUID) -> HttpResponse:
    """Every rubric of the round with its versions; the office begins a new one here."""
    user: Any = request.user
    round = get_object_or_404(Round.objects.select_related("scheme", "edition", "office"), public_id=round_id)
    is_office = _desk(user, round)
    refused: StepRefused | None = None
    if request.method == "POST":
        if not is_office:
            raise Http404
        try:
            version = begin_version(
                round, request.POST.get("rubric", ""), base=request.POST.get("base", ""), by=user, at=clock.now()
            )
            return redirect("reviews:criteria_version", version.public_id)
        except StepRefused as error:
            refused = error
    book = rulebook_for(round)
    rows = [(one, BeginForm(bases=bases_for(round, one.rubric.key))) for one in criteria_of(round)]
    context = {"round": round, "rows": rows, "is_office": is_office, "refused": refused,
               "body": book.bodies.leading_body.name}  # fmt: skip
    return render(request, "reviews/panels/criteria.html", context, status=400 if refused else 200)


def _desk(user: User, round: Round) -> bool:
    """True at the office's desk, False at the leading body's; 404 anywhere else."""
    if works_in(user, round.office):
        return True
    if works_for(user, round.scheme.key, "leading_body"):
        return False
    raise Http404


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def criteria_version(request: HttpRequest, version_id: uuid.UUID) -> HttpResponse:
    """One version: drawn up by the office, compared with what was used before, approved or returned."""
    user: Any = request.user
    version = get_object_or_404(CriteriaVersion.objects.with_round(), public_id=version_id)
    is_office = _desk(user, version.round)
    if not is_office and version.submitted_at is None:
        raise Http404
    refused: StepRefused | None = None
    if request.method == "POST":
        try:
            return _act(request, version, user)
        except StepRefused as error:
            refused = error
            version = _as_typed(request, version)
    return render(
        request, "reviews/panels/criteria_version.html", _context(request, version, is_office, refused),
        status=400 if refused else 200,
    )  # fmt: skip


def _as_typed(request: HttpRequest, version: CriteriaVersion) -> CriteriaVersion:
    """What stands on the page after a refusal: what was typed, over the version stored meanwhile."""
    stored = CriteriaVersion.objects.with_round().get(pk=version.pk)
    if request.POST.get("action") not in ("save", "submit"):
        return stored
    stored.content = {**version.content, **typed_content(request.POST, version.content)}
    stored.note = request.POST.get("note", "")
    return stored


def _act(request: HttpRequest, version: CriteriaVersion, user: User) -> HttpResponse:
    action, at = request.POST.get("action", ""), clock.now()
    if action in ("save", "submit"):
        typed, seen = typed_content(request.POST, version.content), request.POST.get("version", "")
        version = save_version(
            version, content=typed, note=request.POST.get("note", ""), by=user, at=at,
            seen=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 9 else None,
        )  # fmt: skip
        if action == "submit":
            submit_version(version, by=user, at=at)
        messages.success(request, "已提请审定。" if action == "submit" else "已保存。")
    elif action == "approve":
        form = ApproveForm(request.POST)
        if form.is_valid():
            approve_version(version, **form.cleaned_data, by=user, at=at)
            messages.success(request, "已审定，即日起按本版执行。")
        else:
            messages.error(request, "请填写审定日期。")
    elif action == "return":
        return_version(version, reason=request.POST.get("reason", ""), by=user, at=at)
        messages.success(request, "已退回办公室修改。")
    return redirect("reviews:criteria_version", version.public_id)


def _context(
    request: HttpRequest, version: CriteriaVersion, is_office: bool, refused: StepRefused | None
) -> dict[str, Any]:
    content, book = version.content, rulebook_for(version.round)
    items, vetoes = rows_of(content)
    is_open = is_office and version.state in ("draft", "returned")
    waits = version.state == "submitted"
    posted = request.POST if refused else None
    return {
        "version": version, "round": version.round, "is_office": is_office, "is_open": is_open, "refused": refused,
        "items": items if is_open else items[: len(content.get("items") or [])],
        "vetoes": vetoes if is_open else vetoes[: len(content.get("vetoes") or [])],
        "band_sets": band_sets(content), "bandable": bandable(content) if is_open else [],
        "guides": [(one["key"], one["label"]) for one in content.get("guides") or []],
        "steps": STEPS, "step": step_word(content), "veto_by": VETO_BY,
        "summed": sum(one["points"] for one in content["items"] if isinstance(one.get("points"), int)),
        "faults": faults_in(version) if is_open else [],
        "changes": changes_of(version.former, content),
        "body": book.bodies.leading_body.name,
        "approve": ApproveForm(posted, initial={"approved_on": clock.today()}) if waits else None,
        "sending_back": ReturnForm(posted) if waits else None,
    }  # fmt: skip
