"""Forms of the promotion plan."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from awards.models import Award
from organizations.models import Unit

from .bonus_forms import day_field


class PlanForm(forms.Form):
    """An activity to come, and who is asked to it."""

    unit = forms.ModelChoiceField(Unit.objects.none(), label="组织单位", empty_label=None)
    title = forms.CharField(label="活动名称", max_length=120)
    held_on = day_field("日期")
    place = forms.CharField(label="地点", max_length=120)
    about = forms.CharField(
        label="内容和要求", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    awards = forms.ModelMultipleChoiceField(
        Award.objects.none(), label="参加的获奖者", widget=forms.CheckboxSelectMultiple, to_field_name="public_id"
    )

    def __init__(self, *args: Any, units: QuerySet[Unit], awards: QuerySet[Award], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit: Any = self.fields["unit"]
        unit.queryset = units
        chosen: Any = self.fields["awards"]
        chosen.queryset = awards


class CancelForm(forms.Form):
    because = forms.CharField(label="取消理由", max_length=200, error_messages={"required": "请填写取消理由。"})
