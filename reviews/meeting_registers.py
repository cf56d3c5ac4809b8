"""The registers of a meeting to print or to work with: 到会情况 and 计票结果, each ballot with the way it was taken."""

from __future__ import annotations

from applications.registers import minute
from awards.parameters import rulebook_for
from awards.workdays import date_zh
from documents.registers import Cell, Register

from .meeting_facts import how_voted, paper_figures
from .models import Ballot, Meeting, MemberRecusal


def attendance_register(meeting: Meeting) -> Register:
    """Everybody called: in the room, by a deputy or absent and why; from which names each stepped back."""
    recusals: dict[int, list[str]] = {}
    rows = MemberRecusal.objects.filter(member__meeting=meeting).select_related("application__organization")
    for one in rows.order_by("pk"):
        recusals.setdefault(one.member_id, []).append(f"{one.application.organization}（{one.ground}）")
    lines: list[list[Cell]] = []
    for place, member in enumerate(meeting.members.with_people(), start=1):
        deputy = f"{member.mandate.name}（{member.mandate.post}）" if member.mandate else ""
        state = ("委托出席" if deputy else "本人到会") if member.is_present else "缺席"
        lines.append(
            [place, str(member.user), state, deputy, minute(member.signed_in_at) if member.signed_in_at else "",
             member.absence_reason, "；".join(recusals.get(member.pk, []))]
        )  # fmt: skip
    return Register(
        title=f"{meeting.title}到会情况",
        headings=["序号", "成员", "到会", "代理人", "签到时间", "缺席事由", "回避"],
        rows=lines,
        facts=[("时间", date_zh(meeting.held_on)), ("地点", meeting.place)],
        signatures=["记录人"],
        widths=[2, 4, 4, 6, 5, 6, 9],
    )


def tally_register(meeting: Meeting) -> Register:
    """Every ballot that was counted, name by name, and those made void with their ground; never who voted how."""
    book = rulebook_for(meeting.round)
    lines: list[list[Cell]] = []
    for ballot in meeting.ballots.exclude(state=Ballot.State.OPEN).order_by("pk"):
        figures = paper_figures(ballot) or {}
        head: list[Cell] = [
            ballot.tier_name, ballot.number, how_voted(ballot), ballot.get_state_display(), ballot.seats,
            ballot.present_count, figures.get("issued", ballot.present_count),
            figures.get("collected", ballot.cast_count or 0), figures.get("valid", ballot.cast_count or 0),
            figures.get("void", 0),
        ]  # fmt: skip
        names = list(ballot.candidates.select_related("application__organization").order_by("position"))
        counted = [one for one in names if one.votes_for is not None]
        for one in counted:
            result = "当选" if one.is_elected else "末位票数相同" if one.is_tied else "未当选"
            lines.append(
                [*head, str(one.application.organization), one.base, one.votes_for or 0, one.votes_against or 0,
                 one.votes_abstain or 0, result if ballot.state == Ballot.State.CLOSED else "作废"]
            )  # fmt: skip
        if not counted:
            lines.append([*head, ballot.annulled_ground, "", "", "", "", "作废"])
    return Register(
        title=f"{meeting.title}计票结果",
        headings=[
            "奖项等次", "次", "方式", "状态", "名额", "到会", "发出", "收回", "有效", "无效", book.noun, "计票基数",
            "同意", "不同意", "弃权", "结果",
        ],
        rows=lines,
        notes=["计票基数为到会且未对其回避的成员人数。无记名投票不记录也不能还原个人意见。"],
        signatures=["监票人", "计票人"],
        widths=[5, 2, 6, 4, 2, 2, 2, 2, 2, 2, 9, 3, 2, 3, 2, 4],
    )  # fmt: skip
