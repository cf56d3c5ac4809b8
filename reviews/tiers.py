"""How far each tier of a meeting is: who is elected to which, what is left to vote, which tie is to settle (U4, V8)."""

from __future__ import annotations

from applications.gates import Blocker
from applications.models import Application
from applications.pipeline import State
from awards.parameters import rulebook_for
from awards.rulebook import Rulebook

from .models import Ballot, BallotCandidate, Meeting, ShortlistEntry


def standing(meeting: Meeting) -> list[Application]:
    """Who is still before the leading body, in order of their numbers: somebody may withdraw between two ballots."""
    return list(Application.objects.filter(round=meeting.round, state=State.DELIBERATION).order_by("number", "pk"))


def elected_in(meeting: Meeting) -> dict[int, str]:
    """Application pk → the tier it was elected to."""
    rows = BallotCandidate.objects.filter(
        ballot__meeting=meeting, ballot__state=Ballot.State.CLOSED, is_elected=True
    ).select_related("ballot")
    return {one.application_id: one.ballot.tier for one in rows}


def was_before(meeting: Meeting, application: Application) -> bool:
    """The name stood in a counted ballot of the meeting, or earlier meetings left the meeting no place to vote on."""
    counted = BallotCandidate.objects.filter(ballot__meeting=meeting, ballot__state=Ballot.State.CLOSED)
    if counted.filter(application=application).exists():
        return True
    return not any(places_left(meeting, tier.key) for tier in rulebook_for(meeting.round).tiers)


def places_left(meeting: Meeting, tier: str) -> int:
    """The tier's quota less the names that earlier meetings of the round put on the list (U4).

    A place that fell free since stays vacant (section 7).
    """
    earlier = ShortlistEntry.objects.filter(meeting__round=meeting.round_id, tier=tier).exclude(meeting=meeting)
    return max(rulebook_for(meeting.round).tier(tier).quota.value - earlier.count(), 0)


def unfinished_tiers(meeting: Meeting, *, before: str = "") -> list[Blocker]:
    """Tiers without a counted ballot while names and places are left for it, or with a tie still to settle.

    Tiers are voted in the rulebook's order, or a tied name could be elected to two of them; `before` looks only at
    those that come before that tier.
    """
    book = rulebook_for(meeting.round)
    found = []
    if meeting.ballots.filter(state=Ballot.State.OPEN).exists():
        found.append(Blocker("还有一次表决正在进行。"))
    elected = elected_in(meeting)
    left = any(one.pk not in elected for one in standing(meeting))
    for tier in book.tiers:
        if tier.key == before:
            break
        first = meeting.ballots.filter(tier=tier.key, state=Ballot.State.CLOSED).order_by("number").first()
        if first is None and left and places_left(meeting, tier.key):
            found.append(Blocker(f"{tier.name}尚未表决。", book.ground(book.decision.mode)))
        elif first is not None and names_to_vote_again(first):
            found.append(Blocker(f"{tier.name}末位票数相同，须再投一次。", book.ground(book.decision.tie)))
    return found


def names_to_vote_again(ballot: Ballot) -> list[Application]:
    """The names tied in a first ballot that still stand, until a further ballot has settled them."""
    if not needs_further_ballot(ballot, rulebook_for(ballot.meeting.round)):
        return []
    if ballot.meeting.ballots.filter(tier=ballot.tier, number=2, state=Ballot.State.CLOSED).exists():
        return []
    tied = set(ballot.candidates.filter(is_tied=True).values_list("application_id", flat=True))
    return [one for one in standing(ballot.meeting) if one.pk in tied]


def needs_further_ballot(ballot: Ballot, book: Rulebook) -> bool:
    """One further ballot settles a tie for the last place, then the place stays vacant (section 7)."""
    return (
        book.decision.tie.value == "further_ballot_then_vacant"
        and ballot.number == 1
        and ballot.candidates.filter(is_tied=True).exists()
    )
