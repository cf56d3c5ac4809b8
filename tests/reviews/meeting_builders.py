"""Small builders for the tests of deliberation: candidates with an issued report, a leading body, its votes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle

from applications.models import Application
from applications.pipeline import State
from award_portal.lib import clock
from organizations.models import Unit, User
from reviews.ballots import cast_paper, close_ballot, open_ballot
from reviews.meetings import convene_meeting, mark_attendance
from reviews.models import Ballot, Meeting, MeetingMember
from reviews.reporting import issue_report
from tests.factories import make_unit, make_user

from .panel_builders import Review, build_review


@dataclass
class Deliberation(Review):
    """A round whose candidates stand before its leading body, and the people who decide."""

    leading_body: Unit | None = None
    members: list[User] = field(default_factory=list)
    clerk: User | None = None  # of the government

    def meeting(self, *, present: int | None = None) -> Meeting:
        """Convened and opened, the first `present` of the members in the room (all by default)."""
        meeting = self.convene()
        rows = list(meeting.members.order_by("user_id"))
        here = {one.pk for one in rows[: len(rows) if present is None else present]}
        return mark_attendance(meeting, present=here, by=self.officer, at=clock.now())

    def convene(self, **given) -> Meeting:
        values = {
            "title": "市质量强市工作领导小组会议（样例）", "held_on": clock.today(), "place": "样例会议室（虚构）",
            "teller": "监票人甲（虚构）", "counter": "计票人乙（虚构）",
        } | given  # fmt: skip
        return convene_meeting(self.round, **values, by=self.officer, at=clock.now())

    def member(self, meeting: Meeting, position: int) -> MeetingMember:
        """The meeting's row of `members[position]`."""
        return meeting.members.get(user=self.members[position])

    def open(self, meeting: Meeting, tier: str = "main") -> tuple[Ballot, str]:
        return open_ballot(meeting, tier=tier, by=self.officer, at=clock.now())

    def cast(self, ballot: Ballot, *counts: int) -> None:
        """Everybody in the room votes: the n-th name on the ballot gets `counts[n]` votes for it, the rest against.

        The votes for go round the table, so that nobody gives more of them than there are seats.
        """
        voters = [one.member.user for one in ballot.voters.order_by("member_id").select_related("member__user")]
        assert sum(counts) <= ballot.seats * len(voters), "more votes for than there are seats to give"
        names = [one.application_id for one in ballot.candidates.order_by("position")]
        papers = [dict.fromkeys(names, "against") for _ in voters]
        table = cycle(papers)
        for name, count in zip(names, counts, strict=True):
            for _ in range(count):
                next(table)[name] = "for"
        for voter, choices in zip(voters, papers, strict=True):
            cast_paper(ballot, by=voter, choices=choices)

    def close(self, ballot: Ballot, passphrase: str) -> Ballot:
        return close_ballot(ballot, passphrase=passphrase, by=self.officer, at=clock.now())

    def elect(self, meeting: Meeting, tier: str, *counts: int) -> Ballot:
        """One whole ballot: opened, cast as `cast` says, closed."""
        ballot, passphrase = self.open(meeting, tier)
        self.cast(ballot, *counts)
        return self.close(ballot, passphrase)


def build_deliberation(applications: int = 4, members: int = 9, edition_text: str = "") -> Deliberation:
    """`applications` candidates with an issued review report; a leading body of `members`; a government clerk."""
    review = build_review(applications=applications, experts=0, stage=State.DELIBERATION, edition_text=edition_text)
    body = make_unit("leading_body")
    deliberation = Deliberation(
        **vars(review),
        leading_body=body,
        members=[make_user(body) for _ in range(members)],
        clerk=make_user(make_unit("government")),
    )
    issue_report(review.round, narrative="本届评审情况（虚构）。", by=review.officer, at=clock.now())
    return deliberation


def verdicts_for(
    applications: Sequence[Application], *, refused: Mapping[int, str] | None = None
) -> dict[int, tuple[bool, str]]:
    """Every name approved but those in `refused` (application pk → ground)."""
    refused = refused or {}
    return {one.pk: (one.pk not in refused, refused.get(one.pk, "")) for one in applications}
