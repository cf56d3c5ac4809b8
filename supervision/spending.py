"""奖金使用计划 and 使用情况报告: only on the purposes the regulation allows, each sum with its evidence (Z24, B19)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum

from applications.desk_rules import DeskRefused, require_text
from award_portal.lib import clock
from awards.models import Award
from organizations import evidence
from organizations.messages import people_of, send_message
from organizations.models import Claim, StoredFile, User

from .models import BonusPayment, BonusUse, BonusUseLine
from .paying import money_of
from .watching import book_of, require_office, wins

State, Kind = BonusUse.State, BonusUse.Kind


def purposes_of(award: Award) -> tuple[tuple[str, ...], str]:
    """The purposes the money may be used for and their article; none where the scheme restricts nothing."""
    book = book_of(award)
    rule = book.supervision.bonus.purposes if book and book.supervision.bonus else None
    return (rule.value, book.ground(rule)) if book and rule else ((), "")


def limit_of(award: Award, kind: str) -> Decimal:
    """What the lines may come to: of a plan the sum that is due, of the reports what was paid."""
    if kind == Kind.PLAN:
        return sum((Decimal(one.row.yuan) for one in money_of(award)), Decimal(0))
    return BonusPayment.objects.filter(award=award).total()


def total_of(use: BonusUse) -> Decimal:
    return use.lines.aggregate(total=Sum("amount"))["total"] or Decimal(0)


@transaction.atomic
def begin_use(award: Award, *, kind: str, by: User, at: datetime) -> BonusUse:
    """The paper of that kind that is open, or a new one: a plan once money is due, a report once some was paid."""
    award = Award.objects.select_for_update(of=("self",)).get(pk=award.pk)
    purposes, ground = purposes_of(award)
    if not wins(by, award):
        raise DeskRefused.because("奖金使用情况由获奖者填报。")
    if kind not in Kind.values or not purposes:
        raise DeskRefused.because("本办法没有规定奖金用途，不需填报。")
    found = BonusUse.objects.filter(award=award, kind=kind).exclude(state=State.ACCEPTED).first()
    if found is not None:
        return found
    if award.state == Award.State.REVOKED:
        raise DeskRefused.because("该奖励已经取消，不再填报奖金使用情况。", ground)
    if not limit_of(award, kind) > _reported(award, kind):
        what = "应发奖金" if kind == Kind.PLAN else "已拨付且未报告使用的奖金"
        raise DeskRefused.because(f"目前没有{what}，不需填报。", ground)
    return BonusUse.objects.create(award=award, kind=kind, begun_by=by, begun_at=at)


def _reported(award: Award, kind: str) -> Decimal:
    lines = BonusUseLine.objects.filter(use__award=award, use__kind=kind, use__state=State.ACCEPTED)
    return lines.aggregate(total=Sum("amount"))["total"] or Decimal(0)


@transaction.atomic
def add_line(
    use: BonusUse,
    *,
    purpose: str,
    amount: Decimal,
    what: str,
    spent_on: date | None = None,
    proof: StoredFile | None = None,
    by: User,
    at: datetime,
) -> BonusUseLine:
    """A sum stands only under an allowed purpose (Z24, B19), and all together never pass what there is."""
    use = _open_to(use, by)
    purposes, ground = purposes_of(use.award)
    if purpose not in purposes:
        raise DeskRefused.because(
            f"奖金只用于{'、'.join(purposes)}，不得挪作他用。该笔未列入，其他已填内容已保留。", ground
        )
    if amount <= 0:
        raise DeskRefused.because("金额应大于零。已填内容已保留。", ground, field="amount")
    left = limit_of(use.award, use.kind) - _reported(use.award, use.kind) - total_of(use)
    if amount > left:
        raise DeskRefused.because(f"还可列{left:,.2f}元，该笔{amount:,.2f}元超出。已填内容已保留。", ground)
    if use.kind == Kind.REPORT:
        today = clock.day_of(at)
        if spent_on is None or not use.award.awarded_on <= spent_on <= today:
            raise DeskRefused.because("支出日期应在授奖之后，且不晚于今天。已填内容已保留。", ground, field="spent_on")
        if proof is None:
            raise DeskRefused.because("请上传该笔支出的发票、合同或者支付凭证。其他已填内容已保留。", ground)
    return BonusUseLine.objects.create(
        use=use, purpose=purpose, amount=amount, what=require_text(what, "具体事项")[:200],
        spent_on=spent_on if use.kind == Kind.REPORT else None, proof=proof,
    )  # fmt: skip


@transaction.atomic
def take_line_out(line: BonusUseLine, *, by: User) -> None:
    """A line of a paper not yet handed in is taken out again."""
    _open_to(line.use, by)
    line.delete()


@transaction.atomic
def file_use(use: BonusUse, *, summary: str, by: User, at: datetime) -> BonusUse:
    """Handed in with at least one line; from then on it is read as it stands, until it is sent back."""
    use = _open_to(use, by)
    if not use.lines.exists():
        raise DeskRefused.because("还没有列出任何一笔，请先添加明细。已填内容已保留。", purposes_of(use.award)[1])
    use.summary, use.state, use.filed_at = summary.strip()[:2000], State.FILED, at
    use.save(update_fields=["summary", "state", "filed_at"])
    _record("bonus.use_file", use, by=by, at=at)
    if use.award.round is not None:
        subject = f"{use.award.name}提交{use.get_kind_display()}"
        send_message(people_of(use.award.round.office), subject=subject, at=at)
    return use


@transaction.atomic
def review_use(use: BonusUse, *, accepted: bool, note: str, by: User, at: datetime) -> BonusUse:
    """The office accepts it, or sends it back with what is to be put right (Z24: it watches over the use)."""
    require_office(by, use.award, "奖金使用情况的审核")
    use = BonusUse.objects.select_for_update(of=("self",)).select_related("award__round").get(pk=use.pk)
    if use.state != State.FILED:
        raise DeskRefused.because("现在没有待审核的内容。页面可能已过时，请刷新后再办。")
    note = note.strip() if accepted else require_text(note, "退回理由")
    use.state, use.review_note = (State.ACCEPTED if accepted else State.RETURNED), note[:500]
    use.reviewed_by, use.reviewed_at = by, at
    use.save(update_fields=["state", "review_note", "reviewed_by", "reviewed_at"])
    _record("bonus.use_accept" if accepted else "bonus.use_return", use, by=by, at=at)
    winners = Claim.objects.filter(organization=use.award.organization, state=Claim.State.VERIFIED)
    subject = f"{use.get_kind_display()}{'已审核' if accepted else '退回补正'}"
    send_message([one.user for one in winners.select_related("user")], subject=subject, body=note, at=at)
    return use


def _open_to(use: BonusUse, by: User) -> BonusUse:
    """The locked paper while its winner may still write on it."""
    use = (
        BonusUse.objects.select_for_update(of=("self",)).select_related("award__round", "award__scheme").get(pk=use.pk)
    )
    if not wins(by, use.award):
        raise DeskRefused.because("奖金使用情况由获奖者填报。")
    if use.state not in (State.DRAFT, State.RETURNED):
        raise DeskRefused.because("已经提交，不能再改。需要更正的，请与办公室联系退回。")
    return use


def _record(verb: str, use: BonusUse, *, by: User, at: datetime) -> None:
    award = use.award
    data = {"kind": use.kind, "total": str(total_of(use)), "lines": use.lines.count()}
    evidence.record(
        verb, chain=award.round.chain if award.round else evidence.SYSTEM_CHAIN, by=by,
        subject=f"award:{award.public_id}", at=at, data=data,
    )  # fmt: skip
