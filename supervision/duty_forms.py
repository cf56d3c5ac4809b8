"""Forms of the yearly duties: a report takes what is typed, right or wrong; the desks write a note."""

from __future__ import annotations

from typing import Any

from django import forms

from awards.models import Scheme

from .duties import duty_of, parts_of
from .models import YearlyReport
from .yearly_reports import LONGEST_PART, Fault, indicators_of


class YearlyReportForm(forms.Form):
    """A year's report as it is stored or was posted; what keeps it from being handed in is shown beside its inputs."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, report: YearlyReport, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for place, title in enumerate(parts_of(duty_of(report)), start=1):
            self.fields[f"part{place}"] = forms.CharField(
                label=title, required=False, max_length=LONGEST_PART * 4, strip=False,
                widget=forms.Textarea(attrs={"rows": 7}), help_text=f"报送时不超过{LONGEST_PART}字。",
            )  # fmt: skip
        self.rows = indicators_of(report.award)
        for row in self.rows:
            self.fields[f"figure_{row.key}"] = forms.CharField(
                label=f"{row.label}（{row.unit}）", required=False, max_length=40,
                widget=forms.TextInput(attrs={"inputmode": "decimal"}),
            )  # fmt: skip

    @property
    def texts(self) -> dict[str, str]:
        return {key: value for key, value in self.cleaned_data.items() if key.startswith("part")}

    @property
    def figures(self) -> dict[str, str]:
        cleaned = self.cleaned_data.items()
        return {key.removeprefix("figure_"): value for key, value in cleaned if key.startswith("figure_")}

    @property
    def text_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("part")]

    @property
    def figure_fields(self) -> list[tuple[Any, forms.BoundField]]:
        return [(row, self[f"figure_{row.key}"]) for row in self.rows]

    def tell(self, faults: list[Fault]) -> None:
        for fault in faults:
            self.add_error(fault.field, fault.text)


def stored_values(report: YearlyReport) -> dict[str, Any]:
    """What the form shows of a report as it stands."""
    figures = {f"figure_{key}": value for key, value in report.figures.items()}
    return {"version": report.version, **report.texts, **figures}


class AttachForm(forms.Form):
    label = forms.CharField(label="附件名称", max_length=80, required=False)
    file = forms.FileField(label="文件")


class NoteForm(forms.Form):
    """What a desk writes of a report it was handed."""

    note = forms.CharField(label="意见", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}))


class DutyFilter(forms.Form):
    """Filters of the overview of yearly duties."""

    scheme = forms.ModelChoiceField(Scheme.objects.all(), label="奖项", required=False, to_field_name="key")
    year = forms.TypedChoiceField(label="年度", required=False, coerce=int, empty_value=None)
    state = forms.ChoiceField(label="状态", required=False)
    name = forms.CharField(label="名称", required=False, max_length=60)

    def __init__(self, *args: Any, years: list[int], schemes: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scheme: Any = self.fields["scheme"]
        scheme.queryset, scheme.empty_label = Scheme.objects.filter(key__in=schemes), "全部"
        self.fields["year"].choices = [("", "全部"), *((str(one), f"{one}年") for one in years)]  # type: ignore[attr-defined]
        states = [*YearlyReport.State.choices, ("late", "逾期")]
        self.fields["state"].choices = [("", "全部"), *states]  # type: ignore[attr-defined]
