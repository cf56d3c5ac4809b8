"""The last third of a round as its people play it: report, meeting, ballots, publicity, the government's decision."""

from __future__ import annotations

from typing import Any

from applications.models import Application
from applications.pipeline import State
from award_portal.lib import clock
from awards.calendars import current_calendar
from organizations.files import store_upload
from organizations.models import User
from publicity.commenting import save_summary, take_comment
from publicity.models import Notice
from reviews import (
    approving,
    ballots,
    deciding,
    deputies,
    lists,
    meetings,
    paper_ballots,
    ranking,
    reporting,
    resolving,
)
from reviews.candidacy import tiers_in_order
from reviews.models import Approval, Ballot, BallotCandidate, Meeting, MeetingMember, MemberRecusal
from reviews.tiers import names_for, names_to_vote_again

from . import made_up
from .opening_moves import Player, publish_list


def report_round(player: Player) -> None:
    reporting.issue_report(
        player.round,
        narrative="评审工作按规定程序进行，评审组独立评分、集体合议，全程接受监督。（虚构）",
        by=player.world.officer,
        at=clock.now(),
    )


def ask_the_public(player: Player) -> None:
    """The candidates before the public, and what it said, where the scheme asks for its comments (B15)."""
    if not player.in_state(State.PUBLIC_COMMENT):
        return
    open_public_comment(player)
    player.wait_out(State.PUBLIC_COMMENT)
    save_summary(
        player.round, text="收到意见1条，对候选名单无不同意见。（虚构）", handled="已归纳并报送审议。（虚构）",
        by=player.world.officer, at=clock.now(),
    )  # fmt: skip


def open_public_comment(player: Player) -> None:
    """The list is out, and somebody has written."""
    publish_list(player, State.PUBLIC_COMMENT, issuer=player.world.office, by=player.world.officer)
    notice = Notice.objects.filter(round=player.round, kind=State.PUBLIC_COMMENT).latest("published_at")
    take_comment(notice, text="建议关注候选单位的服务质量。（虚构）", at=clock.now())


def convene(player: Player) -> Meeting:
    """The office calls the leading body for the next working day but one."""
    day = current_calendar().add_working_days(clock.today(), 2)
    votes = player.round_book.decision.mode.value in ("secret_vote", "roll_call")
    papers: dict[str, Any] = {"teller": "样例监票人", "counter": "样例计票人"} if votes else {"recorder": "样例记录人"}
    return meetings.convene_meeting(
        player.round, title=f"{player.round.title}审议会议", held_on=day, place="市政府会议室（虚构）",
        **papers, by=player.world.officer, at=clock.now(),
    )  # fmt: skip


def open_meeting(player: Player, meeting: Meeting, *, absent: int = 1, recused: Application | None = None) -> None:
    """The members sign in; one of them steps back on one name."""
    player.wait_until(clock.at(meeting.held_on, 15))
    officer, members = player.world.officer, list(meeting.members.order_by("pk"))
    if votes_on_paper(player):
        send_deputy(player, members[-1 - absent])
    present = {one.pk for one in members[: len(members) - absent]}
    if recused is not None:
        meetings.recuse_member(
            members[1], application=recused, ground="与该组织负责人有近亲属关系（虚构）", by=officer, at=clock.now()
        )
    meetings.mark_attendance(meeting, present=present, by=officer, at=clock.now())


def decide(player: Player, meeting: Meeting) -> None:
    """The names and tiers of the list, in the way the scheme says, and the paper that carries them (V8)."""
    match player.round_book.decision.mode.value:
        case "resolution":
            resolve(player, meeting)
        case "rank":
            rank(player, meeting)
        case "secret_vote":
            vote(player, meeting)
        case mode:
            raise NotImplementedError(mode)
    deciding.carry_decision(meeting, by=player.world.officer, at=clock.now())


def resolve(player: Player, meeting: Meeting) -> None:
    """The office proposes what the score suggests, the meeting passes it (B15)."""
    officer, names = player.world.officer, lists.candidates_before(meeting)
    resolving.propose_list(
        meeting, tiers={one.application.pk: one.tier for one in names}, reasons={}, by=officer, at=clock.now()
    )
    resolving.record_resolution(
        meeting, results={one.application.pk: resolving.Resolved(one.tier) for one in names}, by=officer, at=clock.now()
    )


def rank(player: Player, meeting: Meeting) -> None:
    """The meeting confirms the order of the scores; of names tied at the line it raises hands for the first (Y11)."""
    hands: dict[str, dict[int, lists.Hands]] = {}
    while True:
        votes = {tier: {pk: one.votes_for for pk, one in given.items()} for tier, given in hands.items()}
        found = lists.ranking_of(meeting, votes=votes)
        if not found.unsettled:
            break
        tied = sorted(found.tied[found.unsettled])
        bases = meetings.bases_of(meeting, Application.objects.filter(pk__in=tied))
        hands[found.unsettled] = {
            pk: lists.Hands(bases[pk]) if pk == tied[0] else lists.Hands(0, bases[pk]) for pk in tied
        }
    ranking.confirm_ranking(meeting, hands=hands, by=player.world.officer, at=clock.now())


def votes_on_paper(player: Player) -> bool:
    """Where one ballot is all there is, the leaders vote by hand."""
    return len(player.round_book.tiers) == 1 and paper_ballots.allows_paper(player.round_book)


def send_deputy(player: Player, member: MeetingMember) -> None:
    """A member who cannot come hands in his letter, and the office accepts it."""
    letter = store_upload(made_up.made_up_upload("授权委托书"), purpose="mandate", by=member.user, at=clock.now())
    mandate = deputies.submit_mandate(
        member, name="样例代理人（虚构）", post="样例局副局长（虚构）", account=None, letter=letter, by=member.user,
        at=clock.now(),
    )  # fmt: skip
    deputies.decide_mandate(mandate, accepted=True, by=player.world.officer, at=clock.now())


def vote(player: Player, meeting: Meeting) -> None:
    """A secret ballot for each tier, and one more where the last place is tied."""
    ballot_once = vote_on_paper if votes_on_paper(player) else vote_at_desks
    for tier in tiers_in_order(player.round_book):
        if names_for(meeting, tier) and names_to_vote_again(ballot_once(player, meeting, tier.key)):
            ballot_once(player, meeting, tier.key)


def vote_at_desks(player: Player, meeting: Meeting, tier: str) -> Ballot:
    officer = player.world.officer
    ballot, passphrase = ballots.open_ballot(meeting, tier=tier, by=officer, at=clock.now())
    _cast_all(player, ballot)
    return ballots.close_ballot(ballot, passphrase=passphrase, by=officer, at=clock.now())


def vote_on_paper(player: Player, meeting: Meeting, tier: str) -> Ballot:
    """Papers by hand, counted by an officer, watched over by the supervisor, the signed sheet scanned."""
    officer, teller, counter = (player.world.users[name] for name in ("office", "supervisor", "office2"))
    paper = paper_ballots.open_paper_ballot(
        meeting, tier=tier, teller=teller, counter=counter, by=officer, at=clock.now()
    )
    ballot = paper.ballot
    papers = [
        choices_of(player, ballot, voter.member.user)
        for voter in ballot.voters.select_related("member__user").order_by("pk")
    ]
    totals = {}
    for name in ballot.candidates.values_list("application", flat=True):
        said = [one.get(name, "abstain") for one in papers]
        totals[name] = (said.count("for"), said.count("against"), said.count("abstain"))
    count = paper_ballots.Counted(len(papers), len(papers), len(papers), 0, totals)
    for who in (counter, teller):
        paper_ballots.enter_count(ballot, count=count, by=who, at=clock.now())
    scan = store_upload(made_up.made_up_upload("计票单"), purpose="count_sheet", by=officer, at=clock.now())
    paper_ballots.attach_count_scan(ballot, scan=scan, by=officer, at=clock.now())
    return paper_ballots.close_paper_ballot(ballot, by=officer, at=clock.now())


def _cast_all(player: Player, ballot: Ballot) -> None:
    """Every member votes for the names he thinks best, as many as there are places, not for a name he stands near."""
    for voter in ballot.voters.select_related("member__user").order_by("pk"):
        cast_one(player, ballot, voter.member.user)


def cast_one(player: Player, ballot: Ballot, user: User) -> None:
    ballots.cast_paper(ballot, by=user, choices=choices_of(player, ballot, user))


def choices_of(player: Player, ballot: Ballot, user: User) -> dict[int, str]:
    """What the person in this seat says of every name he is not recused for."""
    names = list(BallotCandidate.objects.filter(ballot=ballot).select_related("application").order_by("position"))
    recused = set(
        MemberRecusal.objects.filter(member__meeting=ballot.meeting, member__user=user).values_list(
            "application", flat=True
        )
    )
    liked = sorted(
        (one.application for one in names if one.application_id not in recused),
        key=lambda one: -player.liking(one, user),
    )
    outside = {one.application_id for one in names if one.outside_quota}
    best = {one.pk for one in [one for one in liked if one.pk not in outside][: ballot.seats]} | outside
    return {
        one.application_id: "for" if one.application_id in best else "against"
        for one in names
        if one.application_id not in recused
    }


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
        by=player.world.approver,
        at=clock.now(),
    )
