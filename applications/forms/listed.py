"""The form by which a desk decides whether a line of a credit list is the applicant."""

from __future__ import annotations

from django import forms

from .desks import TextArea

SAME, OTHER = "same", "other"


class MatchForm(forms.Form):
    """Same body or not, and on what ground."""

    verdict = forms.ChoiceField(
        label="判定", choices=[(OTHER, "不是同一单位"), (SAME, "是同一单位")], widget=forms.RadioSelect
    )
    reason = TextArea(
        label="判定依据", max_length=300, rows=3, help_text="写明核对了什么，例如营业执照、登记机关查询结果。"
    )
