"""会议材料 in one click: agenda, sign-in sheet, the report, the candidates at a glance, ballot samples (section 8)."""

from __future__ import annotations

import io
from datetime import datetime
from zipfile import ZIP_DEFLATED, ZipFile

from applications.desk_rules import DeskRefused
from applications.models import Application
from applications.pipeline import State
from award_portal.lib.compile import merge_pdfs
from awards.parameters import rulebook_for
from awards.workdays import date_zh
from documents.registers import Cell, Register, register_pdf

from .models import Meeting, PanelOpinion, ReviewReport
from .reporting import candidates
from .work_plan import MODES

PAPER_CHOICES = ["同意", "不同意", "弃权"]


def meeting_pack(meeting: Meeting, *, at: datetime) -> list[tuple[str, bytes]]:
    """The parts in the order they are laid on the table; refused while the report is still being rendered."""
    report = ReviewReport.objects.issued().filter(round=meeting.round).select_related("document").first()
    if report is None or report.document is None or not report.document.is_rendered:
        raise DeskRefused.because("评审报告尚未签发或者正在生成，请稍后再取会议材料。")
    with report.document.file.open("rb") as stored:
        report_bytes = stored.read()
    sheets = [agenda(meeting), sign_in_sheet(meeting), glance(meeting)]
    parts = [(one.title, register_pdf(one, at=at)) for one in sheets]
    parts.insert(2, (report.document.title, report_bytes))
    return parts + [(one.title, register_pdf(one, at=at)) for one in sample_papers(meeting)]


def pack_pdf(parts: list[tuple[str, bytes]]) -> bytes:
    return merge_pdfs(parts)


def pack_zip(parts: list[tuple[str, bytes]]) -> bytes:
    buffer = io.BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        for place, (title, content) in enumerate(parts, start=1):
            name = "".join("_" if one in '\\/:*?"<>|' else one for one in title)[:80]
            archive.writestr(f"{place:02d} {name}.pdf", content)
    return buffer.getvalue()


def agenda(meeting: Meeting) -> Register:
    book = rulebook_for(meeting.round)
    decision = book.decision
    quotas = "；".join(f"{one.name}不超过{one.quota.value}个" for one in book.tiers)
    votes = decision.mode.value in ("secret_vote", "roll_call")
    tellers = f"监票人{meeting.teller}、计票人{meeting.counter}" if votes and meeting.teller else ""
    items = [
        ("清点到会人数", f"应到{meeting.members.count()}人，须达到应到的{decision.quorum.value}", decision.quorum),
        ("申明回避", "与名单所列对象有利害关系的成员回避", None),
        ("听取评审报告", f"{book.instrument('review_report')}和{book.noun}简况", book.stage(State.DELIBERATION)),
        (book.label(State.DELIBERATION), f"采用{MODES[decision.mode.value]}的方式；{quotas}", decision.mode),
        ("宣布结果，形成决定", tellers, None),
    ]
    return Register(
        title=f"{meeting.title}议程",
        headings=["序号", "议程", "内容", "依据"],
        rows=[
            [place, what, how, book.ground(rule) if rule is not None else (book.recusal_ground if place == 2 else "")]
            for place, (what, how, rule) in enumerate(items, start=1)
        ],
        facts=[("时间", date_zh(meeting.held_on)), ("地点", meeting.place)],
        landscape=False,
        widths=[2, 6, 11, 8],
    )


def sign_in_sheet(meeting: Meeting) -> Register:
    members = meeting.members.select_related("user").order_by("pk")
    return Register(
        title=f"{meeting.title}签到表",
        headings=["序号", "姓名", "单位职务", "签到", "备注（委托、请假）"],
        rows=[[place, str(one.user), "", "", ""] for place, one in enumerate(members, start=1)],
        facts=[("时间", date_zh(meeting.held_on)), ("地点", meeting.place)],
        signatures=["记录人"],
        landscape=False,
        widths=[2, 5, 7, 6, 6],
    )


def glance(meeting: Meeting) -> Register:
    """Each candidate on one line of the report's own order: where it stands, scores by stage, the panels' opinions."""
    book = rulebook_for(meeting.round)
    rows: list[list[Cell]] = []
    for one in candidates(meeting.round):
        said = [f"{book.label(s)}：{one.opinions[s].text}" for s in book.review_states if s in one.opinions]
        scores = [_score(one.opinions.get(state)) for state in book.review_states]
        rows.append(
            [one.rank, str(one.application.organization), _about(one.application), *scores, str(one.composite),
             "\n".join(said)]
        )  # fmt: skip
    stages = [book.label(one) for one in book.review_states]
    return Register(
        title=f"{meeting.round.title}{book.noun}简况",
        headings=["名次", book.noun, "区（县）、行业、类别", *stages, "综合得分", "评审意见"],
        rows=rows,
        notes=[f"综合得分依据：{book.ground(book.scoring.composite)}。"],
        widths=[2, 6, 5, *([3] * len(stages)), 3, 14],
    )


def sample_papers(meeting: Meeting) -> list[Register]:
    """A specimen of the paper for each tier, where the scheme votes; the real papers are the ballot's own."""
    book = rulebook_for(meeting.round)
    if book.decision.mode.value not in ("secret_vote", "roll_call"):
        return []
    names = Application.objects.filter(round=meeting.round, state=State.DELIBERATION).with_names()
    paper = book.instrument("ballot_paper") if book.has_instrument("ballot_paper") else "表决票"
    signed = ["表决人签名"] if book.decision.mode.value == "roll_call" else []
    return [
        Register(
            title=f"{tier.name}{paper}（样票）",
            headings=["序号", book.noun, *PAPER_CHOICES],
            rows=[[place, str(one.organization), "", "", ""] for place, one in enumerate(names.order_by("number"), 1)],
            facts=[("名额", f"不超过{tier.quota.value}个"), ("方式", MODES[book.decision.mode.value])],
            notes=[f"在所选一栏内划“√”；同意的不得超过{tier.quota.value}个，超过的无效。样票不用于投票。"],
            signatures=signed,
            landscape=False,
            widths=[2, 10, 3, 3, 3],
        )
        for tier in book.tiers
    ]


def _about(application: Application) -> str:
    category = application.rulebook.category(application.category).label if application.category else ""
    return "\n".join(one for one in (application.district, application.industry, category) if one)


def _score(opinion: PanelOpinion | None) -> str:
    return f"{opinion.score}/{opinion.total}" if opinion else "—"
