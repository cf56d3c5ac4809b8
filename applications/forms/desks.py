"""The forms of the recommender's, the office's and the consulted departments' desks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django import forms

from award_portal.lib import clock
from organizations.models import Unit

from ..checklists import VERDICTS, ChecklistRow
from ..corrections import parts_of
from ..models import Application, ConsultationReply, Finding
from ..moves import StepRefused
from ..pipeline import State
from ..qualifying import prohibitive_conditions

CREDIT_SITES = ("国家企业信用信息公示系统", "信用中国", "信用中国（地方站）", "中国执行信息公开网", "其他")
Answer = ConsultationReply.Answer


def add_refusals(form: forms.BaseForm, refused: StepRefused) -> None:
    """Show on the form what the door answered; what was typed stays in its fields."""
    for blocker in refused.blockers:
        form.add_error(None, str(blocker))


class TextArea(forms.CharField):
    def __init__(self, *, rows: int = 4, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": rows}), **kwargs)


class DateField(forms.DateField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **kwargs)


class QueueFilter(forms.Form):
    """Narrow a queue by name or number, stage and district; nonsense in the address narrows nothing."""

    q = forms.CharField(label="名称、代码或编号", required=False, max_length=80)
    state = forms.ChoiceField(label="环节", required=False)
    district = forms.ChoiceField(label="区（县）", required=False)

    def __init__(self, data: Any, *, states: Iterable[tuple[str, str]], districts: Iterable[str]) -> None:
        super().__init__(data)
        self.fields["state"].choices = [("", "待办及在办"), *states, ("all", "全部")]  # type: ignore[attr-defined]
        self.fields["district"].choices = [("", "全部"), *((one, one) for one in districts)]  # type: ignore[attr-defined]

    @property
    def wanted(self) -> dict[str, str]:
        self.is_valid()
        return {key: self.cleaned_data.get(key, "") for key in self.fields}


class ChecklistForm(forms.Form):
    """A verdict and a note for each item, the opinion and the three names."""

    opinion = TextArea(label="审核意见", max_length=2000, required=False)
    examiner = forms.CharField(label="审核人", max_length=40, required=False)
    reviewer = forms.CharField(label="复核人", max_length=40, required=False)
    approver = forms.CharField(label="分管领导", max_length=40, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, rows: list[ChecklistRow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = rows
        for row in rows:
            self.fields[f"verdict_{row.key}"] = forms.ChoiceField(
                label=row.text,
                choices=[("", "请选择"), *VERDICTS.items()],
                required=False,
                initial=row.verdict,
            )
            self.fields[f"note_{row.key}"] = forms.CharField(
                label=f"“{row.text}”的说明",
                widget=forms.Textarea(attrs={"rows": 2}),
                max_length=500,
                required=False,
                initial=row.note,
            )

    def lines(self) -> list[tuple[ChecklistRow, Any, Any]]:
        return [(row, self[f"verdict_{row.key}"], self[f"note_{row.key}"]) for row in self.rows]

    def names(self) -> list[Any]:
        return [self["examiner"], self["reviewer"], self["approver"]]

    @property
    def items(self) -> dict[str, dict[str, str]]:
        data = self.cleaned_data
        return {row.key: {"verdict": data[f"verdict_{row.key}"], "note": data[f"note_{row.key}"]} for row in self.rows}

    @property
    def signature(self) -> dict[str, str]:
        return {key: self.cleaned_data[key] for key in ("examiner", "reviewer", "approver", "opinion")}


class SettleForm(forms.Form):
    settled_as = forms.ChoiceField(
        label="核实结论",
        choices=[(Finding.Result.CLEAR, "经核实符合规定"), (Finding.Result.STOP, "经核实不符合规定")],
        widget=forms.RadioSelect,
    )
    note = TextArea(label="核实说明", max_length=500, help_text="写明核实的方式、依据的材料和结论。")


class CreditCheckForm(forms.Form):
    """信用核查记录: which site, when, who, what was seen, and a screenshot."""

    site = forms.ChoiceField(label="查询网站", choices=[(one, one) for one in CREDIT_SITES])
    other_site = forms.CharField(label="其他网站名称", max_length=100, required=False)
    looked_on = DateField(label="查询日期")
    is_clear = forms.ChoiceField(
        label="查询结论", choices=[("yes", "未见不良记录"), ("no", "有不良记录")], widget=forms.RadioSelect
    )
    result = TextArea(label="查询结果", max_length=500, help_text="有不良记录的，写明列入日期、事由和是否修复。")
    screenshot = forms.FileField(label="查询截图", required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("site") == "其他" and not data.get("other_site"):
            self.add_error("other_site", "选择“其他”的，请填写网站名称。")
        return data

    @property
    def site_name(self) -> str:
        return self.cleaned_data["other_site"] or self.cleaned_data["site"]

    def looked_at(self, now: datetime) -> datetime:
        """The instant put on record: now for today, the end of office hours for an earlier day."""
        day: date = self.cleaned_data["looked_on"]
        return now if day == now.date() else clock.at(day, 18)


class ReturnForm(forms.Form):
    parts = forms.MultipleChoiceField(
        label="需要补正的部分",
        widget=forms.CheckboxSelectMultiple,
        help_text="只有选中的部分重新开放，其他部分不能改动。",
    )
    reason = TextArea(
        label="需要补正的内容", max_length=2000, rows=6, help_text="逐项写明缺什么、如何改；将印在补正通知书上。"
    )

    def __init__(self, *args: Any, application: Application, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parts"].choices = list(parts_of(application).items())  # type: ignore[attr-defined]


class DecisionForm(forms.Form):
    """A refusal: the article it rests on and the facts, both printed on the paper that goes to the applicant."""

    cite = forms.ChoiceField(label="依据条款")
    ground = TextArea(
        label="事实和理由", max_length=2000, rows=6, help_text="写明查明的事实和不符合该条款的理由；将印在告知书上。"
    )

    def __init__(self, *args: Any, application: Application, stage: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cite"].choices = [("", "请选择"), *articles(application, stage)]  # type: ignore[attr-defined]


class DisqualifyForm(forms.Form):
    condition = forms.ChoiceField(
        label="违反的禁止性规定",
        widget=forms.RadioSelect,
        help_text="仅限办法所列禁止性规定；其他情形不能取消参评资格。",
    )
    ground = TextArea(label="查证属实的事实和理由", max_length=2000, rows=6, help_text="将印在告知书上。")

    def __init__(self, *args: Any, application: Application, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["condition"].choices = [  # type: ignore[attr-defined]
            (key, f"{text}（{application.rulebook.ground(application.rulebook.condition(key))}）")
            for key, text in prohibitive_conditions(application).items()
        ]


class LettersForm(forms.Form):
    """One letter to each chosen department about all the chosen names."""

    applications = forms.MultipleChoiceField(label="征求意见的申报组织", widget=forms.CheckboxSelectMultiple)
    departments = forms.MultipleChoiceField(label="征求意见的部门", widget=forms.CheckboxSelectMultiple)
    period_from = DateField(label="核查期间起")
    period_to = DateField(label="核查期间止")

    def __init__(
        self, *args: Any, candidates: Iterable[Application], departments: Iterable[Unit], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.candidates = {str(one.public_id): one for one in candidates}
        self.units = {str(one.public_id): one for one in departments}
        self.fields["applications"].choices = [  # type: ignore[attr-defined]
            (key, f"{one.organization}（{one.code_or_employer}）") for key, one in self.candidates.items()
        ]
        for one in self.candidates.values():
            self.fields["applications"].label = f"征求意见的{one.rulebook.noun}"
        self.fields["departments"].choices = [(key, str(one)) for key, one in self.units.items()]  # type: ignore[attr-defined]

    @property
    def chosen_applications(self) -> list[Application]:
        return [self.candidates[key] for key in self.cleaned_data["applications"]]

    @property
    def chosen_departments(self) -> list[Unit]:
        return [self.units[key] for key in self.cleaned_data["departments"]]


class NoteForm(forms.Form):
    note = TextArea(
        label="继续办理的说明",
        max_length=500,
        help_text="写明已采取的核实方式和继续办理的理由；由签署人负责，并记入留痕记录。",
    )


class ReplyForm(forms.Form):
    """The department's answers, one for each name that has none yet; names may be answered on different days."""

    def __init__(self, *args: Any, replies: list[ConsultationReply], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.replies = replies
        for one in self._open():
            self.fields[f"answer_{one.application.public_id}"] = forms.ChoiceField(
                label=f"对{one.application.organization}的意见",
                choices=[(Answer.CLEAR, "无意见"), (Answer.ADVERSE, "有意见")],
                widget=forms.RadioSelect,
                required=False,
            )
            self.fields[f"content_{one.application.public_id}"] = forms.CharField(
                label=f"对{one.application.organization}的具体意见",
                widget=forms.Textarea(attrs={"rows": 2}),
                max_length=2000,
                required=False,
            )

    def _open(self) -> list[ConsultationReply]:
        return [one for one in self.replies if one.answer == Answer.NONE]

    def lines(self) -> list[tuple[ConsultationReply, Any, Any]]:
        """Each name with its fields; an answered one has none."""
        return [
            (one, self[f"answer_{one.application.public_id}"], self[f"content_{one.application.public_id}"])
            if one.answer == Answer.NONE
            else (one, None, None)
            for one in self.replies
        ]

    @property
    def answers(self) -> dict[int, tuple[str, str]]:
        """Those given: application pk → (answer, content)."""
        found = {}
        for one in self._open():
            answer = self.cleaned_data[f"answer_{one.application.public_id}"]
            content = self.cleaned_data[f"content_{one.application.public_id}"]
            if answer or content:
                found[one.application_id] = (answer, content)
        return found


class OpinionForm(forms.Form):
    """One 审核推荐意见 for all the chosen candidates."""

    applications = forms.MultipleChoiceField(label="推荐的申报组织", widget=forms.CheckboxSelectMultiple)
    publicity_result = TextArea(
        label="公示情况", max_length=1000, help_text="写明公示的时间、地点和方式，有无异议及处理结果。"
    )
    opinion = TextArea(
        label="审核推荐意见", max_length=2000, rows=6, help_text="写明审核的内容、征求意见情况和推荐结论。"
    )

    def __init__(self, *args: Any, candidates: Iterable[Application], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.candidates = {str(one.public_id): one for one in candidates}
        self.fields["applications"].choices = [  # type: ignore[attr-defined]
            (key, f"{one.organization}（{one.code_or_employer}）") for key, one in self.candidates.items()
        ]
        for one in self.candidates.values():
            self.fields["applications"].label = f"推荐的{one.rulebook.noun}"
            # a scheme without this publicity has nothing to report of it
            if not one.rulebook.has_stage(State.RECOMMENDATION_PUBLICITY):
                self.fields.pop("publicity_result", None)

    @property
    def chosen(self) -> list[Application]:
        return [self.candidates[key] for key in self.cleaned_data["applications"]]


def articles(application: Application, stage: str) -> list[tuple[str, str]]:
    """What a refusal may rest on: the eligibility conditions and the stage's checklist, each with its article."""
    book = application.rulebook
    things = [*((one, one.title) for one in book.conditions_for(application.subject))]
    if stage in (State.RECOMMENDATION_REVIEW, State.QUALIFICATION):
        things += [(one, one.text) for one in book.stage(stage).checklist]
    seen: dict[str, str] = {}
    for thing, title in things:
        cite = book.ground(thing)
        seen[cite] = (
            f"{seen[cite]}；{title}" if cite in seen else f"{book.cite_zh(thing.cite) if thing.cite else cite}　{title}"
        )
    return list(seen.items())
