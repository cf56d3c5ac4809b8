"""The forms of the defense sessions: the office's diary, the day itself, the applicant's own page."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import forms

from applications.forms.desks import DateField, TextArea
from applications.models import Application
from award_portal.lib import clock
from award_portal.lib.clock import SHANGHAI

from ..hearing import MATERIAL_KINDS, MOST_PRESENTERS
from ..models import Expert, Presenter, SessionSlot


class TimeField(forms.TimeField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"), **kwargs)


class SessionForm(forms.Form):
    applications = forms.MultipleChoiceField(label="参加的申报人", widget=forms.CheckboxSelectMultiple)
    held_on = DateField(label="日期")
    starts = TimeField(label="开始时间")
    place = forms.CharField(label="地点", max_length=120)
    leader = forms.ChoiceField(label="主持人（带队组长）")
    statement = forms.IntegerField(label="陈述时间（分钟）", min_value=1, max_value=480, required=False)
    questions = forms.IntegerField(label="提问时间（分钟）", min_value=0, max_value=480, required=False)
    appraisal = forms.IntegerField(label="评议时间（分钟）", min_value=0, max_value=480, required=False)
    due_on = DateField(
        label="陈述材料提交截止日期", required=False, help_text="当日24:00截止并固定；不填为场次开始时。"
    )

    def __init__(
        self, *args: Any, waiting: list[Application], members: list[Expert], parts: tuple[int, int, int], **kwargs: Any
    ) -> None:
        initial = dict(zip(("statement", "questions", "appraisal"), parts, strict=True))
        super().__init__(*args, initial=initial | kwargs.pop("initial", {}), **kwargs)
        self.parts = parts
        self.waiting = {str(one.public_id): one for one in waiting}
        self.members = {str(one.public_id): one for one in members}
        for noun in {one.rulebook.noun for one in waiting}:
            self.fields["applications"].label = noun
        self.fields["applications"].choices = [(key, one.listed_name) for key, one in self.waiting.items()]  # type: ignore[attr-defined]
        self.fields["leader"].choices = [(key, str(one)) for key, one in self.members.items()]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> dict[str, Any]:
        data = self.cleaned_data
        due, minutes = data["due_on"], (data["statement"], data["questions"], data["appraisal"])
        return {
            "applications": [self.waiting[key] for key in data["applications"]],
            "starts_at": datetime.combine(data["held_on"], data["starts"], tzinfo=SHANGHAI),
            "place": data["place"],
            "leader": self.members[data["leader"]],
            "minutes": self.parts if None in minutes else minutes,
            "materials_due_at": end_of(due) if due else None,
        }


class MoveForm(forms.Form):
    held_on = DateField(label="改为日期")
    starts = TimeField(label="改为时间")
    place = forms.CharField(label="改为地点", max_length=120)
    reason = TextArea(label="变更原因", max_length=300, rows=2, help_text="将告知评审组和全部参加单位")

    @property
    def chosen(self) -> dict[str, Any]:
        data = self.cleaned_data
        starts_at = datetime.combine(data["held_on"], data["starts"], tzinfo=SHANGHAI)
        return {"starts_at": starts_at, "place": data["place"], "reason": data["reason"]}


class ReasonForm(forms.Form):
    reason = TextArea(label="取消原因", max_length=300, rows=2)


class LotsForm(forms.Form):
    witness = forms.CharField(label="纪检监督人员", max_length=40)
    seed = forms.CharField(label="抽签种子", max_length=80, required=False, help_text="不填由系统生成")


class MinutesForm(forms.Form):
    minutes = TextArea(label="记录", max_length=10000, rows=8)


class LeaderForm(forms.Form):
    """Whether the main leader of one applicant came."""

    leader_slot = forms.ChoiceField(label="申报人")
    present = forms.ChoiceField(
        label="主要负责人", choices=[("yes", "到场"), ("no", "未到场")], widget=forms.RadioSelect
    )
    note = forms.CharField(label="未到场的情况", max_length=300, required=False)

    def __init__(self, *args: Any, slots: list[SessionSlot], noun: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name_slots(self, "leader_slot", slots, noun)


class QuestionForm(forms.Form):
    slot = forms.ChoiceField(label="申报人")
    asker = forms.ChoiceField(label="提问专家", required=False)
    question = TextArea(label="提问", max_length=1000, rows=2)
    answer = TextArea(label="回答要点", max_length=3000, rows=3)

    def __init__(self, *args: Any, slots: list[SessionSlot], members: list[Expert], noun: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.members = {str(one.public_id): one for one in members}
        name_slots(self, "slot", slots, noun)
        self.fields["asker"].choices = [("", "不记名"), *((key, str(one)) for key, one in self.members.items())]  # type: ignore[attr-defined]


class SeatForm(forms.Form):
    """What a member declares on signing in."""

    free = forms.BooleanField(label="本人与本场各申报方没有应当回避的情形")


class PresentersForm(forms.Form):
    """A row for each person: name, post, part; empty rows are nobody."""

    def __init__(self, *args: Any, slot: SessionSlot, **kwargs: Any) -> None:
        known = list(slot.presenters.all())
        initial: dict[str, str] = {}
        for place, one in enumerate(known, start=1):
            initial |= {f"name-{place}": one.name, f"post-{place}": one.post, f"part-{place}": one.part}
        super().__init__(*args, initial=initial, **kwargs)
        self.places = range(1, MOST_PRESENTERS + 1)
        for place in self.places:
            self.fields[f"name-{place}"] = forms.CharField(label=f"第{place}人姓名", max_length=40, required=False)
            self.fields[f"post-{place}"] = forms.CharField(label=f"第{place}人职务", max_length=60, required=False)
            self.fields[f"part-{place}"] = forms.ChoiceField(
                label=f"第{place}人分工", choices=[("", "请选择"), *Presenter.Part.choices], required=False
            )

    def lines(self) -> list[tuple[Any, Any, Any]]:
        return [(self[f"name-{place}"], self[f"post-{place}"], self[f"part-{place}"]) for place in self.places]

    @property
    def people(self) -> list[tuple[str, str, str]]:
        data = self.cleaned_data
        return [(data[f"name-{place}"], data[f"post-{place}"], data[f"part-{place}"]) for place in self.places]


class MaterialForm(forms.Form):
    file = forms.FileField(label="陈述材料")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].upload_allowed = MATERIAL_KINDS  # type: ignore[attr-defined]


def name_slots(form: forms.Form, field: str, slots: list[SessionSlot], noun: str) -> None:
    form.fields[field].label = noun
    form.fields[field].choices = [(str(one.application.public_id), one.application.listed_name) for one in slots]  # type: ignore[attr-defined]


def end_of(day: date) -> datetime:
    return clock.at(day, 24)
