"""Forms of the pages after the award."""

from __future__ import annotations

from typing import Any

from django import forms


def beside(form: forms.BaseForm, refused: Any) -> None:
    """A refusal of the door beside the field that was typed wrong, or over the form where no field is to blame."""
    field = getattr(refused, "field", "")
    form.add_error(field if field in form.fields else None, str(refused))


class SharingForm(forms.Form):
    duty = forms.ChoiceField(label="对应的义务")
    held_on = forms.DateField(
        label="活动日期",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "请填写日期，例如 2027-03-01。"},
    )
    title = forms.CharField(label="活动名称", max_length=120)
    content = forms.CharField(label="内容与成效", max_length=2000, widget=forms.Textarea(attrs={"rows": 5}))
    audience = forms.IntegerField(
        label="参加人次", min_value=0, max_value=1_000_000, error_messages={"invalid": "参加人次应为数字。"}
    )
    proof = forms.FileField(label="证明材料", required=False)

    def __init__(self, *args, duties: list[tuple[str, str, str]], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["duty"].choices = [(key, text) for key, text, _ in duties]  # type: ignore[attr-defined]


class SharingReviewForm(forms.Form):
    note = forms.CharField(label="核实意见", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}))
