"""The expert's own desk beside the sheets: answering an invitation, signing the pledge, saying when they are away."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from applications.forms.desks import add_refusals
from applications.moves import StepRefused
from award_portal.lib import clock
from awards.models import Round
from awards.parameters import rulebook_for
from organizations.once import once_only

from ..expert_absences import enter_own_absence, remove_own_absence
from ..expert_desk import coming_absences
from ..forms.experts import AbsenceForm, InvitationForm, PledgeForm
from ..invitations import accept_invitation
from ..leaving import decline_invitation
from ..models import Assignment, Expert, ExpertAbsence, Invitation, Panel, PanelMember
from ..pledges import pledge_of, pledge_text, pledge_title, sign_pledge, text_digest


def answer_first(request: HttpRequest, expert: Expert, panel: Panel) -> HttpResponse | None:
    """Where a member has to go before anything of the panel's work opens; None when all is answered and signed."""
    if not expert.is_in_use:
        messages.error(request, "您已被暂停使用或者取消评审资格，不能办理评审事项。")
        return redirect("reviews:mine")
    asked = Invitation.objects.filter(member__panel=panel, member__expert=expert, state=Invitation.State.SENT).first()
    if asked is not None:
        messages.info(request, "请先答复评审邀请。")
        return redirect("reviews:invitation", asked.public_id)
    if pledge_of(expert, panel.round) is None:
        messages.info(request, f"请先签署{pledge_title(rulebook_for(panel.round))}。")
        return redirect("reviews:pledge", panel.round.public_id)
    return None


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def invitation(request: HttpRequest, invitation_id: uuid.UUID) -> HttpResponse:
    """One invitation: what is asked, until when; accepted or declined with a reason."""
    user: Any = request.user
    one = get_object_or_404(Invitation.objects.of_expert(user).with_panel(), public_id=invitation_id)
    panel, expert = one.member.panel, one.member.expert
    form = InvitationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            if form.cleaned_data["answer"] == "accept":
                accept_invitation(one, by=user, at=clock.now())
                messages.success(request, "已接受邀请。")
                if pledge_of(expert, panel.round) is None:
                    return redirect("reviews:pledge", panel.round.public_id)
            else:
                decline_invitation(one, reason=form.cleaned_data["reason"], by=user, at=clock.now())
                messages.success(request, "已答复：不能参加。办公室将另行安排。")
            return redirect("reviews:mine")
        except StepRefused as refused:
            add_refusals(form, refused)
    book = rulebook_for(panel.round)
    context = {
        "invitation": one, "panel": panel, "form": form, "book": book, "office": panel.round.office,
        "pledge_title": pledge_title(book), "may_answer": one.state == "sent" and one.member.left_at is None,
    }  # fmt: skip
    return render(request, "reviews/experts/invitation.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def pledge(request: HttpRequest, round_id: uuid.UUID) -> HttpResponse:
    """The pledge in full: to be signed, or as it was signed."""
    user: Any = request.user
    rounds = Round.objects.select_related("scheme", "edition", "office")
    round = get_object_or_404(rounds, public_id=round_id)
    expert = Expert.objects.filter(user=user, scheme_key=round.scheme.key).select_related("user").first()
    if expert is None:
        raise Http404
    signed = pledge_of(expert, round)
    if signed is None and not PanelMember.objects.filter(panel__round=round, expert=expert, left_at=None).exists():
        raise Http404
    text = pledge_text(round)
    form = PledgeForm(request.POST or None, initial={"digest": text_digest(text)})
    if request.method == "POST" and form.is_valid():
        try:
            data = form.cleaned_data
            sign_pledge(expert, round, name=data["name"], digest=data["digest"], by=user, at=clock.now())
            messages.success(request, f"{pledge_title(rulebook_for(round))}已签署。")
            return redirect("reviews:mine")
        except StepRefused as refused:
            add_refusals(form, refused)
            form.data = request.POST.copy()
            form.data["digest"] = text_digest(text)
    book = rulebook_for(round)
    context = {
        "round": round, "title": pledge_title(book), "signed": signed, "form": form,
        "lines": (signed.text if signed else text).splitlines(), "expert": expert,
        "ground": book.discipline_ground,
    }  # fmt: skip
    return render(request, "reviews/experts/pledge.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def availability(request: HttpRequest) -> HttpResponse:
    """When the expert cannot come, entered and taken back by the expert: for every pool they are in."""
    user: Any = request.user
    cards = list(Expert.objects.filter(user=user).order_by("pk"))
    if not cards:
        raise Http404
    removing = request.POST.get("action") == "remove"
    form = AbsenceForm(None if removing else request.POST or None)
    try:
        if removing:
            own = ExpertAbsence.objects.filter(expert__in=cards)
            remove_own_absence(get_object_or_404(own, public_id=as_uuid(request)), by=user, at=clock.now())
            messages.success(request, "已删除。")
            return redirect("reviews:availability")
        if request.method == "POST" and form.is_valid():
            enter_own_absence(**form.cleaned_data, by=user, at=clock.now())
            messages.success(request, "已登记。抽取专家时将避开这段时间。")
            return redirect("reviews:availability")
    except StepRefused as refused:
        add_refusals(form, refused)
    busy = Assignment.objects.of_expert(user).filter(sheet__submitted_at=None).count()
    context = {"form": form, "absences": coming_absences(user), "busy": busy}
    return render(request, "reviews/experts/availability.html", context)


def as_uuid(request: HttpRequest, name: str = "id") -> uuid.UUID:
    """A posted key; anything that is none is not there."""
    try:
        return uuid.UUID(request.POST.get(name, ""))
    except ValueError:
        raise Http404 from None
