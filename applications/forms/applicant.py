"""The applicant's forms, made from the rulebook's sections: a draft takes anything as typed, what is wrong is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.http import QueryDict

from awards.rulebook import FormField, Section
from organizations.models import Organization

from ..form_answers import Problem, assessment_rubric, field_names, indicator_years, parse_date, yes_no_names
from ..form_spec import citation
from ..models import Application
from ..routing import recommending_units
from ..self_publicity import PROOF_FORMATS

NUMERIC = ("integer", "number", "year")


class SectionForm(forms.Form):
    """One section as it is stored or was posted. It never refuses: `problems` are shown beside their inputs."""

    def __init__(
        self, application: Application, section: Section, data: Mapping[str, Any], *, problems: Iterable[Problem] = ()
    ) -> None:
        super().__init__(data=dict(data))
        self.fields.update(_fields(application, section, data))
        self._problems = list(problems)

    def full_clean(self) -> None:
        self._errors, self.cleaned_data = ErrorDict(), {}
        for problem in self._problems:
            self.add_error(problem.field if problem.field in self.fields else None, problem.text)


def posted_answers(application: Application, section: Section, posted: QueryDict) -> dict[str, Any]:
    """What a whole form posted: a box that is not ticked is not sent, any other input that is missing is left alone."""
    ticks = yes_no_names(application, section)
    return {
        name: posted.get(name, "") if name in ticks else posted[name]
        for name in field_names(application, section)
        if name in ticks or name in posted
    }


def _fields(application: Application, section: Section, data: Mapping[str, Any]) -> dict[str, forms.Field]:
    book = application.rulebook
    match section.kind:
        case "eligibility":
            return {one.key: _box(one.declaration) for one in book.conditions_for(application.subject)}
        case "declarations":
            return {
                one.key: _box(one.text, cite=citation(book, one)) for one in book.declarations_for(application.subject)
            }
        case "self_assessment":
            return {
                one.key: _area(
                    f"{one.title}（{one.points}分）", hint=f"{one.text}。请说明：{'；'.join(one.questions)}。", rows=9
                )
                for one in assessment_rubric(application).items
            }
        case "indicators":
            return {
                f"{row.key}__{year}": forms.CharField(
                    label=f"{year}年{row.label}（{row.unit}）", required=row.required, widget=_number_input(label=True)
                )
                for row in book.form.indicators.rows
                for year in indicator_years(application.round, book)
            }
    return {field.key: _field(application, field, data) for field in section.fields if field.type != "identity"}


def _field(application: Application, field: FormField, data: Mapping[str, Any]) -> forms.Field:
    hint = field.help or ""
    if field.type == "boolean":
        return _box(field.label, hint=hint)
    if field.type == "textarea":
        return _area(field.label, hint=hint, rows=5, limit=field.limit, required=field.required)
    if field.limit and field.type == "text":
        hint = f"{hint}{'；' if hint else ''}不超过{field.limit}字"
    choices = _choices(application, field)
    made: forms.Field
    if choices is not None:
        widget = forms.RadioSelect if field.type == "category" else forms.Select
        blank = [] if field.type == "category" else [("", "请选择")]
        made = forms.ChoiceField(label=field.label, choices=[*blank, *choices], help_text=hint, widget=widget)
    else:
        made = forms.CharField(label=field.label, help_text=hint, widget=_input(field, str(data.get(field.key, ""))))
    made.required = field.required
    made.suffix = field.unit or ""  # type: ignore[attr-defined]
    made.width = "short" if field.type in (*NUMERIC, "date") else ""  # type: ignore[attr-defined]
    return made


def _choices(application: Application, field: FormField) -> list[tuple[str, str]] | None:
    book = application.rulebook
    match field.type:
        case "category":
            return [
                (one.key, f"{one.label}（{one.help}）" if one.help else one.label)
                for one in book.categories_for(application.subject)
            ]
        case "applicant_kind":
            return [(one.key, one.label) for one in book.applicant_kinds_for(application.subject)]
        case "recommender":
            return [(str(one.public_id), one.name) for one in recommending_units(application.round)]
        case "choice" | "district" | "industry":
            return [(one, one) for one in field.options]
    return None


def _input(field: FormField, value: str) -> forms.Widget:
    if field.type in NUMERIC:
        return _number_input()
    # A date control shows nothing of a value that is no date: then a plain input keeps what was typed in sight.
    if field.type == "date" and (not value or parse_date(value)):
        return forms.TextInput(attrs={"type": "date"})
    return forms.TextInput(attrs={"type": {"phone": "tel", "email": "text"}.get(field.type, "text")})


def _number_input(*, label: bool = False) -> forms.TextInput:
    """Text, not a number control: what is no number stays as it was typed."""
    return forms.TextInput(attrs={"inputmode": "decimal", "size": 12} if label else {"inputmode": "decimal"})


def _area(label: str, *, hint: str, rows: int, limit: int | None = None, required: bool = True) -> forms.Field:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=required, help_text=hint, max_length=limit, widget=widget)


def _box(label: str, *, cite: Any = "", hint: str = "") -> forms.Field:
    made = forms.BooleanField(label=label, required=False, help_text=hint)
    made.cite = cite  # type: ignore[attr-defined]
    return made


class SecretForm(forms.Form):
    is_secret = forms.BooleanField(label="本部分含有秘密", required=False)
    reason = forms.CharField(
        label="哪些内容涉及秘密",
        max_length=200,
        required=False,
        help_text="注明的必须填写。注明后，只有须审核、评审的人员可以查看。",
    )

    def __init__(self, *args: Any, secret_label: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["is_secret"].label = f"本部分含有{secret_label}"
        self.fields["reason"].label = f"哪些内容涉及{secret_label}"


class UploadForm(forms.Form):
    """One file of one material; the limits stand before the choice."""

    upload = forms.FileField(label="选择文件", error_messages={"required": "请先选择文件。", "empty": "文件是空的。"})
    is_secret = forms.BooleanField(label="该文件含有秘密", required=False)

    def __init__(self, *args: Any, key: str, formats: Iterable[str], secret_label: str, **kwargs: Any) -> None:
        super().__init__(*args, auto_id=f"id_{key}_%s", **kwargs)
        self.fields["is_secret"].label = f"该文件含有{secret_label}"
        self.fields["upload"].upload_allowed = list(formats)  # type: ignore[attr-defined]


class ApplyForm(forms.Form):
    organization = forms.ChoiceField(label="以谁的名义申报", widget=forms.RadioSelect)

    def __init__(self, *args: Any, organizations: Iterable[Organization], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [
            (str(one.public_id), f"{one}（{'个人' if one.is_person else one.display_code}）") for one in organizations
        ]
        self.fields["organization"].choices = choices  # type: ignore[attr-defined]
        if len(choices) == 1:
            self.fields["organization"].initial = choices[0][0]


class StartPublicityForm(forms.Form):
    place = forms.CharField(
        label="公示地点和方式", max_length=200, help_text="例如：办公楼一层公告栏、内部网站、职工微信群。"
    )


class ProofForm(forms.Form):
    proof = forms.FileField(label="公示照片或者截图")
    had_objections = forms.ChoiceField(
        label="公示期间有无异议",
        error_messages={"required": "请选择公示期间有无异议。"},
        choices=[("no", "无异议"), ("yes", "有异议")],
        widget=forms.RadioSelect,
    )
    settlement = forms.CharField(
        label="异议内容和处理情况",
        max_length=1000,
        required=False,
        help_text="有异议的填写。",
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, is_kept: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["proof"].upload_allowed = list(PROOF_FORMATS)  # type: ignore[attr-defined]
        self.fields["proof"].required = not is_kept

    @property
    def said(self) -> bool | None:
        return {"yes": True, "no": False}.get(self.cleaned_data.get("had_objections", ""))


class WithdrawForm(forms.Form):
    ground = forms.CharField(
        label="撤回理由",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写明撤回申报的理由。"},
    )
