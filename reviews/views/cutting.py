"""Deciding who goes on: the ranked table with the raw scores, a tick or a reason for each."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from applications.forms.desks import add_refusals
from applications.moves import StepRefused
from award_portal.lib import clock
from awards.parameters import rulebook_for
from organizations.once import once_only

from ..cutting import cut_blockers, decide_cut, places_left, ranked_table
from ..forms.panels import CutForm
from ..models import CutLine
from .desk import office_panel


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def cut(request: HttpRequest, panel_id: uuid.UUID) -> HttpResponse:
    panel = office_panel(request, panel_id)
    round, stage = panel.round, panel.stage
    table = ranked_table(round, stage)
    initial = {f"pass-{row.application.public_id}": row.above for row in table}
    form = CutForm(request.POST or None, applications=[row.application for row in table], initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            decide_cut(round, stage=stage, passing=form.passing, reasons=form.reasons, by=request.user, at=clock.now())  # type: ignore[arg-type]
            messages.success(request, "决定已办理：进入下一环节的已转入，其他的已书面告知。")
            return redirect("reviews:cut", panel_id)
        except StepRefused as refused:
            add_refusals(form, refused)
    book = rulebook_for(round)
    decided = CutLine.objects.filter(decision__round=round, decision__stage=stage).select_related(
        "application__organization", "decision", "document"
    )
    context = {
        "panel": panel,
        "form": form,
        "rows": [(row, *form.bound(row.application)) for row in table],
        "mixed": len({row.opinion.total for row in table}) > 1,
        "places": places_left(round, stage),
        "ground": book.ground(book.review(stage).cut_times_quota),
        "blockers": cut_blockers(round, stage),
        "decided": list(decided),
    }
    return render(request, "reviews/panels/cut.html", context)
