"""The applicant's and the panel member's own pages of a defense session: who speaks, what is shown, signing in."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from applications.forms.desks import add_refusals
from applications.models import Application
from applications.moves import StepRefused
from award_portal.lib import clock
from awards.parameters import rulebook_for
from organizations.files import UploadRefused, serve_file
from organizations.once import once_only

from ..forms.sessions import MaterialForm, PresentersForm, SeatForm
from ..hearing import hand_in_material, name_presenters, own_slot, readable_material, take_seat, withdraw_material
from ..models import Expert, Session, SessionMaterial
from ..review_notices import notice_to, notice_to_panel
from ..session_papers import in_turn
from .invitations import answer_first


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def own_session(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The applicant's page: when and where, who speaks, what is shown until the due moment."""
    user: Any = request.user
    application = get_object_or_404(
        Application.objects.of_applicant(user).submitted().with_names(), public_id=public_id
    )
    slot = own_slot(application)
    if slot is None:
        raise Http404
    action, at = request.POST.get("action", ""), clock.now()
    people = PresentersForm(request.POST if action == "people" else None, slot=slot)
    material = MaterialForm(*((request.POST, request.FILES) if action == "material" else ()))
    failing: Any = material if action == "material" else people
    shown = list(slot.materials.filter(withdrawn_at=None).select_related("file"))
    try:
        if action == "people" and people.is_valid():
            name_presenters(slot, people=people.people, by=user, at=at)
            messages.success(request, "参加人员已保存。")
            return redirect("reviews:own_session", public_id)
        if action == "material" and material.is_valid():
            hand_in_material(slot, upload=material.cleaned_data["file"], by=user, at=at)
            messages.success(request, "陈述材料已提交。")
            return redirect("reviews:own_session", public_id)
        for one in shown:
            if action == f"withdraw-{one.public_id}":
                withdraw_material(one, by=user, at=at)
                messages.success(request, "已撤下。")
                return redirect("reviews:own_session", public_id)
    except UploadRefused as refused:
        material.add_error("file", refused.message)
    except StepRefused as refused:
        add_refusals(failing, refused)
    held, book = slot.session, rulebook_for(slot.session.panel.round)
    due = held.materials_due_at or held.starts_at
    context = {
        "notice": notice_to(application, held),
        "application": application, "slot": slot, "session": held, "people": people, "material": material,
        "failing": failing, "shown": shown, "is_open": at < held.starts_at, "takes_material": at < due,
        "changes": held.changes.all(), "label": book.label(held.panel.stage), "by_lot":
        book.review(held.panel.stage).order_by_lot.value, "ground": book.ground(book.stage(held.panel.stage)),
    }  # fmt: skip
    return render(request, "reviews/panels/session_own.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def session_seat(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    """A member of the panel: the running order, the materials, and signing in with the declaration of no tie."""
    user: Any = request.user
    mine = Session.objects.standing().filter(panel__members__expert__user=user, panel__members__left_at=None)
    one = get_object_or_404(mine.with_names().distinct(), public_id=session_id)
    expert = get_object_or_404(
        Expert.objects.filter(user=user, memberships__panel=one.panel, state=Expert.State.ACTIVE).distinct()
    )
    if first := answer_first(request, expert, one.panel):
        return first
    form = SeatForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            take_seat(one, expert, by=user, at=clock.now())
            messages.success(request, "已签到。")
            return redirect("reviews:session_seat", session_id)
        except StepRefused as refused:
            add_refusals(form, refused)
    gone = set(expert.recusals.filter(state="granted").values_list("application_id", flat=True))
    slots = [slot for slot in in_turn(one) if slot.application_id not in gone]
    turns = [
        (
            slot,
            one.turn_times(slot.turn or place),
            list(slot.materials.filter(withdrawn_at=None).select_related("file")),
        )
        for place, slot in enumerate(slots, start=1)
    ]
    context = {
        "notice": notice_to_panel(one), "session": one, "panel": one.panel, "turns": turns, "form": form,
        "seat": one.seats.filter(expert=expert).first(), "ground": rulebook_for(one.panel.round).recusal_ground,
        "leads": one.leader_id == expert.pk,
    }  # fmt: skip
    return render(request, "reviews/panels/session_seat.html", context)


@login_required
@never_cache
@require_GET
def session_material(request: HttpRequest, material_id: uuid.UUID) -> HttpResponse:
    """One file an applicant shows, for those who may read it."""
    material = get_object_or_404(
        SessionMaterial.objects.select_related(
            "file", "slot__application__organization", "slot__session__panel__round"
        ),
        public_id=material_id,
    )
    file = readable_material(material, request.user)  # type: ignore[arg-type]
    if file is None:
        raise Http404
    return serve_file(file, inline=True)
