"""The forms of the on-site visits: planning, the programme, the day itself, the applicant's answers, 廉洁反馈表."""

from __future__ import annotations

from typing import Any

from django import forms

from applications.forms.desks import DateField, TextArea
from applications.models import Application

from ..integrity import LIMIT, QUESTIONS
from ..models import Expert, Visit, VisitFinding, VisitQuestion, VisitSignature
from ..visiting import MOST_PHOTOS, PICTURES
from ..visits import Stop
from .sessions import TimeField


class PlanForm(forms.Form):
    """One visit to one applicant; the team is its readers unless members are ticked."""

    application = forms.ChoiceField(label="申报人")
    starts_on = DateField(label="开始日期")
    ends_on = DateField(label="结束日期", required=False, help_text="不填为一天")
    address = forms.CharField(label="现场地址", max_length=160)
    contact_name = forms.CharField(label="联系人", max_length=40)
    contact_phone = forms.RegexField(
        r"^[0-9+()（）\- ]{6,24}$", label="联系电话", error_messages={"invalid": "请填写电话号码。"}
    )
    team = forms.MultipleChoiceField(
        label="现场评审组",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="不选为该申报的评审专家全体",
    )
    leader = forms.ChoiceField(label="带队组长", required=False, help_text="不选由评审组组长或者首名成员带队")

    def __init__(self, *args: Any, waiting: list[Application], members: list[Expert], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.waiting = {str(one.public_id): one for one in waiting}
        self.members = {str(one.public_id): one for one in members}
        for noun in {one.rulebook.noun for one in waiting}:
            self.fields["application"].label = noun
        self.fields["application"].choices = [(key, one.listed_name) for key, one in self.waiting.items()]  # type: ignore[attr-defined]
        names = [(key, f"{one}（{one.employer}）") for key, one in self.members.items()]
        self.fields["team"].choices = names  # type: ignore[attr-defined]
        self.fields["leader"].choices = [("", "由系统确定"), *names]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "starts_on": data["starts_on"],
            "ends_on": data["ends_on"] or data["starts_on"],
            "address": data["address"],
            "contact_name": data["contact_name"],
            "contact_phone": data["contact_phone"],
            "team": [self.members[key] for key in data["team"]],
            "leader": self.members.get(data["leader"]),
        }


class ChangeForm(forms.Form):
    starts_on = DateField(label="改为开始日期")
    ends_on = DateField(label="改为结束日期", required=False, help_text="不填为一天")
    team = forms.MultipleChoiceField(
        label="现场评审组", required=False, widget=forms.CheckboxSelectMultiple, help_text="不选为不变"
    )
    reason = TextArea(label="变更原因", max_length=200, rows=2, help_text="将告知申报方和评审组，日程须重新确认")

    def __init__(self, *args: Any, members: list[Expert], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.members = {str(one.public_id): one for one in members}
        self.fields["team"].choices = [(key, str(one)) for key, one in self.members.items()]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "starts_on": data["starts_on"],
            "ends_on": data["ends_on"] or data["starts_on"],
            "team": [self.members[key] for key in data["team"]],
            "reason": data["reason"],
        }


class ProgrammeForm(forms.Form):
    """The rows there are and four empty ones; a row without an item is none."""

    SPARE = 4

    def __init__(self, *args: Any, visit: Visit, **kwargs: Any) -> None:
        stops = list(visit.stops.all())
        initial: dict[str, Any] = {}
        for place, one in enumerate(stops):
            for name in ("day", "starts", "ends", "place", "item", "who"):
                initial[f"{name}-{place}"] = getattr(one, name)
        super().__init__(*args, initial=initial, **kwargs)
        self.places = range(len(stops) + self.SPARE)
        for place in self.places:
            row = f"第{place + 1}行"
            self.fields[f"day-{place}"] = DateField(label=f"{row}日期", required=False)
            self.fields[f"starts-{place}"] = TimeField(label=f"{row}开始", required=False)
            self.fields[f"ends-{place}"] = TimeField(label=f"{row}结束", required=False)
            self.fields[f"place-{place}"] = forms.CharField(label=f"{row}地点、部门", max_length=80, required=False)
            self.fields[f"item-{place}"] = forms.CharField(label=f"{row}核实事项", max_length=200, required=False)
            self.fields[f"who-{place}"] = forms.CharField(label=f"{row}人员", max_length=80, required=False)

    def lines(self) -> list[list[Any]]:
        names = ("day", "starts", "ends", "place", "item", "who")
        return [[self[f"{name}-{place}"] for name in names] for place in self.places]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for place in self.places:
            if data.get(f"item-{place}"):
                for name in ("day", "starts", "ends", "place"):
                    if not data.get(f"{name}-{place}") and f"{name}-{place}" not in self.errors:
                        self.add_error(f"{name}-{place}", f"请填写{self.fields[f'{name}-{place}'].label}。")
        return data

    @property
    def stops(self) -> list[Stop]:
        data = self.cleaned_data
        return [
            Stop(
                data[f"day-{place}"], data[f"starts-{place}"], data[f"ends-{place}"], data[f"place-{place}"],
                data[f"item-{place}"], data[f"who-{place}"],
            )
            for place in self.places
            if data[f"item-{place}"]
        ]  # fmt: skip


class SignForm(forms.Form):
    """Somebody of the applicant's signs in to a meeting."""

    meeting = forms.ChoiceField(label="会议", choices=VisitSignature.Meeting.choices, widget=forms.RadioSelect)
    name = forms.CharField(label="姓名", max_length=40)
    post = forms.CharField(label="职务", max_length=60)


class AskForm(forms.Form):
    item = forms.ChoiceField(label="评分项目", required=False)
    question = TextArea(label="需要核实的问题", max_length=1000, rows=2)

    def __init__(self, *args: Any, items: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["item"].choices = [("", "不属于某一项目"), *((one, one) for one in items)]  # type: ignore[attr-defined]


class StrikeForm(forms.Form):
    question = forms.ChoiceField(label="划去的问题")
    because = forms.CharField(label="划去理由", max_length=200)

    def __init__(self, *args: Any, questions: list[VisitQuestion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = {
            str(one.public_id): one for one in questions if one.struck_at is None and one.settled_at is None
        }
        choices = [(key, f"{one.item}：{one.question}"[:60].lstrip("：")) for key, one in self.questions.items()]
        self.fields["question"].choices = [("", "请选择"), *choices]  # type: ignore[attr-defined]


class ResultsForm(forms.Form):
    """What was found to each question; an empty one stays unanswered."""

    def __init__(self, *args: Any, questions: list[VisitQuestion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = questions
        for place, one in enumerate(questions, start=1):
            self.fields[f"result-{one.public_id}"] = forms.CharField(
                label=f"第{place}题核实情况", max_length=3000, required=False, initial=one.result,
                widget=forms.Textarea(attrs={"rows": 2}),
            )  # fmt: skip

    def lines(self) -> list[tuple[VisitQuestion, Any]]:
        return [(one, self[f"result-{one.public_id}"]) for one in self.questions]

    @property
    def changed_results(self) -> list[tuple[VisitQuestion, str]]:
        rows = [(one, self.cleaned_data[f"result-{one.public_id}"].strip()) for one in self.questions]
        return [(one, text) for one, text in rows if text and text != one.result]


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Several photographs at once."""

    upload_allowed = PICTURES

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=ManyFiles(), **kwargs)

    def clean(self, data: Any, initial: Any = None) -> Any:
        files = data if isinstance(data, list | tuple) else [data] if data else []
        return [super(PhotosField, self).clean(one, initial) for one in files]


class FindingForm(forms.Form):
    item = forms.ChoiceField(label="评分项目")
    verdict = forms.ChoiceField(label="结论", choices=VisitFinding.Verdict.choices, widget=forms.RadioSelect)
    text = TextArea(label="情况", max_length=3000, rows=3)
    answer = TextArea(label="申报方当场说明", max_length=3000, rows=2, required=False)
    photos = PhotosField(
        label="照片", required=False, help_text=f"最多{MOST_PHOTOS}张；保存时去除照片中的位置、设备等信息"
    )

    def __init__(self, *args: Any, items: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["item"].choices = [(one, one) for one in items]  # type: ignore[attr-defined]


class AmendForm(forms.Form):
    verdict = forms.ChoiceField(label="结论", choices=VisitFinding.Verdict.choices, widget=forms.RadioSelect)
    text = TextArea(label="情况", max_length=3000, rows=3)
    answer = TextArea(label="申报方说明", max_length=3000, rows=2, required=False)


class CloseForm(forms.Form):
    text = TextArea(
        label="末次会议记录",
        max_length=10000,
        rows=8,
        help_text="通报的核实情况、申报方意见、未决事项。签署后问题清单和核查情况不能再改",
    )


class UnsignedForm(forms.Form):
    because = TextArea(label="未予确认的情况", max_length=300, rows=2)


class ConfirmForm(forms.Form):
    note = forms.CharField(label="对方以何种方式确认", max_length=300, help_text="如：联系人电话确认")


class AnotherDayForm(forms.Form):
    wanted_on = DateField(label="希望的日期")
    reason = TextArea(label="理由", max_length=300, rows=2)


class AcknowledgeForm(forms.Form):
    note = TextArea(label="对记录的意见", max_length=3000, rows=4, required=False)


class FeedbackForm(forms.Form):
    """Every question answered; a "yes" is explained below."""

    text = TextArea(
        label="具体情况", max_length=LIMIT, rows=6, required=False, help_text="选择“是”的，写明时间、人员和事实"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key, words in QUESTIONS.items():
            self.fields[key] = forms.ChoiceField(
                label=words, choices=[("no", "否"), ("yes", "是")], widget=forms.RadioSelect
            )
        self.order_fields([*QUESTIONS, "text"])

    @property
    def answers(self) -> dict[str, bool]:
        return {key: self.cleaned_data[key] == "yes" for key in QUESTIONS}
