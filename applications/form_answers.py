"""An application's answers against the rulebook's form: what is missing, what is wrong, how far each part is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from awards.models import Round
from awards.rulebook import FormField, Rubric, Rulebook, Section
from awards.rulebook.parts import Attachment as AttachmentRule
from organizations.codes import CodeRefused, clean_code

from .models import Application
from .personal import sections_told, told

PHONE = re.compile(r"^[0-9+() -]{6,20}$")
EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
NUMBER = re.compile(r"^[+-]?\d{1,15}(\.\d{1,6})?$")


@dataclass(frozen=True)
class Problem:
    """Something the form still lacks or has wrong: which part, which field, Chinese text, and the article."""

    part: str
    field: str
    text: str
    citation: str = ""
    is_missing: bool = False


def indicator_years(round: Round, rulebook: Rulebook) -> tuple[int, ...]:
    """The columns of the indicator table: the last full years before the round's, oldest first."""
    count = rulebook.form.indicators.years.value
    return tuple(range(round.year - count, round.year))


def field_names(application: Application, section: Section) -> list[str]:
    """Every input a section has, by name."""
    rulebook = application.rulebook
    match section.kind:
        case "eligibility":
            return [one.key for one in rulebook.conditions_for(application.subject)]
        case "declarations":
            return [one.key for one in rulebook.declarations_for(application.subject)]
        case "self_assessment":
            return [one.key for one in assessment_rubric(application).items]
        case "indicators":
            years = indicator_years(application.round, rulebook)
            return [f"{row.key}__{year}" for row in rulebook.form.indicators.rows for year in years]
        case "attachments":
            return []
    # the number stands sealed with the person and is not typed again
    return [one.key for one in section.fields if one.type != "identity"]


def assessment_rubric(application: Application) -> Rubric:
    """The criteria this applicant assesses itself by: those of its subject and category (U5, Y10)."""
    return application.rulebook.assessment_rubric(application.subject, application.category or None)


def yes_no_names(application: Application, section: Section) -> set[str]:
    """The inputs of a section that are ticked or not."""
    if section.kind in ("eligibility", "declarations"):
        return set(field_names(application, section))
    return {one.key for one in section.fields if one.type == "boolean"}


@dataclass(frozen=True)
class Filled:
    """What an application says: section key → its data, attachment key → how many files."""

    application: Application
    answers: Mapping[str, Mapping[str, Any]]
    files: Mapping[str, int]

    def data(self, kind: str) -> Mapping[str, Any]:
        """The answers of the first section of a kind."""
        sections = self.application.rulebook.sections_for(self.application.subject)
        return next((self.answers.get(one.key, {}) for one in sections if one.kind == kind), {})


def draft_of(application: Application) -> Filled:
    """The draft as it stands now; two queries."""
    answers = answers_of(application)
    keys = application.attachments.filter(removed_at=None).values_list("key", flat=True)
    return Filled(application, answers, Counter(keys))


def answers_of(application: Application) -> dict[str, dict[str, Any]]:
    """Section key → its data in the draft, one query."""
    return {one.section: told(one) for one in application.answers.all()}


def submitted_of(application: Application) -> Filled:
    """The latest frozen dossier, which is what a desk judges (R9); the draft while nothing was submitted."""
    dossier = application.current_dossier
    if dossier is None:
        return draft_of(application)
    return Filled(application, sections_told(dossier), Counter(one["key"] for one in dossier.content["attachments"]))


def problems_of(application: Application) -> list[Problem]:
    """Everything that keeps the draft from being complete, in the form's order."""
    return problems_in(draft_of(application))


def problems_in(filled: Filled) -> list[Problem]:
    """Everything a complete form would have and this one has not, in the form's order."""
    return [
        problem
        for section in filled.application.rulebook.sections_for(filled.application.subject)
        for problem in _section_problems(filled, section)
    ]


def section_status(section: Section, data: Mapping[str, Any], *, problems: list[Problem]) -> str:
    """未填 empty, 已填未完 partial, 已完成 complete."""
    if not any(problem.part == section.key for problem in problems):
        return "complete"
    return "partial" if any(value not in ("", None, False, [], 0) for value in data.values()) else "empty"


def _section_problems(filled: Filled, section: Section) -> Iterator[Problem]:
    application, data = filled.application, filled.answers.get(section.key, {})
    rulebook = application.rulebook
    match section.kind:
        case "eligibility":
            for condition in rulebook.conditions_for(application.subject):
                if not data.get(condition.key):
                    text = f"尚未声明：{condition.declaration}"
                    yield Problem(section.key, condition.key, text, rulebook.ground(condition), True)
        case "declarations":
            for one in rulebook.declarations_for(application.subject):
                if not data.get(one.key):
                    yield Problem(section.key, one.key, f"尚未承诺：{one.text}", rulebook.ground(one), True)
        case "self_assessment":
            yield from _texts(
                section, {one.key: one.title for one in assessment_rubric(application).items}, data, rulebook
            )
        case "indicators":
            yield from _indicator_problems(application, section, data)
        case "attachments":
            yield from _attachment_problems(filled)
        case _:
            yield from _field_problems(application, section, data)
            yield from _limit_problem(section, data, rulebook)


def _texts(section: Section, titles: dict[str, str], data: Mapping[str, Any], rulebook: Rulebook) -> Iterator[Problem]:
    for key, title in titles.items():
        if not str(data.get(key, "")).strip():
            yield Problem(section.key, key, f"“{title}”尚未填写。", rulebook.ground(section), True)
    yield from _limit_problem(section, data, rulebook)


def _limit_problem(section: Section, data: Mapping[str, Any], rulebook: Rulebook) -> Iterator[Problem]:
    if section.limit is None:
        return
    length = sum(len(str(value)) for value in data.values())
    if length > section.limit.value:
        text = f"“{section.title}”共{length}字，超过{section.limit.value}字。"
        yield Problem(section.key, "", text, rulebook.ground(section.limit))


def _field_problems(application: Application, section: Section, data: Mapping[str, Any]) -> Iterator[Problem]:
    for field in section.fields:
        if field.type == "identity":
            continue
        value = str(data.get(field.key, "") or "").strip()
        if not value:
            if is_required(field, data):
                yield Problem(
                    section.key, field.key, f"“{field.label}”尚未填写。", application.rulebook.ground(section), True
                )
            continue
        wrong = value_problem(field, value)
        if wrong:
            yield Problem(section.key, field.key, wrong)
    if section.kind == "profile":
        yield from _profile_problems(application, section, data)


def is_required(field: FormField, data: Mapping[str, Any]) -> bool:
    """Whether the field must be filled by such an applicant: a branch names itself (U2, U9.2)."""
    if field.type == "boolean":
        return False
    return field.required or _is_asked_of(field.required_for, data)


def value_problem(field: FormField, value: str) -> str:
    """What is wrong with one value, or ""; the value itself is kept as typed."""
    label = f"“{field.label}”"
    if field.limit and len(value) > field.limit:
        return f"{label}共{len(value)}字，超过{field.limit}字。"
    match field.type:
        case "year":
            return "" if re.fullmatch(r"[12]\d{3}", value) else f"{label}应为四位年份，实际填写“{value[:20]}”。"
        case "integer":
            number = parse_number(value)
            whole = number is not None and number >= 0 and number == number.to_integral_value()
            return "" if whole else f"{label}应为整数，实际填写“{value[:20]}”。"
        case "number":
            return "" if parse_number(value) is not None else f"{label}应为数字，实际填写“{value[:20]}”。"
        case "date":
            return "" if parse_date(value) else f"{label}应为日期，例如 2015-06-01，实际填写“{value[:20]}”。"
        case "phone":
            return "" if PHONE.match(value) else f"{label}应为电话号码，实际填写“{value[:20]}”。"
        case "email":
            return "" if EMAIL.match(value) else f"{label}应为电子邮箱，实际填写“{value[:30]}”。"
        case "uscc":
            try:
                clean_code(value)
            except CodeRefused as refused:
                return str(refused)
        case "choice" | "district" | "industry":
            if field.options and value not in field.options:
                return f"{label}请从所列选项中选择。"
    return ""


def _profile_problems(application: Application, section: Section, data: Mapping[str, Any]) -> Iterator[Problem]:
    rulebook, organization, subject = application.rulebook, application.organization, application.subject
    code = str(data.get("code", "")).strip().upper()
    if code and code != organization.code:
        text = f"统一社会信用代码与已核验的授权不一致（{organization.display_code}）。"
        yield Problem(section.key, "code", text, rulebook.ground(section))
    if data.get("applicant_kind") and data["applicant_kind"] not in {
        one.key for one in rulebook.applicant_kinds_for(subject)
    }:
        yield Problem(section.key, "applicant_kind", "申报主体类型请从所列选项中选择。")
    if data.get("category") and data["category"] not in {one.key for one in rulebook.categories_for(subject)}:
        yield Problem(section.key, "category", "申报类别请从所列选项中选择。")
    if application.recommender_id is None and data.get("recommender"):
        yield Problem(section.key, "recommender", "审核推荐单位请从所列单位中选择。")
    elif misrouted := _misrouted(application):
        yield Problem(section.key, "recommender", *misrouted)


def _misrouted(application: Application) -> tuple[str, str] | None:
    """Why the chosen recommender does not recommend this applicant, and the article: its district or its industry."""
    rulebook, unit = application.rulebook, application.recommender
    kind = next((one for one in rulebook.bodies.recommenders if unit and one.key == unit.recommender_key), None)
    if unit is None or kind is None:
        return None
    ground, district = rulebook.ground(kind), application.district
    if kind.routed_by == "district" and unit.district and district and unit.district != district:
        return f"{unit}审核推荐{unit.district}的{application.noun}，所在区（县）填报为{district}，请改选。", ground
    if kind.routed_by == "industry" and unit.industries and application.industry not in (*unit.industries, ""):
        return f"{unit}不主管{application.industry}，请改选本行业主管部门或者所在区（县）的单位。", ground
    return None


def _indicator_problems(application: Application, section: Section, data: Mapping[str, Any]) -> Iterator[Problem]:
    rulebook = application.rulebook
    for row in rulebook.form.indicators.rows:
        empty = []
        for year in indicator_years(application.round, rulebook):
            value = str(data.get(f"{row.key}__{year}", "") or "").strip()
            if not value:
                empty.append(year)
            elif parse_number(value) is None:
                text = f"{year}年“{row.label}”应为数字，实际填写“{value[:20]}”。"
                yield Problem(section.key, f"{row.key}__{year}", text)
        if empty and row.required:
            text = f"“{row.label}”{'、'.join(f'{year}年' for year in empty)}尚未填写。"
            yield Problem(section.key, f"{row.key}__{empty[0]}", text, rulebook.ground(section), True)


def _attachment_problems(filled: Filled) -> Iterator[Problem]:
    rulebook = filled.application.rulebook
    subject = filled.application.subject
    section = next((one for one in rulebook.sections_for(subject) if one.kind == "attachments"), None)
    for one in rulebook.attachments_for(subject) if section else ():
        count = filled.files.get(one.key, 0)
        needed = files_needed(one, filled.data("profile"))
        if count < needed:
            text = f"附件“{one.label}”应上传{needed}个文件，现有{count}个。"
            yield Problem(section.key, one.key, text, rulebook.ground(one), True)  # type: ignore[union-attr]


def files_needed(attachment: AttachmentRule, profile: Mapping[str, Any]) -> int:
    """How many files of a kind must be there; some proofs become necessary by a choice in the profile (U2, U9.2)."""
    return attachment.min_files if attachment.required or _is_asked_of(attachment.required_for, profile) else 0


def _is_asked_of(required_for: tuple[str, ...], profile: Mapping[str, Any]) -> bool:
    return bool({profile.get("category"), profile.get("applicant_kind")} & set(required_for))


def parse_number(text: str) -> Decimal | None:
    """A number as people type it (`1,234.5`), or None; no exponents, nothing beyond fifteen digits."""
    plain = text.replace(",", "").replace("，", "").strip()
    return Decimal(plain) if NUMBER.match(plain) else None


def parse_date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
