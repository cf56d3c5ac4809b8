"""The secret ballot: opened with a key only the teller's passphrase unlocks, cast sealed, closed into slips (V8).

No paper is logged, timed, audited or put into a message. What is on record is that a ballot was opened and closed,
and how many papers came back.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from applications.desk_rules import DeskRefused
from applications.models import Application
from awards.parameters import rulebook_for
from awards.rulebook import share
from organizations import evidence
from organizations.models import User

from . import sealing
from .meetings import annul, lock_meeting, quorum_blockers
from .models import Ballot, BallotCandidate, Meeting, MeetingMember, Paper, Slip, Voter
from .scrubbing import overwrite_what_is_deleted, scrub_after_commit
from .tallying import Outcome, Tally, decide_ballot
from .tiers import elected_in, names_to_vote_again, places_left, standing, unfinished_tiers

# With fewer papers the count would tell how somebody voted.
FEWEST_PAPERS = 3
CODES = {"for": b"F", "against": b"A", "abstain": b"N"}
CHOICES = {code: choice for choice, code in CODES.items()}


@sensitive_variables()
@transaction.atomic
def open_ballot(meeting: Meeting, *, tier: str, by: User, at: datetime) -> tuple[Ballot, str]:
    """Open the next ballot for a tier; returns it with the teller's passphrase, which is stored nowhere.

    The first ballot has every name not yet elected to another tier; after a tie the further one has the tied names.
    """
    meeting = lock_meeting(meeting, by=by)
    book = rulebook_for(meeting.round)
    if book.decision.mode.value != "secret_vote":
        raise DeskRefused.because("本办法不采用无记名投票。", book.ground(book.decision.mode))
    if tier not in [one.key for one in book.tiers]:
        raise DeskRefused.because("本办法没有这个奖项等次，请重新选择。", book.ground(book.decision.mode))
    if meeting.state != Meeting.State.OPEN:
        raise DeskRefused.because("请先登记到会情况再开始表决。")
    refused = quorum_blockers(meeting)
    if refused:
        raise DeskRefused(refused)
    refused = unfinished_tiers(meeting, before=tier)
    if refused:
        raise DeskRefused(refused)
    number, seats, names = _next_ballot(meeting, tier)
    passphrase = sealing.make_passphrase()
    public, wrapped = sealing.make_keys(passphrase)
    present = list(meeting.members.filter(is_present=True).order_by("pk"))
    ballot = Ballot.objects.create(
        meeting=meeting, tier=tier, tier_name=book.tier(tier).name, seats=seats, number=number, public_key=public,
        wrapped_key=wrapped, present_count=len(present),
    )  # fmt: skip
    recused = _recused(meeting)
    BallotCandidate.objects.bulk_create(
        BallotCandidate(
            ballot=ballot, application=one, position=position,
            base=len(present) - sum(1 for member in present if one.pk in recused.get(member.pk, ())),
        )
        for position, one in enumerate(names, start=1)
    )  # fmt: skip
    Voter.objects.bulk_create(Voter(ballot=ballot, member=member) for member in present)
    _record(ballot, "open", by=by, at=at, names=[str(one.public_id) for one in names], seats=seats)
    return ballot, passphrase


def _next_ballot(meeting: Meeting, tier: str) -> tuple[int, int, list[Application]]:
    """(which ballot, seats, names in order of their numbers) of the next ballot for a tier."""
    book = rulebook_for(meeting.round)
    first = meeting.ballots.filter(tier=tier, state=Ballot.State.CLOSED).order_by("number").first()
    if first is None:
        elected = elected_in(meeting)
        names = [one for one in standing(meeting) if one.pk not in elected]
        if not names:
            raise DeskRefused.because("没有待审议的申报组织。")
        seats = places_left(meeting, tier)
        if not seats:
            quota = book.tier(tier).quota
            raise DeskRefused.because(f"{book.tier(tier).name}名额为{quota.value}个，已经用完。", book.ground(quota))
        return 1, seats, names
    names = names_to_vote_again(first)
    if not names:
        raise DeskRefused.because(f"{first.tier_name}的表决已经结束。", book.ground(book.decision.tie))
    return 2, first.seats - first.candidates.filter(is_elected=True).count(), names


@sensitive_variables()
def cast_paper(ballot: Ballot, *, by: User, choices: Mapping[int, str]) -> None:
    """Seal and put in one paper: `choices` maps application pk → for, against or abstain. Once, and within the seats.

    A member recused for a name abstains on it in a paper that looks like every other. The lock on the ballot lets one
    paper in at a time, and none while it is closed.
    """
    # Not the decorator, whose frame would show the choices in an error's report.
    with transaction.atomic():
        ballot = Ballot.objects.select_for_update(of=("self",)).get(pk=ballot.pk)
        if ballot.state != Ballot.State.OPEN:
            raise DeskRefused.because("本次表决已经结束，表决票没有投出。")
        voter = ballot.voters.filter(member__user=by).first()
        if voter is None:
            raise DeskRefused.because("您没有到会登记，不能参加本次表决。")
        if voter.has_voted:
            raise DeskRefused.because("您已经投过票，每人只能投一次。")
        chosen = _choices_in_order(ballot, voter, choices)
        _put_in(ballot, sealing.seal(bytes(ballot.public_key), b"".join(CODES[one] for one in chosen)))
        voter.has_voted = True
        voter.save(update_fields=["has_voted"])


@sensitive_variables()
def _choices_in_order(ballot: Ballot, voter: Voter, choices: Mapping[int, str]) -> list[str]:
    """The paper's choices name by name, or DeskRefused."""
    names = list(ballot.candidates.select_related("application__organization").order_by("position"))
    recused = _recused(ballot.meeting).get(voter.member_id, set())
    for one in names:
        if one.application_id in recused and choices.get(one.application_id, "abstain") != "abstain":
            raise DeskRefused.because(
                f"您对{one.application.organization}已经回避，不能就其表决。", _cite_recusal(ballot)
            )
    found = ["abstain" if one.application_id in recused else choices.get(one.application_id, "") for one in names]
    if missing := sum(one not in CODES for one in found):
        raise DeskRefused.because(f"请对每个申报组织作出选择，还有{missing}个没有选择；已作的选择已保留。")
    if found.count("for") > ballot.seats:
        book = rulebook_for(ballot.meeting.round)
        raise DeskRefused.because(
            f"“同意”不能超过名额{ballot.seats}个，现为{found.count('for')}个；表决票没有投出，请修改。",
            book.ground(book.tier(ballot.tier).quota),
        )
    return found


def _put_in(ballot: Ballot, sealed: bytes) -> None:
    """With each paper the whole urn is stirred: all are written anew, in a new order, in one transaction.

    So no row of an open ballot, in a table or in a dump, is older than another or stands nearer to a voter.
    """
    overwrite_what_is_deleted()
    papers = [*(bytes(one) for one in ballot.papers.values_list("sealed", flat=True)), sealed]
    secrets.SystemRandom().shuffle(papers)
    ballot.papers.all().delete()
    Paper.objects.bulk_create(Paper(ballot=ballot, sealed=one) for one in papers)


@sensitive_variables()
def close_ballot(ballot: Ballot, *, passphrase: str, by: User, at: datetime) -> Ballot:
    """Unseal, count, rewrite as slips, destroy the key: one transaction; then scrub the files of what it freed."""
    with transaction.atomic():
        lock_meeting(ballot.meeting, by=by)
        ballot = Ballot.objects.select_for_update(of=("self",)).get(pk=ballot.pk)
        if ballot.state != Ballot.State.OPEN:
            raise DeskRefused.because("本次表决已经结束。")
        papers = _unsealed(ballot, passphrase)
        names = list(ballot.candidates.order_by("position"))
        columns = _columns(ballot, names, papers)
        _write_counts(ballot, names, columns)
        _rewrite(ballot, names, columns)
        ballot.state, ballot.wrapped_key, ballot.cast_count = Ballot.State.CLOSED, b"", len(papers)
        ballot.save(update_fields=["state", "wrapped_key", "cast_count"])
        _record(ballot, "close", by=by, at=at, cast=len(papers))
        scrub_after_commit(at)
    return ballot


@sensitive_variables()
def _unsealed(ballot: Ballot, passphrase: str) -> list[bytes]:
    """Every paper in the urn, or DeskRefused: a wrong passphrase, a number that does not fit, too few to be secret."""
    try:
        key = sealing.unwrap_key(bytes(ballot.wrapped_key), passphrase)
    except sealing.WrongPassphrase as error:
        raise DeskRefused.because("监票口令不正确，表决没有结束；口令遗失的，请作废本次表决后重新投票。") from error
    papers = [sealing.unseal(key, bytes(sealed)) for sealed in ballot.papers.values_list("sealed", flat=True)]
    voted = ballot.voters.filter(has_voted=True).count()
    if len(papers) != voted:
        raise DeskRefused.because(f"收回表决票{len(papers)}张，与投票人数{voted}不符，请作废本次表决后重新投票。")
    if len(papers) < FEWEST_PAPERS:
        raise DeskRefused.because(
            f"收回表决票{len(papers)}张，不足{FEWEST_PAPERS}张，计票会泄露个人意见；请继续投票，或者作废本次表决。"
        )
    return papers


@sensitive_variables()
def _columns(ballot: Ballot, names: list[BallotCandidate], papers: list[bytes]) -> dict[int, list[str]]:
    """Candidate pk → the choices on its name, sorted; who was recused for it is not among those who abstained."""
    recused = _recused(ballot.meeting)
    voted = set(ballot.voters.filter(has_voted=True).values_list("member_id", flat=True))
    columns = {}
    for place, one in enumerate(names):
        found = sorted(CHOICES[paper[place : place + 1]] for paper in papers)
        for member in voted:
            if one.application_id in recused.get(member, ()):
                found.remove("abstain")
        columns[one.pk] = found
    return columns


def _write_counts(ballot: Ballot, names: list[BallotCandidate], columns: Mapping[int, list[str]]) -> None:
    outcome = outcome_of(
        ballot, [Tally(one.pk, votes_for=columns[one.pk].count("for"), base=one.base) for one in names]
    )
    for one in names:
        found = columns[one.pk]
        one.votes_for, one.votes_against = found.count("for"), found.count("against")
        one.votes_abstain = found.count("abstain")
        one.is_elected, one.is_tied = one.pk in outcome.elected, one.pk in outcome.tied
        one.save()


def outcome_of(ballot: Ballot, tallies: list[Tally]) -> Outcome:
    book = rulebook_for(ballot.meeting.round)
    return decide_ballot(tallies, seats=ballot.seats, majority=share(book.decision.majority.value))


def _rewrite(ballot: Ballot, names: list[BallotCandidate], columns: Mapping[int, list[str]]) -> None:
    """Slips name by name, sorted by choice; papers gone; the ledger written anew in the members' order.

    Everything is written in this one transaction and in an order that says nothing: `xmin` is the same for every voter
    and every slip, row ids and `ctid` follow the members' order and the choices.
    """
    overwrite_what_is_deleted()
    Slip.objects.bulk_create(Slip(candidate=one, choice=choice) for one in names for choice in columns[one.pk])
    ballot.papers.all().delete()
    ledger = list(ballot.voters.order_by("member_id").values_list("member_id", "has_voted"))
    ballot.voters.all().delete()
    Voter.objects.bulk_create(Voter(ballot=ballot, member_id=member, has_voted=voted) for member, voted in ledger)


@transaction.atomic
def void_ballot(ballot: Ballot, *, reason: str, by: User, at: datetime) -> None:
    """Void an open ballot: a lost passphrase, a count that does not fit. It is voted again."""
    lock_meeting(ballot.meeting, by=by)
    ballot = Ballot.objects.select_for_update(of=("self",)).get(pk=ballot.pk)
    if ballot.state != Ballot.State.OPEN:
        raise DeskRefused.because("本次表决已经结束，不能作废。")
    if not reason.strip():
        raise DeskRefused.because("请写明作废理由。")
    annul(ballot, at=at)
    _record(ballot, "void", by=by, at=at, reason=reason.strip()[:200])


def _recused(meeting: Meeting) -> dict[int, set[int]]:
    """Member pk → the applications he is recused for."""
    found: dict[int, set[int]] = {}
    rows = MeetingMember.objects.filter(meeting=meeting, recusals__isnull=False)
    for member, application in rows.values_list("pk", "recusals__application"):
        found.setdefault(member, set()).add(application)
    return found


def recused_for(ballot: Ballot, user: User) -> set[int]:
    """The names on which this person may not vote."""
    member = MeetingMember.objects.filter(meeting=ballot.meeting, user=user).first()
    return _recused(ballot.meeting).get(member.pk, set()) if member else set()


def _cite_recusal(ballot: Ballot) -> str:
    book = rulebook_for(ballot.meeting.round)
    return book.ground(book.recusal.grounds[0])


def _record(ballot: Ballot, verb: str, *, by: User, at: datetime, **data) -> None:
    evidence.record(
        f"ballot.{verb}",
        chain=ballot.meeting.round.chain,
        by=by,
        subject=f"ballot:{ballot.public_id}",
        at=at,
        data={"tier": ballot.tier, "number": ballot.number, **data},
    )
