"""The forms of a recommendation's further legs: the consenting unit's word, and a paper entered by the recommender."""

from __future__ import annotations

from typing import Any

from django import forms

from award_portal.lib import clock

from ..models import LegConsent
from .desks import DateField, TextArea

PAPER_FORMATS = ("pdf", "jpg", "jpeg", "png")


class ConsentForm(forms.Form):
    """Consent or refusal, its ground, and the sealed page."""

    verdict = forms.ChoiceField(
        label="意见", choices=LegConsent.Verdict.choices, widget=forms.RadioSelect,
        error_messages={"required": "请选择同意或者不同意。"},
    )  # fmt: skip
    ground = TextArea(label="理由", max_length=1000, required=False, rows=4, help_text="不同意推荐的，须写明理由。")
    paper = forms.FileField(label="盖章页扫描件", required=False, error_messages={"empty": "文件是空的。"})

    def __init__(self, *args: Any, sealed: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["paper"].upload_allowed = list(PAPER_FORMATS)  # type: ignore[attr-defined]
        if sealed:
            self.fields["paper"].help_text = "同意推荐的，须加盖公章后扫描上传。"


class EnterConsentForm(ConsentForm):
    """The same as it was written on paper, with who wrote it and when."""

    consenter = forms.CharField(label="出具意见的单位", max_length=120)
    decided_on = DateField(label="出具日期", help_text="纸质意见落款的日期，不晚于今天。")
    field_order = ("consenter", "decided_on", "verdict", "ground", "paper")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {}).setdefault("decided_on", clock.today())
        super().__init__(*args, **kwargs)
        self.fields["paper"].required = True
        self.fields["paper"].error_messages["required"] = "请上传纸质意见的扫描件。"
