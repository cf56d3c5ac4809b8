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
from applications.duty_guards import is_barred_from
from applications.models import Application
from awards.parameters import rulebook_for
from awards.rulebook import Tier, share
from organizations import evidence
from organizations.models import User

from . import sealing
from .annulling import annul
from .candidacy import places_of, repeats_of
from .meetings import lock_meeting, quorum_blockers, recused_names
from .member_conflicts import recuse_tied_voter, refuse_unrecused
from .models import Ballot, BallotCandidate, Meeting, MeetingMember, Paper, Slip, Voter
from .places import Filling, Places, places_for_tied
from .scrubbing import overwrite_what_is_deleted, scrub_after_commit
from .tallying import Tally, carries, decide_ballot
from .tiers import mode_of, names_for, names_to_vote_again, places_left, unfinished_tiers

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
    if mode_of(meeting) != "secret_vote":
        raise DeskRefused.because("本办法不采用无记名投票。", book.ground(book.decision.mode))
    if without := meeting.members.filter(is_present=True, mandate__isnull=False, mandate__user=None).first():
        raise DeskRefused.because(f"{without.label}没有账号，不能在系统投票；请补登账号，或者改用纸质表决票。")
    passphrase = sealing.make_passphrase()
    public, wrapped = sealing.make_keys(passphrase)
    ballot = start_ballot(meeting, tier=tier, public_key=public, wrapped_key=wrapped)
    names = [str(one.application.public_id) for one in ballot.candidates.select_related("application")]
    record_ballot(ballot, "open", by=by, at=at, names=names, seats=ballot.seats)
    return ballot, passphrase


def start_ballot(
    meeting: Meeting, *, tier: str, public_key: bytes = b"", wrapped_key: bytes = b"", is_on_paper: bool = False
) -> Ballot:
    """The next ballot for a tier with its names, their counting bases and who may vote, or DeskRefused.

    The meeting is locked. A member, or a deputy, with a tie to a name must be recused before (U23).
    """
    book = rulebook_for(meeting.round)
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
    number, seats, names = _next_ballot(meeting, book.tier(tier))
    refuse_unrecused(meeting, names)
    present = list(meeting.members.filter(is_present=True).order_by("pk"))
    ballot = Ballot.objects.create(
        meeting=meeting, tier=tier, tier_name=book.tier(tier).name, seats=seats, number=number, public_key=public_key,
        wrapped_key=wrapped_key, present_count=len(present), is_on_paper=is_on_paper,
    )  # fmt: skip
    Voter.objects.bulk_create(Voter(ballot=ballot, member=member) for member in present)
    recused, repeats = recused_names(meeting), repeats_of(meeting.round, names)
    BallotCandidate.objects.bulk_create(
        BallotCandidate(
            ballot=ballot, application=one, position=position, outside_quota=tier in repeats.get(one.pk, ()),
            base=len(present) - sum(1 for member in present if one.pk in recused.get(member.pk, ())),
        )
        for position, one in enumerate(names, start=1)
    )  # fmt: skip
    return ballot


def _next_ballot(meeting: Meeting, tier: Tier) -> tuple[int, int, list[Application]]:
    """(which ballot, seats, names in order of their numbers) of the next ballot for a tier."""
    book = rulebook_for(meeting.round)
    first = meeting.ballots.filter(tier=tier.key, state=Ballot.State.CLOSED).order_by("number").first()
    if first is None:
        names, seats = names_for(meeting, tier), places_left(meeting, tier.key)
        if names:
            return 1, seats, names
        if not seats:
            text = f"{tier.name}名额为{tier.quota.value}个，已经用完。"
            raise DeskRefused.because(text, book.ground(tier.quota))
        raise DeskRefused.because(f"没有可以列入{tier.name}的{book.noun}。", book.ground(book.decision.mode))
    names = names_to_vote_again(first)
    if not names:
        raise DeskRefused.because(f"{first.tier_name}的表决已经结束。", book.ground(book.decision.tie))
    return 2, counted(first).contested, names


@sensitive_variables()
def cast_paper(ballot: Ballot, *, by: User, choices: Mapping[int, str]) -> None:
    """Seal and put in one paper: `choices` maps application pk → for, against or abstain. Once, and within the seats.

    A member recused for a name abstains on it in a paper that looks like every other; one found tied to a name since
    the ballot opened is recused first, whatever the paper says (U23). The lock on the ballot lets one paper in at a
    time, and none while it is closed.
    """
    _recuse_if_tied(ballot, by)
    # Not the decorator, whose frame would show the choices in an error's report.
    with transaction.atomic():
        ballot = Ballot.objects.select_for_update(of=("self",)).get(pk=ballot.pk)
        if ballot.state != Ballot.State.OPEN:
            raise DeskRefused.because("本次表决已经结束，表决票没有投出。")
        if not ballot.public_key:
            raise DeskRefused.because("本次表决不在系统投票，表决票没有投出。")
        voter = voter_of(ballot, by)
        if voter is None:
            raise DeskRefused.because("您没有到会登记，不能参加本次表决。")
        if is_barred_from(by, ballot.meeting.round):
            raise DeskRefused.because("您已退出本届评审工作，不能参加本次表决。")
        if voter.has_voted:
            raise DeskRefused.because("您已经投过票，每人只能投一次。")
        chosen = _choices_in_order(ballot, voter, choices)
        _put_in(ballot, sealing.seal(bytes(ballot.public_key), b"".join(CODES[one] for one in chosen)))
        voter.has_voted = True
        voter.save(update_fields=["has_voted"])


def _recuse_if_tied(ballot: Ballot, by: User) -> None:
    """Asked of who may still vote in an open ballot; the choices are not known here."""
    ballot = Ballot.objects.select_related("meeting__round").get(pk=ballot.pk)
    voter = voter_of(ballot, by) if ballot.state == Ballot.State.OPEN else None
    if voter is not None and not voter.has_voted:
        recuse_tied_voter(ballot, voter.member, by=by)


@sensitive_variables()
def _choices_in_order(ballot: Ballot, voter: Voter, choices: Mapping[int, str]) -> list[str]:
    """The paper's choices name by name, or DeskRefused."""
    names = list(ballot.candidates.select_related("application__organization").order_by("position"))
    recused = recused_names(ballot.meeting).get(voter.member_id, set())
    book = rulebook_for(ballot.meeting.round)
    for one in names:
        if one.application_id in recused and choices.get(one.application_id, "abstain") != "abstain":
            raise DeskRefused.because(
                f"您对{one.application.organization}已经回避，不能就其表决。", book.recusal_ground
            )
    found = ["abstain" if one.application_id in recused else choices.get(one.application_id, "") for one in names]
    if missing := sum(one not in CODES for one in found):
        raise DeskRefused.because(f"请对每个{book.noun}作出选择，还有{missing}个没有选择；已作的选择已保留。")
    given = sum(choice == "for" and not one.outside_quota for one, choice in zip(names, found, strict=True))
    if limits_for(ballot) and given > ballot.seats:
        raise DeskRefused.because(
            f"“同意”不能超过名额{ballot.seats}个，现为{given}个；表决票没有投出，请修改。",
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
        if not ballot.public_key:
            raise DeskRefused.because("本次表决不在系统投票，没有可以开启的表决票。")
        papers = _unsealed(ballot, passphrase)
        names = list(ballot.candidates.select_related("application__organization").order_by("position"))
        columns = _columns(ballot, names, papers)
        write_counts(ballot, names, columns)
        _rewrite(ballot, names, columns)
        ballot.state, ballot.wrapped_key, ballot.cast_count = Ballot.State.CLOSED, b"", len(papers)
        ballot.save(update_fields=["state", "wrapped_key", "cast_count"])
        record_ballot(ballot, "close", by=by, at=at, cast=len(papers))
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
    recused = recused_names(ballot.meeting)
    voted = set(ballot.voters.filter(has_voted=True).values_list("member_id", flat=True))
    columns = {}
    for place, one in enumerate(names):
        found = sorted(CHOICES[paper[place : place + 1]] for paper in papers)
        for member in voted:
            if one.application_id in recused.get(member, ()):
                found.remove("abstain")
        columns[one.pk] = found
    return columns


def write_counts(ballot: Ballot, names: list[BallotCandidate], columns: Mapping[int, list[str]]) -> None:
    """The counts of each name, and who is elected: a repeat winner by the majority alone, it takes no seat (B18)."""
    for one in names:
        found = columns[one.pk]
        one.votes_for, one.votes_against = found.count("for"), found.count("against")
        one.votes_abstain = found.count("abstain")
    majority = share(rulebook_for(ballot.meeting.round).decision.majority.value)
    outcome = decide_ballot(_tallies(names), seats=places_on(ballot, names), majority=majority)
    for one in names:
        one.is_elected, one.is_tied = one.application_id in outcome.elected, one.application_id in outcome.tied
        if one.outside_quota:
            one.is_elected = carries(one.votes_for or 0, one.base, majority=majority)
        one.save()


def counted(ballot: Ballot) -> Filling:
    """The outcome of a counted ballot, worked out again from the counts on record."""
    names = list(ballot.candidates.select_related("application__organization"))
    majority = share(rulebook_for(ballot.meeting.round).decision.majority.value)
    return decide_ballot(_tallies(names), seats=places_on(ballot, names), majority=majority)


def _tallies(names: list[BallotCandidate]) -> list[Tally]:
    return [Tally(one.application_id, one.votes_for or 0, one.base) for one in names if not one.outside_quota]


def places_on(ballot: Ballot, names: list[BallotCandidate]) -> Places:
    """The places a ballot gives; the further one only those the tie is about."""
    meeting = ballot.meeting
    tier = rulebook_for(meeting.round).tier(ballot.tier)
    first = meeting.ballots.filter(tier=ballot.tier, number=1, state=Ballot.State.CLOSED).first()
    if ballot.number == 1 or first is None:
        return places_of(meeting.round, tier, [one.application for one in names], but=meeting)
    before = [one.application for one in first.candidates.select_related("application__organization")]
    return places_for_tied(places_of(meeting.round, tier, before, but=meeting), counted(first))


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
    annul(ballot, ground=reason.strip(), by=by, at=at)
    record_ballot(ballot, "void", by=by, at=at, reason=reason.strip()[:200])


def voter_of(ballot: Ballot, user: User) -> Voter | None:
    """The person's line in the ledger: his own seat, or that of the member whose deputy he is."""
    return ballot.voters.filter(member__in=MeetingMember.objects.held_by(user)).first()


def limits_for(ballot: Ballot) -> bool:
    """Whether a paper gives no more votes for than there are places; where the rulebook is silent it does not."""
    rule = rulebook_for(ballot.meeting.round).decision.for_within_quota
    return rule is None or bool(rule.value)


def recused_for(ballot: Ballot, user: User) -> set[int]:
    """The names on which this person may not vote."""
    member = ballot.meeting.members.held_by(user).first()
    return recused_names(ballot.meeting).get(member.pk, set()) if member else set()


def record_ballot(ballot: Ballot, verb: str, *, by: User, at: datetime, **data) -> None:
    evidence.record(
        f"ballot.{verb}",
        chain=ballot.meeting.round.chain,
        by=by,
        subject=f"ballot:{ballot.public_id}",
        at=at,
        data={"tier": ballot.tier, "number": ballot.number, **data},
    )
