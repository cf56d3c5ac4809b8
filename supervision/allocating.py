"""经费指标分配表: what each winner is to be paid, or why it gets nothing, by the rulebook (B18, Y19, Y23)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

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

TITLE = "经费指标分配表"
SUBJECTS = {"organization": "组织", "individual": "个人"}


class AllocationRefused(Exception):
    """No such paper can be issued; the text is for people."""


@dataclass(frozen=True)
class AllocationRow:
    """One winner: the sum the rulebook names in yuan, or 0 with the reason; `note` is what a person checks."""

    award: Award
    subject: str
    yuan: int
    ground: str
    reason: str
    note: str


def rounds_to_allocate(user: User) -> QuerySet[Round]:
    """The published rounds of the person's office."""
    return Round.objects.visible_to(user).published().select_related("scheme", "edition", "office")


def allocation_rows(round: Round) -> list[AllocationRow]:
    """Every standing award of the round in the order of its tiers; the same number of queries for any number."""
    book = rulebook_for(round)
    order = {tier.key: place for place, tier in enumerate(book.tiers)}
    awards = Award.objects.filter(round=round).exclude(state=Award.State.REVOKED).select_related("organization")
    return [
        _row(book, one)
        for one in sorted(awards, key=lambda one: (order.get(one.tier, len(order)), one.certificate_number, one.pk))
    ]


def total_of(rows: list[AllocationRow]) -> int:
    return sum(one.yuan for one in rows)


def allocation_register(round: Round, rows: list[AllocationRow]) -> Register:
    """The table with the columns that finance fills by hand: account, bank, payment day, receipt."""
    return Register(
        title=f"{round.title}{_label(rulebook_for(round))}",
        headings=[
            "序号", "名称", "等次", "主体", "金额（元）", "依据", "不发放的理由和需核对事项", "开户银行", "账号",
            "拨付日期", "收据编号",
        ],
        rows=[
            [
                place, one.award.name, one.award.tier_name, SUBJECTS[one.subject], one.yuan, one.ground,
                "；".join(text for text in (one.reason, one.note) if text), "", "", "", "",
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
                "reason": "；".join(text for text in (one.reason, one.note) if text),
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


def _row(book: Rulebook, award: Award) -> AllocationRow:
    subject = award.organization.subject if award.organization else "organization"
    tier = next((one for one in book.tiers if one.key == award.tier), None)
    rule, more = tier.bonus_for(subject) if tier else None, book.supervision.bonus
    notes = []
    if rule is None:
        return AllocationRow(award, subject, 0, "", "规则文件没有规定该等次奖金", "")
    if award.outside_quota and tier is not None:
        return AllocationRow(award, subject, 0, book.ground(tier.repeat_winner), "重复获奖，只授予荣誉，不发奖金", "")
    if not rule.value:
        return AllocationRow(award, subject, 0, book.ground(rule), "该等次不发奖金", "")
    if more and more.fully_funded_none and more.fully_funded_none.value and subject == "organization":
        notes.append(f"财政全额拨款单位不发奖金，请核对（{book.ground(more.fully_funded_none)}）")
    if more and more.provincial_match and more.provincial_match.value:
        notes.append(f"获得上级政府质量奖励的另按规定办理，请核对（{book.ground(more.provincial_match)}）")
    return AllocationRow(award, subject, rule.value, book.ground(rule), "", "；".join(notes))


def _label(book: Rulebook) -> str:
    return book.instrument("bonus_allocation") if book.has_instrument("bonus_allocation") else TITLE
