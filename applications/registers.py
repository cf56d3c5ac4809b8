"""The registers of the recommender's and the office's desks: 一览表, 收件登记表, 征求意见台账, 信用核查记录, 审核表."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from award_portal.lib import clock
from award_portal.lib.clock import SHANGHAI
from awards.models import Round
from awards.parameters import rulebook_for
from awards.rulebook import Rulebook
from awards.workdays import date_zh
from documents.registers import Register
from organizations.models import User

from .checklists import SIGNATORIES, checklist_of, checklist_rows
from .consultation_summary import answer_in_words
from .desk_papers import last_day_of
from .models import Application, ConsultationReply, CreditCheck
from .office_desk import IntakeRow, QueueRow

# what stands beside a name: an organisation's code, a person's employer
CODE = "代码（工作单位）"
QUEUE_HEADINGS = [
    "系统编号", "名称", CODE, "申报类别", "所在区（县）", "所属行业", "审核推荐单位", "环节", "待办", "办理期限",
]  # fmt: skip


def queue_register(rows: Sequence[QueueRow], *, title: str) -> Register:
    """Every application of a desk with where it stands and what is left to do."""
    return Register(
        title=title,
        headings=QUEUE_HEADINGS,
        rows=[
            [
                row.application.number, str(row.application.organization), row.application.code_or_employer,
                category_label(row.application), row.application.district, row.application.industry,
                str(row.application.recommender or ""), row.application.state_label, row.todo,
                row.due_on.isoformat() if row.due_on else "",
            ]
            for row in rows
        ],
        widths=[6, 8, 7, 5, 4, 5, 7, 5, 5, 4],
    )  # fmt: skip


def intake_register(rows: Sequence[IntakeRow]) -> Register:
    """收件登记表: what came in, from whom, when, and the digest of exactly that dossier."""
    book = rows[0].application.rulebook if rows else None
    named = book is not None and book.has_instrument("intake_register")
    return Register(
        title=book.instrument("intake_register") if book and named else "收件登记表",
        headings=[
            "序号", "收件时间", "系统编号", "名称", CODE, "审核推荐单位", "推荐意见编号", "材料版本", "材料摘要",
        ],
        rows=[
            [
                place, minute(row.received_at), row.application.number, str(row.application.organization),
                row.application.code_or_employer, str(row.application.recommender), row.opinion_number,
                row.dossier_version, row.dossier_sha256,
            ]
            for place, row in enumerate(rows, start=1)
        ],
        facts=[("届次", "、".join(sorted({row.application.round.title for row in rows})))] if rows else [],
        signatures=["登记人", "接收人", "日期"],
        widths=[2, 5, 6, 8, 7, 7, 6, 3, 8],
    )  # fmt: skip


def consultation_ledger(user: User, *, at: datetime) -> Register:
    """征求意见台账: one line for each letter and name, what was asked, when it was due, what came of it."""
    found = (
        ConsultationReply.objects.filter(
            consultation__sender__memberships__user=user,
            consultation__sender__memberships__ended_at=None,
            consultation__sender__is_active=True,
        )
        .select_related(
            "consultation__round__scheme", "consultation__round__edition", "consultation__department",
            "consultation__sender", "consultation__document", "application__organization",
        )
        .order_by("consultation__sent_at", "consultation__pk", "pk")
        .distinct()
    )  # fmt: skip
    books: dict[int, Rulebook] = {}
    rows = []
    for place, one in enumerate(found, start=1):
        letter = one.consultation
        book = books.get(letter.round_id) or books.setdefault(letter.round_id, rulebook_for(letter.round))
        rule = book.consultation(letter.stage)
        clears = rule is not None and rule.silence_is_clearance.value
        rows.append(
            [
                place, letter.round.title, book.label(letter.stage), letter.document.number if letter.document else "",
                letter.department.name, one.application.organization.name, one.application.code_or_employer,
                f"{letter.period_from:%Y-%m-%d}至{letter.period_to:%Y-%m-%d}" if letter.period_from else "",
                minute(letter.sent_at), last_day_of(letter.due_at).isoformat(), letter.reminders,
                answer_in_words(one, silence_clears=clears, at=at), minute(one.replied_at), one.content,
                one.note,
            ]
        )  # fmt: skip
    return Register(
        title="征求意见台账",
        headings=[
            "序号", "届次", "环节", "函件编号", "部门", "名称", CODE, "核查期间", "发函时间", "复函期限", "催办次数",
            "意见", "复函时间", "具体意见", "继续办理的说明",
        ],
        rows=rows,
        widths=[2, 5, 4, 5, 6, 6, 6, 5, 5, 4, 2, 4, 5, 6, 6],
    )  # fmt: skip


def credit_register(applications: Sequence[Application]) -> Register:
    """信用核查记录: which site, when, who looked, what was seen, and whether a screenshot is kept."""
    checks = (
        CreditCheck.objects.filter(application__in=applications)
        .select_related("application__organization", "application__round", "recorded_by")
        .order_by("looked_at", "pk")
    )
    labels = {one.pk: one.rulebook for one in applications}
    return Register(
        title="信用核查记录",
        headings=[
            "序号", "系统编号", "名称", CODE, "环节", "查询网站", "查询时间", "查询人", "结论", "查询结果", "截图",
        ],
        rows=[
            [
                place, one.application.number, str(one.application.organization),
                one.application.code_or_employer,
                labels[one.application_id].label(one.stage), one.site,
                minute(one.looked_at), str(one.recorded_by),
                "未见不良记录" if one.is_clear else "有不良记录", one.result, "已存" if one.screenshot_id else "无",
            ]
            for place, one in enumerate(checks, start=1)
        ],
        signatures=["查询人", "复核人", "日期"],
        widths=[2, 5, 7, 7, 4, 6, 5, 3, 4, 7, 2],
    )  # fmt: skip


def checklist_sheet(application: Application, stage: str) -> Register:
    """审核表: each item with its article, verdict and note, the opinion, and the three names to sign beside (U11.3)."""
    book, checklist = application.rulebook, checklist_of(application, stage)
    notes = [f"审核意见：{checklist.opinion or '（未填写）'}"] if checklist else []
    if checklist and checklist.signed_at:
        notes.append(f"系统签署时间：{minute(checklist.signed_at)}，对材料第{checklist.dossier_version}版。")
    else:
        notes.append("本表尚未在系统中签署。")
    return Register(
        title=f"{application.round.title}{book.label(stage)}审核表",
        headings=["序号", "审核要点", "依据", "意见", "说明"],
        rows=[
            [place, row.text, row.short_citation, row.verdict_label, row.note]
            for place, row in enumerate(checklist_rows(application, stage), start=1)
        ],
        facts=[
            (book.noun, str(application.organization)),
            (CODE, application.code_or_employer),
            ("系统编号", application.number),
        ],
        notes=notes,
        signatures=[
            f"{label}（{getattr(checklist, key)}）" if checklist and getattr(checklist, key) else label
            for key, label in SIGNATORIES.items()
        ],
        landscape=False,
        widths=[2, 12, 5, 4, 7],
    )


def recommendation_register(applications: Sequence[Application], *, round: Round) -> Register:
    """推荐汇总表 as a working copy: the names one recommender puts forward, with what the office sorts them by."""
    book = rulebook_for(round)
    return Register(
        title=f"{round.title}{book.instrument('recommendation_summary')}",
        headings=[
            "序号", "系统编号", "名称", CODE, "主体类型", "申报类别", "所在区（县）", "所属行业", "中小型企业",
            "环节",
        ],
        rows=[
            [
                place, one.number, str(one.organization), one.code_or_employer,
                book.applicant_kind(one.applicant_kind).label if one.applicant_kind else "", category_label(one),
                one.district, one.industry, "是" if one.is_sme else "否", one.state_label,
            ]
            for place, one in enumerate(applications, start=1)
        ],
        facts=[("审核推荐单位", str(applications[0].recommender))] if applications else [],
        signatures=["填表人", "审核人", "日期"],
        widths=[2, 6, 8, 7, 5, 5, 4, 5, 3, 5],
    )  # fmt: skip


def category_label(application: Application) -> str:
    return application.rulebook.category(application.category).label if application.category else ""


def minute(at: datetime | None) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if at else ""


def day_zh(at: datetime) -> str:
    return date_zh(clock.day_of(at))
