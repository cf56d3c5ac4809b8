"""Ballots made void: papers and key are gone, also from the files, and the tier is voted again (V8, U23)."""

from __future__ import annotations

from datetime import datetime

from applications.models import Application
from awards.parameters import rulebook_for

from .candidacy import tiers_in_order
from .models import Ballot, Meeting, MeetingMember, Slip
from .scrubbing import overwrite_what_is_deleted, scrub_after_commit


def annul(ballot: Ballot, *, at: datetime) -> None:
    """A ballot becomes void: papers, slips and key are gone, also from the files, and it is voted again.

    Of a counted secret ballot the counts go too: beside those of the ballot run again they could tell how the member
    who left had voted. What was voted by name stays on record.
    """
    ballot = Ballot.objects.select_for_update(of=("self",)).get(pk=ballot.pk)
    overwrite_what_is_deleted()
    ballot.papers.all().delete()
    ballot.voters.all().delete()
    if ballot.public_key:
        Slip.objects.filter(candidate__ballot=ballot).delete()
        ballot.candidates.update(
            votes_for=None, votes_against=None, votes_abstain=None, is_elected=False, is_tied=False
        )
    ballot.state, ballot.wrapped_key = Ballot.State.ANNULLED, b""
    ballot.save(update_fields=["state", "wrapped_key"])
    scrub_after_commit(at)


def annul_ballots_on(meeting: Meeting, application: Application, member: MeetingMember, *, at: datetime) -> int:
    """A recusal undoes what the member had a part in: the open ballot, and the counted ones, with every later tier.

    A further ballot rests on the first, a later tier on who was elected before it: all of them are voted again.
    """
    rows = list(meeting.ballots.exclude(state=Ballot.State.ANNULLED).order_by("pk"))
    mine = [one for one in rows if _took_part(one, application, member)]
    if not mine:
        return 0
    order = {tier.key: place for place, tier in enumerate(tiers_in_order(rulebook_for(meeting.round)))}
    first = min(order.get(one.tier, 0) for one in mine)
    gone = [one for one in rows if order.get(one.tier, 0) >= first]
    for one in gone:
        annul(one, at=at)
    return len(gone)


def _took_part(ballot: Ballot, application: Application, member: MeetingMember) -> bool:
    """An open ballot with the name, or a counted one whose base the member was part of."""
    name = ballot.candidates.filter(application=application).first()
    if name is None:
        return False
    if ballot.state == Ballot.State.OPEN or ballot.voters.filter(member=member).exists():
        return True
    return name.named_votes.filter(member=member).exists()
