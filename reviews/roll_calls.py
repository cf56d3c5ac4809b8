"""记名表决: each member's choice is on record by name, corrected only before the close, both values kept (V8)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from applications.desk_rules import DeskRefused, require_text
from applications.duty_guards import is_barred_from
from applications.gates import Blocker
from applications.rules import works_in
from awards.parameters import rulebook_for
from organizations.models import User

from .ballots import CODES, limits_for, record_ballot, start_ballot, write_counts
from .meetings import lock_meeting, recused_names
from .member_conflicts import recuse_tied_voter, refuse_unrecused
from .models import Ballot, BallotCandidate, Meeting, MeetingMember, NamedVote, NamedVoteChange
from .tiers import mode_of

Choices = Mapping[int, Mapping[int, str]]


@transaction.atomic
def open_roll_call(meeting: Meeting, *, tier: str, by: User, at: datetime) -> Ballot:
    """The next ballot by name for a tier; after a tie for the tied names only."""
    meeting = lock_meeting(meeting, by=by)
    book = rulebook_for(meeting.round)
    if mode_of(meeting) != "roll_call":
        raise DeskRefused.because("本办法不采用记名表决。", book.ground(book.decision.mode))
    ballot = start_ballot(meeting, tier=tier)
    names = [str(one.application.public_id) for one in ballot.candidates.select_related("application")]
    record_ballot(ballot, "open", by=by, at=at, names=names, seats=ballot.seats)
    return ballot


def say_by_name(
    ballot: Ballot, member: MeetingMember, *, choices: Mapping[int, str], by: User, at: datetime, reason: str = ""
) -> int:
    """A member's choices (application pk → for, against or abstain), by himself, his deputy or the office.

    What was said before and is now said otherwise is corrected with its reason, both values kept. Returns how many.
    Who is found tied to a name since the call was opened is recused first (U23).
    """
    running = Ballot.objects.select_related("meeting__round").get(pk=ballot.pk)
    own = running.meeting.members.held_by(by).filter(pk=member.pk).exists()
    if own and running.state == Ballot.State.OPEN and running.voters.filter(member=member).exists():
        recuse_tied_voter(running, member, by=by)
    return _enter_votes(ballot, member, choices=choices, by=by, at=at, reason=reason)


@transaction.atomic
def _enter_votes(
    ballot: Ballot, member: MeetingMember, *, choices: Mapping[int, str], by: User, at: datetime, reason: str
) -> int:
    meeting = Meeting.objects.select_for_update(of=("self",)).get(pk=ballot.meeting_id)
    ballot = Ballot.objects.select_for_update(of=("self",)).get(pk=ballot.pk)
    member = MeetingMember.objects.with_people().get(pk=member.pk)
    own = meeting.members.held_by(by).filter(pk=member.pk).exists()
    if is_barred_from(by, meeting.round) or not (own or works_in(by, meeting.round.office)):
        raise DeskRefused.because("只能登记本人的意见。")
    _require_running(ballot)
    if not ballot.voters.filter(member=member).exists():
        raise DeskRefused.because(f"{member.label}没有到会登记，不能参加本次表决。")
    names = list(ballot.candidates.select_related("application__organization").order_by("position"))
    asked = {one.application_id: one for one in names if one.application_id in choices}
    before = {one.candidate_id: one for one in NamedVote.objects.filter(candidate__ballot=ballot, member=member)}
    whole = {one.application_id: before[one.pk].choice for one in names if one.pk in before} | dict(choices)
    if refused := _refusals(ballot, names, member, whole):
        raise DeskRefused(refused)
    differing = [
        one for pk, one in asked.items() if one.pk in before and before[one.pk].choice != choices[pk]
    ]  # fmt: skip
    if differing:
        reason = require_text(reason, "更正理由")[:200]
    for one in differing:
        vote, said = before[one.pk], choices[one.application_id]
        NamedVoteChange.objects.create(
            vote=vote, before=vote.choice, after=said, reason=reason, changed_at=at, changed_by=by
        )
        vote.choice = said
        vote.save(update_fields=["choice"])
    NamedVote.objects.bulk_create(
        NamedVote(candidate=one, member=member, choice=choices[pk]) for pk, one in asked.items() if one.pk not in before
    )
    if asked:
        ballot.voters.filter(member=member).update(has_voted=True)
    if differing:
        record_ballot(ballot, "correct", by=by, at=at, corrected=len(differing))
    return len(differing)


@transaction.atomic
def close_roll_call(ballot: Ballot, *, by: User, at: datetime) -> Ballot:
    """Counted at once, when every member present has spoken on every name he is not recused for."""
    meeting = lock_meeting(ballot.meeting, by=by)
    ballot = Ballot.objects.select_for_update(of=("self",)).get(pk=ballot.pk)
    _require_running(ballot)
    names = list(ballot.candidates.select_related("application__organization").order_by("position"))
    said: dict[int, dict[int, str]] = {one.pk: {} for one in names}
    for vote in NamedVote.objects.filter(candidate__ballot=ballot):
        said[vote.candidate_id][vote.member_id] = vote.choice
    recused, found = recused_names(meeting), []
    book = rulebook_for(meeting.round)
    voters = list(MeetingMember.objects.filter(pk__in=ballot.voters.values("member")).with_people())
    for member in voters:
        asked = [one for one in names if one.application_id not in recused.get(member.pk, ())]
        if missing := sum(member.pk not in said[one.pk] for one in asked):
            text = f"{member.label}还有{missing}个{book.noun}没有登记意见。"
            found.append(Blocker(text, book.ground(book.decision.mode)))
    if found:
        raise DeskRefused(found)
    write_counts(ballot, names, {name: list(given.values()) for name, given in said.items()})
    # no paper was ever sealed, so nothing of one is left to scrub
    ballot.state, ballot.cast_count, ballot.scrubbed_at = Ballot.State.CLOSED, len(voters), at
    ballot.save(update_fields=["state", "cast_count", "scrubbed_at"])
    record_ballot(ballot, "roll_call", by=by, at=at, cast=len(voters))
    return ballot


@transaction.atomic
def save_roll_call(
    meeting: Meeting, *, tier: str, choices: Choices, by: User, at: datetime, reason: str = "", close: bool = False
) -> Ballot:
    """What the office has heard so far (member pk → application pk → choice), opened with the first; all or nothing."""
    meeting = lock_meeting(meeting, by=by)
    running = meeting.ballots.filter(tier=tier, state=Ballot.State.OPEN).first()
    ballot = running or open_roll_call(meeting, tier=tier, by=by, at=at)
    refuse_unrecused(meeting, [one.application for one in ballot.candidates.select_related("application")])
    for member in MeetingMember.objects.filter(pk__in=ballot.voters.values("member")).with_people():
        given = {pk: choice for pk, choice in choices.get(member.pk, {}).items() if choice}
        if given:
            _enter_votes(ballot, member, choices=given, by=by, at=at, reason=reason)
    return close_roll_call(ballot, by=by, at=at) if close else ballot


def record_roll_call(meeting: Meeting, *, tier: str, choices: Choices, by: User, at: datetime) -> Ballot:
    """A whole roll call at once: opened, everybody's choices, closed."""
    return save_roll_call(meeting, tier=tier, choices=choices, by=by, at=at, close=True)


def _require_running(ballot: Ballot) -> None:
    book = rulebook_for(ballot.meeting.round)
    if mode_of(ballot.meeting) != "roll_call":
        raise DeskRefused.because("本办法不采用记名表决。", book.ground(book.decision.mode))
    if ballot.state != Ballot.State.OPEN:
        raise DeskRefused.because("本次表决已经结束，意见不能再登记或者更正。")


def _refusals(
    ballot: Ballot, names: list[BallotCandidate], member: MeetingMember, choices: Mapping[int, str]
) -> list[Blocker]:
    book = rulebook_for(ballot.meeting.round)
    recused = recused_names(ballot.meeting).get(member.pk, set())
    found = []
    if set(choices) - {one.application_id for one in names} or set(choices.values()) - set(CODES):
        found.append(Blocker("登记的意见与本次表决的名单不一致，请刷新后核对。", book.ground(book.decision.mode)))
    if recused & set(choices):
        found.append(Blocker(f"{member.label}已经回避的，不能登记意见。", book.recusal_ground))
    agreed = sum(choices.get(one.application_id) == "for" and not one.outside_quota for one in names)
    if limits_for(ballot) and agreed > ballot.seats:
        text = f"{member.label}的“同意”不能超过名额{ballot.seats}个，现为{agreed}个，请核对。"
        found.append(Blocker(text, book.ground(book.tier(ballot.tier).quota)))
    return found
