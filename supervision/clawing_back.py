"""Money demanded back from a winner whose award was taken away or who misused it, and what came (B22, Y21, Z24)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum

from applications.desk_rules import DeskRefused, require_text
from award_portal.lib import clock
from awards.models import Award
from organizations import evidence
from organizations.messages import send_message
from organizations.models import Claim, User

from .models import BonusClawback, BonusPayment, ClawbackReceipt
from .watching import require_office


def paid_and_not_demanded(award: Award) -> Decimal:
    """What the winner holds of the public money and was not yet told to give back."""
    paid = BonusPayment.objects.filter(award=award).total()
    demanded = BonusClawback.objects.filter(award=award).aggregate(total=Sum("amount"))["total"] or Decimal(0)
    return max(paid - demanded, Decimal(0))


@transaction.atomic
def demand_clawback(
    award: Award, *, amount: Decimal | None = None, ground: str, by: User, at: datetime
) -> BonusClawback | None:
    """Demand back what was paid, or `amount` of it, never more than that; None where nothing was paid."""
    award = Award.objects.select_for_update(of=("self",)).get(pk=award.pk)
    require_office(by, award, "奖金追缴")
    ground = require_text(ground, "追缴依据")
    most = paid_and_not_demanded(award)
    if amount is None and not most:
        return None
    amount = most if amount is None else amount
    if amount <= 0:
        raise DeskRefused.because("追缴金额应大于零。已填内容已保留。")
    if amount > most:
        raise DeskRefused.because(f"已拨付而未追缴的奖金为{most:,.2f}元，追缴金额不能超过。已填内容已保留。")
    demand = BonusClawback.objects.create(
        award=award, amount=amount, ground=ground[:300], demanded_on=clock.day_of(at),
        demanded_by=by, demanded_at=at,
    )  # fmt: skip
    _record("bonus.demand", award, by=by, at=at, data={"amount": str(amount), "ground": ground[:300]})
    winners = User.objects.filter(
        pk__in=Claim.objects.filter(organization=award.organization, state=Claim.State.VERIFIED).values("user")
    )
    send_message(winners, subject=f"责令退回奖金{amount:,.2f}元", body=f"依据：{ground[:300]}", at=at)
    return demand


def received_of(demand: BonusClawback) -> Decimal:
    return demand.receipts.aggregate(total=Sum("amount"))["total"] or Decimal(0)


@transaction.atomic
def record_return(
    demand: BonusClawback, *, amount: Decimal, received_on: date, receipt_number: str, by: User, at: datetime
) -> ClawbackReceipt:
    """Money came back under a demand; together never more than was demanded."""
    require_office(by, demand.award, "奖金退回登记")
    demand = BonusClawback.objects.select_for_update(of=("self",)).select_related("award__round").get(pk=demand.pk)
    left = demand.amount - received_of(demand)
    if not 0 < amount <= left:
        raise DeskRefused.because(f"尚应退回{left:,.2f}元，登记金额应大于零且不超过。已填内容已保留。")
    if not demand.demanded_on <= received_on <= clock.day_of(at):
        raise DeskRefused.because("退回日期应在责令退回之后，且不晚于今天。已填内容已保留。")
    receipt = ClawbackReceipt.objects.create(
        clawback=demand, amount=amount, received_on=received_on,
        receipt_number=require_text(receipt_number, "缴款凭证编号"), recorded_by=by, recorded_at=at,
    )  # fmt: skip
    _record("bonus.return", demand.award, by=by, at=at, data={"amount": str(amount), "receipt": receipt_number[:60]})
    return receipt


def _record(verb: str, award: Award, *, by: User, at: datetime, data: dict[str, str]) -> None:
    chain = award.round.chain if award.round else evidence.SYSTEM_CHAIN
    evidence.record(verb, chain=chain, by=by, subject=f"award:{award.public_id}", at=at, data=data)
