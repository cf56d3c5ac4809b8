"""Registers of what was fed back and decided: 反馈发放登记, 审定结果, 审议会议; no score of anybody and no vote."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, Q

from applications.registers import minute
from awards.models import Award, Round
from awards.parameters import rulebook_for
from documents.registers import Cell, Register

from .feedback import paper_label, reviewed
from .models import Approval, ApprovalItem, FeedbackReport, Meeting, MeetingMember


def feedback_register(round: Round) -> Register:
    """Who was reviewed and how far its feedback is; no word of it."""
    label = paper_label(rulebook_for(round))
    written = {
        one.application_id: one
        for one in FeedbackReport.objects.of_round(round).select_related("confirmed_by", "document")
    }
    rows: list[list[Cell]] = []
    for place, one in enumerate(reviewed(round), start=1):
        report = written.get(one.pk)
        paper = report.document.number if report and report.document else ""
        rows.append(
            [
                place, one.number, one.listed_name, one.state_label, report.state_label if report else "未起草",
                str(report.confirmed_by or "") if report else "",
                minute(report.released_at) if report and report.released_at else "", paper,
            ]
        )  # fmt: skip
    return Register(
        title=f"{round.title}{label}发放登记表",
        headings=["序号", "申报编号", "名称", "所处环节", "反馈报告", "确认人", "发放时间", "文书编号"],
        rows=rows,
        widths=[2, 5, 8, 4, 3, 3, 5, 6],
        signatures=["经办人", "日期"],
    )


def approval_register(approvals: Iterable[Approval]) -> Register:
    """Each name the approver decided on or put off, with its place in the tier's quota and its certificate (U11.9)."""
    approvals = list(approvals)
    items: dict[int, list[ApprovalItem]] = {}
    decided = ApprovalItem.objects.filter(approval__in=approvals).select_related(
        "application__organization", "application__shortlist_entry"
    )
    for item in decided.order_by("pk"):
        items.setdefault(item.approval_id, []).append(item)
    rounds = {one.round_id for one in approvals}
    awards = {one.application_number: one for one in Award.objects.filter(round__in=rounds) if one.application_number}
    rows: list[list[Cell]] = []
    for one in approvals:
        book = rulebook_for(one.round)
        head = [one.round.title, one.meeting_number, one.document_number, f"{one.decided_on:%Y-%m-%d}"]
        for item in items.get(one.pk, []):
            name, award = item.application, awards.get(item.application.number)
            tier = book.tier(name.shortlist_entry.tier).name
            verdict = "批准" if item.is_approved else "不予批准"
            rows.append(
                [len(rows) + 1, *head, name.number, name.listed_name, tier, verdict, item.ground, *_honour(award)]
            )
        for put_off in one.deferred:
            told = [put_off["number"], put_off["name"], "", "暂缓", put_off["ground"], "", "", ""]
            rows.append([len(rows) + 1, *head, *told])
    return Register(
        title="审定结果登记表",
        headings=["序号", "届次", "会议", "文号", "日期", "申报编号", "名称", "奖项等次", "结论", "理由", "名额序号",
                  "证书编号", "有效期至"],
        rows=rows,
        widths=[2, 5, 5, 5, 4, 4, 7, 4, 3, 6, 3, 5, 4],
        signatures=["经办人", "日期"],
    )  # fmt: skip


def _honour(award: Award | None) -> list[Cell]:
    if award is None:
        return ["", "", ""]
    place = "不占名额" if award.outside_quota else str(award.quota_place or "")
    return [place, award.certificate_number, f"{award.valid_until:%Y-%m-%d}" if award.valid_until else ""]


def meeting_register(meetings: Iterable[Meeting]) -> Register:
    """The leading body's meetings with who was called and who came; no vote of anybody."""
    meetings = list(meetings)
    counted: dict[int, dict[str, int]] = {
        row["meeting"]: row
        for row in MeetingMember.objects.filter(meeting__in=meetings)
        .order_by()
        .values("meeting")
        .annotate(called=Count("pk"), came=Count("pk", filter=Q(is_present=True)))
    }
    rows: list[list[Cell]] = []
    for place, one in enumerate(meetings, start=1):
        row = counted.get(one.pk, {})
        rows.append(
            [
                place, one.title, one.round.title, f"{one.held_on:%Y-%m-%d}", one.place, one.get_state_display(),
                row.get("called", 0), row.get("came", 0),
            ]
        )  # fmt: skip
    return Register(
        title="审议会议登记表",
        headings=["序号", "会议", "届次", "日期", "地点", "状态", "应到", "实到"],
        rows=rows,
        widths=[2, 7, 7, 4, 6, 3, 2, 2],
    )
