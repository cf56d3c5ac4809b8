"""An expert's own sheet: what is typed is kept, what is in is final (U11.5–U11.7)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation

from django.db import transaction

from applications.desk_rules import DeskRefused
from applications.gates import Blocker
from applications.models import Application
from awards.parameters import rulebook_for
from awards.rulebook import Rubric
from organizations import evidence
from organizations.models import User

from .conflicts import refuse_tied
from .models import Assignment, ScoreSheet
from .pledges import require_ready

HALF = Decimal("0.5")
WORDS = ("strengths", "improvements")


class StaleSheet(Exception):
    """The sheet was saved elsewhere since: `theirs` holds the stored text of each name that was to be written over."""

    def __init__(self, theirs: dict[str, str], version: int) -> None:
        self.theirs, self.version = theirs, version
        super().__init__("stale sheet")


def rubric_of(application: Application, stage: str) -> Rubric:
    """The criteria this applicant is judged by at a stage: those of its subject and category (U5, Y10)."""
    return application.rulebook.rubric_for(stage, subject=application.subject, category=application.category or None)


@transaction.atomic
def save_sheet(
    assignment: Assignment,
    *,
    items: Mapping[str, Mapping[str, str]],
    by: User,
    at: datetime,
    comments: str | None = None,
    version: int | None = None,
) -> ScoreSheet:
    """Keep what the expert typed: only the named items and words change; a score is 0…points in steps of 0.5.

    `version` is what the page saw: a sheet saved elsewhere since raises StaleSheet when it says otherwise.
    """
    sheet = _lock_own(assignment, by=by, at=at)
    clean = _clean(assignment, items)
    merged = {key: {**sheet.items.get(key, {}), **words} for key, words in clean.items()}
    new_comments = sheet.comments if comments is None else _clean_text(comments, 3000, "总体评价")
    changed = {key: row for key, row in merged.items() if row != sheet.items.get(key, {})}
    if not changed and new_comments == sheet.comments:
        return sheet
    if version is not None and version != sheet.version:
        raise StaleSheet(_theirs(sheet, clean, comments), sheet.version)
    sheet.items = {**sheet.items, **changed}
    sheet.comments = new_comments
    sheet.version += 1
    sheet.saved_at = at
    sheet.save()
    return sheet


@transaction.atomic
def submit_sheet(assignment: Assignment, *, by: User, at: datetime) -> ScoreSheet:
    """The sheet is in, whole and final: every item scored and the whole judged in words."""
    sheet = _lock_own(assignment, by=by, at=at)
    found = missing_in(assignment, sheet)
    if found:
        raise DeskRefused(found)
    sheet.submitted_at = at
    sheet.save(update_fields=["submitted_at"])
    evidence.record(
        "sheet.submit", chain=assignment.panel.round.chain, by=by, subject=f"assignment:{assignment.public_id}", at=at,
        data={"application": str(assignment.application.public_id), "stage": assignment.panel.stage},
    )  # fmt: skip
    return sheet


def missing_in(assignment: Assignment, sheet: ScoreSheet) -> list[Blocker]:
    book = rulebook_for(assignment.panel.round)
    stage = book.ground(book.stage(assignment.panel.stage))
    rubric = rubric_of(assignment.application, assignment.panel.stage)
    unscored = [one.title for one in rubric.items if not sheet.items.get(one.key, {}).get("score")]
    found = []
    if unscored:
        found.append(Blocker(f"还有{len(unscored)}项未评分：{'、'.join(unscored)}。", stage))
    if not sheet.comments.strip():
        found.append(Blocker("请填写总体评价。", stage))
    return found


def sheet_total(sheet: ScoreSheet) -> Decimal:
    """The sum of what has been scored so far; for the sheet's own expert, or once all are in."""
    return sum((Decimal(row["score"]) for row in sheet.items.values() if row.get("score")), Decimal(0))


def read_score(text: str, points: Decimal | int) -> str:
    """The score as it is kept, "" for none; raises ValueError with the Chinese reason."""
    text = text.strip()
    if not text:
        return ""
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise ValueError("请填写数字") from None
    if not value.is_finite() or not 0 <= value <= Decimal(points):
        raise ValueError(f"应在0至{points}分之间")
    if value % HALF:
        raise ValueError("以0.5分为一档")
    return f"{value.normalize():f}"


def _lock_own(assignment: Assignment, *, by: User, at: datetime) -> ScoreSheet:
    """The expert's own open sheet, locked; refused when it is in, void, or the time is over."""
    book = rulebook_for(assignment.panel.round)
    stage = book.stage(assignment.panel.stage)
    # the application first, as everywhere: a recusal or a decision meanwhile waits, or has been
    application = Application.objects.select_for_update(of=("self",)).get(pk=assignment.application_id)
    sheet = (
        ScoreSheet.objects.select_for_update(of=("self",))
        .select_related("assignment__grant")
        .get(assignment=assignment)
    )
    if assignment.expert.user_id != by.pk:
        raise DeskRefused.because("只能填写本人的评分表。", book.ground(stage))
    if sheet.assignment.ended_at is not None or sheet.voided_at is not None:
        raise DeskRefused.because("该评审任务已经结束，评分表不能再修改。", book.recusal_ground)
    require_ready(assignment)
    if sheet.submitted_at is not None:
        raise DeskRefused.because("评分表已经提交，不能再修改；评分差异由评审组合议。", book.ground(stage))
    if application.state != assignment.panel.stage:
        raise DeskRefused.because(f"该申报现处于“{application.state_label}”，本环节评审已经结束。", book.ground(stage))
    grant = sheet.assignment.grant
    if grant.until is not None and grant.until <= at:
        raise DeskRefused.because(
            "评审期限已过，已填写的内容均已保存。需要延长的请联系办公室。", book.ground(stage.plan_days)
        )
    refuse_tied(assignment.expert, assignment.application)
    return sheet


def _clean(assignment: Assignment, items: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    book = rulebook_for(assignment.panel.round)
    rubric = rubric_of(assignment.application, assignment.panel.stage)
    points = {one.key: (one.title, one.points) for one in rubric.items}
    clean: dict[str, dict[str, str]] = {}
    found = []
    for key, words in items.items():
        if key not in points:
            found.append(Blocker("评分表中没有这一项。", book.ground(rubric)))
            continue
        title, most = points[key]
        row = {name: _clean_text(words[name], 1000, title) for name in WORDS if name in words}
        try:
            if "score" in words:
                row["score"] = read_score(str(words["score"]), most)
        except ValueError as error:
            found.append(Blocker(f"{title}：{error}。", book.ground(rubric)))
        clean[key] = row
    if found:
        raise DeskRefused(found)
    return clean


def _clean_text(text: str, most: int, what: str) -> str:
    text = text.replace("\r\n", "\n").strip()
    if len(text) > most:
        raise DeskRefused.because(f"{what}：最多{most}字，现有{len(text)}字。")
    return text


def _theirs(sheet: ScoreSheet, clean: Mapping[str, Mapping[str, str]], comments: str | None) -> dict[str, str]:
    theirs = {
        f"{name}-{key}": sheet.items.get(key, {}).get(name, "")
        for key, row in clean.items()
        for name in row
        if row[name] != sheet.items.get(key, {}).get(name, "")
    }
    if comments is not None and comments != sheet.comments:
        theirs["comments"] = sheet.comments
    return theirs
