"""What a meeting's pages show: who is in the room, how far each tier is, what a count found. Reads, never writes.

While a ballot is open nothing of it is told but how many papers are in.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Any

from applications.gates import Blocker
from applications.models import Application
from applications.pipeline import State
from awards.parameters import rulebook_for
from awards.rulebook import share

from .candidacy import floors_of, list_above, tiers_in_order
from .meetings import quorum_blockers
from .models import Ballot, BallotCandidate, Meeting, MeetingMember
from .tiers import (
    BALLOT_MODES,
    Listing,
    listed_in,
    mode_of,
    names_for,
    names_to_vote_again,
    places_left,
    unfinished_tiers,
)


@dataclass(frozen=True)
class Attendance:
    """The electorate, those in the room, and how many the rulebook asks for."""

    members: list[MeetingMember]
    needed: int
    rule: str
    ground: str

    @property
    def called(self) -> int:
        return len(self.members)

    @property
    def present(self) -> int:
        return sum(1 for one in self.members if one.is_present)


@dataclass(frozen=True)
class TierRow:
    """One tier of the meeting: its places, its ballots, and what the next step is."""

    key: str
    name: str
    quota: int
    ground: str
    ballots: list[Ballot]
    status: str
    tone: str
    opening: list[Blocker]
    elected: int

    @property
    def running(self) -> Ballot | None:
        return next((one for one in self.ballots if one.state == Ballot.State.OPEN), None)

    @property
    def voted(self) -> int:
        """How many have voted in the running ballot; of papers by hand nobody knows before they are counted."""
        return self.running.voters.filter(has_voted=True).count() if self.running else 0

    @property
    def counted(self) -> list[Ballot]:
        return [one for one in self.ballots if one.state == Ballot.State.CLOSED]

    @property
    def voided(self) -> int:
        return sum(1 for one in self.ballots if one.state == Ballot.State.ANNULLED)

    @property
    def is_settled(self) -> bool:
        return self.tone == "green"

    @property
    def may_open(self) -> bool:
        return self.running is None and not self.is_settled

    @property
    def vacant(self) -> int:
        return self.quota - self.elected


def attendance_of(meeting: Meeting) -> Attendance:
    quorum = rulebook_for(meeting.round).decision.quorum
    members = list(meeting.members.with_people())
    return Attendance(
        members, ceil(len(members) * share(quorum.value)), quorum.value, rulebook_for(meeting.round).ground(quorum)
    )


def tier_rows(meeting: Meeting) -> list[TierRow]:
    """Every tier in the order of its ballots, in a fixed number of queries a tier; none where no ballots are taken."""
    book = rulebook_for(meeting.round)
    if mode_of(meeting) not in BALLOT_MODES:
        return []
    ballots = list(meeting.ballots.with_names().order_by("pk"))
    common = quorum_blockers(meeting)
    if meeting.state == Meeting.State.PREPARING:
        common.insert(0, Blocker("请先登记到会情况再开始表决。"))
    rows: list[TierRow] = []
    for tier in tiers_in_order(book):
        mine = [one for one in ballots if one.tier == tier.key]
        places = places_left(meeting, tier.key)
        status, tone = _status(mine, places, bool(names_for(meeting, tier)))
        opening = [] if tone == "green" else common + unfinished_tiers(meeting, before=tier.key)
        ground = book.ground(tier.quota)
        names = [name for one in mine if _is_counted(one) for name in one.candidates.all()]
        elected = sum(name.is_elected and not name.outside_quota for name in names)
        rows.append(TierRow(tier.key, tier.name, places, ground, mine, status, tone, opening, elected))
    return rows


def _is_counted(ballot: Ballot) -> bool:
    return ballot.state == Ballot.State.CLOSED


def _status(ballots: list[Ballot], places: int, left: bool) -> tuple[str, str]:
    if any(one.state == Ballot.State.OPEN for one in ballots):
        return "投票中", "blue"
    counted = [one for one in ballots if _is_counted(one)]
    if not counted and left:
        return "未表决", "grey"
    if not counted:
        return ("没有待表决的名单" if places else "名额已用完"), "green"
    return ("末位同票，须再投一次", "amber") if names_to_vote_again(counted[0]) else ("已表决", "green")


def steps_of(meeting: Meeting, tiers: list[TierRow]) -> list[dict[str, str]]:
    """筹备 → 到会 → 表决 (审议, 确认排序) → 形成决定."""
    mode = mode_of(meeting)
    order = ["筹备", "到会登记", {"resolution": "审议", "rank": "确认排序"}.get(mode, "表决"), "形成决定"]
    settled = all(one.is_settled for one in tiers) if mode in BALLOT_MODES else not unfinished_tiers(meeting)
    reached = {Meeting.State.PREPARING: 1, Meeting.State.OPEN: 3 if settled else 2, Meeting.State.DECIDED: 4}
    at = reached[Meeting.State(meeting.state)]
    status = ["done" if place < at else "current" if place == at else "upcoming" for place in range(len(order))]
    return [{"label": label, "status": one} for label, one in zip(order, status, strict=True)]


def counted_ballots(
    meeting: Meeting, tiers: list[TierRow]
) -> list[tuple[Ballot, list[tuple[BallotCandidate, str, str]]]]:
    """Every counted ballot with its names, each with its outcome in words and a tone."""
    return [
        (ballot, [(name, *_outcome(name, ballot, row)) for name in ballot.candidates.all()])
        for row in tiers
        for ballot in row.counted
    ]


def _outcome(name: BallotCandidate, ballot: Ballot, row: TierRow) -> tuple[str, str]:
    if name.is_elected:
        return "当选", "green"
    if not name.is_tied:
        return "未当选", "grey"
    if not row.is_settled:
        return "末位同票，再投一次", "amber"
    return ("末位同票，名额空缺" if ballot == row.counted[-1] else "末位同票，已再投一次"), "grey"


def proposed_decision(
    meeting: Meeting,
) -> tuple[list[tuple[Any, list[tuple[Application, Listing]]]], list[Application]]:
    """(each tier with the names going on the list for it, the names passed over), as it stands now."""
    listed = listed_in(meeting)
    waiting = list(
        Application.objects.with_names().filter(round=meeting.round, state=State.DELIBERATION).order_by("number", "pk")
    )
    tiers = []
    for tier in rulebook_for(meeting.round).tiers:
        names = [(one, listed[one.pk]) for one in waiting if one.pk in listed and listed[one.pk].tier == tier.key]
        tiers.append((tier, names))
    return tiers, [one for one in waiting if one.pk not in listed]


def list_rules(meeting: Meeting) -> list[tuple[str, str]]:
    """The places of each tier in words, each with its article: quota, what is left of it, floors, sub-quotas."""
    book = rulebook_for(meeting.round)
    rules = []
    for tier in tiers_in_order(book):
        left = places_left(meeting, tier.key)
        taken = f"，本次会议还有{left}个" if left != tier.quota.value else ""
        rules.append((f"{tier.name}不超过{tier.quota.value}个{taken}", book.ground(tier.quota)))
        if floors := floors_of(book, tier):
            rules.append((f"综合得分低于{floors[0].value}%的不列入{tier.name}，名额空缺", book.ground(floors[0])))
        if above := list_above(tier):
            rules.append((f"{tier.name}从{book.tier(above).name}名单中产生", book.ground(tier.chosen_from)))
        for one in tier.sub_quotas:
            if one.at_most:
                rules.append((f"{tier.name}中{one.label}不超过{one.at_most.value}个", book.ground(one.at_most)))
            if one.at_least:
                rules.append((f"{tier.name}中{one.label}不少于{one.at_least.value}个", book.ground(one.at_least)))
        if tier.repeat_winner.value == "honour_only_outside_quota":
            rules.append((f"再次获得{tier.name}的不占名额", book.ground(tier.repeat_winner)))
    return rules
