"""经费指标分配表: what each winner is to be paid, or why it gets nothing, by the rulebook (B18, Y19, Y23)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet

from applications.models import Application
from applications.pipeline import State
from applications.rules import works_in
from awards.models import Award, Round
from awards.parameters import rulebook_for
from awards.rounds import draft_note
from awards.rulebook import Rulebook
from awards.workdays import date_zh
from documents.issuing import issue_document
from documents.models import IssuedDocument
from documents.registers import Register
from organizations.models import User

from .models import BonusFact, PartOfSum

TITLE = "经费指标分配表"
SUBJECTS = {"organization": "组织", "individual": "个人"}


class AllocationRefused(Exception):
    """No such paper can be issued; the text is for people."""


@dataclass(frozen=True)
class AllocationRow:
    """One winner: the sum the rulebook names in yuan, or 0 with the reason; `pending` is what must be known first."""

    award: Award
    subject: str
    yuan: int | Decimal
    ground: str
    reason: str
    pending: str = ""
    part: str = PartOfSum.BONUS

    @property
    def told(self) -> str:
        return "；".join(text for text in (self.reason, self.pending) if text)

    @property
    def cell(self) -> int | str:
        """The sum as a table shows it: whole yuan as a number, cents as they are."""
        return int(self.yuan) if self.yuan == int(self.yuan) else f"{self.yuan:.2f}"


def rounds_to_allocate(user: User) -> QuerySet[Round]:
    """The published rounds of the person's office."""
    return Round.objects.visible_to(user).published().select_related("scheme", "edition", "office")


def allocation_rows(round: Round) -> list[AllocationRow]:
    """Every standing award of the round in the order of its tiers; the same number of queries for any number."""
    book = rulebook_for(round)
    order = {tier.key: place for place, tier in enumerate(book.tiers)}
    awards = Award.objects.filter(round=round).exclude(state=Award.State.REVOKED).select_related("organization")
    facts = facts_of(awards)
    return [
        row
        for one in sorted(awards, key=lambda one: (order.get(one.tier, len(order)), one.certificate_number, one.pk))
        for row in _rows(book, one, facts.get(one.pk, {}))
    ]


def sums_of(award: Award, facts: Mapping[str, BonusFact]) -> list[AllocationRow]:
    """What one award is to be paid by the facts known of it; nothing for one of an earlier regulation."""
    return _rows(rulebook_for(award.round), award, facts) if award.round else []


def facts_of(awards: Iterable[Award]) -> dict[int, dict[str, BonusFact]]:
    """The standing facts by award and kind, in one query."""
    found: dict[int, dict[str, BonusFact]] = defaultdict(dict)
    for fact in BonusFact.objects.standing().filter(award__in=list(awards)):
        found[fact.award_id][fact.kind] = fact
    return found


def total_of(rows: list[AllocationRow]) -> int | Decimal:
    return sum((one.yuan for one in rows), 0)


def allocation_register(round: Round, rows: list[AllocationRow]) -> Register:
    """The table with the columns that finance fills by hand: account, bank, payment day, receipt."""
    return Register(
        title=f"{round.title}{_label(rulebook_for(round))}",
        headings=[
            "序号", "名称", "等次", "主体", "金额（元）", "依据", "理由", "开户银行", "账号",
            "拨付日期", "收据编号",
        ],
        rows=[
            [
                place, one.award.name, one.award.tier_name, SUBJECTS[one.subject], one.cell, one.ground, one.told,
                "", "", "", "",
            ]
            for place, one in enumerate(rows, start=1)
        ],
        facts=[("合计（元）", f"{total_of(rows):,}")],
        signatures=["填表人", "审核人", "财政部门经办人", "日期"],
        widths=[2, 7, 5, 3, 5, 7, 8, 5, 6, 4, 4],
    )  # fmt: skip


@transaction.atomic
def issue_allocation(round: Round, *, by: User, at: datetime) -> IssuedDocument:
    """Issue the table after the approval, with the sums as they stand; money is paid by finance, not here."""
    book = rulebook_for(round)
    if not works_in(by, round.office):
        raise AllocationRefused("经费指标分配表由办公室出具。")
    if not book.has_instrument("bonus_allocation"):
        raise AllocationRefused("本办法没有列出这种文书，请直接打印分配表。")
    rows = allocation_rows(round)
    if not rows:
        raise AllocationRefused("还没有获奖名单，审定后再出具。")
    if Application.objects.filter(round=round, state=State.APPROVAL).exists():
        raise AllocationRefused("还有名单没有审定，全部审定后再出具。")
    if pending := [one for one in rows if one.pending]:
        raise AllocationRefused(
            "还有获奖者的金额没有核定，请先登记核实结果：" + "、".join(one.award.name for one in pending)
        )
    title = f"{round.title}{_label(book)}"
    rule = book.supervision.bonus
    purposes = rule.purposes if rule else None
    content = {
        "title": title,
        "round_title": round.title,
        "issuer": round.office.name,
        "date": date_zh(at.date()),
        "draft_note": draft_note(round),
        "rows": [
            {
                "name": one.award.name, "tier": one.award.tier_name, "subject": SUBJECTS[one.subject],
                "yuan": f"{one.yuan:,}", "ground": one.ground,
                "reason": one.told,
            }
            for one in rows
        ],
        "total": f"{total_of(rows):,}",
        "purposes": "、".join(purposes.value) if purposes else "",
        "purposes_ground": book.ground(purposes) if purposes else "",
    }  # fmt: skip
    return issue_document(
        "bonus_allocation", title=title, template="bonus_allocation.html", content=content,
        scheme_key=round.scheme.key, chain=round.chain, subject=f"round:{round.public_id}", issuer=round.office, by=by,
        at=at,
    )  # fmt: skip


def _rows(book: Rulebook, award: Award, facts: Mapping[str, BonusFact]) -> list[AllocationRow]:
    matched = _match(book, award, facts.get(BonusFact.Kind.HIGHER_AWARD))
    return [_own(book, award, facts.get(BonusFact.Kind.FULLY_FUNDED)), *([matched] if matched else [])]


def _own(book: Rulebook, award: Award, funded: BonusFact | None) -> AllocationRow:
    """Its own bonus: the sum of its tier and subject; none to a repeat winner or a fully funded body (B18, Y23)."""
    subject = _subject(award)
    tier = next((one for one in book.tiers if one.key == award.tier), None)
    rule = tier.bonus_for(subject) if tier else None
    if rule is None:
        return AllocationRow(award, subject, 0, "", "规则文件没有规定该等次奖金")
    if award.outside_quota and tier is not None and tier.repeat_winner.value == "honour_only_outside_quota":
        return AllocationRow(award, subject, 0, book.ground(tier.repeat_winner), "重复获奖，只授予荣誉，不发奖金")
    if not rule.value:
        return AllocationRow(award, subject, 0, book.ground(rule), "该等次不发奖金")
    if asks_funding(book, award):
        exception = book.supervision.bonus.fully_funded_none  # type: ignore[union-attr]
        if funded is None:
            return AllocationRow(
                award, subject, 0, book.ground(exception), "", "尚未核实是否为财政全额拨款单位，核实后计算金额"
            )
        if funded.holds:
            return AllocationRow(
                award, subject, 0, book.ground(exception), f"财政全额拨款单位，只授予荣誉，不发奖金（{funded.basis}）"
            )
        return AllocationRow(award, subject, rule.value, book.ground(rule), f"非财政全额拨款单位（{funded.basis}）")
    return AllocationRow(award, subject, rule.value, book.ground(rule), "")


def _match(book: Rulebook, award: Award, higher: BonusFact | None) -> AllocationRow | None:
    """What a higher government paid is paid once more, where the scheme says so and it was proved (Y20)."""
    if not asks_higher_award(book) or higher is None or not higher.holds or not higher.amount:
        return None
    rule = book.supervision.bonus.provincial_match  # type: ignore[union-attr]
    return AllocationRow(
        award, _subject(award), higher.amount, book.ground(rule),
        f"{higher.award_year}年获得{higher.award_name}，按上级政府奖励同额度", part=PartOfSum.MATCH,
    )  # fmt: skip


def asks_funding(book: Rulebook, award: Award) -> bool:
    """Whether it must be known that the winner is not fully funded by the budget, before a sum is due (B18)."""
    rule = book.supervision.bonus and book.supervision.bonus.fully_funded_none
    tier = next((one for one in book.tiers if one.key == award.tier), None)
    due = tier.bonus_for("organization") if tier else None
    return bool(rule and rule.value and _subject(award) == "organization" and due and due.value)


def asks_higher_award(book: Rulebook) -> bool:
    """Whether the scheme matches what a higher government pays (Y20)."""
    rule = book.supervision.bonus and book.supervision.bonus.provincial_match
    return bool(rule and rule.value)


def _subject(award: Award) -> str:
    return award.organization.subject if award.organization else "organization"


def _label(book: Rulebook) -> str:
    return book.instrument("bonus_allocation") if book.has_instrument("bonus_allocation") else TITLE
