"""陈述申辩, submission and decision of a case: nothing is decided before the party could speak (U20, U21, B22, Y21)."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from applications.desk_rules import DeskRefused, require_text
from applications.models import Application
from award_portal.lib import clock
from awards.banning import ban_period, place_ban
from awards.models import Round
from awards.workdays import date_zh
from organizations.messages import send_message
from organizations.models import StoredFile, User

from .case_door import (
    banned_name,
    book_for,
    go,
    lock_case,
    may_handle,
    note,
    office_of,
    people_of_party,
    round_of,
    take,
    tell_office,
    things_zh,
)
from .case_inquiry import require_party
from .case_papers import deciding_body, issue_case_paper, sentence, what_follows
from .case_pipeline import CaseState
from .case_rules import Consequence, case_due, consequence, revocation_word
from .case_telling import tell_reporter
from .models import Case
from .revoking import revoke_award

Outcome = Case.Outcome
# what every decision against somebody says (行政复议法, 行政诉讼法)
REMEDY = "对本决定不服的，可以依法申请行政复议或者提起行政诉讼。"


@transaction.atomic
def state_defence(
    case: Case, *, text: str, file: StoredFile | None, is_all: bool, by: User, at: datetime
) -> Case:  # fmt: skip
    """The party speaks to what is intended, within its days; `is_all` gives the rest of them up.

    The office enters what came on paper in the party's name.
    """
    case = lock_case(case)
    if not may_handle(by, case):
        require_party(case, by)
    _require_open_period(case, at)
    if case.statement_at is not None:
        raise DeskRefused.because("陈述申辩已经提交，不能更改；需要补充的，请书面送交办公室。")
    case.statement, case.statement_file, case.statement_at = require_text(text, "陈述申辩意见")[:5000], file, at
    if is_all:
        case.statement_waived_at = at
    case.save()
    tell_office(case, f"当事人提出陈述申辩：{case.number}", at=at)
    note(case, "statement", by=by, at=at, is_all=is_all)
    return case


@transaction.atomic
def waive_defence(case: Case, *, by: User, at: datetime) -> Case:
    """The party gives up its right to speak; only the party itself can."""
    case = lock_case(case)
    require_party(case, by)
    _require_open_period(case, at)
    case.statement_waived_at = at
    case.save()
    tell_office(case, f"当事人放弃陈述申辩：{case.number}", at=at)
    note(case, "waive", by=by, at=at)
    return case


def not_heard(case: Case, *, at: datetime) -> str:
    """Why nothing can be decided yet, or empty: the right to speak has not run out and was not given up."""
    if case.statement_waived_at is not None:
        return ""
    if case.statement_until is None:
        return "告知书尚未送达，陈述申辩期限没有起算。"
    if at < case.statement_until:
        until = clock.day_of(case.statement_until)
        return f"当事人陈述申辩的期限至{date_zh(date.fromordinal(until.toordinal() - 1))}24:00，届满前不能作出处理。"
    return ""


@transaction.atomic
def look_again(case: Case, *, because: str, by: User, at: datetime) -> Case:
    """What the party said calls for more inquiry; a new notice follows it."""
    case = take(case, "look_again", by=by)
    case.statement_considered = require_text(because, "退回补充调查的理由")[:3000]
    return go(case, "look_again", by=by, at=at, due_at=case_due(book_for(case), "inquiry", start=clock.day_of(at)))


@transaction.atomic
def submit_case(case: Case, *, considered: str = "", by: User, at: datetime) -> Case:
    """请示 to the body that gave the award, once the party was heard; what it said is answered in it."""
    case = take(case, "submit", by=by)
    found = _found(case)
    if not found.revokes:
        raise DeskRefused.because("不予受理申报由办公室直接作出决定，无需报请。")
    _require_heard(case, considered, at=at)
    body = deciding_body(case)
    lines = [
        f"{_party(case)}，经我单位调查，认定：{case.finding_text}",
        f"上述情形属于“{found.text}”（{found.ground}）。",
        f"当事人陈述申辩：{sentence(case.statement or '未提出')}"
        + (f"复核意见：{sentence(case.statement_considered)}" if case.statement else ""),
        f"现提请{'，'.join(what_follows(case, found))}。妥否，请批示。",
    ]
    case.request_paper = issue_case_paper(case, "case_request", lines=lines, to=body, by=by, at=at)
    case.submitted_at = at
    return go(case, "submit", by=by, at=at, due_at=case_due(book_for(case), "decision", start=clock.day_of(at)))


@transaction.atomic
def decide_revocation(
    case: Case, *, decision_number: str, decided_on: date, scan: StoredFile | None, by: User, at: datetime
) -> Case:
    """The decision of the body that gave the award, with its number, day and scan: the award is gone from that day.

    The ban runs as long, and from the day, the rulebook says; a rule without one bars nobody.
    """
    _lock_party(case)
    case = take(case, "decide", by=by)
    found = _found(case)
    if not found.revokes or case.state != CaseState.SUBMITTED or case.award is None:
        raise DeskRefused.because("尚未报请决定，不能登记决定。页面可能已过时，请刷新。")
    _keep_decision(case, decision_number, decided_on, scan, body=deciding_body(case), at=at)
    word = revocation_word(book_for(case))
    case.ban = _place_ban(case, found, decided_on)
    lines = [
        f"经查，{_party(case)}存在以下情形：{case.finding_text}",
        f"上述情形属于“{found.text}”。依据{found.ground}，决定{word}{_and_what(case, found)}。",
        f"本决定自作出之日起生效，原发证书自同日起作废。{REMEDY}",
    ]
    case.decision_paper = issue_case_paper(
        case, "revocation", on=decided_on, lines=lines, issuer=case.decided_by_body, number=case.decision_number,
        is_public=True, by=by, at=at,
    )  # fmt: skip
    tell_reporter(case, by=by, at=at)
    send_message(
        people_of_party(case), subject=f"{word}决定，请查看", body=f"文号：{case.decision_number}。",
        url=case.get_party_url(), at=at,
    )  # fmt: skip
    revoke_award(
        case.award, revoked_on=decided_on, ground=f"{found.text}（{found.ground}）",
        decision_number=case.decision_number, by=by, at=at,
    )  # fmt: skip
    case.award.refresh_from_db()
    return go(
        case, "decide", by=by, at=at, due_at=case_due(book_for(case), "execution", start=clock.day_of(at)),
        rule=found.key, outcome=case.outcome, document=case.decision_number, ban_until=_until(case),
    )  # fmt: skip


@transaction.atomic
def decide_bar(case: Case, *, considered: str = "", by: User, at: datetime) -> Case:
    """No application is accepted for the rule's years (U20): the office decides it, after the party was heard.

    Withdrawn, refused or not chosen, it is all the same (U20).
    """
    _lock_party(case)
    case = take(case, "decide", by=by)
    found = _found(case)
    if found.revokes or case.state != CaseState.INTENDED:
        raise DeskRefused.because("该案件须报请决定，不能由办公室直接作出。页面可能已过时，请刷新。")
    _require_heard(case, considered, at=at)
    office = office_of(case)
    _keep_decision(case, "", clock.day_of(at), None, body=office.name if office else "", at=at)
    case.ban = _place_ban(case, found, clock.day_of(at))
    assert case.ban is not None, "a rule that neither revokes nor bars is no consequence"
    lines = [
        f"经查，{_party(case)}存在以下情形：{case.finding_text}",
        f"上述情形属于“{found.text}”。依据{found.ground}，决定自{date_zh(case.ban.starts_on)}起{found.years}年内"
        f"不予受理其申报，{date_zh(case.ban.ends_on)}起方可申报。{REMEDY}",
    ]
    case.decision_paper = issue_case_paper(case, "case_bar", lines=lines, by=by, at=at)
    tell_reporter(case, by=by, at=at)
    send_message(people_of_party(case), subject="不予受理申报决定书，请查看", url=case.get_party_url(), at=at)
    return go(
        case, "decide", by=by, at=at, due_at=case_due(book_for(case), "execution", start=clock.day_of(at)),
        rule=found.key, outcome=case.outcome, ban_until=_until(case),
    )  # fmt: skip


@transaction.atomic
def keep_award(case: Case, *, because: str, decided_on: date, by: User, at: datetime) -> Case:
    """The body decided otherwise: the award stands, the case ends with its reason."""
    case = take(case, "keep", by=by)
    if decided_on > clock.day_of(at):
        raise DeskRefused.because("决定日期不能晚于今天。其他已填内容已保留。", field="decided_on")
    case.kept_because, case.decided_on = require_text(because, "不予处理的理由")[:1000], decided_on
    case.decided_by_body, case.decided_at = deciding_body(case), at
    tell_reporter(case, by=by, at=at)
    send_message(people_of_party(case), subject=f"案件{case.number}：决定不予处理", url=case.get_party_url(), at=at)
    return go(case, "keep", by=by, at=at)


def _keep_decision(
    case: Case, number: str, decided_on: date, scan: StoredFile | None, *, body: str, at: datetime
) -> None:
    """Number and day of a decision; none is older than the party's right to speak."""
    if case.outcome == Outcome.REVOKE:
        number = require_text(number, "决定文号")
    if decided_on > clock.day_of(at):
        raise DeskRefused.because("决定日期不能晚于今天。其他已填内容已保留。", field="decided_on")
    heard = case.statement_waived_at or case.statement_until
    if (
        heard is None
        or clock.at(decided_on, 24) <= heard
        or (case.submitted_at and decided_on < clock.day_of(case.submitted_at))
    ):
        raise DeskRefused.because(
            "决定日期早于陈述申辩届满或者报请之日，请核对。其他已填内容已保留。", field="decided_on"
        )
    case.decision_number, case.decided_on, case.decision_scan = number[:60], decided_on, scan
    case.decided_by_body, case.decided_at = body, at


def _place_ban(case: Case, found: Consequence, decided_on: date):
    if found.ban is None:
        return None
    name, unit_name = banned_name(case)
    return place_ban(
        case.scheme, found.ban, name=name, unit_name=unit_name, code=case.code, ground=found.text,
        decided_by=case.decided_by_body, decided_on=decided_on,
        awarded_on=case.award.awarded_on if case.award else None,
    )  # fmt: skip


def _and_what(case: Case, found: Consequence) -> str:
    """What goes with it, in the order of the articles."""
    more = [f"收回{things_zh(case)}"] if found.recovers else []
    more += ["追缴奖金"] if found.claws_back else []
    if found.ban is not None and case.decided_on is not None:
        period = ban_period(
            found.ban, decided_on=case.decided_on, awarded_on=case.award.awarded_on if case.award else None
        )
        if period is not None:
            more.append(f"{found.years}年内（至{date_zh(date.fromordinal(period[1].toordinal() - 1))}）不予受理其申报")
    return "，" + "，".join(more) if more else ""


def _found(case: Case) -> Consequence:
    return consequence(book_for(case), case.kind, case.rule, award=case.award)


def _lock_party(case: Case) -> None:
    """Round, then application, then the rest: the order of all locks."""
    round = round_of(case)
    if round is not None:
        Round.objects.select_for_update(of=("self",)).get(pk=round.pk)
    if case.application_id is not None:
        Application.objects.select_for_update(of=("self",)).get(pk=case.application_id)


def _require_open_period(case: Case, at: datetime) -> None:
    if case.state != CaseState.INTENDED or case.statement_until is None:
        raise DeskRefused.because("现在没有可以陈述申辩的事项。页面可能已过时，请刷新。")
    if case.statement_waived_at is not None:
        raise DeskRefused.because("已经放弃陈述申辩或者声明不再补充。")
    if at >= case.statement_until:
        raise DeskRefused.because("陈述申辩的期限已过。已填内容已保留，可以书面向办公室反映。")


def _require_heard(case: Case, considered: str, *, at: datetime) -> None:
    """The party was heard, and what it said is answered."""
    if why := not_heard(case, at=at):
        raise DeskRefused.because(why)
    if case.statement:
        case.statement_considered = require_text(considered, "对陈述申辩的复核意见")[:3000]


def _party(case: Case) -> str:
    award = case.award
    return f"{case.name}（{award.year}年获{award.tier_name}）" if award else case.name


def _until(case: Case) -> str:
    return case.ban.ends_on.isoformat() if case.ban else ""
