"""Forms of a round in preparation: opening it, setting a value with its ground, its dates."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from award_portal.lib import clock
from awards.parameters import ParameterRefused, read_value
from awards.rulebook import RuleRow

DATE = {"type": "date"}


def date_field(label: str, **kwargs: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs=DATE, format="%Y-%m-%d"), **kwargs)


class OpenRoundForm(forms.Form):
    """Which year and which 届 the round is."""

    year = forms.IntegerField(label="评审年度", min_value=2000, max_value=2100)
    ordinal = forms.IntegerField(label="届次", min_value=1, max_value=200, help_text="填写阿拉伯数字，例如 4。")
    title = forms.CharField(label="名称", max_length=120, help_text="印在申报通知、公示和证书上。")


class ValueForm(forms.Form):
    """One value of the rulebook for this round; what was typed is read in the row's own kind."""

    value = forms.CharField(label="本届取值", required=False, max_length=1000)
    ground = forms.CharField(
        label="理由",
        error_messages={"required": "请写明设定该值的理由。"},
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="写明设定该值的依据，例如审议机构会议议定事项。理由记入留痕，不对外公布。",
    )

    def __init__(self, *args: Any, row: RuleRow, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.row = row
        self.fields["value"] = _value_field(row)
        self.fields["value"].required = not row.nullable

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "value" in cleaned:
            try:
                cleaned["read"] = read_value(self.row, cleaned["value"] or "")
            except ParameterRefused as refused:
                self.add_error("value", str(refused))
        return cleaned


def _value_field(row: RuleRow) -> forms.Field:
    label, hint = "本届取值", f"现为：{row.value_zh}。" + ("可以留空，表示不作规定。" if row.nullable else "")
    if row.kind == "boolean":
        choices = [("是", "是"), ("否", "否")]
        return forms.ChoiceField(label=label, choices=choices, widget=forms.RadioSelect, help_text=hint, required=False)
    if row.kind == "choice" and row.choices:
        return forms.ChoiceField(
            label=label, choices=row.choices, widget=forms.RadioSelect, help_text=hint, required=False
        )
    if row.kind in ("list", "text", "weights"):
        more = {"list": "各项之间用顿号分开。", "weights": "写作“材料评审 30、陈述答辩 30、现场评审 40”。"}
        return forms.CharField(
            label=label,
            required=False,
            max_length=1000,
            widget=forms.Textarea(attrs={"rows": 3}),
            help_text=hint + more.get(row.kind, ""),
        )
    field = forms.CharField(label=label, required=False, max_length=20, help_text=hint)
    field.suffix, field.width = row.unit, "short"  # type: ignore[attr-defined]
    return field


class CriteriaForm(forms.Form):
    """The leading body's approval of the office's criteria."""

    meeting = forms.CharField(label="审定的会议或者文号", max_length=120, help_text="例如：审议机构2026年第1次会议。")
    approved_on = date_field("审定日期")


class CeremonyForm(forms.Form):
    """The day of the award, from which every date is counted back."""

    awarded_on = date_field("拟定表彰日期")


class DatesForm(forms.Form):
    """The application window in whole days, and the recommenders' due date."""

    opens_on = date_field("申报开始日", help_text="自当日0:00起可以申报；当日发布通知的，自发布时起。")
    closes_on = date_field("申报截止日", help_text="至当日24:00止，以系统时间为准。")
    recommendation_due_on = date_field("推荐报送截止日", help_text="审核推荐单位报送审核推荐意见的最后一日。")

    @property
    def opens_at(self) -> datetime:
        return clock.day_start(self.cleaned_data["opens_on"])

    @property
    def closes_at(self) -> datetime:
        return clock.day_start(self.cleaned_data["closes_on"] + timedelta(days=1))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name, day in cleaned.items():
            if isinstance(day, date) and not 2000 <= day.year <= 2100:
                self.add_error(name, ValidationError("日期应在2000年至2100年之间。"))
        return self.cleaned_data
