"""Ballots made void: papers and key are gone, also from the files, and the tier is voted again (V8, U23)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from applications.desk_rules import DeskRefused, require_text
from applications.models import Application
from awards.parameters import rulebook_for
from organizations import evidence
from organizations.models import User

from .candidacy import tiers_in_order
from .models import Ballot, CountLine, Meeting, MeetingMember, PaperBallot, Slip
from .scrubbing import overwrite_what_is_deleted, scrub_after_commit
from .tiers import mode_of


def annul(ballot: Ballot, *, ground: str, by: User, at: datetime) -> None:
    """A ballot becomes void on its ground: papers, slips and key are gone, also from the files; it is voted again.

    Of a counted secret ballot the counts go too, in the system or on paper: beside those of the ballot run again they
    could tell how the member who left had voted. What was voted by name stays on record.
    """
    ballot = Ballot.objects.select_for_update(of=("self",)).get(pk=ballot.pk)
    was_counted = ballot.state == Ballot.State.CLOSED
    overwrite_what_is_deleted()
    ballot.papers.all().delete()
    ballot.voters.all().delete()
    if was_counted and mode_of(ballot.meeting) == "secret_vote":
        Slip.objects.filter(candidate__ballot=ballot).delete()
        CountLine.objects.filter(sheet__paper_ballot__ballot=ballot).delete()
        PaperBallot.objects.filter(ballot=ballot).update(scan=None, scanned_at=None)
        ballot.candidates.update(
            votes_for=None, votes_against=None, votes_abstain=None, is_elected=False, is_tied=False
        )
    ballot.state, ballot.wrapped_key = Ballot.State.ANNULLED, b""
    ballot.annulled_ground, ballot.annulled_at, ballot.annulled_by = ground[:200], at, by
    ballot.save(update_fields=["state", "wrapped_key", "annulled_ground", "annulled_at", "annulled_by"])
    scrub_after_commit(at)


@transaction.atomic
def annul_and_reopen(ballot: Ballot, *, ground: str, by: User, at: datetime) -> list[Ballot]:
    """The ballot and all that rests on it are void on one ground and voted again; returns those that became void."""
    meeting = Meeting.objects.select_for_update(of=("self",)).get(pk=ballot.meeting_id)
    ground = require_text(ground, "作废理由")
    if meeting.state == Meeting.State.DECIDED:
        raise DeskRefused.because("会议已形成决定，不能作废其中的表决；需要变更的，请另行提请审议。")
    rows = list(meeting.ballots.exclude(state=Ballot.State.ANNULLED).order_by("pk"))
    order = _order(meeting)
    first = (order.get(ballot.tier, 0), ballot.number)
    gone = [one for one in rows if (order.get(one.tier, 0), one.number) >= first]
    for one in gone:
        _annul_on_record(one, ground=ground, by=by, at=at)
    return gone


def annul_ballots_on(
    meeting: Meeting, application: Application, member: MeetingMember, *, by: User, at: datetime
) -> int:
    """A recusal undoes what the member had a part in: the open ballot, and the counted ones, with every later tier.

    A further ballot rests on the first, a later tier on who was elected before it: all of them are voted again.
    """
    rows = list(meeting.ballots.exclude(state=Ballot.State.ANNULLED).order_by("pk"))
    mine = [one for one in rows if _took_part(one, application, member)]
    if not mine:
        return 0
    order = _order(meeting)
    first = min(order.get(one.tier, 0) for one in mine)
    gone = [one for one in rows if order.get(one.tier, 0) >= first]
    for one in gone:
        _annul_on_record(one, ground="成员回避，计票基数变更", by=by, at=at)
    return len(gone)


def _annul_on_record(ballot: Ballot, *, ground: str, by: User, at: datetime) -> None:
    annul(ballot, ground=ground, by=by, at=at)
    evidence.record(
        "ballot.annul", chain=ballot.meeting.round.chain, by=by, subject=f"ballot:{ballot.public_id}", at=at,
        data={"tier": ballot.tier, "number": ballot.number, "was": ballot.state},
    )  # fmt: skip


def _order(meeting: Meeting) -> dict[str, int]:
    return {tier.key: place for place, tier in enumerate(tiers_in_order(rulebook_for(meeting.round)))}


def _took_part(ballot: Ballot, application: Application, member: MeetingMember) -> bool:
    """An open ballot with the name, or a counted one whose base the member was part of."""
    name = ballot.candidates.filter(application=application).first()
    if name is None:
        return False
    if ballot.state == Ballot.State.OPEN or ballot.voters.filter(member=member).exists():
        return True
    return name.named_votes.filter(member=member).exists()
