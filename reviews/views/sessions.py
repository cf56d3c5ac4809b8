"""Defense sessions at the office's and the leader's pages: the diary, sign-in, lots, questions, minutes, print."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from applications.forms.desks import add_refusals
from applications.moves import StepRefused
from applications.pipeline import State
from applications.rules import works_in
from award_portal.lib import clock
from awards.models import Round
from awards.parameters import rulebook_for
from documents.registers import attachment, register_response
from organizations.once import once_only

from ..forms.sessions import LeaderForm, LotsForm, MinutesForm, MoveForm, QuestionForm, ReasonForm, SessionForm
from ..hearing import note_leader_present, note_question, take_seat
from ..models import Session, SessionSlot
from ..panel_places import judged_by
from ..panels import current_members
from ..review_notices import issue_session_notices, notices_of
from ..session_papers import in_turn, session_pdf, session_register
from ..sessions import (
    cancel_session,
    draw_lots,
    leads,
    move_session,
    schedule_session,
    sign_in,
    turn_parts,
    write_minutes,
)
from .desk import office_panel, office_round
from .invitations import answer_first


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def sessions(request: HttpRequest, panel_id: uuid.UUID) -> HttpResponse:
    """The panel's schedule, and adding to it; the on-site stage has a plan for each visit instead."""
    panel = office_panel(request, panel_id)
    if panel.stage == State.ONSITE_REVIEW:
        return redirect("reviews:visits", panel_id)
    placed = SessionSlot.objects.filter(session__in=panel.sessions.standing()).values("application")
    waiting = judged_by(panel).exclude(pk__in=placed)
    form = SessionForm(
        request.POST or None, waiting=list(waiting.with_names().order_by("pk")), members=current_members(panel),
        parts=turn_parts(panel), initial={"leader": str(panel.chair.public_id)},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            made = schedule_session(panel, by=request.user, at=clock.now(), **form.chosen)  # type: ignore[arg-type]
            messages.success(request, f"场次已安排，已通知{rulebook_for(panel.round).noun}和评审组。")
            return redirect("reviews:session", made.public_id)
        except StepRefused as refused:
            add_refusals(form, refused)
    rows = panel.sessions.select_related("leader__user").prefetch_related("slots__application__organization")
    minutes = rulebook_for(panel.round).review(panel.stage).session_minutes
    context = {
        "panel": panel, "form": form, "rows": rows, "minutes": minutes.value,
        "ground": rulebook_for(panel.round).ground(minutes),
    }  # fmt: skip
    return render(request, "reviews/panels/sessions.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def session(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    """One session: who has come, in what turn, what was asked and minuted. Its leader keeps the record too."""
    one, by_office = _kept_session(request, session_id)
    if not by_office and (first := answer_first(request, one.leader, one.panel)):
        return first
    slots, members = in_turn(one), current_members(one.panel)
    action = request.POST.get("action", "")
    forms = _forms(request, one, slots, members, action)
    form: Any = forms.get(action)
    try:
        if form is not None and form.is_valid():
            messages.success(request, _carry_out(one, action, form, slots, by=request.user))
            return redirect("reviews:session", session_id)
        if form is None and action and _tick(one, action, slots, members, by=request.user):
            return redirect("reviews:session", session_id)
    except StepRefused as refused:
        if form is None:
            for blocker in refused.blockers:
                messages.error(request, str(blocker))
            return redirect("reviews:session", session_id)
        add_refusals(form, refused)
    rule = rulebook_for(one.panel.round).review(one.panel.stage)
    seats = {each.expert_id: each for each in one.seats.all()}
    turns = [
        (slot, one.turn_times(slot.turn or place), [*slot.questions.select_related("asker__user")])
        for place, slot in enumerate(slots, start=1)
    ]
    context = {
        "session": one, "panel": one.panel, "turns": turns, "forms": forms, "failing": form or forms["minutes"],
        "by_office": by_office, "by_lot": rule.order_by_lot.value,
        "signed": any(each.signed_in_at for each in slots),
        "seats": [(member, seats.get(member.pk)) for member in members],
        "notices": notices_of(one) if by_office else [],
        "changes": one.changes.all(), "movable": not one.lots_drawn_at and not one.minuted_at,
    }  # fmt: skip
    return render(request, "reviews/panels/session.html", context)


@login_required
@never_cache
@require_GET
def session_print(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    """议程 and 签到表 to lay on the table."""
    one, _ = _kept_session(request, session_id)
    return attachment(session_pdf(one, at=clock.now()), "议程和签到表.pdf", "application/pdf", inline=True)


@login_required
@never_cache
@require_GET
def sessions_export(request: HttpRequest, round_id: uuid.UUID) -> HttpResponse:
    """Every session of the round as a workbook or to print."""
    register = session_register(office_round(request, round_id))
    return register_response(register, request.GET.get("format", ""), at=clock.now())


def _kept_session(request: HttpRequest, session_id: uuid.UUID) -> tuple[Session, bool]:
    """A session of the person's office, or one the person leads now; and whether it is the office's."""
    user: Any = request.user
    theirs = Q(panel__round__in=Round.objects.visible_to(user)) | Q(leader__user=user)
    one = get_object_or_404(Session.objects.filter(theirs).with_names(), public_id=session_id)
    by_office = works_in(user, one.panel.round.office)
    if not by_office and not leads(one, user):
        raise Http404
    return one, by_office


def _forms(request: HttpRequest, one: Session, slots: list, members: list, action: str) -> dict[str, Any]:
    noun = rulebook_for(one.panel.round).noun
    starts = one.starts_at.astimezone(clock.SHANGHAI)

    def data(name: str) -> Any:
        return request.POST if action == name else None

    return {
        "lots": LotsForm(data("lots")),
        "minutes": MinutesForm(data("minutes"), initial={"minutes": one.minutes}),
        "question": QuestionForm(data("question"), slots=slots, members=members, noun=noun),
        "leader": LeaderForm(data("leader"), slots=slots, noun=noun),
        "move": MoveForm(
            data("move"), initial={"held_on": starts.date(), "starts": starts.time(), "place": one.place}
        ),
        "cancel": ReasonForm(data("cancel")),
    }  # fmt: skip


def _carry_out(one: Session, action: str, form: Any, slots: list[SessionSlot], *, by: Any) -> str:
    at, data = clock.now(), form.cleaned_data
    heard = {str(each.application.public_id): each for each in slots}

    def lots() -> str:
        draw_lots(one, by=by, at=at, **data)
        return "抽签完成。"

    def minutes() -> str:
        write_minutes(one, minutes=data["minutes"], by=by, at=at)
        return "记录已保存。"

    def question() -> str:
        note_question(
            heard[data["slot"]], question=data["question"], answer=data["answer"],
            asker=form.members.get(data["asker"]), by=by, at=at,
        )  # fmt: skip
        return "提问和回答已记录。"

    def leader() -> str:
        note_leader_present(
            heard[data["leader_slot"]], present=data["present"] == "yes", note=data["note"], by=by, at=at
        )
        return "已记录。"

    def move() -> str:
        move_session(one, by=by, at=at, **form.chosen)
        return "场次已变更，已通知全部有关人员。"

    def cancel() -> str:
        cancel_session(one, reason=data["reason"], by=by, at=at)
        return "场次已取消，已通知全部有关人员。"

    work: dict[str, Callable[[], str]] = {
        "lots": lots, "minutes": minutes, "question": question, "leader": leader, "move": move, "cancel": cancel,
    }  # fmt: skip
    return work[action]()


def _tick(one: Session, action: str, slots: list[SessionSlot], members: list, *, by: Any) -> bool:
    """A single button: the notices, the applicant's arrival, or a member's."""
    at = clock.now()
    if action == "notify":
        issue_session_notices(one, by=by, at=at)
        return True
    for slot in slots:
        if action == f"sign-{slot.application.public_id}":
            sign_in(one, slot.application, by=by, at=at)
            return True
    for member in members:
        if action == f"seat-{member.public_id}":
            take_seat(one, member, by=by, at=at)
            return True
    return False
