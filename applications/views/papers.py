"""The office's papers in bulk, and the sheets a desk prints to sign: 公文台账, 成批打印, 审核表."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from award_portal.lib import clock
from awards.parameters import rulebook_for
from documents.registers import attachment, register_response

from ..desk_rules import EXAMINED
from ..moves import StepRefused
from ..paper_bundles import label_of, merged, paper_kinds, paper_register, papers_of, rounds_of, safe_name, zipped
from ..registers import checklist_sheet
from .examining import desk_application, stage_shown
from .recommender import require_unit


@login_required
@never_cache
@require_GET
def papers(request: HttpRequest) -> HttpResponse:
    """公文台账: each round of the office with the kinds of paper issued in it."""
    require_unit(request, "office")
    rounds = [(one, paper_kinds(one)) for one in rounds_of(request.user)]  # type: ignore[arg-type]
    return render(request, "applications/desks/papers.html", {"rounds": [one for one in rounds if one[1]]})


@login_required
@never_cache
@require_GET
def papers_of_kind(request: HttpRequest, round_id: uuid.UUID, kind: str) -> HttpResponse:
    """The papers of one kind (or `all`): listed, as a register, merged to print, or zipped."""
    round = get_object_or_404(rounds_of(request.user), public_id=round_id)  # type: ignore[arg-type]
    found = list(papers_of(round).select_related("issuer"))
    if kind != "all":
        found = [one for one in found if one.kind == kind]
    if not found:
        raise Http404
    label = "公文" if kind == "all" else label_of(rulebook_for(round), kind)
    wanted, refused = request.GET.get("format", ""), []
    try:
        if wanted == "merged":
            name = f"{safe_name(round.title + label)}.pdf"
            return attachment(merged(found), name, "application/pdf", inline=True)
        if wanted == "zip":
            return attachment(zipped(found), f"{safe_name(round.title + label)}.zip", "application/zip")
    except StepRefused as stopped:
        refused = stopped.blockers
    if wanted in ("xlsx", "pdf"):
        return register_response(paper_register(round, found), wanted, at=clock.now())
    context: dict[str, Any] = {"round": round, "label": label, "kind": kind, "papers": found, "refused": refused}
    return render(request, "applications/desks/papers_of_kind.html", context, status=409 if refused else 200)


@login_required
@never_cache
@require_GET
def checklist_print(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """审核表 to print, for the three to sign; the office may print the recommender's too (`?stage=`)."""
    application = desk_application(request, public_id)
    stage = request.GET.get("stage", "")
    if stage not in EXAMINED or not application.rulebook.has_stage(stage):
        stage = stage_shown(application, request.user)
    sheet = checklist_sheet(application, stage)
    return register_response(sheet, request.GET.get("format", "pdf"), at=clock.now())
