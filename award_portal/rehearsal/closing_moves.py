"""The last third of a round as its people play it: report, meeting, ballots, publicity, the government's decision."""

from __future__ import annotations

from applications.models import Application
from applications.pipeline import State
from award_portal.lib import clock
from awards.calendars import current_calendar
from objections import filing, handling
from objections.models import Objection
from organizations.models import User
from reviews import approving, ballots, deciding, meetings, reporting
from reviews.models import Approval, Ballot, BallotCandidate, Meeting

from . import made_up
from .opening_moves import Player, publish_list


def report_round(player: Player) -> None:
    reporting.issue_report(
        player.round,
        narrative="评审工作按规定程序进行，评审组独立评分、集体合议，全程接受监督。（虚构）",
        by=player.world.officer,
        at=clock.now(),
    )


def convene(player: Player) -> Meeting:
    """The office calls the leading body for the next working day but one."""
    day = current_calendar().add_working_days(clock.today(), 2)
    return meetings.convene_meeting(
        player.round, title=f"{player.round.title}审议会议", held_on=day, place="市政府会议室（虚构）",
        teller="样例监票人", counter="样例计票人", by=player.world.officer, at=clock.now(),
    )  # fmt: skip


def open_meeting(player: Player, meeting: Meeting, *, absent: int = 1, recused: Application | None = None) -> None:
    """The members sign in; one of them steps back on one name."""
    player.wait_until(clock.at(meeting.held_on, 15))
    officer, members = player.world.officer, list(meeting.members.order_by("pk"))
    present = {one.pk for one in members[: len(members) - absent]}
    if recused is not None:
        meetings.recuse_member(
            members[1], application=recused, ground="与该组织负责人有近亲属关系（虚构）", by=officer, at=clock.now()
        )
    meetings.mark_attendance(meeting, present=present, by=officer, at=clock.now())


def vote(player: Player, meeting: Meeting) -> None:
    """A secret ballot for each tier, and one more where the last place is tied."""
    officer = player.world.officer
    for tier in player.round_book.tiers:
        if not _left(player, meeting):
            return
        ballot, passphrase = ballots.open_ballot(meeting, tier=tier.key, by=officer, at=clock.now())
        _cast_all(player, ballot)
        closed = ballots.close_ballot(ballot, passphrase=passphrase, by=officer, at=clock.now())
        if closed.candidates.filter(is_tied=True).exists():
            again, passphrase = ballots.open_ballot(meeting, tier=tier.key, by=officer, at=clock.now())
            _cast_all(player, again)
            ballots.close_ballot(again, passphrase=passphrase, by=officer, at=clock.now())


def _left(player: Player, meeting: Meeting) -> bool:
    elected = deciding.elected_in(meeting)
    return any(one.pk not in elected for one in player.in_state(State.DELIBERATION))


def _cast_all(player: Player, ballot: Ballot) -> None:
    """Every member votes for the names he thinks best, as many as there are places, not for a name he stands near."""
    for voter in ballot.voters.select_related("member__user").order_by("pk"):
        cast_one(player, ballot, voter.member.user)


def cast_one(player: Player, ballot: Ballot, user: User) -> None:
    names = list(BallotCandidate.objects.filter(ballot=ballot).select_related("application").order_by("position"))
    recused = ballots.recused_for(ballot, user)
    liked = sorted(
        (one.application for one in names if one.application_id not in recused),
        key=lambda one: -player.liking(one, user),
    )
    best = {one.pk for one in liked[: ballot.seats]}
    choices = {
        one.application_id: "for" if one.application_id in best else "against"
        for one in names
        if one.application_id not in recused
    }
    ballots.cast_paper(ballot, by=user, choices=choices)


def carry(player: Player, meeting: Meeting) -> None:
    """What the ballots decided becomes the list; the minutes are issued."""
    deciding.carry_decision(meeting, by=player.world.officer, at=clock.now())


def publish_proposal(player: Player) -> None:
    """拟授奖名单公示, each name with its tier."""
    publish_list(player, State.AWARD_PUBLICITY, issuer=player.world.office, by=player.world.officer)


def approve_round(player: Player) -> Approval | None:
    """The government decides on every name; the office records the meeting and the document's number."""
    waiting = player.in_state(State.APPROVAL)
    if not waiting:
        return None
    return approving.record_approval(
        player.round,
        meeting_number=f"市人民政府第{player.round.year % 100}次常务会议（虚构）",
        document_number=f"样政发〔{player.round.year}〕{player.round.ordinal}号（虚构）",
        decided_on=clock.today(),
        verdicts={one.pk: (True, "") for one in waiting},
        by=player.world.users["government"],
        at=clock.now(),
    )


def object_to(player: Player, application: Application, *, condition: str, text: str) -> Objection:
    """A person objects in writing, signed and with evidence, as U12 asks."""
    book = application.rulebook
    asked = next(one for one in book.objections.filing if one.kind == "person")
    objection, _ = filing.file_objection(
        application,
        form="person",
        fields={one.key: f"样例{one.label}" for one in asked.requires if one.kind != "file"}
        | {one.key: "0991-5550999" for one in asked.requires if one.kind == "phone"},
        files={one.key: made_up.made_up_upload(one.label) for one in asked.requires if one.kind == "file"},
        text=text,
        condition=condition,
        at=clock.now(),
    )
    return objection


def settle_objection(player: Player, objection: Objection, *, finding: str) -> None:
    """Forwarded, investigated, found and told, each within its working days (U13)."""
    officer = player.world.officer
    handling.forward(objection, by=officer, at=clock.now())
    player.wait_working_days(2)
    objection = Objection.objects.get(pk=objection.pk)
    assert objection.investigator is not None
    handling.report(
        objection, text="经现场核实并调阅资料，形成调查情况报告。（虚构）",
        by=player.world.staff_of(objection.investigator), at=clock.now(),
    )  # fmt: skip
    player.wait_working_days(1)
    upheld = finding == Objection.Finding.UPHELD
    text = "经查，反映的问题属实，构成禁止性情形。（虚构）" if upheld else "经查，反映的问题不属实。（虚构）"
    handling.decide(Objection.objects.get(pk=objection.pk), finding=finding, text=text, by=officer, at=clock.now())
    handling.tell(Objection.objects.get(pk=objection.pk), by=officer, at=clock.now())
