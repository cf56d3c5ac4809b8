"""What an expert may write on a sheet: each word of it read, tidied, and refused by its own name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation

from applications.gates import Blocker
from applications.models import Application
from applications.reading import readable_dossier
from awards.parameters import rulebook_for
from awards.rulebook import Rubric
from organizations.models import User

from .models import Assignment, ScoreSheet
from .pointers import fault_of, read_pages

HALF = Decimal("0.5")
TEXTS = ("strengths", "improvements")
POINTER = ("file", "page")
WORDS = (*TEXTS, *POINTER)
# a veto is answered yes or no, with its reason
VETO_WORDS = ("veto", "reason")
ANSWERS = ("", "yes", "no")
MOST_TEXT, MOST_COMMENTS = 1000, 3000

Items = Mapping[str, Mapping[str, str]]
Clean = dict[str, dict[str, str]]


def rubric_of(application: Application, stage: str) -> Rubric:
    """The criteria this applicant is judged by at a stage: those of its subject and category (U5, Y10)."""
    return application.rulebook.rubric_for(stage, subject=application.subject, category=application.category or None)


def read_score(text: str, points: Decimal | int, step: Decimal = HALF) -> str:
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
    if value % step:
        raise ValueError(f"以{step.normalize():f}分为一档")
    return f"{value.normalize():f}"


def read_items(
    assignment: Assignment, items: Items, *, stored: ScoreSheet, by: User, at: datetime
) -> tuple[Clean, dict[str, Blocker]]:
    """The words as they are kept, and the faults by name ("score-strategy"); a faulty word is not among the first."""
    book = rulebook_for(assignment.panel.round)
    rubric = rubric_of(assignment.application, assignment.panel.stage)
    cite = book.ground(rubric)
    known = {one.key: one for one in rubric.items}
    vetoes = {one.key: one.title for one in rubric.vetoes}
    clean: Clean = {}
    faults: dict[str, Blocker] = {}
    for key, words in items.items():
        if key in vetoes and set(words) <= set(VETO_WORDS):
            clean[key], found = _read_veto(words)
            faults |= {f"{name}-{key}": Blocker(f"{vetoes[key]}：{text}。", cite) for name, text in found.items()}
            continue
        if key not in known or not set(words) <= {"score", *WORDS}:
            faults[f"score-{key}"] = Blocker("评分表中没有这一项。", cite)
            continue
        row, title = clean.setdefault(key, {}), known[key].title
        for name, text in words.items():
            try:
                row[name] = _read_word(name, str(text), known[key].points, rubric.step_for(known[key]))
            except ValueError as error:
                faults[f"{name}-{key}"] = Blocker(f"{title}：{error}。", cite)
        fault = _pointer_fault(assignment, row, stored.items.get(key, {}), by=by, at=at)
        if fault:
            faults[f"page-{key}"] = Blocker(f"{title}：{fault}。", cite)
            for name in POINTER:
                row.pop(name, None)
    return clean, faults


def _read_veto(words: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    row: dict[str, str] = {}
    faults: dict[str, str] = {}
    if "veto" in words:
        if words["veto"] in ANSWERS:
            row["veto"] = words["veto"]
        else:
            faults["veto"] = "请选择是或者否"
    try:
        if "reason" in words:
            row["reason"] = read_text(str(words["reason"]), MOST_TEXT)
    except ValueError as error:
        faults["reason"] = str(error)
    return row, faults


def read_text(text: str, most: int) -> str:
    """The text without blanks around it; raises ValueError where it is too long."""
    text = text.replace("\r\n", "\n").strip()
    if len(text) > most:
        raise ValueError(f"最多{most}字，现有{len(text)}字")
    return text


def _read_word(name: str, text: str, points: int, step: Decimal) -> str:
    if name == "score":
        return read_score(text, points, step)
    if name == "page":
        return read_pages(text)
    return read_text(text, MOST_TEXT)


def _pointer_fault(
    assignment: Assignment, row: Mapping[str, str], stored: Mapping[str, str], *, by: User, at: datetime
) -> str:
    """Asked only where the pointer changes, for it reads the dossier."""
    wanted = {name: row.get(name, stored.get(name, "")) for name in POINTER}
    if not any(name in row for name in POINTER) or all(wanted[name] == stored.get(name, "") for name in POINTER):
        return ""
    if not any(wanted.values()):
        return ""
    return fault_of(readable_dossier(assignment.application, user=by, at=at), wanted["file"], wanted["page"])
