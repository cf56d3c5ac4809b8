"""表决票 on paper (V8): handed out, counted by two people apart, compared, scanned, and then decided by the same rules.

No paper and no slip of a person ever comes into the portal: it keeps four numbers and three totals for each name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from applications.desk_rules import DeskRefused
from applications.gates import Blocker
from applications.rules import on_duty
from awards.parameters import rulebook_for
from awards.rulebook import Rulebook
from organizations import evidence
from organizations.models import Membership, StoredFile, User

from .annulling import annul
from .ballots import FEWEST_PAPERS, limits_for, record_ballot, start_ballot, write_counts
from .conflicts import findings_of_people
from .meetings import lock_meeting
from .models import Ballot, BallotCandidate, CountLine, CountSheet, Meeting, PaperBallot
from .tiers import standing

Role = CountSheet.Role
FIGURES = (("issued", "发出"), ("collected", "收回"), ("valid", "有效"), ("void", "无效"))
MARKS = (("votes_for", "同意"), ("votes_against", "不同意"), ("votes_abstain", "弃权"))
SHEET_NEEDED = "请先上传监票人、计票人签字的计票单扫描件，再结束表决。"


@dataclass(frozen=True)
class Counted:
    """A 计票单 as one of the two entered it: the four numbers, and application pk → (同意, 不同意, 弃权)."""

    issued: int
    collected: int
    valid: int
    void: int
    totals: Mapping[int, tuple[int, int, int]]


def allows_paper(book: Rulebook) -> bool:
    return book.decision.mode.value == "secret_vote" and bool(book.decision.on_paper.value)


def possible_tellers(meeting: Meeting) -> list[User]:
    """Who may watch or count: the people of the office, the supervising department and the leading body."""
    round = meeting.round
    rows = Membership.objects.current().filter(unit__scheme_key=round.scheme.key).select_related("user")
    rows = rows.filter(unit__kind__in=("supervisor", "leading_body")) | rows.filter(unit=round.office_id)
    people = {one.user_id: one.user for one in rows.order_by("user_id")}
    return list(people.values())


@transaction.atomic
def open_paper_ballot(
    meeting: Meeting, *, tier: str, teller: User, counter: User, by: User, at: datetime
) -> PaperBallot:
    """Open a tier's ballot on paper: a 监票人 and a 计票人, two people, neither of them anywhere near a candidate."""
    meeting = lock_meeting(meeting, by=by)
    book = rulebook_for(meeting.round)
    if not allows_paper(book):
        raise DeskRefused.because("本办法不采用纸质表决票。", book.ground(book.decision.on_paper))
    if refused := teller_refusals(meeting, teller, counter):
        raise DeskRefused(refused)
    ballot = start_ballot(meeting, tier=tier, is_on_paper=True)
    names = [str(one.application.public_id) for one in ballot.candidates.select_related("application")]
    record_ballot(ballot, "open", by=by, at=at, names=names, seats=ballot.seats, on_paper=True)
    return PaperBallot.objects.create(ballot=ballot, teller=teller, counter=counter)


def teller_refusals(meeting: Meeting, teller: User, counter: User) -> list[Blocker]:
    """Why these two may not watch and count: one person, not of the bodies concerned, or a candidate's people."""
    ground = rulebook_for(meeting.round).recusal_ground
    found = []
    if teller.pk == counter.pk:
        found.append(Blocker("监票人和计票人应当是两个人。"))
    known = {one.pk for one in possible_tellers(meeting)}
    for word, person in (("监票人", teller), ("计票人", counter)):
        if person.pk not in known:
            found.append(Blocker(f"{word}应当从办公室、监督机构或者审议机构人员中指定。"))
    names = {one.pk: one for one in standing(meeting)}
    ties = findings_of_people([teller, counter], list(names.values())).conflicts
    for (user, application), reasons in ties.items():
        word = "监票人" if user == teller.pk else "计票人"
        why = "；".join(str(one) for one in reasons)
        text = f"{word}与{names[application].organization}有利害关系（{why}），请另行指定。"
        found.append(Blocker(text, ground))
    return found


@transaction.atomic
def enter_count(ballot: Ballot, *, count: Counted, by: User, at: datetime) -> CountSheet:
    """The 计票人's entry or the 监票人's, each at his own account and blind to the other's.

    What cannot be right is refused. Entered again, the earlier entry stays on record as superseded.
    """
    ballot, paper = _locked(ballot)
    role = role_of(paper, by)
    if role is None:
        raise DeskRefused.because("计票单由本次表决的监票人和计票人各自录入。")
    _require_open(ballot)
    names = _names(ballot)
    if refused := count_refusals(ballot, names, count):
        raise DeskRefused(refused)
    paper.sheets.filter(role=role, superseded_at=None).update(superseded_at=at)
    sheet = CountSheet.objects.create(
        paper_ballot=paper, role=role, issued=count.issued, collected=count.collected, valid=count.valid,
        void=count.void, entered_at=at, entered_by=by,
    )  # fmt: skip
    lines = ((one, count.totals[one.application_id]) for one in names)
    CountLine.objects.bulk_create(
        CountLine(sheet=sheet, candidate=one, votes_for=given[0], votes_against=given[1], votes_abstain=given[2])
        for one, given in lines
    )
    # that it was entered, and by which of the two; not what
    record_ballot(ballot, "count", by=by, at=at, role=role)
    return sheet


def count_refusals(ballot: Ballot, names: list[BallotCandidate], count: Counted) -> list[Blocker]:
    """What does not add up. More papers back than went out is no slip of the pen: it makes the ballot void."""
    book = rulebook_for(ballot.meeting.round)
    if min(count.issued, count.collected, count.valid, count.void, *(min(one) for one in count.totals.values())) < 0:
        return [Blocker("票数不能是负数。")]
    found = []
    if count.issued > ballot.present_count:
        found.append(Blocker(f"发出{count.issued}张，多于到会的{ballot.present_count}人，请核对。"))
    if count.valid + count.void != count.collected:
        found.append(Blocker(f"有效{count.valid}张与无效{count.void}张合计应为收回的{count.collected}张，请核对。"))
    if set(count.totals) != {one.application_id for one in names}:
        return [*found, Blocker("名单已有变化，请刷新后核对再录入。")]
    for one in names:
        given = count.totals[one.application_id]
        organization = one.application.organization
        if sum(given) != count.valid:
            text = f"{organization}：同意、不同意、弃权合计应为有效票{count.valid}张，现为{sum(given)}张，请核对。"
            found.append(Blocker(text, book.ground(book.decision.majority)))
        # of the recused, those whose papers may not be among the valid ones
        recused = max(ballot.present_count - one.base - (ballot.present_count - count.valid), 0)
        if given[2] < recused:
            text = f"{organization}：回避的成员不划票、计作弃权，弃权不应少于{recused}张，现为{given[2]}张，请核对。"
            found.append(Blocker(text, book.recusal_ground))
    within = sum(count.totals[one.application_id][0] for one in names if not one.outside_quota)
    if limits_for(ballot) and within > ballot.seats * count.valid:
        text = f"每张有效票的同意不超过{ballot.seats}个，同意合计不应多于{ballot.seats * count.valid}，现为{within}。"
        found.append(Blocker(text, book.ground(book.tier(ballot.tier).quota)))
    return found


def role_of(paper: PaperBallot, user: User) -> str | None:
    """Which of the two entries is this person's."""
    return {paper.counter_id: Role.COUNTER.value, paper.teller_id: Role.TELLER.value}.get(user.pk)


def current_sheets(paper: PaperBallot) -> dict[str, CountSheet]:
    return {one.role: one for one in paper.sheets.filter(superseded_at=None).prefetch_related("lines")}


def differences(paper: PaperBallot) -> list[tuple[str, int, int]]:
    """Where the two entries differ: what, the 计票人's figure, the 监票人's. Nothing while one of them is missing."""
    sheets = current_sheets(paper)
    if len(sheets) < 2:
        return []
    ours, theirs = sheets[Role.COUNTER.value], sheets[Role.TELLER.value]
    found = [(f"{word}张数", getattr(ours, key), getattr(theirs, key)) for key, word in FIGURES]
    lines = {one.candidate_id: one for one in theirs.lines.all()}
    for name in _names(paper.ballot):
        mine = next(one for one in ours.lines.all() if one.candidate_id == name.pk)
        for key, word in MARKS:
            what = f"{name.application.organization}：{word}"
            found.append((what, getattr(mine, key), getattr(lines[name.pk], key)))
    return [row for row in found if row[1] != row[2]]


@transaction.atomic
def attach_count_scan(ballot: Ballot, *, scan: StoredFile | None, by: User, at: datetime) -> None:
    """The signed 计票单; asked for before the close, by the office or either of the two."""
    ballot, paper = _locked(ballot)
    _require_open(ballot)
    if role_of(paper, by) is None and not on_duty(by, ballot.meeting.round.office, ballot.meeting.round):
        raise DeskRefused.because("计票单扫描件由办公室或者监票人、计票人上传。")
    if scan is None:
        raise DeskRefused.because("请选择计票单扫描件。")
    paper.scan, paper.scanned_at = scan, at
    paper.save(update_fields=["scan", "scanned_at"])
    evidence.record(
        "ballot.count_scan", chain=ballot.meeting.round.chain, by=by, subject=f"ballot:{ballot.public_id}", at=at,
        data={"sha256": scan.sha256},
    )  # fmt: skip


@transaction.atomic
def close_paper_ballot(ballot: Ballot, *, by: User, at: datetime) -> Ballot:
    """Both entries in and equal, the signed sheet there: counted by the rules of every ballot.

    More papers back than went out, by both entries: the ballot is void, with its figures kept, and is voted again.
    """
    lock_meeting(ballot.meeting, by=by)
    ballot, paper = _locked(ballot)
    _require_open(ballot)
    if refused := closing_refusals(paper):
        raise DeskRefused(refused)
    sheet = current_sheets(paper)[Role.COUNTER.value]
    for key, _ in FIGURES:
        setattr(paper, key, getattr(sheet, key))
    paper.save(update_fields=[key for key, _ in FIGURES])
    if sheet.collected > sheet.issued:
        ground = f"收回{sheet.collected}张，多于发出的{sheet.issued}张，本次表决无效"
        annul(ballot, ground=ground, by=by, at=at)
        record_ballot(ballot, "void", by=by, at=at, reason=ground)
        return Ballot.objects.get(pk=ballot.pk)
    names, lines = _names(ballot), {one.candidate_id: one for one in sheet.lines.all()}
    write_counts(ballot, names, {one.pk: choices_counted(ballot, one, lines[one.pk]) for one in names})
    # no paper was ever sealed, so nothing of one is left to scrub
    ballot.state, ballot.cast_count, ballot.scrubbed_at = Ballot.State.CLOSED, sheet.collected, at
    ballot.save(update_fields=["state", "cast_count", "scrubbed_at"])
    record_ballot(ballot, "close", by=by, at=at, cast=sheet.collected, on_paper=True)
    return ballot


def closing_refusals(paper: PaperBallot) -> list[Blocker]:
    """Why the ballot on paper cannot be closed yet. Says that the two entries differ, not where."""
    sheets = current_sheets(paper)
    missing = [role.label for role in (Role.COUNTER, Role.TELLER) if role.value not in sheets]
    found = [Blocker(f"{word}尚未录入计票单。") for word in missing]
    if len(sheets) == 2 and (unlike := differences(paper)):
        found.append(Blocker(f"监票人与计票人的录入有{len(unlike)}处不一致，请两人核对票面后重新录入。"))
    if paper.scan_id is None:
        found.append(Blocker(SHEET_NEEDED))
    if not found and sheets[Role.COUNTER.value].collected < FEWEST_PAPERS:
        found.append(Blocker(f"收回表决票不足{FEWEST_PAPERS}张，计票会泄露个人意见；请作废本次表决后重新投票。"))
    return found


def choices_counted(ballot: Ballot, name: BallotCandidate, line: CountLine) -> list[str]:
    """The totals as choices, without those of the recused: they leave the name unmarked and stand among 弃权."""
    abstained = max(line.votes_abstain - (ballot.present_count - name.base), 0)
    return ["for"] * line.votes_for + ["against"] * line.votes_against + ["abstain"] * abstained


def _names(ballot: Ballot) -> list[BallotCandidate]:
    return list(ballot.candidates.select_related("application__organization").order_by("position"))


def _locked(ballot: Ballot) -> tuple[Ballot, PaperBallot]:
    found = Ballot.objects.select_for_update(of=("self",)).get(pk=ballot.pk)
    paper = PaperBallot.objects.select_for_update(of=("self",)).filter(ballot=found).first()
    if paper is None:
        raise DeskRefused.because("本次表决不使用纸质表决票。")
    paper.ballot = found
    return found, paper


def _require_open(ballot: Ballot) -> None:
    if ballot.state != Ballot.State.OPEN:
        raise DeskRefused.because("本次表决已经结束，计票结果不能再变更。")
