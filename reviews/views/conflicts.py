"""The office's pages of ties: the board of experts against applicants, the register of ties and of groups."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from applications.forms.desks import add_refusals
from applications.models import Application
from applications.moves import StepRefused
from award_portal.lib import clock
from awards.models import Round
from awards.parameters import rulebook_for
from documents.registers import register_response
from organizations.once import once_only

from ..conflict_board import conflict_board, conflict_register, judged_of, pool_of
from ..forms.ties import BoardFilter, GroupForm, LikenessForm, OfficeTieForm, WithdrawForm
from ..late_conflicts import carry_out_late
from ..models import Assignment, Expert, GroupLink, Tie, TieSource
from ..ties import decide_likeness, declare_group, declare_tie, kin_of, withdraw_group, withdraw_tie
from .desk import office_round


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def conflicts(request: HttpRequest, round_id: uuid.UUID) -> HttpResponse:
    """利害关系排查: who may not judge whom, with the reasons; what is only alike is decided here."""
    round, user = office_round(request, round_id), _person(request)
    deciding = LikenessForm(request.POST or None)
    if request.method == "POST" and deciding.is_valid():
        try:
            _decide(round, deciding.cleaned_data, by=user)
            messages.success(request, "认定已登记。")
            return redirect("reviews:conflicts", round_id)
        except StepRefused as refused:
            add_refusals(deciding, refused)
    filtering = BoardFilter(request.GET, applications=judged_of(round))
    board = conflict_board(round, **filtering.chosen)
    page = Paginator(board.lines, 50).get_page(request.GET.get("page"))
    book = rulebook_for(round)
    context = {
        "round": round, "board": board, "page_obj": page, "filter": filtering, "noun": book.noun,
        "is_narrowed": any(filtering.chosen.values()),
        "ground": book.recusal_ground, "lookback": book.recusal.lookback_years.value,
        "lookback_ground": book.ground(book.recusal.lookback_years),
        "deciding": deciding if request.method == "POST" else None,
    }  # fmt: skip
    status = 422 if request.method == "POST" else 200
    return render(request, "reviews/panels/conflicts.html", context, status=status)


def _decide(round: Round, data: dict[str, Any], *, by: Any) -> None:
    expert = get_object_or_404(
        Expert.objects.of_scheme(round.scheme.key).select_related("user"), public_id=data["expert"]
    )
    rows = Application.objects.filter(round=round).select_related("organization")
    application = get_object_or_404(rows, public_id=data["application"])
    decide_likeness(
        expert, application.organization, likeness=data["likeness"], is_same=data["verdict"] == "same",
        because=data["because"], by=by, at=clock.now(),
    )  # fmt: skip


@login_required
@never_cache
@require_GET
def conflicts_export(request: HttpRequest, round_id: uuid.UUID) -> HttpResponse:
    round = office_round(request, round_id)
    filtering = BoardFilter(request.GET, applications=judged_of(round))
    register = conflict_register(round, conflict_board(round, **filtering.chosen).lines)
    return register_response(register, request.GET.get("format", ""), at=clock.now())


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def ties(request: HttpRequest, round_id: uuid.UUID) -> HttpResponse:
    """The register of ties and of groups the board rests on: entered, opened, set aside with a reason."""
    round, user, at = office_round(request, round_id), _person(request), clock.now()
    book, scheme, action = rulebook_for(round), round.scheme.key, request.POST.get("action", "")
    tying = OfficeTieForm(request.POST if action == "tie" else None, book=book, experts=pool_of(round))
    grouping = GroupForm(request.POST if action == "group" else None)
    withdrawing = WithdrawForm(request.POST if action in ("withdraw_tie", "withdraw_group") else None)
    form = {"tie": tying, "group": grouping}.get(action, withdrawing)
    kin = ""
    try:
        if action == "kin":
            kin = kin_of(_tie(scheme, request), by=user, at=at)
        elif action and form.is_valid():
            _enter(round, action, form, request, by=user)
            messages.success(request, "已登记。")
            return redirect("reviews:ties", round_id)
    except StepRefused as refused:
        add_refusals(form, refused)
    rows = Tie.objects.of_scheme(scheme).with_names()
    context = {
        "round": round, "tying": tying, "grouping": grouping, "withdrawing": withdrawing, "noun": book.noun,
        "page_obj": Paginator(rows, 30).get_page(request.GET.get("page")),
        "groups": GroupLink.objects.standing().of_scheme(scheme), "ground": book.recusal_ground, "kin": kin,
        "kin_of": request.POST.get("tie", "") if kin else "",
    }  # fmt: skip
    return render(request, "reviews/panels/ties.html", context, status=422 if form.errors else 200)


def _enter(round: Round, action: str, form: forms.Form, request: HttpRequest, *, by: Any) -> None:
    scheme, at = round.scheme.key, clock.now()
    if isinstance(form, OfficeTieForm):
        declare_tie(scheme, source=TieSource.OFFICE, chain=round.chain, by=by, at=at, **form.chosen)
    elif action == "group":
        declare_group(scheme, source=TieSource.OFFICE, by=by, at=at, **form.cleaned_data)
    elif action == "withdraw_tie":
        withdraw_tie(_tie(scheme, request), by=by, at=at, **form.cleaned_data)
    else:
        links = GroupLink.objects.standing().of_scheme(scheme)
        withdraw_group(_found(links, request.POST.get("link", "")), by=by, at=at, **form.cleaned_data)


def _tie(scheme_key: str, request: HttpRequest) -> Tie:
    return _found(Tie.objects.of_scheme(scheme_key), request.POST.get("tie", ""))


def _found(rows: Any, key: str) -> Any:
    try:
        return get_object_or_404(rows, public_id=uuid.UUID(key))
    except ValueError:
        return get_object_or_404(rows.none())


@login_required
@never_cache
@require_POST
@once_only
def carry_out_recusal(request: HttpRequest, assignment_id: uuid.UUID) -> HttpResponse:
    """The one button beside a tie found late: the recusal is ordered on the facts the graph found."""
    user = _person(request)
    ours = Assignment.objects.active().filter(panel__round__in=Round.objects.visible_to(user)).with_names()
    assignment = get_object_or_404(ours, public_id=assignment_id)
    try:
        recusal = carry_out_late(assignment, by=user, at=clock.now())
        told = f"替补：{recusal.replacement}" if recusal.replacement else "没有可以替补的专家，请增补评审组"
        messages.success(request, f"{assignment.expert}已回避，阅卷授权已收回。{told}。")
    except StepRefused as refused:
        messages.error(request, str(refused))
    return redirect("reviews:recusals")


def _person(request: HttpRequest) -> Any:
    return request.user
