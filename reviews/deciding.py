"""Carrying the leading body's decision through the door: the list, those not on it, and the minutes (U11.8)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from applications.desk_rules import DeskRefused
from applications.gates import Attempt, Blocker, gate
from applications.models import Application
from applications.moves import move
from applications.pipeline import State
from awards.models import Round
from awards.parameters import rulebook_for
from documents.models import IssuedDocument
from organizations import evidence
from organizations.models import User

from .candidacy import entries_on, list_above, place_refusals, places_of
from .meetings import lock_meeting
from .minutes import WORDS, issue_minutes
from .models import Meeting, ShortlistEntry
from .tiers import elected_in, listed_in, mode_of, unfinished_tiers, was_before
from .vacancies import record_vacancies, vacancies_of

__all__ = ["carry_decision", "elected_in", "leading_body_decision"]


@transaction.atomic
def carry_decision(
    meeting: Meeting, *, by: User, at: datetime, vacancy_reasons: Mapping[str, str] | None = None
) -> IssuedDocument:
    """Put who was decided for on the list, pass over the others, issue the minutes; all or nothing.

    Places nobody gets are left vacant with a reason (tier → reason, or what the record tells).
    """
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
    ground, cite = f"{meeting.title}{WORDS[mode_of(meeting)]}", book.ground(book.stage(State.DELIBERATION))
    if not waiting:
        refused.append(Blocker(f"没有待审议的{book.noun}。", cite))
    if refused:
        raise DeskRefused(refused)
    # who reached the leading body after it had decided waits for the next meeting
    waiting = [one for one in waiting if was_before(meeting, one)]
    # somebody listed may have withdrawn before the decision is carried: the place stays vacant
    listed = {pk: one for pk, one in listed_in(meeting).items() if pk in {each.pk for each in waiting}}
    record_vacancies(meeting, vacancies_of(meeting, listed), vacancy_reasons or {})
    meeting.minutes = issue_minutes(meeting, waiting, listed, by=by, at=at)
    meeting.state, meeting.decided_at = Meeting.State.DECIDED, at
    meeting.save(update_fields=["minutes", "state", "decided_at"])
    for one in waiting:
        facts: dict[str, Any] = {"meeting": str(meeting.public_id)}
        listing = listed.get(one.pk)
        if listing is None:
            move(one.pk, "pass_over", by=by, at=at, ground=ground, cite=cite, facts=facts)
            continue
        ShortlistEntry.objects.create(
            application=one, meeting=meeting, tier=listing.tier, outside_quota=listing.outside_quota
        )
        facts |= {"tier": listing.tier, "tier_name": book.tier(listing.tier).name}
        if listing.outside_quota:
            facts["outside_quota"] = True
        move(one.pk, "shortlist", by=by, at=at, ground=ground, cite=cite, facts=facts)
    evidence.record(
        "meeting.decide", chain=meeting.round.chain, by=by, subject=f"meeting:{meeting.public_id}", at=at,
        data={"shortlisted": len(listed)},
    )  # fmt: skip
    return meeting.minutes


@gate("leading_body_decision")
def leading_body_decision(application: Application, attempt: Attempt) -> list[Blocker]:
    """The step carries out a meeting's decision, and the tier's places are kept (U4, U11.8, B18, Y23)."""
    book = application.rulebook
    ground = book.ground(book.stage(State.DELIBERATION))
    body = book.bodies.leading_body.short
    meeting = Meeting.objects.filter(
        public_id=attempt.id_of("meeting"), round=application.round_id, state=Meeting.State.DECIDED
    ).first()
    if meeting is None:
        return [Blocker(f"{body}尚未就该申报形成决定。", ground)]
    if not was_before(meeting, application):
        return [Blocker("该次会议没有就该申报作出决定。", ground)]
    listing = listed_in(meeting).get(application.pk)
    if (listing is not None) != (attempt.step == "shortlist"):
        return [Blocker(f"与{body}的决定不一致。", ground)]
    if listing is None:
        return []
    if listing.tier != attempt.facts.get("tier"):
        return [Blocker("奖项等次与会议决定不一致。", ground)]
    return [] if listing.outside_quota else _over_quota(application, listing.tier)


def _over_quota(application: Application, key: str) -> list[Blocker]:
    """Whether the tier's places, or those of the list it is chosen from, do not hold the names entered on them."""
    book, round = application.rulebook, application.round
    found = []
    for tier in book.tiers:
        if tier.key in (key, list_above(book.tier(key))):
            names = [one.application for one in entries_on(round, tier)]
            found += place_refusals(book, tier, [one.pk for one in names], places_of(round, tier, names))
    return found
