"""What a page of the form shows beside its inputs: conditions with their proofs, the indicator table, the materials."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from awards.rulebook import Rulebook, Section
from awards.rulebook.citations import parse
from awards.rulebook.parts import Attachment as AttachmentRule
from awards.rulebook.parts import Condition, Indicator

from .filling import is_editable
from .form_answers import draft_of, files_needed, indicator_years, problems_in
from .models import Application, Attachment

STATE_SECRETS = "本系统为非涉密系统，严禁上传涉密信息"


@dataclass(frozen=True)
class Citation:
    """An article as a chip shows it: short, with the full text on demand."""

    text: str
    full: str


def citation(book: Rulebook, thing: Any) -> Citation:
    """The ground of anything that carries one."""
    return Citation(book.cite_zh(thing.cite) if thing.cite else "办公室设定", book.ground(thing))


@dataclass(frozen=True)
class Proof:
    """A material that proves a condition, and how many files of it are there."""

    key: str
    label: str
    count: int


@dataclass(frozen=True)
class ConditionRow:
    """One eligibility condition: its article, its declaration, and what proves it (U9)."""

    condition: Condition
    ground: Citation
    box: Any
    proofs: list[Proof]


@dataclass(frozen=True)
class IndicatorRow:
    row: Indicator
    cells: list[tuple[int, Any]]

    @property
    def errors(self) -> list[str]:
        return [error for _, cell in self.cells for error in cell.errors]


@dataclass
class MaterialRow:
    """One material of the list: what is asked, what is there, what may still be done."""

    wanted: AttachmentRule
    ground: Citation
    needed: int
    files: list[Attachment]
    editable: bool
    problem: str = ""
    form: Any = field(default=None)

    @property
    def has_room(self) -> bool:
        return len(self.files) < self.wanted.max_files


def proofs_of(book: Rulebook, condition: Condition, subject: str = "organization") -> list[AttachmentRule]:
    """The materials that prove a condition: those resting on the same article, where a proof is asked for."""
    if condition.proof == "none" or not condition.cite:
        return []
    asked = set(parse(condition.cite))
    return [one for one in book.attachments_for(subject) if one.cite and asked & set(parse(one.cite))]


def condition_rows(application: Application, form: Any) -> list[ConditionRow]:
    book, files = application.rulebook, draft_of(application).files
    return [
        ConditionRow(
            one,
            citation(book, one),
            form[one.key],
            [
                Proof(proof.key, proof.label, files.get(proof.key, 0))
                for proof in proofs_of(book, one, application.subject)
            ],
        )
        for one in book.conditions_for(application.subject)
    ]


def indicator_rows(application: Application, form: Any) -> tuple[tuple[int, ...], list[IndicatorRow]]:
    """The years and the rows of the indicator table."""
    years = indicator_years(application.round, application.rulebook)
    rows = application.rulebook.form.indicators.rows
    return years, [IndicatorRow(row, [(year, form[f"{row.key}__{year}"]) for year in years]) for row in rows]


def material_rows(application: Application, *, at: datetime) -> list[MaterialRow]:
    """Every material of the rulebook with its files; three queries for any number of files."""
    book, filled = application.rulebook, draft_of(application)
    problems = {one.field: one.text for one in problems_in(filled)}
    stored = application.attachments.filter(removed_at=None).select_related("file")
    files: dict[str, list[Attachment]] = {}
    for one in stored:
        files.setdefault(one.key, []).append(one)
    wanted = book.attachments_for(application.subject)
    open_parts = {one.key for one in wanted if is_editable(application, one.key, at=at)}
    return [
        MaterialRow(
            wanted=one,
            ground=citation(book, one),
            needed=files_needed(one, filled.data("profile")),
            files=files.get(one.key, []),
            editable=one.key in open_parts,
            problem=problems.get(one.key, ""),
        )
        for one in wanted
    ]


def written(data: Iterable[Any]) -> int:
    """How many characters a section holds, as its limit counts them."""
    return sum(len(str(value)) for value in data)


def neighbours(application: Application, section: Section) -> tuple[Section | None, Section | None]:
    """The section before and the section after in this applicant's form."""
    sections = application.rulebook.sections_for(application.subject)
    place = sections.index(section)
    return (sections[place - 1] if place else None), (sections[place + 1] if place + 1 < len(sections) else None)
