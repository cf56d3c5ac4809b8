"""The pages of a meeting without secret ballots: proposed list, resolution, ranking by score, roll call (B15, Y11)."""

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
from applications.gates import Blocker
from applications.models import Application
from applications.moves import StepRefused
from award_portal.lib import clock
from awards.parameters import rulebook_for
from organizations.once import once_only

from ..forms.lists import NamedVoteForm, ProposalForm, RankingForm, ResolutionForm, RollCallForm
from ..lists import candidates_before, ranking_of
from ..meetings import bases_of, quorum_blockers, recused_names
from ..models import Ballot, Meeting, MeetingMember, NamedVote
from ..proceedings import attendance_of, list_rules, tier_rows
from ..ranking import confirm_ranking, settled_ranking
from ..resolving import propose_list, record_resolution
from ..roll_calls import save_roll_call, say_by_name
from ..tiers import mode_of, names_for, names_to_vote_again, standing
from .meetings import office_meeting, recusal_ground


def meeting_in_mode(request: HttpRequest, meeting_id: uuid.UUID, mode: str) -> Meeting:
    """A meeting of the person's own office whose scheme decides this way, or 404."""
    one = office_meeting(request, meeting_id)
    if mode_of(one) != mode:
        raise Http404
    return one


def not_in_session(meeting: Meeting) -> list[Blocker]:
    """Why nothing can be recorded of the meeting now."""
    if meeting.state == Meeting.State.DECIDED:
        return [Blocker("会议已形成决定，不能再变更。")]
    if meeting.state == Meeting.State.PREPARING:
        return [Blocker("请先登记到会情况。")]
    return quorum_blockers(meeting)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def proposal(request: HttpRequest, meeting_id: uuid.UUID) -> HttpResponse:
    """The office draws up the list the meeting will pass: the scores suggest it, departures carry their reason."""
    one = meeting_in_mode(request, meeting_id, "resolution")
    user: Any = request.user
    book, candidates = rulebook_for(one.round), candidates_before(one)
    lines = {line.application_id: line for line in one.lines.all()}
    form = ProposalForm(request.POST or None, candidates=candidates, lines=lines, book=book)
    if request.method == "POST" and form.is_valid():
        try:
            propose_list(one, tiers=form.tiers, reasons=form.reasons, by=user, at=clock.now())
            messages.success(request, "拟订名单已保存。")
            return redirect("reviews:meeting", meeting_id)
        except StepRefused as refused:
            add_refusals(form, refused)
    blockers = [Blocker("会议已形成决定，不能再变更。")] if one.state == Meeting.State.DECIDED else []
    context = {
        "meeting": one, "form": form, "book": book, "rules": list_rules(one), "blockers": blockers,
        "ground": book.ground(book.decision.mode), "is_decided": any(line.is_decided for line in lines.values()),
    }  # fmt: skip
    return render(request, "reviews/meetings/proposal.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def resolution(request: HttpRequest, meeting_id: uuid.UUID) -> HttpResponse:
    """What the meeting resolved, name by name: passed as proposed, for another tier, or not at all."""
    one = meeting_in_mode(request, meeting_id, "resolution")
    user: Any = request.user
    book, here = rulebook_for(one.round), {each.pk for each in standing(one)}
    rows = one.lines.select_related("application__organization").order_by("rank", "pk")
    lines = [line for line in rows if line.application_id in here]
    bases = bases_of(one, [line.application for line in lines])
    form = ResolutionForm(request.POST or None, lines=lines, bases=bases, book=book)
    if request.method == "POST" and form.is_valid():
        try:
            record_resolution(one, results=form.results, by=user, at=clock.now())
            messages.success(request, "审议结果已登记。核对无误后，请形成决定。")
            return redirect("reviews:meeting", meeting_id)
        except StepRefused as refused:
            add_refusals(form, refused)
    blockers = not_in_session(one)
    if not lines:
        blockers.append(Blocker("请先拟订名单，再登记审议结果。", book.ground(book.decision.mode)))
    context = {
        "meeting": one, "form": form, "book": book, "rules": list_rules(one), "blockers": blockers,
        "ground": book.ground(book.decision.mode), "majority": book.decision.majority.value,
        "majority_ground": book.ground(book.decision.majority), "attendance": attendance_of(one),
        "recusal_ground": recusal_ground(one.round),
    }  # fmt: skip
    return render(request, "reviews/meetings/resolution.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def ranking(request: HttpRequest, meeting_id: uuid.UUID) -> HttpResponse:
    """The list as the scores give it; ties at a last place and repeat winners are all there is to fill in."""
    one = meeting_in_mode(request, meeting_id, "rank")
    user: Any = request.user
    book, names = rulebook_for(one.round), standing(one)
    bases = bases_of(one, names)
    form, found = _ranking_form(request, one, names, bases)
    if request.method == "POST" and form.is_valid():
        try:
            confirm_ranking(one, hands=form.hands_given, refused=form.refused, by=user, at=clock.now())
            messages.success(request, "得分排序已确认。核对无误后，请形成决定。")
            return redirect("reviews:meeting", meeting_id)
        except StepRefused as refused:
            add_refusals(form, refused)
    tiers = {tier.key: tier for tier in book.tiers}
    table = [(row, tiers.get(row.tier), row.pk in found.outside) for row in candidates_before(one, found)]
    context = {
        "meeting": one, "form": form, "table": table, "rules": list_rules(one), "book": book,
        "blockers": not_in_session(one), "ground": book.ground(book.decision.mode),
        "tie_ground": book.ground(book.decision.tie), "majority": book.decision.majority.value,
        "majority_ground": book.ground(book.decision.majority), "submit_label": "确认排序",
    }  # fmt: skip
    return render(request, "reviews/meetings/ranking.html", context)


def _ranking_form(
    request: HttpRequest, meeting: Meeting, names: list[Application], bases: dict[int, int]
) -> tuple[RankingForm, Any]:
    """The form with a row for every tie there is; settling one may show the next, so it grows with what is posted."""
    book, by_pk = rulebook_for(meeting.round), {each.pk: each for each in names}
    shown = ranking_of(meeting, settle=False)
    repeats = [by_pk[pk] for pk in sorted(shown.outside)]
    asks = book.decision.tie.value == "further_ballot_then_vacant"
    found = ranking_of(meeting)
    while True:
        tied = {tier: [by_pk[pk] for pk in sorted(pks)] for tier, pks in found.tied.items()} if asks else {}
        form = RankingForm(request.POST or None, tied=tied, repeats=repeats, bases=bases, book=book)
        if request.method != "POST" or not form.is_valid():
            return form, shown
        found = settled_ranking(meeting, book, names, bases, form.hands_given, form.refused)
        if not found.unsettled:
            shown = found
        if set(found.tied) <= set(tied) or not asks:
            return form, shown


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def roll_call(request: HttpRequest, meeting_id: uuid.UUID, tier: str) -> HttpResponse:
    """Each member's choice by name for one tier: saved as they are heard, counted when the vote is closed."""
    one = meeting_in_mode(request, meeting_id, "roll_call")
    user: Any = request.user
    book = rulebook_for(one.round)
    row = next((each for each in tier_rows(one) if each.key == tier), None)
    if row is None:
        raise Http404
    if row.is_settled:
        messages.info(request, f"{row.name}的表决已经结束，没有需要再表决的名单。")
        return redirect("reviews:meeting", meeting_id)
    if row.running:
        names = [each.application for each in row.running.candidates.all()]
    else:
        names = names_to_vote_again(row.counted[0]) if row.counted else names_for(one, book.tier(tier))
    present = one.members.filter(is_present=True).with_people()
    form = RollCallForm(
        request.POST or None, names=names, members=present, recused=recused_names(one), said=_said(row.running)
    )
    if request.method == "POST" and form.is_valid():
        close = request.POST.get("step") == "close"
        try:
            save_roll_call(
                one, tier=tier, choices=form.choices, reason=form.cleaned_data["reason"], close=close, by=user,
                at=clock.now(),
            )  # fmt: skip
            messages.success(request, f"{row.name}表决结果已登记。" if close else "已登记的意见已保存，表决尚未结束。")
            return redirect("reviews:meeting", meeting_id) if close else redirect(request.path)
        except StepRefused as refused:
            add_refusals(form, refused)
    context = {
        "meeting": one, "row": row, "form": form, "book": book, "blockers": [] if row.running else row.opening,
        "majority": book.decision.majority.value, "majority_ground": book.ground(book.decision.majority),
        "ground": book.ground(book.decision.mode), "submit_label": "登记表决结果",
    }  # fmt: skip
    return render(request, "reviews/meetings/roll_call.html", context)


def _said(ballot: Ballot | None, member: MeetingMember | None = None) -> dict[tuple[int, int], str]:
    """(member pk, application pk) → what was said so far."""
    votes = NamedVote.objects.filter(candidate__ballot=ballot) if ballot else NamedVote.objects.none()
    if member is not None:
        votes = votes.filter(member=member)
    return {
        (who, name): choice for who, name, choice in votes.values_list("member", "candidate__application", "choice")
    }


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def named_vote(request: HttpRequest, ballot_id: uuid.UUID) -> HttpResponse:
    """A member's own choices in a vote by name, at his own desk, until the office closes it."""
    user: Any = request.user
    ballots = Ballot.objects.of_member(user).with_names().select_related("meeting__round__edition")
    ballot = get_object_or_404(ballots.select_related("meeting__round__scheme"), public_id=ballot_id)
    meeting, book = ballot.meeting, rulebook_for(ballot.meeting.round)
    if mode_of(meeting) != "roll_call":
        raise Http404
    member = meeting.members.held_by(user).with_people().get()
    if ballot.state != Ballot.State.OPEN or not ballot.voters.filter(member=member).exists():
        messages.info(request, "本次表决已经结束，或者您没有到会登记。")
        return redirect("reviews:meeting", meeting.public_id)
    names = [each.application for each in ballot.candidates.all()]
    form = NamedVoteForm(
        request.POST or None, names=names, members=[member], recused=recused_names(meeting),
        said=_said(ballot, member),
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            say_by_name(ballot, member, choices=form.own, reason=form.cleaned_data["reason"], by=user, at=clock.now())
            messages.success(request, "您的意见已登记。表决结束前可以更正。")
            return redirect("reviews:meeting", meeting.public_id)
        except StepRefused as refused:
            add_refusals(form, refused)
    context = {
        "ballot": ballot, "meeting": meeting, "form": form, "book": book, "submit_label": "登记意见",
        "ground": book.ground(book.decision.mode), "quota_ground": book.ground(book.tier(ballot.tier).quota),
    }  # fmt: skip
    return render(request, "reviews/meetings/named_vote.html", context)
