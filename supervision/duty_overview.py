"""年度义务一览: which winner owes what, by when, and where it stands; the same rows on the page and in the workbook."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Case, Q, QuerySet, When

from award_portal.lib import clock
from awards.models import Award
from awards.parameters import rulebook_for
from awards.workdays import date_zh
from documents.registers import Cell, Register

from .models import YearlyReport


def filtered(reports: QuerySet[YearlyReport], asked: Mapping[str, Any]) -> QuerySet[YearlyReport]:
    """The reports that were asked for; "late" is a mark, not a state."""
    if asked.get("scheme"):
        reports = reports.filter(award__scheme=asked["scheme"])
    if asked.get("year"):
        reports = reports.filter(year=asked["year"])
    if name := (asked.get("name") or "").strip():
        reports = reports.filter(award__name__contains=name)
    if asked.get("state") == "late":
        return reports.exclude(late_at=None)
    return reports.filter(state=asked["state"]) if asked.get("state") else reports


def in_order(reports: QuerySet[YearlyReport]) -> QuerySet[YearlyReport]:
    """What is overdue first, then what still goes on, then what is done; each by its due day."""
    state = YearlyReport.State
    stands = ~Q(award__state=Award.State.REVOKED)
    place = Case(
        When(stands & Q(state__in=(state.OPEN, state.RETURNED)) & ~Q(late_at=None), then=0),
        When(stands & ~Q(state__in=(state.SEEN, state.KEPT)), then=1),
        default=2,
    )
    return reports.order_by(place, "due_at", "award__name", "pk")


def told_state(report: YearlyReport) -> tuple[str, str]:
    """Where a report stands in words, and its tone; a revoked award owes nothing more."""
    state = YearlyReport.State
    if report.award.state == Award.State.REVOKED and report.state in (state.OPEN, state.RETURNED):
        return "奖励已取消，不再填报", "grey"
    if report.state == state.OPEN and report.late_at:
        return "逾期未报", "red"
    if report.state == state.OPEN:
        tone = "grey" if report.opens_at > clock.now() else "amber"
        return ("未到填报时间" if report.opens_at > clock.now() else report.get_state_display()), tone
    tones = {state.FILED: "blue", state.RETURNED: "amber", state.CHECKED: "blue"}
    return report.get_state_display(), tones.get(report.state, "green")  # type: ignore[call-overload]


def days_late(report: YearlyReport, *, at: datetime) -> int:
    """How many days after the due day it was first handed in, or has been owed; 0 for one in time or only kept."""
    if not report.is_filed_duty:
        return 0
    end = report.first_filed_at or at
    return max(0, (clock.day_of(end) - clock.day_of(report.due_at)).days + 1)


def duty_register(reports: Iterable[YearlyReport], *, at: datetime) -> Register:
    """The overview as a list to keep: winners, duties, days, marks, what the desks wrote."""
    rows: list[list[Cell]] = []
    for place, one in enumerate(reports, start=1):
        late = days_late(one, at=at) if one.late_at else 0
        rows.append([
            place, one.award.name, one.award.tier_name, one.award.year, one.award.district, duty_text(one), one.year,
            date_zh(_last(one)), told_state(one)[0], f"逾期{late}日" if late else "",
            date_zh(clock.day_of(one.first_filed_at)) if one.first_filed_at else "",
            one.check_note, one.seen_note,
        ])  # fmt: skip
    return Register(
        title="获奖者年度义务一览表",
        headings=[
            "序号", "获奖者", "等次", "获奖年度", "所在区（县）", "义务", "报告年度", "截止日", "状态", "逾期",
            "报送日", "核实意见", "审阅意见",
        ],
        rows=rows, widths=[2, 7, 4, 3, 3, 8, 3, 4, 4, 3, 4, 5, 5],
    )  # fmt: skip


def duty_text(report: YearlyReport) -> str:
    """The duty in the regulation's words; a round's rulebook is read once."""
    book = rulebook_for(report.award.round)  # type: ignore[arg-type]
    return next((one.text for one in book.supervision.duties if one.key == report.duty), report.duty)


def years_known(reports: QuerySet[YearlyReport]) -> list[int]:
    return sorted(set(reports.order_by().values_list("year", flat=True)), reverse=True)


def late_count(reports: QuerySet[YearlyReport]) -> int:
    return reports.filter(~Q(late_at=None), state=YearlyReport.State.OPEN).count()


def _last(report: YearlyReport) -> date:
    return (report.due_at.astimezone(clock.SHANGHAI) - timedelta(microseconds=1)).date()
