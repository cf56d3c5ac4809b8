"""How far the readers are, for the office: begun, submitted, overdue; never a word or a number of a sheet (U11.5)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.urls import reverse

from applications.desk_rules import DeskRefused
from applications.models import Application
from award_portal.lib import clock
from awards.parameters import rulebook_for
from awards.workdays import date_zh
from organizations import evidence
from organizations.messages import send_message
from organizations.models import User

from .models import Assignment, Panel, ScoreSheet, SheetReopening
from .panels import require_office

UNTOUCHED, BEGUN, SUBMITTED = "未开始", "填写中", "已提交"


def sheet_state(sheet: ScoreSheet) -> str:
    if sheet.submitted_at is not None:
        return SUBMITTED
    return BEGUN if sheet.version > 1 else UNTOUCHED


@dataclass(frozen=True)
class Cell:
    assignment: Assignment
    state: str
    is_overdue: bool


@dataclass(frozen=True)
class ProgressRow:
    application: Application
    cells: list[Cell]

    @property
    def submitted(self) -> int:
        return sum(1 for one in self.cells if one.state == SUBMITTED)

    @property
    def is_complete(self) -> bool:
        return self.submitted == len(self.cells)


def progress_rows(panel: Panel) -> list[ProgressRow]:
    """Application × reader, in one query."""
    overdue = clock.today() > panel.due_on
    rows: dict[int, list[Assignment]] = {}
    found = panel.assignments.active().with_names().order_by("application_id", "pk")
    for one in found:
        rows.setdefault(one.application_id, []).append(one)
    return [
        ProgressRow(
            cells[0].application,
            [
                Cell(one, state := sheet_state(one.sheet), is_overdue=overdue and state != SUBMITTED)
                for one in cells
            ],
        )
        for cells in rows.values()
    ]  # fmt: skip


def progress_counts(rows: list[ProgressRow]) -> list[tuple[str, int]]:
    counts = Counter(cell.state for row in rows for cell in row.cells)
    return [(state, counts[state]) for state in (UNTOUCHED, BEGUN, SUBMITTED)]


def open_reopenings(panel: Panel) -> list[SheetReopening]:
    asked = SheetReopening.objects.filter(assignment__panel=panel, state=SheetReopening.State.ASKED)
    return list(
        asked.select_related("assignment__expert__user", "assignment__application__organization").order_by("pk")
    )


@transaction.atomic
def remind_readers(panel: Panel, *, by: User, at: datetime) -> int:
    """Tell every reader whose sheet is out, once a day at most, when it is due; how many were told."""
    require_office(panel.round, by)
    waiting = Assignment.objects.active().filter(panel=panel, sheet__submitted_at=None)
    late = waiting.exclude(sheet__reminded_at__gte=clock.day_start(clock.day_of(at)))
    rows = list(late.select_related("expert__user").order_by("pk"))
    if not rows:
        book = rulebook_for(panel.round)
        text = "今天已经提醒过。" if waiting.exists() else "评分表已全部提交，无需提醒。"
        raise DeskRefused.because(text, book.ground(book.stage(panel.stage)))
    counts = Counter(one.expert_id for one in rows)
    for expert in {one.expert_id: one.expert for one in rows}.values():
        send_message(
            [expert.user],
            subject=f"{panel.label}：还有{counts[expert.pk]}份评分表未提交，请于{date_zh(panel.due_on)}前提交",
            url=reverse("reviews:mine"),
            at=at,
        )
    ScoreSheet.objects.filter(assignment__in=rows).update(reminded_at=at)
    evidence.record(
        "panel.remind", chain=panel.round.chain, by=by, subject=f"panel:{panel.public_id}", at=at,
        data={"assignments": [str(one.public_id) for one in rows]},
    )  # fmt: skip
    return len(counts)
