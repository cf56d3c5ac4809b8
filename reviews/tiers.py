"""How far each tier of a meeting is: who is listed for which, what is left to vote, which tie is to settle (U4, V8)."""

from __future__ import annotations

from dataclasses import dataclass

from applications.gates import Blocker
from applications.models import Application
from applications.pipeline import State
from awards.parameters import rulebook_for
from awards.rulebook import Rulebook, Tier

from .candidacy import composites_of, floor_of, list_above, places_of, repeats_of, tiers_in_order
from .models import Ballot, BallotCandidate, ListLine, Meeting
from .places import reaches

# The modes in which a tier is decided by a ballot, sealed or by name.
BALLOT_MODES = ("secret_vote", "roll_call")


@dataclass(frozen=True)
class Listing:
    """The tier a meeting put a name on the list for, and whether it takes a place of it (B18, Y23)."""

    tier: str
    outside_quota: bool = False


def mode_of(meeting: Meeting) -> str:
    return rulebook_for(meeting.round).decision.mode.value


def standing(meeting: Meeting) -> list[Application]:
    """Who is still before the leading body, in order of their numbers: somebody may withdraw between two ballots."""
    waiting = Application.objects.filter(round=meeting.round, state=State.DELIBERATION).select_related("organization")
    return list(waiting.order_by("number", "pk"))


def listed_in(meeting: Meeting) -> dict[int, Listing]:
    """Application pk → what the meeting put it on the list for, however the scheme decides."""
    if mode_of(meeting) not in BALLOT_MODES:
        lines = ListLine.objects.filter(meeting=meeting, is_decided=True).exclude(tier="")
        return {one.application_id: Listing(one.tier, one.outside_quota) for one in lines}
    rows = BallotCandidate.objects.filter(
        ballot__meeting=meeting, ballot__state=Ballot.State.CLOSED, is_elected=True
    ).select_related("ballot")
    # a name on a nominee list that was chosen from it stands in the higher tier only
    return {one.application_id: Listing(one.ballot.tier, one.outside_quota) for one in rows.order_by("ballot__pk")}


def elected_in(meeting: Meeting) -> dict[int, str]:
    """Application pk → the tier it was elected to."""
    return {pk: one.tier for pk, one in listed_in(meeting).items()}


def was_before(meeting: Meeting, application: Application) -> bool:
    """The meeting decided on the name, or nothing was left for it to decide: no place, or a score under the floor."""
    if mode_of(meeting) not in BALLOT_MODES:
        return meeting.lines.filter(application=application, is_decided=True).exists()
    counted = BallotCandidate.objects.filter(ballot__meeting=meeting, ballot__state=Ballot.State.CLOSED)
    if counted.filter(application=application).exists():
        return True
    tiers = [one for one in rulebook_for(meeting.round).tiers if list_above(one) is None]
    return not any(eligible(meeting, tier, [application]) for tier in tiers)


def places_left(meeting: Meeting, tier: str) -> int:
    """The tier's quota less the names that earlier meetings of the round put on the list (U4)."""
    return places_of(meeting.round, rulebook_for(meeting.round).tier(tier), [], but=meeting).left


def names_for(meeting: Meeting, tier: Tier) -> list[Application]:
    """Who stands for a tier now: not listed elsewhere, or on the list it is chosen from; not under its floor."""
    listed = elected_in(meeting)
    return eligible(meeting, tier, [one for one in standing(meeting) if listed.get(one.pk) == list_above(tier)])


def eligible(meeting: Meeting, tier: Tier, names: list[Application]) -> list[Application]:
    """Those of the names whose score reaches the tier's floor; where no place is left only its repeat winners."""
    floor = floor_of(rulebook_for(meeting.round), tier)
    if floor is not None:
        scores = composites_of(meeting.round, names)
        names = [one for one in names if reaches(scores[one.pk], floor)]
    if names and not places_left(meeting, tier.key):
        repeats = repeats_of(meeting.round, names)
        names = [one for one in names if tier.key in repeats.get(one.pk, ())]
    return names


def unfinished_tiers(meeting: Meeting, *, before: str = "") -> list[Blocker]:
    """Tiers without a counted ballot while names and places are left for it, or with a tie still to settle.

    Tiers are voted in their order, or a tied name could be elected to two of them; `before` looks only at those that
    come before that tier. Where the meeting decides on a list, the list must be decided.
    """
    book = rulebook_for(meeting.round)
    if mode_of(meeting) not in BALLOT_MODES:
        return _undecided_list(meeting, book)
    found = []
    if meeting.ballots.filter(state=Ballot.State.OPEN).exists():
        found.append(Blocker("还有一次表决正在进行。"))
    for tier in tiers_in_order(book):
        if tier.key == before:
            break
        first = meeting.ballots.filter(tier=tier.key, state=Ballot.State.CLOSED).order_by("number").first()
        if first is None and names_for(meeting, tier):
            found.append(Blocker(f"{tier.name}尚未表决。", book.ground(book.decision.mode)))
        elif first is not None and names_to_vote_again(first):
            found.append(Blocker(f"{tier.name}末位票数相同，须再投一次。", book.ground(book.decision.tie)))
    return found


def _undecided_list(meeting: Meeting, book: Rulebook) -> list[Blocker]:
    lines = list(meeting.lines.all())
    if lines and all(one.is_decided for one in lines):
        # by rank somebody who withdraws moves the next one up, until the decision: the list is confirmed anew
        named, here = {one.application_id for one in lines}, {one.pk for one in standing(meeting)}
        if mode_of(meeting) != "rank" or named == here:
            return []
    text = "得分排序尚未确认。" if mode_of(meeting) == "rank" else "拟订名单尚未审议。"
    return [Blocker(text, book.ground(book.decision.mode))]


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
