"""记名表决: each member's choice is on record by name, counted at once under the rules of every ballot (V8)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from applications.desk_rules import DeskRefused
from applications.gates import Blocker
from awards.parameters import rulebook_for
from organizations.models import User

from .ballots import CODES, record_ballot, start_ballot, write_counts
from .meetings import lock_meeting, recused_names
from .models import Ballot, BallotCandidate, Meeting, MeetingMember, NamedVote
from .tiers import mode_of

Choices = Mapping[int, Mapping[int, str]]


@transaction.atomic
def record_roll_call(meeting: Meeting, *, tier: str, choices: Choices, by: User, at: datetime) -> Ballot:
    """Every member present on every name (member pk → application pk → for, against or abstain), counted at once.

    A member recused for a name says nothing on it. After a tie it is called again, for the tied names only.
    """
    meeting = lock_meeting(meeting, by=by)
    book = rulebook_for(meeting.round)
    if mode_of(meeting) != "roll_call":
        raise DeskRefused.because("本办法不采用记名表决。", book.ground(book.decision.mode))
    ballot = start_ballot(meeting, tier=tier)
    names = list(ballot.candidates.select_related("application__organization").order_by("position"))
    present = list(meeting.members.filter(is_present=True).select_related("user").order_by("pk"))
    recused = recused_names(meeting)
    if refused := _refusals(ballot, names, present, recused, choices):
        raise DeskRefused(refused)
    said = {
        one.pk: {
            member.pk: choices[member.pk][one.application_id]
            for member in present
            if one.application_id not in recused.get(member.pk, ())
        }
        for one in names
    }
    NamedVote.objects.bulk_create(
        NamedVote(candidate_id=name, member_id=member, choice=choice)
        for name, given in said.items()
        for member, choice in given.items()
    )
    write_counts(ballot, names, {name: list(given.values()) for name, given in said.items()})
    # no paper was ever sealed, so nothing of one is left to scrub
    ballot.state, ballot.cast_count, ballot.scrubbed_at = Ballot.State.CLOSED, len(present), at
    ballot.save(update_fields=["state", "cast_count", "scrubbed_at"])
    record_ballot(ballot, "roll_call", by=by, at=at, cast=len(present))
    return ballot


def _refusals(
    ballot: Ballot, names: list[BallotCandidate], present: list[MeetingMember], recused: Mapping[int, set[int]],
    choices: Choices,
) -> list[Blocker]:  # fmt: skip
    book = rulebook_for(ballot.meeting.round)
    found = []
    for member in present:
        given = choices.get(member.pk, {})
        asked = [one for one in names if one.application_id not in recused.get(member.pk, ())]
        if missing := sum(given.get(one.application_id) not in CODES for one in asked):
            found.append(
                Blocker(f"{member.user}还有{missing}个{book.noun}没有登记意见。", book.ground(book.decision.mode))
            )
        if any(given.get(pk) for pk in recused.get(member.pk, ())):
            found.append(Blocker(f"{member.user}已经回避的，不能登记意见。", book.recusal_ground))
        agreed = sum(given.get(one.application_id) == "for" and not one.outside_quota for one in asked)
        if agreed > ballot.seats:
            text = f"{member.user}的“同意”不能超过名额{ballot.seats}个，现为{agreed}个，请核对。"
            found.append(Blocker(text, book.ground(book.tier(ballot.tier).quota)))
    return found
