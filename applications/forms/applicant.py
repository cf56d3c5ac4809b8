"""The applicant's forms, made from the rulebook's sections: a draft takes anything as typed, the problems are told."""

from __future__ import annotations

from typing import Any

from django import forms

from awards.rulebook import FormField, Section
from organizations.models import Unit

from ..form_answers import Problem, indicator_years
from ..models import Application

NUMERIC = ("integer", "number", "year")


class SectionForm(forms.Form):
    """One section: every input optional, since a draft may stop anywhere."""

    def add_problems(self, problems: list[Problem]) -> None:
        """Show what the section still lacks beside its inputs."""
        for problem in problems:
            self.add_error(problem.field if problem.field in self.fields else None, problem.text)


def section_form(application: Application, section: Section, data: dict[str, Any], *, posted=None) -> SectionForm:
    """The form of a section, showing what is stored or what was posted."""
    made = _fields(application, section)
    form = SectionForm(posted, initial=data)
    form.fields.update(made)
    return form


def _fields(application: Application, section: Section) -> dict[str, forms.Field]:
    book = application.rulebook
    match section.kind:
        case "eligibility":
            return {
                one.key: _checkbox(one.declaration, cite=book.ground(one), hint=one.text)
                for one in book.eligibility.conditions
            }
        case "declarations":
            return {one.key: _checkbox(one.text, cite=book.ground(one)) for one in book.form.declarations}
        case "self_assessment":
            return {
                one.key: _text(
                    f"{one.title}（{one.points}分）", hint="；".join([one.text, *one.questions]), rows=8, limit=None
                )
                for one in book.rubric().items
            }
        case "indicators":
            return {
                f"{row.key}__{year}": forms.CharField(
                    label=f"{year}年{row.label}", required=False, widget=forms.TextInput(attrs={"inputmode": "decimal"})
                )
                for row in book.form.indicators.rows
                for year in indicator_years(application.round, book)
            }
    return {field.key: _field(application, field) for field in section.fields}


def _field(application: Application, field: FormField) -> forms.Field:
    book = application.rulebook
    choices: list[tuple[str, str]] | None = None
    match field.type:
        case "boolean":
            return _checkbox(field.label, hint=field.help or "")
        case "textarea":
            return _text(field.label, hint=field.help or "", rows=5, limit=field.limit, required=field.required)
        case "category":
            choices = [(one.key, one.label) for one in book.categories]
        case "applicant_kind":
            choices = [(one.key, one.label) for one in book.applicants]
        case "recommender":
            units = Unit.objects.active().of_scheme(application.round.scheme.key).of_kind("recommender")
            choices = [(str(one.public_id), one.name) for one in units]
        case "choice" | "district" | "industry":
            choices = [(one, one) for one in field.options]
    if choices is not None:
        made: forms.Field = forms.ChoiceField(
            label=field.label, required=False, choices=[("", "请选择"), *choices], help_text=field.help or ""
        )
    elif field.type == "date":
        made = forms.CharField(
            label=field.label,
            required=False,
            help_text=field.help or "",
            widget=forms.TextInput(attrs={"type": "date"}),
        )
    else:
        attrs = {"inputmode": "decimal"} if field.type in NUMERIC else {}
        made = forms.CharField(
            label=field.label, required=False, help_text=field.help or "", widget=forms.TextInput(attrs=attrs)
        )
    made.required = field.required
    made.suffix = field.unit or ""  # type: ignore[attr-defined]
    return _never_refusing(made)


def _text(label: str, *, hint: str, rows: int, limit: int | None, required: bool = True) -> forms.Field:
    made = forms.CharField(
        label=label,
        required=required,
        help_text=hint,
        max_length=None,
        widget=forms.Textarea(attrs={"rows": rows} | ({"maxlength": limit} if limit else {})),
    )
    return _never_refusing(made)


def _checkbox(label: str, *, cite: str = "", hint: str = "") -> forms.Field:
    made = forms.BooleanField(label=label, required=False, help_text=hint)
    made.cite = cite  # type: ignore[attr-defined]
    return made


def _never_refusing(made: forms.Field) -> forms.Field:
    """The label still says whether it must be filled; the draft takes whatever is typed."""
    made.clean = lambda value: "" if value is None else value  # type: ignore[method-assign, assignment]
    return made


class SecretForm(forms.Form):
    is_secret = forms.BooleanField(label="本部分含有商业秘密", required=False)
    reason = forms.CharField(label="涉及商业秘密的内容", max_length=200, required=False)


class UploadForm(forms.Form):
    upload = forms.FileField(label="选择文件")
    is_secret = forms.BooleanField(label="含有商业秘密", required=False)


class StartPublicityForm(forms.Form):
    place = forms.CharField(
        label="公示地点和方式", max_length=200, required=False, help_text="例如：办公楼公告栏、内部网站、职工微信群。"
    )


class ProofForm(forms.Form):
    proof = forms.FileField(label="公示照片或者截图", required=False)
    had_objections = forms.ChoiceField(
        label="公示期间有无异议",
        required=False,
        choices=[("no", "无异议"), ("yes", "有异议")],
        widget=forms.RadioSelect,
    )
    settlement = forms.CharField(
        label="异议内容和处理情况", max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )


class WithdrawForm(forms.Form):
    ground = forms.CharField(
        label="撤回理由", max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写明撤回理由。"},
    )  # fmt: skip
