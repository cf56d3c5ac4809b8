"""Facts a sum depends on, entered by the office with proof: full budget funding (B18), a higher award (Y20)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from applications.desk_rules import DeskRefused, require_text
from awards.models import Award
from organizations import evidence
from organizations.models import StoredFile, User

from .allocating import asks_funding, asks_higher_award
from .models import BonusFact, BonusPayment
from .watching import book_of, require_office


def kinds_asked(award: Award) -> list[tuple[str, str]]:
    """What must or may be found out for this award: (kind, the article)."""
    book = book_of(award)
    if book is None or book.supervision.bonus is None:
        return []
    rules, asked = book.supervision.bonus, []
    if asks_funding(book, award):
        asked.append((str(BonusFact.Kind.FULLY_FUNDED), book.ground(rules.fully_funded_none)))
    if asks_higher_award(book):
        asked.append((str(BonusFact.Kind.HIGHER_AWARD), book.ground(rules.provincial_match)))
    return asked


@transaction.atomic
def establish_fact(
    award: Award,
    *,
    kind: str,
    holds: bool,
    basis: str,
    proof: StoredFile,
    award_name: str = "",
    award_year: int | None = None,
    amount: Decimal | None = None,
    by: User,
    at: datetime,
) -> BonusFact:
    """A fact stands once, with its proof; entered anew it replaces the old one, unless money already went out on it."""
    award = Award.objects.select_for_update(of=("self",)).get(pk=award.pk)
    require_office(by, award, "奖金核定事项")
    asked = dict(kinds_asked(award))
    if kind not in asked:
        raise DeskRefused.because("本办法的奖金不以该事项为条件，不需登记。")
    ground = asked[kind]
    basis = require_text(basis, "核实依据")
    if kind == BonusFact.Kind.HIGHER_AWARD and holds:
        _check_higher(award, award_name, award_year, amount, ground)
    else:
        award_name, award_year, amount = "", None, None
    if BonusPayment.objects.standing().filter(award=award, part=_part_of(kind)).exists():
        raise DeskRefused.because("该款项已经拨付，核实结果不能再改。确有错误的，先作废拨付记录。", ground)
    BonusFact.objects.standing().filter(award=award, kind=kind).update(replaced_at=at)
    fact = BonusFact.objects.create(
        award=award, kind=kind, holds=holds, basis=basis, proof=proof, award_name=award_name.strip(),
        award_year=award_year, amount=amount, entered_by=by, entered_at=at,
    )  # fmt: skip
    evidence.record(
        "bonus.fact", chain=award.round.chain if award.round else evidence.SYSTEM_CHAIN, by=by,
        subject=f"award:{award.public_id}", at=at,
        data={"kind": kind, "holds": holds, "proof_sha256": proof.sha256, "amount": str(amount or "")},
    )  # fmt: skip
    return fact


def _check_higher(award: Award, name: str, year: int | None, amount: Decimal | None, ground: str) -> None:
    if not name.strip():
        raise DeskRefused.because("请填写上级政府质量奖的名称。已填内容已保留。", ground)
    if year is None or not 2000 <= year <= award.awarded_on.year + 10:
        raise DeskRefused.because("请填写上级政府质量奖的获奖年度，例如 2026。已填内容已保留。", ground)
    if amount is None or amount <= 0:
        raise DeskRefused.because(
            "请填写上级政府实际奖励的金额，按同额度计算。已填内容已保留。", ground, field="amount"
        )
    paid = BonusFact.objects.standing().filter(
        kind=BonusFact.Kind.HIGHER_AWARD, holds=True, award__scheme=award.scheme, award__code=award.code,
        award_name=name.strip(), award_year=year,
    )  # fmt: skip
    if paid.exclude(award=award).exists():
        raise DeskRefused.because("同一上级奖项的同额度奖励已在另一条获奖记录登记，一次性奖励不重复。", ground)


def _part_of(kind: str) -> str:
    return "match" if kind == BonusFact.Kind.HIGHER_AWARD else "bonus"
