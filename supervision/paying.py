"""What finance paid, as its receipts prove it: in parts if it must be, never over the sum the rules give (B18, Y19)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from applications.desk_rules import DeskRefused, require_text
from award_portal.lib import clock
from award_portal.lib.sealed import seal, unseal
from awards.models import Award
from organizations import evidence
from organizations.models import StoredFile, User

from .allocating import AllocationRow, facts_of, sums_of
from .models import BonusPayment, PartOfSum
from .watching import require_office

# why a whole account number is opened: a choice, so that the record holds no words of anybody's
OPENED_FOR = {"verify": "核对拨付信息", "inspect": "审计、检查调阅", "return": "办理退回"}
ACCOUNT = re.compile(r"^\d{8,30}$")


@dataclass(frozen=True)
class Sum:
    """One part of an award's money: what is due by which rule, what was paid, what is left."""

    row: AllocationRow
    paid: Decimal

    @property
    def left(self) -> Decimal:
        return Decimal(self.row.yuan) - self.paid

    @property
    def label(self) -> str:
        return str(PartOfSum(self.row.part).label)


def money_of(award: Award) -> list[Sum]:
    """Every part of the award's money as it stands."""
    return money_of_all([award]).get(award.pk, [])


def money_of_all(awards: Iterable[Award]) -> dict[int, list[Sum]]:
    """The same for several, by award; two queries for any number."""
    awards = [one for one in awards if one.round is not None]
    paid: dict[tuple[int, str], Decimal] = defaultdict(Decimal)
    for award, part, amount in (
        BonusPayment.objects.standing().filter(award__in=awards).values_list("award", "part", "amount")
    ):
        paid[award, part] += amount
    facts = facts_of(awards)
    return {one.pk: [Sum(row, paid[one.pk, row.part]) for row in sums_of(one, facts.get(one.pk, {}))] for one in awards}


@transaction.atomic
def record_payment(
    award: Award,
    *,
    part: str,
    amount: Decimal,
    paid_on: date,
    bank: str,
    account: str,
    receipt_number: str,
    receipt: StoredFile,
    by: User,
    at: datetime,
) -> BonusPayment:
    """A payment is on record with its receipt, and all payments of a part together never pass its sum."""
    award = Award.objects.select_for_update(of=("self",)).get(pk=award.pk)
    require_office(by, award, "奖金拨付记录")
    due = next((one for one in money_of(award) if one.row.part == part), None)
    _check_due(award, due, amount)
    account = re.sub(r"[\s-]", "", account)
    if not ACCOUNT.fullmatch(account):
        raise DeskRefused.because("收款账号应为8至30位数字。已填内容已保留。")
    if not award.awarded_on <= paid_on <= clock.day_of(at):
        raise DeskRefused.because("拨付日期应在授奖日期之后，且不晚于今天。已填内容已保留。", field="paid_on")
    payment = BonusPayment(
        award=award, part=part, amount=amount, paid_on=paid_on, bank=require_text(bank, "开户银行"),
        account_end=account[-4:], receipt_number=require_text(receipt_number, "收据编号"), receipt=receipt,
        recorded_by=by, recorded_at=at,
    )  # fmt: skip
    seal(payment, "account_sealed", account)
    payment.save()
    _record("bonus.pay", payment, by=by, at=at, data={
        "payment": str(payment.public_id), "part": part, "amount": str(amount), "receipt_sha256": receipt.sha256,
    })  # fmt: skip
    return payment


def _check_due(award: Award, due: Sum | None, amount: Decimal) -> None:
    if award.state == Award.State.REVOKED:
        raise DeskRefused.because("该奖励已经取消，不再拨付奖金。")
    if due is None:
        raise DeskRefused.because("该获奖记录没有这项款项。")
    row = due.row
    if row.pending:
        raise DeskRefused.because(f"{row.pending}。请先登记核实结果，再登记拨付。已填内容已保留。", row.ground)
    if not row.yuan:
        raise DeskRefused.because(f"没有应当拨付的金额：{row.reason}。", row.ground)
    if amount <= 0:
        raise DeskRefused.because("拨付金额应大于零。已填内容已保留。", row.ground, field="amount")
    if amount > due.left:
        raise DeskRefused.because(
            f"{due.label}应拨{row.yuan:,.2f}元，已拨{due.paid:,.2f}元，本次最多可登记{due.left:,.2f}元。已填内容已保留。",
            row.ground,
            field="amount",
        )


@transaction.atomic
def void_payment(payment: BonusPayment, *, because: str, by: User, at: datetime) -> BonusPayment:
    """A payment entered wrongly stays on record, says why, and counts no more."""
    require_office(by, payment.award, "拨付记录的作废")
    because = require_text(because, "作废理由")
    payment = BonusPayment.objects.select_for_update(of=("self",)).get(pk=payment.pk)
    if payment.voided_at is not None:
        raise DeskRefused.because("该拨付记录已经作废。")
    payment.voided_at, payment.voided_by, payment.voided_because = at, by, because[:200]
    payment.save(update_fields=["voided_at", "voided_by", "voided_because"])
    _record("bonus.void_payment", payment, by=by, at=at, data={"payment": str(payment.public_id)})
    return payment


@transaction.atomic
def open_account(payment: BonusPayment, *, purpose: str, by: User, at: datetime) -> str:
    """The whole account number, for the office only; every opening stands on record with its purpose."""
    require_office(by, payment.award, "完整账号的查看")
    if purpose not in OPENED_FOR:
        raise DeskRefused.because("请选择查看完整账号的事由。")
    _record("bonus.open_account", payment, by=by, at=at, data={"payment": str(payment.public_id), "purpose": purpose})
    return unseal(payment, "account_sealed")


def _record(verb: str, payment: BonusPayment, *, by: User, at: datetime, data: dict[str, str]) -> None:
    award = payment.award
    chain = award.round.chain if award.round else evidence.SYSTEM_CHAIN
    evidence.record(verb, chain=chain, by=by, subject=f"award:{award.public_id}", at=at, data=data)
