"""Around a meeting: another day, the agenda, signing in, the words of the minutes, its registers."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from applications.forms.desks import add_refusals
from applications.moves import StepRefused
from award_portal.lib import clock
from awards.parameters import rulebook_for
from documents.registers import register_response
from organizations.once import once_only

from ..forms.proceedings import AgendaForm, CorrectMinutesForm, MinutesForm, RescheduleForm
from ..meeting_registers import attendance_register, tally_register
from ..meetings import reschedule_meeting, set_agenda, sign_in
from ..minutes import correct_minutes, drafted_text, paper_of, save_draft
from ..models import Meeting
from .meetings import office_meeting, visible_meeting

REGISTERS = {"attendance": attendance_register, "tally": tally_register}


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def reschedule(request: HttpRequest, meeting_id: uuid.UUID) -> HttpResponse:
    """Another day or place until the meeting is opened; everybody called is told why."""
    one = office_meeting(request, meeting_id)
    user: Any = request.user
    form = RescheduleForm(request.POST or None, initial={"held_on": one.held_on, "place": one.place})
    if request.method == "POST" and form.is_valid():
        try:
            reschedule_meeting(one, **form.cleaned_data, by=user, at=clock.now())
            messages.success(request, "会议已变更，变更通知已发给应到成员。")
            return redirect("reviews:meeting", meeting_id)
        except StepRefused as refused:
            add_refusals(form, refused)
    context = {"meeting": one, "form": form, "submit_label": "变更会议", "changes": one.changes.all()}
    return render(request, "reviews/meetings/reschedule.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def agenda(request: HttpRequest, meeting_id: uuid.UUID) -> HttpResponse:
    """The items in their order, one a line; edited until the meeting is opened."""
    one = office_meeting(request, meeting_id)
    user: Any = request.user
    items = "\n".join(one.agenda.values_list("title", flat=True))
    form = AgendaForm(request.POST or None, initial={"items": items})
    if request.method == "POST" and form.is_valid():
        try:
            set_agenda(one, titles=form.titles, by=user, at=clock.now())
            messages.success(request, "议程已保存。")
            return redirect("reviews:meeting", meeting_id)
        except StepRefused as refused:
            add_refusals(form, refused)
    return render(request, "reviews/meetings/agenda.html", {"meeting": one, "form": form})


@login_required
@never_cache
@require_POST
@once_only
def signing_in(request: HttpRequest, meeting_id: uuid.UUID) -> HttpResponse:
    """A member, or the deputy he sent, signs in at his own desk."""
    one = visible_meeting(request, meeting_id)
    user: Any = request.user
    if not one.members.held_by(user).exists():
        raise Http404
    try:
        sign_in(one, by=user, at=clock.now())
        messages.success(request, "您已签到。")
    except StepRefused as refused:
        messages.error(request, str(refused))
    return redirect("reviews:meeting", meeting_id)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def minutes(request: HttpRequest, meeting_id: uuid.UUID) -> HttpResponse:
    """The words of the minutes: a draft until the decision issues them, afterwards a correction as a new version."""
    one = office_meeting(request, meeting_id)
    user: Any = request.user
    issued = one.minutes
    if issued is None:
        form: Any = MinutesForm(request.POST or None, initial={"text": drafted_text(one)})
    else:
        form = CorrectMinutesForm(request.POST or None, initial={"text": issued.content.get("narrative", "")})
    if request.method == "POST" and form.is_valid():
        try:
            if issued is None:
                save_draft(one, text=form.cleaned_data["text"], by=user, at=clock.now())
                messages.success(request, "草稿已保存，形成决定时签发。")
            else:
                paper = correct_minutes(one, **form.cleaned_data, by=user, at=clock.now())
                messages.success(request, f"已签发更正后的{paper.title}，原文书保留。")
            return redirect("reviews:meeting", meeting_id)
        except StepRefused as refused:
            add_refusals(form, refused)
    book = rulebook_for(one.round)
    context = {
        "meeting": one, "form": form, "paper": book.instrument(paper_of(book)),
        "submit_label": "保存草稿" if issued is None else "签发更正",
        "versions": one.versions.select_related("document"),
    }  # fmt: skip
    return render(request, "reviews/meetings/minutes.html", context)


@login_required
@never_cache
@require_GET
def meeting_register(request: HttpRequest, meeting_id: uuid.UUID, what: str) -> HttpResponse:
    """到会情况 or 计票结果, as a sheet to print or a workbook to keep."""
    one: Meeting = office_meeting(request, meeting_id)
    if what not in REGISTERS:
        raise Http404
    return register_response(REGISTERS[what](one), request.GET.get("format", ""), at=clock.now())
