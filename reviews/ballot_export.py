"""What `reviews.recounting` needs of a meeting's ballots, and nothing that says who voted or how (V8)."""

from __future__ import annotations

from typing import Any

from awards.parameters import rulebook_for

from .ballots import places_on
from .meeting_facts import how_voted
from .models import Ballot, BallotCandidate, CountLine, CountSheet, Meeting, NamedVote, Slip
from .paper_ballots import choices_counted
from .places import Places
from .recounting import FORMAT


def export_ballots(meeting: Meeting) -> dict[str, Any]:
    """The counted ballots of a meeting with their slips as plain values; an open or void one is not in it."""
    book = rulebook_for(meeting.round)
    names: dict[int, list[BallotCandidate]] = {}
    ballots = list(meeting.ballots.filter(state=Ballot.State.CLOSED).order_by("pk"))
    candidates = BallotCandidate.objects.filter(ballot__in=ballots).select_related("application__organization")
    for one in candidates.order_by("position"):
        names.setdefault(one.ballot_id, []).append(one)
    slips: dict[int, list[str]] = {}
    # of a vote by name, too, only the choices: the count needs no more
    for kept in (Slip, NamedVote):
        rows = kept.objects.filter(candidate__ballot__in=ballots).order_by("candidate", "choice")  # type: ignore[attr-defined]
        for candidate, choice in rows.values_list("candidate", "choice"):
            slips.setdefault(candidate, []).append(choice)
    slips |= _counted_by_hand(ballots)
    return {
        "format": FORMAT,
        "round": meeting.round.title,
        "meeting": meeting.title,
        "held_on": meeting.held_on.isoformat(),
        "majority": book.decision.majority.value,
        "ground": book.ground(book.decision.majority),
        "ballots": [_ballot(one, names.get(one.pk, []), slips) for one in ballots],
    }


def _counted_by_hand(ballots: list[Ballot]) -> dict[int, list[str]]:
    """Candidate pk → the choices of a ballot on paper, from the totals the 监票人 entered."""
    lines = CountLine.objects.filter(
        sheet__paper_ballot__ballot__in=ballots, sheet__role=CountSheet.Role.TELLER, sheet__superseded_at=None
    ).select_related("candidate__ballot")
    return {one.candidate_id: choices_counted(one.candidate.ballot, one.candidate, one) for one in lines}


def _ballot(ballot: Ballot, names: list[BallotCandidate], slips: dict[int, list[str]]) -> dict[str, Any]:
    public = {one.application_id: str(one.application.public_id) for one in names}
    return {
        "ballot": str(ballot.public_id),
        "tier": ballot.tier,
        "tier_name": ballot.tier_name,
        "number": ballot.number,
        "how": how_voted(ballot),
        "seats": ballot.seats,
        "present": ballot.present_count,
        "cast": ballot.cast_count,
        "places": _places(places_on(ballot, names), public),
        "names": [
            {
                "application": public[one.application_id],
                "number": one.application.number,
                "name": one.application.listed_name,
                "position": one.position,
                "outside_quota": one.outside_quota,
                "base": one.base,
                "slips": slips.get(one.pk, []),
                "declared": {
                    "for": one.votes_for,
                    "against": one.votes_against,
                    "abstain": one.votes_abstain,
                    "elected": one.is_elected,
                    "tied": one.is_tied,
                },
            }
            for one in names
        ],
    }


def _places(places: Places, public: dict[int, str]) -> dict[str, Any]:
    """The names of other ballots that hold places already are numbered, not named."""
    return {
        "seats": places.seats,
        "taken": sorted(public.get(key, f"#{key}") for key in places.taken),
        "limits": [
            {
                "label": one.label,
                "at_most": one.at_most,
                "at_least": one.at_least,
                "members": sorted(public.get(key, f"#{key}") for key in one.members),
            }
            for one in places.limits
        ],
    }
