"""A frozen dossier laid out for reading: the rulebook's form with the answers in it, in the form's own order."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import Any

from awards.rulebook import Rulebook, Section
from organizations.identity import masked_identity

from .form_answers import assessment_rubric
from .gates import short_citation
from .models import Application
from .reading import FrozenFile, ReadableDossier


@dataclass(frozen=True)
class Line:
    """A question with its answer; `wide` for texts that want the full width."""

    label: str
    value: str
    wide: bool = False
    cite: str = ""

    @property
    def short_citation(self) -> str:
        return short_citation(self.cite)


@dataclass(frozen=True)
class Table:
    headings: list[str]
    rows: list[list[str]]


@dataclass
class Part:
    """One section as this person may see it: closed while a marked section has not been opened."""

    key: str
    title: str
    is_secret: bool = False
    secret_reason: str = ""
    closed: bool = False
    may_open: bool = False
    # how the lines read best: "facts" beside their labels, "essay" under their titles, "declared" with their articles
    style: str = "facts"
    lines: list[Line] = field(default_factory=list)
    table: Table | None = None


@dataclass(frozen=True)
class FileGroup:
    key: str
    title: str
    cite: str
    files: list[FrozenFile]

    @property
    def short_citation(self) -> str:
        return short_citation(self.cite)


def lay_out(readable: ReadableDossier) -> list[Part]:
    """Every section this person may know of; marked ones stay closed here and are opened one by one."""
    return [_part(readable, key) for key in readable.section_keys]


def lay_out_section(
    application: Application, key: str, data: Mapping[str, Any], *, withheld: Container[str] = ()
) -> Part:
    """One section with its answers, for whoever may read them; withheld fields do not even show their label."""
    book = application.rulebook
    section = book.section(key)
    part = Part(key=key, title=section.title)
    match section.kind:
        case "eligibility":
            part.style = "declared"
            part.lines = [
                Line(one.text, _declared(data, one.key), cite=book.ground(one))
                for one in book.conditions_for(application.subject)
            ]
        case "self_assessment":
            part.style = "essay"
            part.lines = [
                Line(f"{one.title}（{one.points}分）", _text(data.get(one.key)), wide=True)
                for one in assessment_rubric(application).items
            ]
        case "indicators":
            part.table = _indicators(book, data)
        case "declarations":
            part.style = "declared"
            part.lines = [
                Line(one.text, _declared(data, one.key), cite=book.ground(one))
                for one in book.declarations_for(application.subject)
            ]
        case _:
            part.style = "essay" if section.kind == "narrative" else "facts"
            part.lines = _fields(application, section, data, withheld)
    return part


def file_groups(readable: ReadableDossier) -> list[FileGroup]:
    """The attached files under the rulebook's headings; a heading without a file is shown as empty."""
    book = readable.application.rulebook
    return [
        FileGroup(one.key, one.label, book.ground(one), readable.files_of(one.key))
        for one in book.attachments_for(readable.application.subject)
        if readable.access.reaches(one.key) or readable.access.reaches("attachments")
    ]


def _part(readable: ReadableDossier, key: str) -> Part:
    if not readable.needs_opening(key):
        part = lay_out_section(readable.application, key, readable.answers(key), withheld=readable.withheld)
        part.is_secret = readable.is_secret(key)
        return part
    return Part(
        key=key,
        title=readable.application.rulebook.section(key).title,
        is_secret=True,
        secret_reason=readable.secret_reason(key),
        closed=True,
        may_open=readable.may_open(key),
    )


def _fields(
    application: Application, section: Section, data: Mapping[str, Any], withheld: Container[str]
) -> list[Line]:
    lines = []
    for one in section.fields:
        if one.key in withheld:
            continue
        if one.type == "identity":
            lines.append(Line(one.label, masked_identity(application.organization)))
            continue
        value = _worded(application, one.type, data.get(one.key))
        lines.append(Line(one.label, f"{value} {one.unit}" if one.unit and value else value, one.type == "textarea"))
    return lines


def _worded(application: Application, kind: str, value: Any) -> str:
    if value in (None, "", []):
        return ""
    book = application.rulebook
    if kind == "recommender":
        return str(application.recommender or "")
    if kind == "category":
        return next((one.label for one in book.categories if one.key == value), str(value))
    if kind == "applicant_kind":
        return next((one.label for one in book.applicants if one.key == value), str(value))
    if kind == "boolean":
        return "是" if value in (True, "true", "on", "1", "yes") else "否"
    return _text(value)


def _declared(data: Mapping[str, Any], key: str) -> str:
    return "已声明" if data.get(key) in (True, "true", "on", "1", "yes") else "未声明"


def _indicators(book: Rulebook, data: Mapping[str, Any]) -> Table:
    """One row an indicator, one column a year; the draft keeps each figure under `key__year`."""
    years = sorted({name.rpartition("__")[2] for name in data if "__" in name})
    return Table(
        headings=["指标", "单位", *(f"{year}年" for year in years)],
        rows=[
            [one.label, one.unit, *(_text(data.get(f"{one.key}__{year}")) for year in years)]
            for one in book.form.indicators.rows
        ],
    )


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return "、".join(str(one) for one in value)
    return str(value)
