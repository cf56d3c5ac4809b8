"""An expert's own sheet: kept as typed, never written over unseen, whole and final when it is in (U11.5–U11.7)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from applications.desk_rules import DeskRefused
from applications.gates import Blocker
from applications.models import Application
from awards.parameters import rulebook_for
from organizations import evidence
from organizations.models import User

from .agreed_sheets import ScoredSheet
from .conflicts import refuse_tied
from .models import Assignment, ScoreSheet
from .pledges import require_ready
from .sheet_words import MOST_COMMENTS, Clean, Items, read_items, read_score, read_text, rubric_of

__all__ = ["read_score", "rubric_of"]


class StaleSheet(Exception):
    """Something typed here was changed elsewhere since: `theirs` holds every text this page has not seen, by name."""

    def __init__(self, theirs: dict[str, str], version: int) -> None:
        self.theirs, self.version = theirs, version
        super().__init__("stale sheet")


@transaction.atomic
def save_sheet(
    assignment: Assignment,
    *,
    items: Items,
    by: User,
    at: datetime,
    comments: str | None = None,
    version: int | None = None,
) -> ScoreSheet:
    """Keep what the expert typed: only the named words change; a score is 0…points in the steps of the criteria.

    `version` is what the page saw. A word that was changed elsewhere after it raises StaleSheet and nothing is written;
    words nobody else touched go in beside each other.
    """
    sheet = _lock_own(assignment, by=by, at=at)
    clean, faults = read_items(assignment, items, stored=sheet, by=by, at=at)
    try:
        words = None if comments is None else read_text(comments, MOST_COMMENTS)
    except ValueError as error:
        faults["comments"] = Blocker(f"总体评价：{error}。")
    if faults:
        raise DeskRefused(list(faults.values()))
    typed = _by_name(clean) | ({} if words is None else {"comments": words})
    changed = {name: text for name, text in typed.items() if text != word_of(sheet, name)}
    if not changed:
        return sheet
    if version is not None:
        unseen = changed_since(sheet, version)
        if any(name in unseen for name in changed):
            raise StaleSheet({name: text for name, text in unseen.items() if typed.get(name) != text}, sheet.version)
    _write(sheet, changed, at=at)
    return sheet


def changed_since(sheet: ScoreSheet, version: int) -> dict[str, str]:
    """The words changed after a version, by name, as they stand now: what a page that saw that version lacks."""
    return {name: word_of(sheet, name) for name, at in sheet.touched.items() if at > version}


def faults_in(assignment: Assignment, items: Items, *, by: User, at: datetime) -> dict[str, Blocker]:
    """What of the typed words could not be kept, by name; the others can."""
    return read_items(assignment, items, stored=assignment.sheet, by=by, at=at)[1]


def word_of(sheet: ScoreSheet, name: str) -> str:
    """The stored text of "score-<item>", "strengths-<item>", … or "comments"."""
    if name == "comments":
        return sheet.comments
    word, _, key = name.partition("-")
    return str(sheet.items.get(key, {}).get(word, ""))


def _by_name(clean: Clean) -> dict[str, str]:
    return {f"{word}-{key}": text for key, row in clean.items() for word, text in row.items()}


def _write(sheet: ScoreSheet, changed: Mapping[str, str], *, at: datetime) -> None:
    items = {key: dict(row) for key, row in sheet.items.items()}
    for name, text in changed.items():
        word, _, key = name.partition("-")
        if name == "comments":
            sheet.comments = text
        else:
            items.setdefault(key, {})[word] = text
    sheet.items = items
    sheet.version += 1
    sheet.touched = {**sheet.touched, **dict.fromkeys(changed, sheet.version)}
    sheet.saved_at = at
    sheet.save()


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
    for one in rubric.vetoes:
        row = sheet.items.get(one.key, {})
        if row.get("veto") not in ("yes", "no"):
            found.append(Blocker(f"请就“{one.title}”选择是或者否。", book.ground(one)))
        elif row["veto"] == "yes" and not row.get("reason"):
            found.append(Blocker(f"认定“{one.title}”的，请写明理由。", book.ground(one)))
    if not sheet.comments.strip():
        found.append(Blocker("请填写总体评价。", stage))
    return found


def sheet_total(sheet: ScoredSheet) -> Decimal:
    """The sum of what has been scored so far; for the sheet's own expert, or once all are in."""
    return sum((Decimal(row["score"]) for row in sheet.items.values() if row.get("score")), Decimal(0))


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
