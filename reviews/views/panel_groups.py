"""分设评审组: the groups a stage is divided into, and the distribution of its applications by field and by hand."""

from __future__ import annotations

import uuid
from collections import Counter
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from applications.forms.desks import add_refusals
from applications.models import Application
from applications.moves import StepRefused
from award_portal.lib import clock
from awards.models import Round
from awards.parameters import rulebook_for
from organizations.once import once_only

from ..forms.groups import GroupForm, PlacesForm
from ..grouping import (
    PlacedRow,
    change_group,
    drop_group,
    place_application,
    place_by_field,
    placed_rows,
    set_up_group,
)
from ..models import PanelGroup
from ..panel_places import groups_of
from .desk import office_round


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def panel_groups(request: HttpRequest, round_id: uuid.UUID, stage: str) -> HttpResponse:
    """The stage's groups with their panels, setting one up, and where each application goes."""
    round = office_round(request, round_id)
    book = rulebook_for(round)
    if stage not in book.review_states:
        raise Http404
    groups, rows = groups_of(round, stage), placed_rows(round, stage)
    forms = _forms(request, groups, rows)
    action = request.POST.get("action", "")
    form = forms.get(action)
    try:
        if action and (form is None or form.is_valid()):
            messages.success(request, _carry_out(round, stage, action, form, groups, by=request.user))
            return redirect("reviews:panel_groups", round_id, stage)
    except StepRefused as refused:
        if form is None:
            for blocker in refused.blockers:
                messages.error(request, str(blocker))
            return redirect("reviews:panel_groups", round_id, stage)
        add_refusals(form, refused)
    held = Counter(row.place.group_id for row in rows if row.place)
    context = {
        "round": round, "stage": stage, "label": book.label(stage), "ground": book.ground(book.stage(stage)),
        "groups": [
            (one, forms[f"change-{one.public_id}"], held[one.pk])
            for one in groups
        ],
        "rows": [(row, *forms["place"].of(row.application)) for row in rows],
        "movable": any(not row.stays for row in rows),
        "unplaced": len(rows) - held.total(), "forms": forms,
        "failed": form if form is not None and form.errors else None,
        "industries": industries_of(round), "noun": book.noun,
    }  # fmt: skip
    return render(request, "reviews/panels/groups.html", context)


def industries_of(round: Round) -> list[str]:
    """The industries the round's applicants named, for the office to choose from."""
    rows = Application.objects.filter(round=round).submitted().exclude(industry="")
    return sorted(set(rows.values_list("industry", flat=True)))


def _forms(request: HttpRequest, groups: list[PanelGroup], rows: list[PlacedRow]) -> dict[str, Any]:
    def data(name: str) -> Any:
        return request.POST if request.POST.get("action") == name else None

    found: dict[str, Any] = {"add": GroupForm(data("add"))}
    for one in groups:
        name = f"change-{one.public_id}"
        found[name] = GroupForm(data(name), initial={"name": one.name, "fields_zh": "、".join(one.fields)})
    now = {
        f"group-{row.application.public_id}": str(row.place.group.public_id)
        if row.place
        else str(row.suggested.public_id)
        if row.suggested
        else ""
        for row in rows
    }
    applications = [row.application for row in rows]
    found["place"] = PlacesForm(data("place"), groups=groups, applications=applications, initial=now)
    return found


@transaction.atomic
def _carry_out(round: Round, stage: str, action: str, form: Any, groups: list[PanelGroup], *, by: Any) -> str:
    at = clock.now()
    named = {str(one.public_id): one for one in groups}
    what, _, key = action.partition("-")
    if what == "add":
        return f"已设立{set_up_group(round, stage=stage, by=by, at=at, **form.chosen).name}。"
    if what == "field":
        return f"已按行业和类别分组{len(place_by_field(round, stage=stage, by=by, at=at))}家。"
    if what == "place":
        for application, group, reason in form.moves:
            place_application(application, group, reason=reason, by=by, at=at)
        return "分组已保存。"
    if key not in named:
        raise Http404
    if what == "drop":
        drop_group(named[key], by=by, at=at)
        return f"{named[key].name}已取消。"
    return f"{change_group(named[key], by=by, at=at, **form.chosen).name}已保存。"
