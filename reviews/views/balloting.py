"""The ballot's pages: the office opens and counts it, a member fills in a paper, reads it over, casts it once.

A paper's choices are in the posted form only: not in the address, the session, a message or the store of form keys.
So casting is not wrapped in `once_only`, which would keep who posted and when: the voters' ledger makes it once.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from applications.forms.desks import add_refusals
from applications.moves import StepRefused
from applications.rules import works_in
from award_portal.lib import clock
from awards.parameters import rulebook_for
from organizations.once import once_only

from ..ballots import cast_paper, close_ballot, limits_for, open_ballot, recused_for, void_ballot, voter_of
from ..forms.meetings import PaperForm, PassphraseForm, VoidForm
from ..models import Ballot
from ..proceedings import attendance_of, tier_rows
from ..tiers import mode_of
from .meetings import office_meeting, recusal_ground


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@sensitive_variables("passphrase")
def ballot_opening(request: HttpRequest, meeting_id: uuid.UUID, tier: str) -> HttpResponse:
    """Open a tier's ballot; the answer shows the teller's passphrase, this once, and nothing keeps it.

    Not `once_only`: the first answer cannot be repeated. Posted again it is refused while the ballot runs.
    """
    meeting = office_meeting(request, meeting_id)
    user: Any = request.user
    row = next((one for one in tier_rows(meeting) if one.key == tier), None)
    if row is None:
        raise Http404
    if row.is_settled:
        messages.info(request, f"{row.name}的表决已经结束，没有需要再投的名单。")
        return redirect("reviews:meeting", meeting_id)
    refusals = row.opening
    if request.method == "POST" and not refusals:
        try:
            ballot, passphrase = open_ballot(meeting, tier=tier, by=user, at=clock.now())
            context = {"meeting": meeting, "ballot": ballot, "passphrase": passphrase}
            return render(request, "reviews/meetings/passphrase.html", context)
        except StepRefused as refused:
            refusals = refused.blockers
    book = rulebook_for(meeting.round)
    context = {
        "meeting": meeting, "row": row, "blockers": refusals, "attendance": attendance_of(meeting),
        "majority": book.decision.majority.value, "majority_ground": book.ground(book.decision.majority),
        "mode_ground": book.ground(book.decision.mode), "is_further": bool(row.counted), "submit_label": "开始投票",
        "lost": row.running, "noun": book.noun,
    }  # fmt: skip
    return render(request, "reviews/meetings/ballot_opening.html", context)


def office_ballot(request: HttpRequest, ballot_id: uuid.UUID) -> Ballot:
    """A ballot of the person's own office, or 404."""
    ballots = Ballot.objects.with_names().select_related("meeting__round__scheme", "meeting__round__office")
    ballot = get_object_or_404(ballots.select_related("meeting__round__edition"), public_id=ballot_id)
    if not works_in(request.user, ballot.meeting.round.office):  # type: ignore[arg-type]
        raise Http404
    return ballot


@sensitive_post_parameters("passphrase")
@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def ballot_closing(request: HttpRequest, ballot_id: uuid.UUID) -> HttpResponse:
    """Count with the teller's passphrase; a ballot that has ended only says so."""
    ballot = office_ballot(request, ballot_id)
    if ballot.is_on_paper:
        return redirect("reviews:paper_closing", ballot_id)
    user: Any = request.user
    form = PassphraseForm(request.POST or None)
    if request.method == "POST" and ballot.state == Ballot.State.OPEN and form.is_valid():
        try:
            close_ballot(ballot, passphrase=form.cleaned_data["passphrase"], by=user, at=clock.now())
            messages.success(request, f"{ballot.tier_name}第{ballot.number}次投票已计票，口令随之失效。")
            return redirect("reviews:meeting", ballot.meeting.public_id)
        except StepRefused as refused:
            add_refusals(form, refused)
            ballot = office_ballot(request, ballot_id)
    if ballot.state != Ballot.State.OPEN:
        messages.info(request, "本次投票已经结束，未重复办理。")
        return redirect("reviews:meeting", ballot.meeting.public_id)
    context = {"ballot": ballot, "meeting": ballot.meeting, "form": form, "submit_label": "结束投票并计票",
               "out": ballot.present_count - ballot.papers_in}  # fmt: skip
    return render(request, "reviews/meetings/ballot_closing.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def ballot_voiding(request: HttpRequest, ballot_id: uuid.UUID) -> HttpResponse:
    """Void an open ballot: its papers are destroyed unread and it is voted again."""
    ballot = office_ballot(request, ballot_id)
    user: Any = request.user
    form = VoidForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            void_ballot(ballot, reason=form.cleaned_data["reason"], by=user, at=clock.now())
            messages.success(request, f"{ballot.tier_name}第{ballot.number}次投票已作废，请重新开始投票。")
            return redirect("reviews:meeting", ballot.meeting.public_id)
        except StepRefused as refused:
            add_refusals(form, refused)
    context = {"ballot": ballot, "meeting": ballot.meeting, "form": form, "submit_label": "作废本次投票"}
    return render(request, "reviews/meetings/ballot_voiding.html", context)


@sensitive_post_parameters()
@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@sensitive_variables("form")
def paper(request: HttpRequest, ballot_id: uuid.UUID) -> HttpResponse:
    """A member's paper: fill in, read over, cast. After that the page says that he voted, never how."""
    user: Any = request.user
    ballots = Ballot.objects.of_member(user).with_names()
    ballot = get_object_or_404(
        ballots.select_related("meeting__round__scheme", "meeting__round__edition", "meeting__round__office"),
        public_id=ballot_id,
    )
    if mode_of(ballot.meeting) == "roll_call":
        return redirect("reviews:named_vote", ballot_id)
    voter = voter_of(ballot, user)
    base = {"ballot": ballot, "meeting": ballot.meeting, "noun": rulebook_for(ballot.meeting.round).noun}
    if voter is not None and voter.has_voted:
        return render(request, "reviews/meetings/voted.html", base | {"again": request.method == "POST"})
    if voter is None or ballot.is_on_paper or (ballot.state != Ballot.State.OPEN and request.method == "GET"):
        return render(request, "reviews/meetings/no_paper.html", base)
    form = _paper_form(request, ballot)
    step = request.POST.get("step", "")
    if request.method == "POST" and ballot.state != Ballot.State.OPEN:
        form.add_error(None, "本次表决已经结束，表决票没有投出。")
    elif request.method == "POST" and form.is_valid() and step != "edit":
        if step != "cast":
            return render(request, "reviews/meetings/paper_check.html", base | {"form": form})
        try:
            cast_paper(ballot, by=user, choices=form.choices)
            return redirect("reviews:paper", ballot_id)
        except StepRefused as refused:
            again = voter_of(ballot, user)
            if again is not None and again.has_voted:
                return render(request, "reviews/meetings/voted.html", base | {"again": True})
            add_refusals(form, refused)
    book = rulebook_for(ballot.meeting.round)
    context = base | {"form": form, "quota_ground": book.ground(book.tier(ballot.tier).quota),
                      "recusal_ground": form.ground}  # fmt: skip
    return render(request, "reviews/meetings/paper.html", context)


def _paper_form(request: HttpRequest, ballot: Ballot) -> PaperForm:
    user: Any = request.user
    return PaperForm(
        request.POST if request.method == "POST" else None, names=list(ballot.candidates.all()),
        recused=recused_for(ballot, user), seats=ballot.seats, ground=recusal_ground(ballot.meeting.round),
        is_limited=limits_for(ballot),
    )  # fmt: skip
