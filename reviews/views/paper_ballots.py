"""A ballot on paper at the desks: run by the office, counted by 计票人 and 监票人, each at his own account.

Until the close nobody sees a figure but the one who entered it; where the two entries differ, only these two see where.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from applications.forms.desks import add_refusals
from applications.moves import StepRefused
from applications.rules import works_in
from award_portal.lib import clock
from awards.parameters import rulebook_for
from documents.registers import attachment
from organizations.files import UploadRefused, serve_file, store_upload
from organizations.once import once_only

from ..forms.proceedings import CountForm, PaperOpeningForm, ScanForm
from ..models import Ballot, CountSheet, PaperBallot
from ..paper_ballots import (
    allows_paper,
    attach_count_scan,
    close_paper_ballot,
    closing_refusals,
    current_sheets,
    differences,
    enter_count,
    open_paper_ballot,
    possible_tellers,
    role_of,
)
from ..paper_printing import count_form_pdf, paper_word, papers_pdf, sheet_word
from ..proceedings import attendance_of, tier_rows
from .meetings import office_meeting


def paper_ballots() -> Any:
    return PaperBallot.objects.select_related(
        "ballot__meeting__round__scheme", "ballot__meeting__round__edition", "ballot__meeting__round__office",
        "teller", "counter", "scan",
    )  # fmt: skip


def office_paper(request: HttpRequest, ballot_id: uuid.UUID) -> PaperBallot:
    """A ballot on paper of the person's own office, or 404."""
    paper: PaperBallot = get_object_or_404(paper_ballots(), ballot__public_id=ballot_id)
    if not works_in(request.user, paper.ballot.meeting.round.office):  # type: ignore[arg-type]
        raise Http404
    return paper


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def paper_opening(request: HttpRequest, meeting_id: uuid.UUID, tier: str) -> HttpResponse:
    """Open a tier's ballot on paper, naming who watches and who counts."""
    meeting = office_meeting(request, meeting_id)
    user: Any = request.user
    book = rulebook_for(meeting.round)
    row = next((one for one in tier_rows(meeting) if one.key == tier), None)
    if row is None or not allows_paper(book):
        raise Http404
    if row.is_settled:
        messages.info(request, f"{row.name}的表决已经结束，没有需要再投的名单。")
        return redirect("reviews:meeting", meeting_id)
    form = PaperOpeningForm(request.POST or None, people=possible_tellers(meeting))
    if request.method == "POST" and form.is_valid():
        try:
            paper = open_paper_ballot(meeting, tier=tier, **form.chosen, by=user, at=clock.now())
            messages.success(request, f"{row.name}纸质表决已开始，请打印、盖章、分发{paper_word(book)}。")
            return redirect("reviews:paper_closing", paper.ballot.public_id)
        except StepRefused as refused:
            add_refusals(form, refused)
    context = {
        "meeting": meeting, "row": row, "form": form, "blockers": row.opening, "attendance": attendance_of(meeting),
        "paper": paper_word(book), "sheet": sheet_word(book), "submit_label": "开始纸质表决",
        "paper_ground": book.ground(book.decision.on_paper), "majority": book.decision.majority.value,
        "majority_ground": book.ground(book.decision.majority), "recusal_ground": book.recusal_ground,
    }  # fmt: skip
    return render(request, "reviews/meetings/paper_opening.html", context)


@login_required
@never_cache
@require_GET
def paper_print(request: HttpRequest, ballot_id: uuid.UUID) -> HttpResponse:
    """The papers, one for each person in the room and all alike; with `?what=sheet` the empty 计票单."""
    paper = office_paper(request, ballot_id)
    ballot, book = paper.ballot, rulebook_for(paper.ballot.meeting.round)
    if request.GET.get("what") == "sheet":
        content, word = count_form_pdf(ballot, at=clock.now()), sheet_word(book)
    else:
        content, word = papers_pdf(ballot, copies=ballot.present_count, at=clock.now()), paper_word(book)
    return attachment(content, f"{ballot.tier_name}{word}.pdf", "application/pdf", inline=True)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def paper_closing(request: HttpRequest, ballot_id: uuid.UUID) -> HttpResponse:
    """The office's page of a running ballot on paper: print, upload the signed 计票单, close. No figure is on it."""
    paper = office_paper(request, ballot_id)
    user: Any = request.user
    ballot, book = paper.ballot, rulebook_for(paper.ballot.meeting.round)
    if ballot.state != Ballot.State.OPEN:
        messages.info(request, "本次投票已经结束，未重复办理。")
        return redirect("reviews:meeting", ballot.meeting.public_id)
    closing = request.POST.get("step") == "close"
    form = ScanForm(request.POST or None, request.FILES or None) if not closing else ScanForm()
    refusals = closing_refusals(paper)
    if request.method == "POST" and closing:
        try:
            ended = close_paper_ballot(ballot, by=user, at=clock.now())
            if ended.state == Ballot.State.ANNULLED:
                messages.warning(request, f"{ended.annulled_ground}，请重新投票。")
            else:
                messages.success(request, f"{ballot.tier_name}第{ballot.number}次投票已计票。")
            return redirect("reviews:meeting", ballot.meeting.public_id)
        except StepRefused as refused:
            refusals = refused.blockers
    elif request.method == "POST" and form.is_valid() and _keep_scan(request, paper, form):
        return redirect("reviews:paper_closing", ballot_id)
    entered = current_sheets(paper)
    context = {
        "ballot": ballot, "meeting": ballot.meeting, "paper_ballot": paper, "form": form, "blockers": refusals,
        "paper": paper_word(book), "sheet": sheet_word(book), "may_enter": role_of(paper, user) is not None,
        "entries": [(role.label, who, role.value in entered) for role, who in (
            (CountSheet.Role.COUNTER, paper.counter), (CountSheet.Role.TELLER, paper.teller)
        )],
    }  # fmt: skip
    return render(request, "reviews/meetings/paper_closing.html", context)


def _keep_scan(request: HttpRequest, paper: PaperBallot, form: ScanForm) -> bool:
    user: Any = request.user
    try:
        with transaction.atomic():
            stored = store_upload(form.cleaned_data["scan"], purpose="count_sheet", by=user, at=clock.now())
            attach_count_scan(paper.ballot, scan=stored, by=user, at=clock.now())
    except UploadRefused as refused:
        form.add_error("scan", refused.message)
        return False
    except StepRefused as refused:
        add_refusals(form, refused)
        return False
    messages.success(request, "计票单扫描件已上传。")
    return True


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def count_sheet(request: HttpRequest, ballot_id: uuid.UUID) -> HttpResponse:
    """The 计票单 of the 计票人 or of the 监票人: each sees what he entered, and where it differs from the other's."""
    user: Any = request.user
    paper: PaperBallot = get_object_or_404(paper_ballots().counted_by(user), ballot__public_id=ballot_id)
    ballot, book = paper.ballot, rulebook_for(paper.ballot.meeting.round)
    names = list(ballot.candidates.select_related("application__organization").order_by("position"))
    role = CountSheet.Role(role_of(paper, user) or "")
    own = current_sheets(paper).get(role.value)
    form = CountForm(request.POST or None, names=names, before=own)
    if request.method == "POST" and form.is_valid():
        try:
            enter_count(ballot, count=form.count, by=user, at=clock.now())
            messages.success(request, f"{role.label}的{sheet_word(book)}已录入。")
            return redirect("reviews:count_sheet", ballot_id)
        except StepRefused as refused:
            add_refusals(form, refused)
    context = {
        "ballot": ballot, "meeting": ballot.meeting, "form": form, "role": role.label, "own": own,
        "sheet": sheet_word(book), "noun": book.noun, "submit_label": "提交录入", "unlike": differences(paper),
        "both": len(current_sheets(paper)) == 2, "is_open": ballot.state == Ballot.State.OPEN,
    }  # fmt: skip
    return render(request, "reviews/meetings/count_sheet.html", context)


@login_required
@never_cache
@require_GET
def count_scan(request: HttpRequest, ballot_id: uuid.UUID) -> FileResponse:
    """The signed 计票单: for the office and the two who signed it."""
    user: Any = request.user
    paper: PaperBallot = get_object_or_404(paper_ballots(), ballot__public_id=ballot_id)
    if role_of(paper, user) is None and not works_in(user, paper.ballot.meeting.round.office):
        raise Http404
    if paper.scan is None:
        raise Http404
    return serve_file(paper.scan, inline=True)
