"""征求意见情况汇总: what each department said of each name at a stage, for the opinion resting on it (U11.3, U11.4).

Silence is printed as the rulebook reads it: as no objection where it says so, as silence where it does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from awards.models import Round
from awards.parameters import rulebook_for
from awards.rulebook import Rulebook
from documents.models import IssuedDocument
from documents.registers import Register
from organizations.models import Unit, User

from .desk_papers import issue_desk_paper
from .desk_rules import DeskRefused
from .models import Application, ConsultationReply
from .rules import on_duty

Answer = ConsultationReply.Answer
NAME = "征求意见情况汇总表"
CLEAR, ADVERSE, SILENT_CLEAR, SILENT, WAITING, NOT_ASKED = (
    "无意见", "有意见", "逾期未复，视为无意见", "逾期未复", "未到复函期限", "未征求",
)  # fmt: skip


@dataclass(frozen=True)
class SummaryRow:
    """One name with its answer by department, in the order of `Summary.departments`."""

    application: Application
    answers: list[str]


@dataclass(frozen=True)
class Summary:
    """The answers of a stage as a table, and in words what was adverse or silent and how it was dealt with."""

    departments: list[str]
    rows: list[SummaryRow]
    details: list[str]
    replied: int
    asked: int

    @property
    def sentence(self) -> str:
        """The one sentence of an opinion about it; empty when nobody was asked."""
        if not self.departments:
            return ""
        names = "、".join(self.departments)
        text = f"已征求{names}等{len(self.departments)}个部门意见，应复{self.asked}项，已复{self.replied}项"
        return f"{text}，均无不同意见。" if self.replied == self.asked and not self.details else f"{text}。"

    def plain(self) -> dict[str, Any]:
        """As JSON values, to be frozen into a paper."""
        return {
            "departments": self.departments,
            "rows": [
                {"position": place, "name": str(row.application.organization), "answers": row.answers}
                for place, row in enumerate(self.rows, start=1)
            ],
            "details": self.details,
            "sentence": self.sentence,
        }


def summarize(applications: Sequence[Application], *, stage: str, at: datetime) -> Summary:
    """What was answered about these names at a stage; the same number of queries for any number of names."""
    found = (
        ConsultationReply.objects.filter(application__in=applications, consultation__stage=stage)
        .select_related("consultation__department", "application__organization")
        .order_by("consultation__pk", "pk")
    )
    departments: list[str] = []
    answers: dict[tuple[int, str], ConsultationReply] = {}
    for reply in found:
        name = reply.consultation.department.name
        if name not in departments:
            departments.append(name)
        answers[reply.application_id, name] = reply
    rows, details = [], []
    for one in applications:
        rule = one.rulebook.consultation(stage)
        silence_clears = rule is not None and rule.silence_is_clearance.value
        line = []
        for name in departments:
            given = answers.get((one.pk, name))
            line.append(answer_in_words(given, silence_clears=silence_clears, at=at) if given else NOT_ASKED)
            if given and (text := _detail(given)):
                details.append(f"{one.organization}：{name}{text}")
        rows.append(SummaryRow(one, line))
    replied = sum(1 for one in answers.values() if one.answer != Answer.NONE)
    return Summary(departments, rows, details, replied=replied, asked=len(answers))


def answer_in_words(reply: ConsultationReply, *, silence_clears: bool, at: datetime) -> str:
    """An answer, or its absence, as the rulebook reads it."""
    if reply.answer == Answer.CLEAR:
        return CLEAR
    if reply.answer == Answer.ADVERSE:
        return ADVERSE
    if at < reply.consultation.due_at:
        return WAITING
    return SILENT_CLEAR if silence_clears else SILENT


def _detail(reply: ConsultationReply) -> str:
    said = f"有意见：{reply.content}" if reply.answer == Answer.ADVERSE else ""
    note = f"继续办理的说明：{reply.note}" if reply.noted_at and reply.answer != Answer.CLEAR else ""
    return "；".join(one.rstrip("。") for one in (said, note) if one) + "。" if said or note else ""


def summary_register(round: Round, *, stage: str, sender: Unit, summary: Summary) -> Register:
    """The summary as a table to print or to work with."""
    book = rulebook_for(round)
    rule = book.consultation(stage)
    return Register(
        title=f"{round.title}{_title(book)}（{book.label(stage)}）",
        headings=["序号", book.noun, "代码（工作单位）", *summary.departments],
        rows=[
            [place, str(row.application.organization), row.application.code_or_employer, *row.answers]
            for place, row in enumerate(summary.rows, start=1)
        ],
        facts=[("发函单位", sender.name), ("依据", book.ground(rule) if rule else "")],
        notes=[f"{place}. {one}" for place, one in enumerate(summary.details, start=1)],
        signatures=["填表人", "审核人", "日期"],
        widths=[2, 8, 7, *([4] * len(summary.departments))],
    )


@transaction.atomic
def issue_consultation_summary(
    applications: Iterable[Application], *, round: Round, stage: str, sender: Unit, by: User, at: datetime
) -> IssuedDocument:
    """The 汇总表 as an issued paper with what was answered so far; a scheme without the paper prints the table."""
    book = rulebook_for(round)
    if not on_duty(by, sender, round):
        raise DeskRefused.because("汇总表由发函单位出具。")
    if not book.has_instrument("consultation_summary"):
        raise DeskRefused.because("本办法没有列出这种文书，请直接打印汇总表。")
    summary = summarize(list(applications), stage=stage, at=at)
    if not summary.departments:
        raise DeskRefused.because("尚未征求意见，没有可以汇总的内容。")
    rule = book.consultation(stage)
    return issue_desk_paper(
        "consultation_summary",
        round,
        {**summary.plain(), "stage": book.label(stage), "noun": book.noun, "ground": book.ground(rule) if rule else ""},
        title=f"{round.title}{_title(book)}（{book.label(stage)}）",
        issuer=sender,
        by=by,
        at=at,
    )


def _title(book: Rulebook) -> str:
    return book.instrument("consultation_summary") if book.has_instrument("consultation_summary") else NAME
