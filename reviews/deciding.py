"""Carrying the leading body's decision through the door: the list, those not on it, and the minutes (U11.8)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from applications.desk_rules import DeskRefused
from applications.gates import Attempt, Blocker, gate
from applications.models import Application
from applications.moves import move
from applications.pipeline import State
from awards.models import Round
from awards.parameters import rulebook_for
from awards.rounds import draft_note
from awards.workdays import date_zh
from documents.issuing import issue_document
from documents.models import IssuedDocument
from organizations import evidence
from organizations.models import User

from .meetings import lock_meeting
from .models import Ballot, BallotCandidate, Meeting, ShortlistEntry
from .tiers import elected_in, unfinished_tiers, was_before


@transaction.atomic
def carry_decision(meeting: Meeting, *, by: User, at: datetime) -> IssuedDocument:
    """Put the elected on the list, pass over the others, issue the minutes; all or nothing."""
    Round.objects.select_for_update(of=("self",)).get(pk=meeting.round_id)
    waiting = list(
        Application.objects.select_for_update(of=("self",))
        .filter(round=meeting.round_id, state=State.DELIBERATION)
        .order_by("pk")
    )
    meeting = lock_meeting(meeting, by=by)
    if meeting.state != Meeting.State.OPEN:
        raise DeskRefused.because("会议不在进行中。")
    refused = unfinished_tiers(meeting)
    book = rulebook_for(meeting.round)
    if not waiting:
        refused.append(Blocker("没有待审议的申报组织。", book.ground(book.stage(State.DELIBERATION))))
    if refused:
        raise DeskRefused(refused)
    # who reached the leading body after its ballots were counted waits for the next meeting
    waiting = [one for one in waiting if was_before(meeting, one)]
    # somebody elected may have withdrawn before the decision is carried: the place stays vacant
    elected = {pk: tier for pk, tier in elected_in(meeting).items() if pk in {one.pk for one in waiting}}
    ground, cite = f"{meeting.title}表决", book.ground(book.stage(State.DELIBERATION))
    meeting.minutes = _issue_minutes(meeting, waiting, elected, by=by, at=at)
    meeting.state, meeting.decided_at = Meeting.State.DECIDED, at
    meeting.save(update_fields=["minutes", "state", "decided_at"])
    for one in waiting:
        facts: dict[str, Any] = {"meeting": str(meeting.public_id)}
        tier = elected.get(one.pk)
        if tier is None:
            move(one.pk, "pass_over", by=by, at=at, ground=ground, cite=cite, facts=facts)
            continue
        ShortlistEntry.objects.create(application=one, meeting=meeting, tier=tier)
        facts |= {"tier": tier, "tier_name": book.tier(tier).name}
        move(one.pk, "shortlist", by=by, at=at, ground=ground, cite=cite, facts=facts)
    evidence.record(
        "meeting.decide", chain=meeting.round.chain, by=by, subject=f"meeting:{meeting.public_id}", at=at,
        data={"shortlisted": len(elected)},
    )  # fmt: skip
    return meeting.minutes


def _issue_minutes(
    meeting: Meeting, waiting: list[Application], elected: dict[int, str], *, by: User, at: datetime
) -> IssuedDocument:
    round, book = meeting.round, rulebook_for(meeting.round)
    voted_on = BallotCandidate.objects.filter(ballot__meeting=meeting).values("application")
    shown = Application.objects.with_names().filter(Q(pk__in=[one.pk for one in waiting]) | Q(pk__in=voted_on))
    named = {one.pk: str(one.organization) for one in shown}
    title = f"{round.title}{book.instrument('meeting_minutes')}"
    return issue_document(
        "meeting_minutes",
        title=title,
        template="meeting_minutes.html",
        content={
            "title": title,
            "issuer": book.bodies.leading_body.name,
            "meeting": meeting.title,
            "held_on": date_zh(meeting.held_on),
            "place": meeting.place,
            "electorate": meeting.members.count(),
            "present": meeting.members.filter(is_present=True).count(),
            "teller": meeting.teller,
            "counter": meeting.counter,
            "ballots": [_ballot_content(one, named) for one in meeting.ballots.order_by("pk")],
            "elected": [{"name": named[pk], "tier": book.tier(tier).name} for pk, tier in sorted(elected.items())],
            "cite": book.ground(book.stage(State.DELIBERATION)),
            "draft_note": draft_note(round),
            "date": date_zh(at.date()),
        },
        scheme_key=round.scheme.key,
        chain=round.chain,
        subject=f"meeting:{meeting.public_id}",
        issuer=round.office,
        by=by,
        at=at,
    )


def _ballot_content(ballot: Ballot, named: dict[int, str]) -> dict[str, Any]:
    return {
        "tier": ballot.tier_name,
        "number": ballot.number,
        "seats": ballot.seats,
        "state": ballot.get_state_display(),
        "present": ballot.present_count,
        "cast": ballot.cast_count or 0,
        "rows": [
            {
                "name": named[one.application_id],
                "base": one.base,
                "for": one.votes_for,
                "against": one.votes_against,
                "abstain": one.votes_abstain,
                "elected": one.is_elected,
                "tied": one.is_tied,
            }
            for one in ballot.candidates.all()
        ]
        if ballot.state == Ballot.State.CLOSED
        else [],
    }


@gate("leading_body_decision")
def leading_body_decision(application: Application, attempt: Attempt) -> list[Blocker]:
    """The step carries out a meeting's decision, and the tier's quota is kept (U4, U11.8)."""
    book = application.rulebook
    ground = book.ground(book.stage(State.DELIBERATION))
    meeting = Meeting.objects.filter(
        public_id=attempt.id_of("meeting"), round=application.round_id, state=Meeting.State.DECIDED
    ).first()
    if meeting is None:
        return [Blocker("领导小组尚未就该申报形成决定。", ground)]
    if not was_before(meeting, application):
        return [Blocker("该次会议没有就该申报进行表决。", ground)]
    tier = elected_in(meeting).get(application.pk)
    if (tier is not None) != (attempt.step == "shortlist"):
        return [Blocker("与领导小组的表决结果不一致。", ground)]
    if tier is None:
        return []
    if tier != attempt.facts.get("tier"):
        return [Blocker("奖项等次与表决结果不一致。", ground)]
    quota = book.tier(tier).quota
    if ShortlistEntry.objects.filter(application__round=application.round_id, tier=tier).count() > quota.value:
        return [Blocker(f"{book.tier(tier).name}名额为{quota.value}个，已经用完。", book.ground(quota))]
    return []


@gate("promotion_allowed")
def promotion_allowed(application: Application, attempt: Attempt) -> list[Blocker]:
    """The next in order moves up only where the rulebook allows it (section 7: by default the place stays vacant)."""
    rule = application.rulebook.decision.promotes_next
    return [] if rule.value else [Blocker("名额空缺不递补。", application.rulebook.ground(rule))]
