"""Deciding who goes on: the ranked table with the raw scores, a tick or a reason for each."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from applications.forms.desks import add_refusals
from applications.moves import StepRefused
from award_portal.lib import clock
from awards.models import Round
from awards.parameters import rulebook_for
from awards.rulebook import Rulebook
from organizations.once import once_only

from ..combining import rounded
from ..cut_table import CutFigures, Ranked, cut_figures, places_left, ranked_table
from ..cutting import cut_blockers, decide_cut
from ..flagged_readers import flagged_in_stage
from ..forms.panels import CutForm
from ..models import CutLine, PanelOpinion
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
    blockers = cut_blockers(round, stage)
    # what the scores are made of is shown when every opinion is concluded, not name by name before
    figures = cut_figures(round, stage, table) if table and not blockers else None
    context = {
        "panel": panel,
        "form": form,
        "rows": [_line(row, form, figures) for row in table],
        "figures": figures,
        "tied": [row for row in table if row.on_line],
        "tie_rule": _tie_rule(book, stage),
        "method": book.rule(f"stages.{stage}.review.aggregation"),
        "mixed": len({row.opinion.total for row in table}) > 1,
        "places": places_left(round, stage),
        "ground": book.ground(book.review(stage).cut_times_quota),
        "blockers": blockers,
        "decided": _decided(round, stage),
        "barred": flagged_in_stage(round, stage),
    }
    return render(request, "reviews/panels/cut.html", context)


def _decided(round: Round, stage: str) -> list[tuple[CutLine, Decimal | None]]:
    """The lines of the decision, with the per cent of the own total where the criteria add up to different totals."""
    lines = list(
        CutLine.objects.filter(decision__round=round, decision__stage=stage).select_related(
            "application__organization", "decision", "document"
        )
    )
    opinions = PanelOpinion.objects.filter(stage=stage, application__in=[one.application_id for one in lines])
    totals = dict(opinions.values_list("application_id", "total"))
    if len(set(totals.values())) < 2:
        return [(one, None) for one in lines]
    return [(one, rounded(one.score / totals[one.application_id] * 100)) for one in lines]


def _line(row: Ranked, form: CutForm, figures: CutFigures | None) -> dict[str, Any]:
    tick, reason = form.bound(row.application)
    pk = row.application.pk
    known = {"raw": figures.raw.get(pk, []), "firm": figures.firmness.get(pk)} if figures else {}
    return {"row": row, "tick": tick, "reason": reason, **known}


def _tie_rule(book: Rulebook, stage: str) -> tuple[str, str]:
    """What the rulebook says of equal scores at the line, with its ground."""
    rule = book.review(stage).cut_tie
    if rule is None:
        return "规则未另行规定：人数不超过上限，由办公室在其中决定并写明理由", book.ground(
            book.review(stage).cut_times_quota
        )
    return book.rule(f"stages.{stage}.review.cut_tie").value_zh, book.ground(rule)
