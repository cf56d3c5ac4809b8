"""Small builders for the tests of deliberation: candidates with an issued report, a leading body, its votes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import cycle

import yaml
from django.db import transaction

from applications.models import Application
from applications.pipeline import State
from award_portal.lib import clock
from award_portal.rehearsal.made_up import made_up_upload
from documents.issuing import issue_document
from organizations.files import store_upload
from organizations.models import Claim, Organization, StoredFile, Unit, User
from reviews.ballots import cast_paper, close_ballot, open_ballot
from reviews.deputies import decide_mandate, submit_mandate
from reviews.meetings import convene_meeting, mark_attendance
from reviews.models import Ballot, Deputy, Meeting, MeetingMember, Panel, PanelOpinion, PaperBallot
from reviews.paper_ballots import Counted, attach_count_scan, enter_count, open_paper_ballot
from reviews.reporting import issue_report
from tests.factories import make_unit, make_user, urumqi_text

from .panel_builders import Review, build_review


@dataclass
class Deliberation(Review):
    """A round whose candidates stand before its leading body, and the people who decide."""

    leading_body: Unit | None = None
    members: list[User] = field(default_factory=list)
    clerk: User | None = None  # of the government

    def meeting(self, *, present: int | None = None) -> Meeting:
        """Convened and opened, the first `present` of the members in the room (all by default)."""
        return self.attend(self.convene(), present=present)

    def attend(self, meeting: Meeting, *, present: int | None = None) -> Meeting:
        rows = list(meeting.members.order_by("user_id"))
        here = {one.pk for one in rows[: len(rows) if present is None else present]}
        return mark_attendance(meeting, present=here, by=self.officer, at=clock.now())

    def convene(self, **given) -> Meeting:
        values = {
            "title": "市质量强市工作领导小组会议（样例）", "held_on": clock.today(), "place": "样例会议室（虚构）",
            "teller": "监票人甲（虚构）", "counter": "计票人乙（虚构）", "recorder": "记录人丙（虚构）",
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

    def mandate(self, meeting: Meeting, position: int, *, account: User | None = None, accept: bool = True) -> Deputy:
        """`members[position]` sends a deputy, whose letter the office has looked at."""
        member = self.member(meeting, position)
        found = submit_mandate(
            member, name="样例代理人（虚构）", post="样例局副局长（虚构）", account=account,
            letter=self.upload("授权委托书"), by=member.user, at=clock.now(),
        )  # fmt: skip
        return decide_mandate(found, accepted=True, by=self.officer, at=clock.now()) if accept else found

    def upload(self, what: str) -> StoredFile:
        return store_upload(made_up_upload(what), purpose="proof", by=self.officer, at=clock.now())

    def open_paper(self, meeting: Meeting, tier: str = "main", *, teller: User, counter: User) -> PaperBallot:
        return open_paper_ballot(meeting, tier=tier, teller=teller, counter=counter, by=self.officer, at=clock.now())

    def count(self, paper: PaperBallot, *counts: int, void: int = 0, collected: int | None = None, **given) -> Counted:
        """Everybody's paper is back, `void` of them void: the n-th name has `counts[n]` votes for it, the rest against.

        The recused leave the name unmarked, and stand among those who abstain.
        """
        ballot = paper.ballot
        back = ballot.present_count if collected is None else collected
        names = list(ballot.candidates.order_by("position"))
        totals = {}
        for name, votes in zip(names, counts, strict=True):
            unmarked = ballot.present_count - name.base
            totals[name.application_id] = (votes, back - void - votes - unmarked, unmarked)
        figures = {"issued": ballot.present_count, "collected": back, "valid": back - void, "void": void} | given
        return Counted(**figures, totals=totals)

    def enter(self, paper: PaperBallot, count: Counted) -> None:
        """The 计票人 and the 监票人 enter the same."""
        for who in (paper.counter, paper.teller):
            enter_count(paper.ballot, count=count, by=who, at=clock.now())

    def scan(self, paper: PaperBallot) -> None:
        attach_count_scan(paper.ballot, scan=self.upload("计票单"), by=self.officer, at=clock.now())

    def elect(self, meeting: Meeting, tier: str, *counts: int) -> Ballot:
        """One whole ballot: opened, cast as `cast` says, closed."""
        ballot, passphrase = self.open(meeting, tier)
        self.cast(ballot, *counts)
        return self.close(ballot, passphrase)


def build_deliberation(
    applications: int = 4, members: int = 9, edition_text: str = "", scores: Sequence[str] = ()
) -> Deliberation:
    """`applications` candidates with an issued review report; a leading body of `members`; a government clerk.

    `scores` gives as many candidates, each with its composite in per cent.
    """
    count = len(scores) or applications
    review = build_review(applications=count, experts=0, stage=State.DELIBERATION, edition_text=edition_text)
    for one, percent in zip(review.applications, scores, strict=False):
        give_score(review, one, percent)
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


def give_score(review: Review, application: Application, percent: str) -> None:
    """An opinion of the last review stage that makes the composite `percent`."""
    at, stage = clock.now(), State.ONSITE_REVIEW
    expert = review.experts[0] if review.experts else review.expert()
    panel, _ = Panel.objects.get_or_create(
        round=review.round, stage=stage,
        defaults={"chair": expert, "due_on": at.date(), "formed_at": at, "formed_by": review.officer},
    )  # fmt: skip
    with transaction.atomic():
        paper = issue_document(
            "review_opinion", title="评审意见（样例）", template="review_opinion.html", content={},
            scheme_key=review.round.scheme.key, by=review.officer, at=at,
        )  # fmt: skip
    PanelOpinion.objects.create(
        application=application, panel=panel, stage=stage, text="样例意见", score=Decimal(percent), lowest=0,
        highest=100, total=100, signed_by="样例组长", concluded_at=at, concluded_by=review.officer, document=paper,
    )  # fmt: skip


def be_of(person: User, organization: Organization, deliberation: Deliberation) -> None:
    """The person acts for the organisation, by a claim that was verified."""
    Claim.objects.create(
        user=person, organization=organization, letter=deliberation.upload("授权书"), requested_at=clock.now(),
        scheme_key=deliberation.round.scheme.key, state=Claim.State.VERIFIED, decided_at=clock.now(),
        decided_by=deliberation.officer,
    )  # fmt: skip


def edition_with(mode: str = "secret_vote", **changes: Callable[[dict], None]) -> str:
    """The rulebook of the tests with another way of deciding and its tiers changed: tier key → what changes it."""
    data = yaml.safe_load(urumqi_text())
    data["edition"] = f"test-{mode}-{'-'.join(changes)}"
    stage = next(one for one in data["stages"] if one["state"] == State.DELIBERATION)
    stage["decision"]["mode"]["value"] = mode
    for key, change in changes.items():
        change(stage["decision"] if key == "decision" else next(one for one in data["tiers"] if one["key"] == key))
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False)


def setting(**values) -> Callable[[dict], None]:
    """Sets rules of a tier or of the decision by plain values, each assumed."""

    def change(part: dict) -> None:
        for key, value in values.items():
            part[key] = value if key == "sub_quotas" else {"value": value, "assumed": "样例设定"}

    return change
