"""The pool of experts: list, add, suspend with a ground, ties on record."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from applications.forms.desks import add_refusals
from applications.moves import StepRefused
from award_portal.lib import clock
from awards.models import Round
from awards.parameters import rulebook_for
from organizations.once import once_only
from organizations.passwords import PasswordRefused, issue_password_link, needs_first_password

from ..experts import add_expert, reinstate_expert, suspend_expert
from ..forms.panels import ConflictForm, ExpertForm, SuspendForm
from ..models import Expert, Tie, TieSource
from ..ties import declare_conflict
from .desk import require_office_desk


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def experts(request: HttpRequest) -> HttpResponse:
    """The office's pool, and adding to it."""
    offices, user = require_office_desk(request), _person(request)
    form = ExpertForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            expert = add_expert(offices[0].scheme_key, user=form.user, by=user, at=clock.now(), **form.cleaned_data)
            messages.success(request, f"{expert}已入库。")
            if needs_first_password(expert.user):
                return redirect("reviews:expert", expert.public_id)
            return redirect("reviews:experts")
        except StepRefused as refused:
            add_refusals(form, refused)
    pool = Expert.objects.of_office(user).with_use().order_by("field", "pk")
    page = Paginator(pool, 30).get_page(request.GET.get("page"))
    return render(request, "reviews/panels/experts.html", {"form": form, "page_obj": page})


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def expert(request: HttpRequest, expert_id: uuid.UUID) -> HttpResponse:
    """One expert: the card, the ties on record, suspension and the way back."""
    require_office_desk(request)
    user = _person(request)
    one = get_object_or_404(Expert.objects.of_office(user).with_use(), public_id=expert_id)
    round = Round.objects.visible_to(user).published().filter(scheme__key=one.scheme_key).order_by("-pk").first()
    action = request.POST.get("action", "")
    suspending = SuspendForm(request.POST if action == "suspend" else None)
    conflict = ConflictForm(request.POST if action == "conflict" else None, book=rulebook_for(round)) if round else None
    link = ""
    try:
        if action == "password_link":
            link = request.build_absolute_uri(issue_password_link(one.user, by=user, at=clock.now()))
        if action == "reinstate":
            reinstate_expert(one, by=user, at=clock.now())
            return redirect("reviews:expert", expert_id)
        if action == "suspend" and suspending.is_valid():
            suspend_expert(one, reason=suspending.cleaned_data["reason"], by=user, at=clock.now())
            return redirect("reviews:expert", expert_id)
        if action == "conflict" and conflict and round and conflict.is_valid():
            declare_conflict(
                one, conflict.cleaned_data["organization"], round=round, ground=conflict.cleaned_data["ground"],
                note=conflict.cleaned_data["note"], source=TieSource.OFFICE, by=user, at=clock.now(),
            )  # fmt: skip
            messages.success(request, "利害关系已登记。")
            return redirect("reviews:expert", expert_id)
    except PasswordRefused as refused:
        messages.error(request, str(refused))
    except StepRefused as refused:
        add_refusals(suspending if action == "suspend" else conflict or suspending, refused)
    grounds = {item.key: item.text for item in rulebook_for(round).recusal.grounds} if round else {}
    rows = [
        (row, grounds.get(row.ground, row.get_kind_display()))
        for row in Tie.objects.standing().of_scheme(one.scheme_key).filter(person=one.user).with_names()
    ]
    context = {
        "expert": one, "suspending": suspending, "conflict": conflict, "conflicts": rows,
        "link": link, "needs_password": needs_first_password(one.user),
        "recusal_ground": rulebook_for(round).recusal_ground if round else "",
    }  # fmt: skip
    return render(request, "reviews/panels/expert.html", context)


def _person(request: HttpRequest) -> Any:
    return request.user
