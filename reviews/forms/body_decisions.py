"""The form of a decision of the leading body on one name: how it was held, the hands, why, the signed record."""

from __future__ import annotations

from typing import Any

from django import forms

from applications.forms.desks import DateField, TextArea
from award_portal.lib import clock

from ..body_decisions import Held
from ..models import BodyDecision, ListReturn

COUNTS = ("present", "recused", "votes_for", "votes_against", "votes_abstain")


class BodyDecisionForm(forms.Form):
    form = forms.ChoiceField(label="决定的形式", choices=BodyDecision.Form.choices, widget=forms.RadioSelect)
    name = forms.CharField(label="会议名称或者文件编号", max_length=120)
    held_on = DateField(label="日期")
    present = forms.IntegerField(label="实到人数", min_value=0, max_value=500)
    recused = forms.IntegerField(label="其中回避人数", min_value=0, max_value=500, initial=0)
    votes_for = forms.IntegerField(label="同意", min_value=0, max_value=500)
    votes_against = forms.IntegerField(label="不同意", min_value=0, max_value=500, initial=0)
    votes_abstain = forms.IntegerField(label="弃权", min_value=0, max_value=500, initial=0)
    ground = TextArea(label="事实和理由", max_length=1000, rows=4, help_text="写入决定，不得写入异议人的信息。")
    proof = forms.FileField(label="签字的会议记录或者书面意见汇总表")

    @property
    def held(self) -> Held:
        data: dict[str, Any] = self.cleaned_data
        counts = {key: data[key] for key in COUNTS}
        return Held(form=data["form"], name=data["name"], held_on=data["held_on"] or clock.today(), **counts)


class ListReturnForm(forms.Form):
    sent_by = forms.ChoiceField(label="退回机关", choices=ListReturn.From.choices, widget=forms.RadioSelect)
    reference = forms.CharField(label="会议名称或者文号", max_length=120)
    decided_on = DateField(label="日期")
    ground = TextArea(label="退回的理由", max_length=1000, rows=4)
    proof = forms.FileField(label="退回文件或者会议记录")
