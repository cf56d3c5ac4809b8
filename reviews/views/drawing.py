"""The pages of a draw: its record with everything it rests on, drawing again, a reading moved, a member replaced."""

from __future__ import annotations

import json
import uuid
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from applications.forms.desks import add_refusals
from applications.moves import StepRefused
from award_portal.lib import clock
from awards.models import Round
from awards.parameters import rulebook_for
from documents.registers import attachment
from organizations.models import Membership, User
from organizations.once import once_only

from ..draw_tables import draw_table
from ..forms.panels import MoveReaderForm, ReplaceMemberForm
from ..models import Assignment, DrawRecord, Expert
from ..readers import foresee_move, move_blockers, move_reader
from ..replaying import HOW, CannotReplay, digest_of, export_of, replay
from ..reserve import replace_member, standing_reserve
from .desk import office_panel


@login_required
@never_cache
@require_GET
def draw(request: HttpRequest, panel_id: uuid.UUID, draw_id: uuid.UUID) -> HttpResponse:
    """One draw: its inputs, tickets and result; `?format=json` the file to draw again from; `?again` draws again."""
    panel = office_panel(request, panel_id)
    record = get_object_or_404(DrawRecord.objects.select_related("panel", "drawn_by", "replaced__user"),
                               panel=panel, public_id=draw_id)  # fmt: skip
    export = export_of(record)
    if request.GET.get("format") == "json":
        text = json.dumps(export, ensure_ascii=False, indent=2)
        return attachment(text.encode(), f"抽取记录-{record.public_id}.json", "application/json")
    again, refused = None, ""
    if "again" in request.GET:
        try:
            again = replay(export)
        except CannotReplay as cannot:
            refused = str(cannot)
    context = {
        "panel": panel, "record": record, "table": draw_table(record), "how": HOW[record.method],
        "digest": digest_of(export), "again": again, "refused": refused,
    }  # fmt: skip
    return render(request, "reviews/panels/draw.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def move(request: HttpRequest, assignment_id: uuid.UUID) -> HttpResponse:
    """A reading goes to another member by hand; the page shows beside each what the door would refuse for."""
    user: Any = request.user
    assignment = get_object_or_404(
        Assignment.objects.with_names().filter(panel__round__in=Round.objects.visible_to(user)), public_id=assignment_id
    )
    panel = office_panel(request, assignment.panel.public_id)
    choices = foresee_move(assignment)
    form = MoveReaderForm(request.POST or None, choices=choices)
    if request.method == "POST" and form.is_valid():
        try:
            to = form.people[form.cleaned_data["to"]]
            move_reader(assignment, to=to, ground=form.cleaned_data["ground"], by=user, at=clock.now())
            messages.success(request, f"已调整由{to}评审，已通知双方。")
            return redirect("reviews:panel", panel.public_id)
        except StepRefused as refused:
            add_refusals(form, refused)
    context = {
        "panel": panel, "assignment": assignment, "form": form, "blockers": move_blockers(assignment),
        "cite": rulebook_for(panel.round).recusal_ground, "submit_label": "调整",
    }  # fmt: skip
    return render(request, "reviews/panels/move.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def replace(request: HttpRequest, panel_id: uuid.UUID, expert_id: uuid.UUID) -> HttpResponse:
    """A member is out, the next in reserve comes."""
    panel = office_panel(request, panel_id)
    member = get_object_or_404(
        panel.members.filter(left_at=None).select_related("expert__user"), expert__public_id=expert_id
    )
    form, user = ReplaceMemberForm(request.POST or None), cast(User, request.user)
    if request.method == "POST" and form.is_valid():
        try:
            coming = replace_member(panel, member.expert, ground=form.cleaned_data["ground"], by=user, at=clock.now())
            told = f"由{coming}递补" if coming else "没有可以递补的专家，请增补"
            messages.success(request, f"{member.expert}已退出评审组，{told}。")
            return redirect("reviews:panel", panel_id)
        except StepRefused as refused:
            add_refusals(form, refused)
    context = {
        "panel": panel, "member": member, "form": form, "submit_label": "退出并递补",
        "reserve": [one for one, field in standing_reserve(panel) if field == member.field],
    }  # fmt: skip
    return render(request, "reviews/panels/replace.html", context)


def left_out(round: Round, excluded: list[dict[str, str]]) -> list[tuple[str, str]]:
    """Who is left out of a draw by name, with the reason."""
    pool = Expert.objects.of_scheme(round.scheme.key).select_related("user")
    names = {str(one.public_id): str(one) for one in pool}
    return [(names.get(one["expert"], one["expert"]), one["reason"]) for one in excluded]


def people_of_kind(round: Round, kind: str) -> list[str]:
    """The names of the people at a kind of desk of the round's scheme: whom the office may name as witness."""
    places = Membership.objects.current().filter(unit__kind=kind, unit__scheme_key=round.scheme.key)
    return [str(one.user) for one in places.select_related("user").order_by("pk")]
