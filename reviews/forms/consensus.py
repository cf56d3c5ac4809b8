"""The forms of the consensus, the opinion, and of a sheet given back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms

from applications.forms.desks import DateField, TextArea
from award_portal.lib.clock import SHANGHAI

from ..models import Assignment, ConsensusAttendance


class ConveneForm(forms.Form):
    held_on = DateField(label="合议日期")
    starts = forms.TimeField(label="时间", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    place = forms.CharField(label="地点", max_length=120, help_text="视频合议的，填写会议号")

    @property
    def starts_at(self) -> datetime:
        return datetime.combine(self.cleaned_data["held_on"], self.cleaned_data["starts"], tzinfo=SHANGHAI)


class AttendForm(forms.Form):
    mode = forms.ChoiceField(
        label="参加方式", choices=ConsensusAttendance.Mode.choices, widget=forms.RadioSelect, initial="present"
    )
    words = TextArea(label="书面意见", max_length=2000, rows=3, required=False, help_text="选“书面意见”的填写")


class RegisterForm(AttendForm):
    """The leader or the office signs a member in from the paper list."""

    assignment = forms.ChoiceField(label="成员")
    field_order = ("assignment", "mode", "words")

    def __init__(self, *args: Any, absent: list[Assignment], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["assignment"].choices = [(str(one.public_id), str(one.expert)) for one in absent]  # type: ignore[attr-defined]


class DiscussForm(forms.Form):
    said = TextArea(label="讨论情况", max_length=2000, rows=3)


class ChangeForm(forms.Form):
    new = forms.CharField(label="改后得分", max_length=10, widget=forms.TextInput(attrs={"inputmode": "decimal"}))
    reason = TextArea(label="改分理由", max_length=1000, rows=2)


class ProposeForm(ChangeForm):
    """The leader notes what a member said aloud; it waits for the member."""

    expert = forms.ChoiceField(label="专家")
    item = forms.ChoiceField(label="项目")
    field_order = ("expert", "item", "new", "reason")

    def __init__(self, *args: Any, experts: int, items: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["expert"].choices = [(str(one), f"专家{one}") for one in range(1, experts + 1)]  # type: ignore[attr-defined]
        self.fields["item"].choices = items  # type: ignore[attr-defined]


class CloseForm(forms.Form):
    conclusion = TextArea(label="合议结论", max_length=3000, rows=4)


class DraftForm(forms.Form):
    text = TextArea(label="评审意见", max_length=5000, rows=12)


class SignForm(forms.Form):
    dissent = TextArea(
        label="保留意见", max_length=2000, rows=3, required=False, help_text="不同意或者部分不同意的，写明意见和理由"
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)


class AskReopeningForm(forms.Form):
    reason = TextArea(label="申请理由", max_length=1000)


class DecideReopeningForm(forms.Form):
    grant = forms.ChoiceField(
        label="决定",
        widget=forms.RadioSelect,
        choices=[("yes", "退回评分表，由专家修改后重新提交"), ("no", "不予退回")],
    )
    ground = TextArea(label="决定理由", max_length=1000)
