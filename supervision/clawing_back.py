"""Money demanded back from a winner whose award was taken away or who misused it, and what came (B22, Y21, Z24)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum

from applications.desk_rules import DeskRefused, require_text
from award_portal.lib import clock
from awards.models import Award
from awards.rounds import draft_note
from awards.rulebook import Rulebook
from awards.workdays import date_zh
from documents.access import document_reader
from documents.issuing import issue_document
from documents.models import IssuedDocument
from organizations import evidence
from organizations.messages import send_message
from organizations.models import Claim, User

from .case_rules import book_of, case_due
from .models import BonusClawback, BonusPayment, ClawbackReceipt
from .watching import own_awards, require_office

KIND = "bonus_clawback"


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
    award = (
        Award.objects.select_for_update(of=("self",))
        .select_related("scheme", "organization", "round__scheme", "round__edition", "round__office")
        .get(pk=award.pk)
    )
    require_office(by, award, "奖金追缴")
    ground = require_text(ground, "追缴依据")
    most = paid_and_not_demanded(award)
    if amount is None and not most:
        return None
    amount = most if amount is None else amount
    if amount <= 0:
        raise DeskRefused.because("追缴金额应大于零。已填内容已保留。", field="amount")
    if amount > most:
        raise DeskRefused.because(
            f"已拨付而未追缴的奖金为{most:,.2f}元，追缴金额不能超过。已填内容已保留。", field="amount"
        )
    demand = BonusClawback(
        award=award, amount=amount, ground=ground[:300], demanded_on=clock.day_of(at), demanded_by=by, demanded_at=at,
    )  # fmt: skip
    demand.due_on = _last_day(award, at=at)
    demand.paper = _notice(demand, by=by, at=at)
    demand.save()
    _record("bonus.demand", award, by=by, at=at, data={"amount": str(amount), "ground": ground[:300]})
    winners = User.objects.filter(
        pk__in=Claim.objects.filter(organization=award.organization, state=Claim.State.VERIFIED).values("user")
    )
    send_message(
        winners, subject=f"{demand.paper.title}，请查看", body=f"请于{date_zh(demand.due_on)}前退回{amount:,.2f}元。",
        url=demand.paper.get_absolute_url(), at=at,
    )  # fmt: skip
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
        raise DeskRefused.because(f"尚应退回{left:,.2f}元，登记金额应大于零且不超过。已填内容已保留。", field="amount")
    if not demand.demanded_on <= received_on <= clock.day_of(at):
        raise DeskRefused.because("退回日期应在责令退回之后，且不晚于今天。已填内容已保留。", field="received_on")
    receipt = ClawbackReceipt.objects.create(
        clawback=demand, amount=amount, received_on=received_on,
        receipt_number=require_text(receipt_number, "缴款凭证编号"), recorded_by=by, recorded_at=at,
    )  # fmt: skip
    _record("bonus.return", demand.award, by=by, at=at, data={"amount": str(amount), "receipt": receipt_number[:60]})
    return receipt


def _book(award: Award) -> Rulebook:
    return book_of(award=award, round=award.round, scheme=award.scheme)


def _last_day(award: Award, *, at: datetime) -> date:
    """The last day to give it back: as long as for certificate and plaque, where the rulebook names no other."""
    due = case_due(_book(award), "recovery", start=clock.day_of(at))
    return clock.day_of(due) - timedelta(days=1)


def _notice(demand: BonusClawback, *, by: User, at: datetime) -> IssuedDocument:
    """追缴奖金通知书: how much, on what ground, by when, to whom (B22, Y21, Z24)."""
    award = demand.award
    office = award.round.office if award.round else None
    you = "你" if award.organization is not None and award.organization.is_person else "你单位"
    assert demand.due_on is not None
    title = "追缴奖金通知书"
    return issue_document(
        KIND, title=title, template="case_paper.html",
        content={
            "title": title, "to": award.listed_name, "issuer": office.name if office else award.scheme.name,
            "lines": [
                f"{you}获{award.year}年{award.tier_name}，已领取奖金。依据{demand.ground.rstrip('。')}，现追缴奖金人民币"
                f"{demand.amount:,.2f}元，请于{date_zh(demand.due_on)}前退回。",
                "退回后，请将缴款凭证送我单位登记。逾期不退回的，依法处理。",
            ],
            "case_number": "", "date": date_zh(clock.day_of(at)), "document_number": "", "with_contact": True,
            "contact": {"phone": office.phone if office else "", "address": office.address if office else ""},
            "draft_note": draft_note(award.round) if award.round else "",
        },
        scheme_key=award.scheme.key, chain=award.round.chain if award.round else "",
        subject=f"award:{award.public_id}", issuer=office, by=by, at=at,
    )  # fmt: skip


@document_reader
def winners_read_what_is_demanded(user: User, document: IssuedDocument) -> bool:
    """The winner reads the demand that is addressed to it."""
    if document.kind != KIND or not document.subject.startswith("award:"):
        return False
    return own_awards(user).filter(public_id=document.subject.removeprefix("award:")).exists()


def _record(verb: str, award: Award, *, by: User, at: datetime, data: dict[str, str]) -> None:
    chain = award.round.chain if award.round else evidence.SYSTEM_CHAIN
    evidence.record(verb, chain=chain, by=by, subject=f"award:{award.public_id}", at=at, data=data)
