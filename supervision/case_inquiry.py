"""The inquiry of a case: its evidence register, what the party is asked and answers, the finding (U21, B23, Y21)."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import Max

from applications.desk_rules import DeskRefused, require_text
from award_portal.lib import clock
from awards.workdays import date_zh
from organizations.messages import send_message
from organizations.models import Claim, StoredFile, User

from .case_door import book_for, go, lock_case, note, party_of, people_of_party, take, tell_office
from .case_papers import issue_case_paper, what_follows, you
from .case_pipeline import CaseState
from .case_rules import (
    Consequence,
    case_days,
    case_due,
    consequence,
    consequences,
    honour_uses,
    require_within,
    revocation_word,
)
from .case_telling import tell_reporter
from .models import Case, CaseEvidence, CaseQuestion

Outcome = Case.Outcome


@transaction.atomic
def add_evidence(
    case: Case, *, kind: str, label: str, obtained_from: str, obtained_on: date | None, proves: str,
    file: StoredFile | None, by: User, at: datetime,
) -> CaseEvidence:  # fmt: skip
    """One more line of the register, while the case is open; lines are never taken out."""
    case = take(case, by=by)
    if case.is_ended:
        raise DeskRefused.because("案件已经结束，不再登记证据。")
    if kind not in CaseEvidence.Kind.values:
        raise DeskRefused.because("请选择证据种类。")
    if obtained_on is not None and obtained_on > clock.day_of(at):
        raise DeskRefused.because("取得日期不能晚于今天。其他已填内容已保留。", field="obtained_on")
    line = CaseEvidence.objects.create(
        case=case, number=next_line(case), kind=kind, label=require_text(label, "证据名称")[:120],
        obtained_from=obtained_from.strip()[:120], obtained_on=obtained_on, proves=proves.strip()[:500], file=file,
        added_at=at, added_by=by,
    )  # fmt: skip
    note(case, "evidence", by=by, at=at, line=line.number, sha256=file.sha256 if file else "")
    return line


@transaction.atomic
def ask_party(case: Case, *, text: str, by: User, at: datetime) -> CaseQuestion:
    """Ask the party in the office's own words: who reported, and the report itself, stay with the office."""
    case = take(case, "dismiss", by=by)
    if not people_of_party(case):
        raise DeskRefused.because("当事人在本系统没有经核验的账号，请书面询问，并把答复登记为证据。")
    question = CaseQuestion.objects.create(
        case=case, text=require_text(text, "询问事项")[:1000], asked_at=at, asked_by=by,
        due_at=case_due(book_for(case), "answer", start=clock.day_of(at)),
    )  # fmt: skip
    send_message(
        people_of_party(case), subject="请就有关情况作出答复", body=f"案件编号：{case.number}",
        url=case.get_party_url(), at=at,
    )  # fmt: skip
    note(case, "ask", by=by, at=at)
    return question


@transaction.atomic
def answer_question(
    question: CaseQuestion, *, text: str, file: StoredFile | None, by: User, at: datetime
) -> CaseQuestion:
    """The party answers, once; late is taken as long as the inquiry runs. Its proof goes into the register."""
    case = lock_case(question.case)
    question = CaseQuestion.objects.select_for_update(of=("self",)).get(pk=question.pk)
    require_party(case, by)
    if question.answered_at is not None:
        raise DeskRefused.because("已经答复，不能更改；需要补充的，请联系办公室。")
    if case.state != CaseState.INQUIRY:
        raise DeskRefused.because("调查已经结束，不再接收答复。已填内容已保留。")
    question.answer, question.answer_file = require_text(text, "答复")[:3000], file
    question.answered_at, question.answered_by = at, by
    question.save()
    if file is not None:
        CaseEvidence.objects.create(
            case=case, number=next_line(case), kind=CaseEvidence.Kind.PARTY, label="当事人答复所附材料", file=file,
            obtained_on=clock.day_of(at), added_at=at, added_by=by,
        )  # fmt: skip
    tell_office(case, f"当事人已答复：{case.number}", at=at)
    note(case, "answer", by=by, at=at)
    return question


@transaction.atomic
def find_unfounded(case: Case, *, text: str, by: User, at: datetime) -> Case:
    """Nothing of it holds; the party that was asked is told."""
    case = take(case, "dismiss", by=by)
    _keep_finding(case, Outcome.UNFOUNDED, "", text, by=by, at=at)
    if case.questions.exists():
        send_message(people_of_party(case), subject=f"案件{case.number}经调查认定不成立", at=at)
    tell_reporter(case, by=by, at=at)
    return go(case, "dismiss", by=by, at=at, outcome=case.outcome)


@transaction.atomic
def order_rectification(case: Case, *, text: str, rule: str, rectify_by: date, by: User, at: datetime) -> Case:
    """限期改正: the lesser outcome for a misuse of the honour (U19, B27, Z30), with its day and its paper."""
    case = take(case, "order_rectification", by=by)
    book = book_for(case)
    broken = next(((said, ground) for key, said, ground in honour_uses(book) if key == rule), None)
    if case.award is None or broken is None:
        raise DeskRefused.because("请选择违反的荣誉使用规定；限期改正适用于违规使用荣誉。其他已填内容已保留。")
    if rectify_by <= clock.day_of(at):
        raise DeskRefused.because("改正期限应晚于今天。其他已填内容已保留。", broken[1], field="rectify_by")
    _keep_finding(case, Outcome.RECTIFY, rule, text, by=by, at=at)
    case.rectify_by = rectify_by
    lines = [
        f"经查，{you(case)}存在以下情形：{case.finding_text}",
        f"上述情形{broken[0]}，违反{broken[1]}。现责令{you(case)}于{date_zh(rectify_by)}前改正，并将改正情况书面报告。",
        f"逾期不改正的，依照规定提请{revocation_word(book)}。" if _revokes(case) else "逾期不改正的，予以公开通报。",
    ]
    issue_case_paper(case, "case_rectification", lines=lines, by=by, at=at)
    send_message(
        people_of_party(case), subject="限期改正通知书，请查看", body=f"请于{date_zh(rectify_by)}前改正。",
        url=case.get_party_url(), at=at,
    )  # fmt: skip
    due_at = clock.at(rectify_by, 24)
    return go(case, "order_rectification", by=by, at=at, due_at=due_at, outcome=case.outcome, rule=rule)


@transaction.atomic
def report_rectified(case: Case, *, text: str, file: StoredFile | None, by: User, at: datetime) -> Case:
    """The party says what it put right; the office looks at it."""
    case = lock_case(case)
    require_party(case, by)
    if case.state != CaseState.RECTIFYING:
        raise DeskRefused.because("现在没有待报告的改正事项。页面可能已过时，请刷新。")
    CaseEvidence.objects.create(
        case=case, number=next_line(case), kind=CaseEvidence.Kind.PARTY, label="改正情况报告",
        proves=require_text(text, "改正情况")[:500], file=file, obtained_on=clock.day_of(at), added_at=at, added_by=by,
    )  # fmt: skip
    tell_office(case, f"当事人报告改正情况：{case.number}", at=at)
    note(case, "rectification_report", by=by, at=at)
    return case


@transaction.atomic
def confirm_rectified(case: Case, *, text: str, by: User, at: datetime) -> Case:
    """Put right: the case ends, the honour stands."""
    case = take(case, "confirm_rectified", by=by)
    case.rectified_note = require_text(text, "改正核查情况")[:1000]
    send_message(people_of_party(case), subject=f"案件{case.number}：已确认改正", url=case.get_party_url(), at=at)
    tell_reporter(case, by=by, at=at)
    return go(case, "confirm_rectified", by=by, at=at)


@transaction.atomic
def go_on_unrectified(case: Case, *, text: str, by: User, at: datetime) -> Case:
    """Not put right by its day: the inquiry goes on towards what the regulation has for it."""
    case = take(case, "reopen", by=by)
    if case.rectify_by is not None and clock.day_of(at) <= case.rectify_by:
        raise DeskRefused.because(f"改正期限至{date_zh(case.rectify_by)}，尚未届满。")
    case.rectified_note = require_text(text, "未改正的情况")[:1000]
    return go(case, "reopen", by=by, at=at, due_at=case_due(book_for(case), "inquiry", start=clock.day_of(at)))


@transaction.atomic
def intend(
    case: Case, *, rule: str, text: str, happened_on: date | None = None, by: User, at: datetime
) -> Case:  # fmt: skip
    """The finding that calls for revocation or a bar: the party is told in writing what is intended, and may speak.

    The days to speak in run from the service; where the party has no account the office serves on paper and says when.
    """
    case = take(case, "intend", by=by)
    book = book_for(case)
    found = consequence(book, case.kind, rule, award=case.award)
    case.happened_on = happened_on or case.happened_on
    if found.revokes:
        require_within(book, case.award, case.kind, case.happened_on, at=at)
    _keep_finding(case, Outcome.REVOKE if found.revokes else Outcome.BAR, rule, text, by=by, at=at)
    case.statement = case.statement_considered = ""
    case.statement_file = case.statement_at = case.statement_waived_at = None
    days = case_days(book, "statement")
    case.notice_paper = issue_case_paper(case, "case_intended", lines=_intended(case, found, days.value), by=by, at=at)
    people = people_of_party(case)
    case.served_on = case.statement_until = None
    if people:
        _serve(case, on=clock.day_of(at), how="通过本系统送达")
        send_message(
            people, subject=f"{case.notice_paper.title}，请查看", body="可以在期限内陈述申辩。",
            url=case.get_party_url(), at=at,
        )  # fmt: skip
    due_at = _after_statement(case, at)
    return go(case, "intend", by=by, at=at, due_at=due_at, outcome=case.outcome, rule=rule)


@transaction.atomic
def record_service(case: Case, *, served_on: date, how: str, by: User, at: datetime) -> Case:
    """Served on paper: the days to speak in run from that day."""
    case = take(case, by=by)
    if case.state != CaseState.INTENDED or case.served_on is not None:
        raise DeskRefused.because("现在没有待送达的告知书。页面可能已过时，请刷新。")
    assert case.notice_paper is not None
    if not clock.day_of(case.notice_paper.issued_at) <= served_on <= clock.day_of(at):
        raise DeskRefused.because("送达日期应在告知书出具之日至今天之间。其他已填内容已保留。", field="served_on")
    _serve(case, on=served_on, how=require_text(how, "送达方式")[:80])
    case.due_at, case.escalated_at = _after_statement(case, at), None
    case.save()
    note(case, "serve", by=by, at=at, on=served_on.isoformat())
    return case


def require_party(case: Case, by: User) -> None:
    party = party_of(case)
    own = (
        Claim.objects.filter(user=by, organization=party, state=Claim.State.VERIFIED) if party else Claim.objects.none()
    )
    if not own.exists():
        raise DeskRefused.because("只有当事人可以办理本事项。")


def next_line(case: Case) -> int:
    return (CaseEvidence.objects.filter(case=case).aggregate(last=Max("number"))["last"] or 0) + 1


def _keep_finding(case: Case, outcome: str, rule: str, text: str, *, by: User, at: datetime) -> None:
    case.outcome, case.rule = outcome, rule
    case.finding_text = require_text(text, "认定的事实、证据和理由")[:3000]
    case.found_at, case.found_by = at, by


def _intended(case: Case, found: Consequence, days: int) -> list[str]:
    """What the notice of what is intended says: facts, article, consequences, and the right to speak."""
    intended = "，".join(what_follows(case, found)).replace("不予受理其申报", f"不予受理{you(case)}的申报")
    won = f"（{case.award.year}年{case.award.tier_name}）" if case.award else ""
    return [
        f"经查，{you(case)}{won}存在以下情形：{case.finding_text}",
        f"上述情形属于“{found.text}”。依据{found.ground}，拟{'提请' if found.revokes else '决定'}{intended}。",
        f"{you(case)}对上述事实、理由和拟作出的处理有陈述申辩的权利，可以自收到本告知书之日起{days}个工作日内"
        "向我单位提出书面陈述申辩；逾期未提出的，视为放弃。",
    ]


def _serve(case: Case, *, on: date, how: str) -> None:
    case.served_on, case.served_how = on, how
    case.statement_until = case_due(book_for(case), "statement", start=on)


def _after_statement(case: Case, at: datetime) -> datetime:
    """What comes next is due so many working days after the right to speak has run out, or is to be served first."""
    if case.statement_until is None:
        return case_due(book_for(case), "submission", start=clock.day_of(at))
    return case_due(book_for(case), "submission", start=_last_day(case.statement_until))


def _last_day(until: datetime) -> date:
    """The last day of a period that ends at midnight."""
    return date.fromordinal(clock.day_of(until).toordinal() - 1)


def _revokes(case: Case) -> bool:
    return any(one.revokes for one in consequences(book_for(case), case.kind, award=case.award))
