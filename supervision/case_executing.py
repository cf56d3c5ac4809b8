"""Carrying out a decision: certificate, plaque and bonus back, the public told, the case closed (U21, B22, Y21)."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from applications.desk_rules import DeskRefused, require_text
from award_portal.lib import clock
from awards.workdays import date_zh
from organizations.messages import send_message
from organizations.models import User
from publicity.announcing import announce
from publicity.models import Notice

from .case_door import (
    book_for,
    go,
    note,
    office_of,
    people_of_party,
    round_of,
    take,
    things_given,
    things_zh,
)
from .case_papers import issue_case_paper, you
from .case_pipeline import CaseState
from .case_rules import Consequence, case_due, consequence, revocation_word
from .clawing_back import demand_clawback
from .models import Case, Recovery


@transaction.atomic
def demand_return(case: Case, *, by: User, at: datetime) -> list[Recovery]:
    """The winner is told in writing to hand in what it was given, by a day."""
    case = _deciding(case, by)
    if case.recoveries.exists():
        raise DeskRefused.because("已经通知交回，未重复办理。")
    things = things_given(case)
    found = consequence(book_for(case), case.kind, case.rule, award=case.award)
    if not found.recovers:
        raise DeskRefused.because("适用的规则没有规定收回证书、奖牌，不能以本决定通知交回。", found.ground)
    if case.award is None or not things:
        raise DeskRefused.because("该奖励没有颁发需要交回的物品。")
    book = book_for(case)
    due = case_due(book, "recovery", start=clock.day_of(at))
    last = date.fromordinal(clock.day_of(due).toordinal() - 1)
    named = "、".join(label for _, label in things)
    lines = [
        f"依据{case.decided_by_body}的决定（{case.decision_number}），请{you(case)}于{date_zh(last)}前将{named}交回我单位。",
        "逾期不交回或者无法交回的，声明作废并向社会公开。",
    ]
    paper = issue_case_paper(case, "case_recovery", lines=lines, by=by, at=at)
    rows = Recovery.objects.bulk_create(
        Recovery(case=case, item=item, label=label, paper=paper, demanded_at=at, due_on=last) for item, label in things
    )
    send_message(
        people_of_party(case), subject=f"{paper.title}，请查看", body=f"请于{date_zh(last)}前交回{named}。",
        url=case.get_party_url(), at=at,
    )  # fmt: skip
    note(case, "demand_return", by=by, at=at, items=len(rows))
    return rows


@transaction.atomic
def settle_recovery(
    recovery: Recovery, *, returned_on: date | None, void_on: date | None, text: str, by: User, at: datetime
) -> Recovery:
    """Handed in on a day, or declared void on one; once."""
    case = _deciding(recovery.case, by)
    recovery = Recovery.objects.select_for_update(of=("self",)).get(pk=recovery.pk)
    if recovery.settled_at is not None:
        raise DeskRefused.because("该物品已经登记，未重复办理。")
    if (returned_on is None) == (void_on is None):
        raise DeskRefused.because("请填写交回日期或者声明作废日期之一。")
    on = returned_on or void_on
    assert on is not None
    if on > clock.day_of(at) or (case.decided_on is not None and on < case.decided_on):
        raise DeskRefused.because("日期应在决定之日至今天之间。其他已填内容已保留。")
    if void_on is not None:
        text = require_text(text, "未交回的情况")
    recovery.returned_on, recovery.void_on, recovery.note = returned_on, void_on, text.strip()[:300]
    recovery.settled_at, recovery.settled_by = at, by
    recovery.save()
    note(case, "recover", by=by, at=at, item=recovery.item, returned=returned_on is not None)
    return recovery


@transaction.atomic
def claw_back(case: Case, *, by: User, at: datetime) -> Case:
    """追缴奖金: what was paid and not demanded yet is demanded back; on record too where nothing had been paid."""
    case = _deciding(case, by)
    if case.clawback_asked_at is not None or case.award is None:
        raise DeskRefused.because("追缴已经办理，未重复办理。")
    found = consequence(book_for(case), case.kind, case.rule, award=case.award)
    if not found.claws_back:
        raise DeskRefused.because("适用的规则没有规定追缴奖金，不能以本决定追缴。", found.ground)
    case.clawback = demand_clawback(
        case.award, ground=f"{case.decision_number}，{found.ground}", by=by, at=at
    )  # fmt: skip
    case.clawback_asked_at = at
    case.save()
    note(case, "clawback", by=by, at=at, amount=str(case.clawback.amount) if case.clawback else "0")
    return case


@transaction.atomic
def publish_case(case: Case, *, by: User, at: datetime) -> Case:
    """The decision on the public site (依法向社会公开, 予以通报, 予以曝光); the register shows it already."""
    case = _deciding(case, by)
    if case.published_at is not None:
        raise DeskRefused.because("已经公开，未重复办理。")
    found = consequence(book_for(case), case.kind, case.rule, award=case.award)
    round, office = round_of(case), office_of(case)
    round = round or case.scheme.rounds.published().order_by("-year", "-ordinal").first()
    if office is not None and case.decision_paper is not None:
        case.notice = announce(
            round, scheme=case.scheme, kind=Notice.Kind.REVOCATION, title=_public_title(case),
            body=_public_text(case, found), issuer=office, document=case.decision_paper, by=by, at=at,
        )  # fmt: skip
    case.published_at = at
    case.save()
    note(case, "publish", by=by, at=at)
    return case


@transaction.atomic
def close_case(case: Case, *, by: User, at: datetime) -> Case:
    """Closed when all that the rule orders is done; what is missing is said."""
    case = take(case, "close", by=by)
    if left := still_to_do(case):
        raise DeskRefused.because(f"尚有未完成的事项：{'、'.join(left)}。")
    return go(case, "close", by=by, at=at)


def still_to_do(case: Case) -> list[str]:
    """What the rule orders and nobody has done yet."""
    if case.state != CaseState.DECIDED:
        return []
    found = consequence(book_for(case), case.kind, case.rule, award=case.award)
    left = []
    if found.recovers and things_given(case) and not case.recoveries.exists():
        left.append(f"通知交回{things_zh(case)}")
    if case.recoveries.filter(settled_at=None).exists():
        left.append(f"登记{things_zh(case)}交回或者声明作废")
    if found.claws_back and case.clawback_asked_at is None:
        left.append("追缴奖金")
    if found.publishes and case.published_at is None:
        left.append("向社会公开")
    return left


def _public_title(case: Case) -> str:
    word = revocation_word(book_for(case)) if case.outcome == Case.Outcome.REVOKE else "不予受理申报"
    return f"关于对{case.name}{word}的公告"


def _public_text(case: Case, found: Consequence) -> str:
    """What everybody may read: the decision, its ground, what is void; nothing of who reported."""
    parts = [f"{case.name}存在“{found.text}”的情形，依据{found.ground}，{case.decided_by_body}"]
    award = case.award
    if case.outcome == Case.Outcome.REVOKE and award is not None and case.decided_on is not None:
        parts.append(
            f"于{date_zh(case.decided_on)}作出决定（{case.decision_number}），{revocation_word(book_for(case))}"
            f"（{award.year}年{award.tier_name}）。"
        )
    if case.outcome == Case.Outcome.REVOKE and award is not None and award.certificate_number:
        parts.append(f"证书（编号{award.certificate_number}）自同日起作废。")
    if case.outcome == Case.Outcome.BAR and case.decided_on is not None:
        parts.append(f"于{date_zh(case.decided_on)}决定不予受理其申报。")
    if case.ban is not None:
        parts.append(f"{date_zh(case.ban.ends_on)}起方可再次申报。")
    return "".join(parts)


def _deciding(case: Case, by: User) -> Case:
    case = take(case, by=by)
    if case.state != CaseState.DECIDED:
        raise DeskRefused.because(f"该案件现为“{case.state_label}”，不能办理本事项。页面可能已过时，请刷新后再办。")
    return case
