"""获奖台账: every award of a scheme with its number, tier, year, validity and state, and what became of it (S1, S7)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db.models import Q, QuerySet

from award_portal.lib import clock
from awards.models import Award, Ban
from awards.workdays import date_zh
from documents.models import IssuedDocument
from documents.registers import Cell, Register
from organizations.codes import shown_code
from organizations.models import Unit, User
from publicity.winners import over, told_state

from .models import BonusPayment, CertificateReissue, YearlyReport

GRANTED, REVOKED = Award.State.GRANTED, Award.State.REVOKED


@dataclass(frozen=True)
class Entry:
    """One thing that happened to an award, for its timeline."""

    at: datetime
    what: str
    text: str = ""
    tone: str = ""
    is_day: bool = False  # a day is known, no hour


def filtered(awards: QuerySet[Award], asked: Mapping[str, Any], today: date) -> QuerySet[Award]:
    """The lines that were asked for, by scheme, year, tier, state, and words of the name or the number."""
    if asked.get("scheme"):
        awards = awards.filter(scheme=asked["scheme"])
    if asked.get("year"):
        awards = awards.filter(year=asked["year"])
    if asked.get("tier"):
        awards = awards.filter(tier_name=asked["tier"])
    if words := (asked.get("name") or "").strip():
        named = Q(name__contains=words) | Q(certificate_number__icontains=words) | Q(code=words.upper())
        older = Q(superseded_certificates__number__icontains=words) | Q(superseded_certificates__name__contains=words)
        awards = awards.filter(named | older).distinct()
    match asked.get("state"):
        case "expired":
            return awards.filter(over(today))
        case "granted":
            return awards.filter(state=GRANTED).exclude(over(today))
        case "revoked":
            return awards.filter(state=REVOKED)
    return awards


def in_order(awards: QuerySet[Award]) -> QuerySet[Award]:
    return awards.order_by("-year", "scheme", "tier", "certificate_number", "pk")


def ledger_register(awards: Iterable[Award], today: date) -> Register:
    """The ledger as a list to keep; a person is named and nothing else of them told."""
    rows: list[list[Cell]] = []
    for place, one in enumerate(awards, start=1):
        rows.append([
            place, one.certificate_number, one.name, one.unit_name, shown_code(one.code), one.scheme.short_name,
            one.tier_name, one.year, one.district, date_zh(one.awarded_on), one.decision_number,
            date_zh(one.valid_until) if one.valid_until else "未规定", told_state(one, today)[0],
            date_zh(one.revoked_on) if one.revoked_on else "", one.revocation_number,
            "不占名额" if one.outside_quota else "", one.imported_from,
        ])  # fmt: skip
    return Register(
        title="获奖台账",
        headings=[
            "序号", "证书编号", "获奖者", "分支机构", "统一社会信用代码", "奖项", "等次", "年度", "所在区（县）",
            "表彰日期", "表彰文号", "有效期至", "状态", "取消日期", "取消决定文号", "备注", "名录来源",
        ],
        rows=rows,
    )  # fmt: skip


def bans_of(user: User, on: date) -> list[tuple[Ban, bool]]:
    """Whom the schemes of the person's office accept no application of, those in force first (U20, B22, Z14.7)."""
    keys = Unit.objects.of_user(user).filter(kind__in=("office", "supervisor")).values("scheme_key")
    rows = Ban.objects.filter(scheme__key__in=keys).select_related("scheme").order_by("-ends_on", "pk")
    return [(one, one.starts_on <= on < one.ends_on) for one in rows]


def history_of(award: Award, today: date) -> list[Entry]:
    """What happened to an award from the decision on, oldest first."""
    entries = [Entry(_on(award.awarded_on), "授予奖励", award.decision_number, "green", is_day=True)]
    for one in CertificateReissue.objects.filter(award=award).exclude(decided_at=None).select_related("document"):
        if one.state == CertificateReissue.State.ISSUED and one.decided_at:
            number = one.document.content.get("certificate_number", "") if one.document else ""
            renamed = f"，名称由“{one.old_name}”变更为“{one.new_name}”" if one.new_name else ""
            entries.append(Entry(one.decided_at, one.get_kind_display(), f"{one.old_number}改为{number}{renamed}"))
    entries += [
        Entry(_on(one.paid_on), "拨付奖金", f"{one.get_part_display()}{one.amount:,.2f}元", is_day=True)
        for one in BonusPayment.objects.filter(award=award).standing()
    ]
    for report in YearlyReport.objects.filter(award=award).exclude(first_filed_at=None):
        if report.first_filed_at:
            late = "（逾期）" if report.was_late else ""
            what = "报送年度报告" if report.is_filed_duty else "形成年度报告"
            entries.append(Entry(report.first_filed_at, f"{what}{late}", f"{report.year}年度"))
    if award.valid_until and award.valid_until < today and award.state != REVOKED:
        entries.append(Entry(_on(award.valid_until), "有效期满", is_day=True))
    if award.revoked_on:
        ground = "　".join(text for text in (award.revocation_number, award.revoked_ground) if text)
        entries.append(Entry(_on(award.revoked_on), "取消奖励", ground, "red", is_day=True))
    for ban in Ban.objects.filter(scheme=award.scheme, code=award.code, unit_name=award.unit_name).exclude(code=""):
        until = f"{date_zh(ban.starts_on)}起，{date_zh(ban.ends_on)}起方可申报"
        entries.append(Entry(_on(ban.starts_on), "不予受理申报", f"{ban.ground}；{until}", "red", is_day=True))
    return sorted(entries, key=lambda one: one.at)


def certificates_of(award: Award) -> list[IssuedDocument]:
    """Every certificate issued for it, the void ones too, newest first."""
    return list(IssuedDocument.objects.filter(kind="certificate", subject=f"award:{award.public_id}").order_by("-pk"))


def _on(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=clock.SHANGHAI)
