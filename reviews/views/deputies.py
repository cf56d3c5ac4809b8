"""授权委托书 at the desks: handed in by the member or the office, looked at and decided by the office, withdrawn."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from applications.forms.desks import add_refusals
from applications.moves import StepRefused
from applications.rules import works_in
from award_portal.lib import clock
from awards.parameters import rulebook_for
from organizations.files import UploadRefused, serve_file, store_upload
from organizations.models import Membership
from organizations.once import once_only

from ..deputies import allows_deputies, decide_mandate, deputies_ground, submit_mandate, withdraw_mandate
from ..forms.proceedings import MandateDecisionForm, MandateForm, WithdrawForm
from ..models import Deputy
from .meetings import visible_meeting


def mandates_for(request: HttpRequest) -> QuerySet[Deputy]:
    """The mandates a person may look at: his own office's, the one he gave and the one he was given."""
    user: Any = request.user
    found = Deputy.objects.select_related(
        "member__user", "member__meeting__round__scheme", "member__meeting__round__edition",
        "member__meeting__round__office", "user", "letter",
    )  # fmt: skip
    units = Membership.objects.current().filter(user=user).values("unit")
    office = found.filter(member__meeting__round__office__in=units)
    return (office | found.filter(member__user=user) | found.filter(user=user)).distinct()


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def mandates(request: HttpRequest, meeting_id: uuid.UUID) -> HttpResponse:
    """The meeting's mandates; a member hands in his own letter here, the office anybody's."""
    meeting = visible_meeting(request, meeting_id)
    user: Any = request.user
    members = meeting.members.with_people()
    is_office = works_in(user, meeting.round.office)
    mine = list(members if is_office else members.filter(user=user))
    if not mine:
        raise Http404
    seats = {str(one.user.public_id): one for one in mine}
    labels = {key: str(one.user) for key, one in seats.items()}
    form = MandateForm(request.POST or None, request.FILES or None, members=labels)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            with transaction.atomic():
                letter = store_upload(data["letter"], purpose="mandate", by=user, at=clock.now())
                submit_mandate(
                    seats[data["member"]], name=data["name"], post=data["post"], account=form.account, letter=letter,
                    by=user, at=clock.now(),
                )  # fmt: skip
            messages.success(request, "授权委托书已提交，办公室核验后生效。")
            return redirect("reviews:mandates", meeting_id)
        except UploadRefused as refused:
            form.add_error("letter", refused.message)
        except StepRefused as refused:
            add_refusals(form, refused)
    book = rulebook_for(meeting.round)
    context = {
        "meeting": meeting, "form": form, "is_office": is_office, "ground": deputies_ground(book),
        "allowed": allows_deputies(book) and meeting.state != meeting.State.DECIDED,
        "rows": mandates_for(request).filter(member__meeting=meeting).order_by("member", "pk"),
    }  # fmt: skip
    return render(request, "reviews/meetings/mandates.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def mandate(request: HttpRequest, mandate_id: uuid.UUID) -> HttpResponse:
    """One mandate: the office decides it, whoever handed it in or gave it may withdraw it."""
    one = get_object_or_404(mandates_for(request), public_id=mandate_id)
    user: Any = request.user
    is_office = works_in(user, one.member.meeting.round.office)
    if not is_office and one.member.user_id != user.pk:
        raise Http404
    deciding = is_office and one.state == Deputy.State.SUBMITTED and request.POST.get("step") != "withdraw"
    decision = MandateDecisionForm(request.POST if request.method == "POST" and deciding else None)
    withdrawal = WithdrawForm(request.POST if request.method == "POST" and not deciding else None)
    form: Any = decision if deciding else withdrawal
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            if deciding:
                accepted = data["decision"] == "accept"
                decide_mandate(one, accepted=accepted, reason=data["reason"], by=user, at=clock.now())
            else:
                withdraw_mandate(one, reason=data["reason"], by=user, at=clock.now())
            messages.success(request, f"授权委托书：{Deputy.objects.get(pk=one.pk).get_state_display()}。")
            return redirect("reviews:mandates", one.member.meeting.public_id)
        except StepRefused as refused:
            add_refusals(form, refused)
    context = {
        "one": one, "meeting": one.member.meeting, "decision": decision, "withdrawal": withdrawal, "form": form,
        "may_decide": is_office and one.state == Deputy.State.SUBMITTED,
        "may_withdraw": one.state in (Deputy.State.SUBMITTED, Deputy.State.ACCEPTED),
    }  # fmt: skip
    return render(request, "reviews/meetings/mandate.html", context)


@login_required
@never_cache
@require_GET
def mandate_letter(request: HttpRequest, mandate_id: uuid.UUID) -> FileResponse:
    one = get_object_or_404(mandates_for(request), public_id=mandate_id)
    return serve_file(one.letter, inline=True)
