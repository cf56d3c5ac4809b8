"""The forms of the review desks; what is wrong with them is said by the domain, what was typed stays in them."""

from __future__ import annotations

from typing import Any

from django import forms

from applications.forms.desks import DateField, TextArea
from applications.models import Application
from awards.rulebook import Rulebook
from organizations.models import Organization

from ..drawing import Quota
from ..models import Assignment, Expert
from ..readers import Choice
from ..report_words import LIMIT, PARTS


class ConflictForm(forms.Form):
    organization = forms.CharField(label="申报人", max_length=80, help_text="填写名称（姓名）或者统一社会信用代码全文")
    ground = forms.ChoiceField(label="回避情形", widget=forms.RadioSelect)
    note = forms.CharField(label="说明", max_length=300, required=False)

    def __init__(self, *args: Any, book: Rulebook, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organization"].label = book.noun
        self.fields["ground"].choices = ground_choices(book)  # type: ignore[attr-defined]

    def clean_organization(self) -> Organization:
        text = self.cleaned_data["organization"].strip()
        found = list(Organization.objects.filter(code=text)[:2]) or list(Organization.objects.filter(name=text)[:2])
        if len(found) != 1:
            raise forms.ValidationError("没有找到，或者有多个同名的，请填写统一社会信用代码。")
        return found[0]


class FormPanelForm(forms.Form):
    """The whole panel from any field, or so many of each; the members and the reserve are drawn in one draw."""

    size = forms.IntegerField(label="评审组人数", min_value=1, max_value=99)
    reserve = forms.IntegerField(
        label="备选人数", min_value=0, max_value=99, required=False,
        help_text="不限领域抽取时的备选人数。成员不能参加或者回避的，按备选次序递补",
    )  # fmt: skip
    witness = forms.CharField(
        label="到场监督的纪检监督人员", max_length=40, help_text="有多人的，用顿号分开",
        widget=forms.TextInput(attrs={"list": "witnesses", "autocomplete": "off"}),
    )  # fmt: skip
    seed = forms.CharField(
        label="抽取种子",
        max_length=80,
        required=False,
        help_text="可由监督人员当场给出；不填由系统生成。种子随抽取记录保存",
    )
    due_on = DateField(label="评审截止日")

    def __init__(self, *args: Any, fields: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = fields
        for number, name in enumerate(fields):
            for kind, label in (("count", "抽取人数"), ("reserve", "备选人数")):
                self.fields[f"{kind}-{number}"] = forms.IntegerField(
                    label=f"{name}{label}", min_value=0, max_value=99, required=False,
                    widget=forms.NumberInput(attrs={"class": "width-short"}),
                )  # fmt: skip

    @property
    def plain(self) -> list[Any]:
        """The fields outside the table of counts."""
        return [self[name] for name in ("size", "reserve", "witness", "seed", "due_on")]

    def of_field(self, number: int) -> tuple[Any, Any]:
        return self[f"count-{number}"], self[f"reserve-{number}"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        quotas = [
            Quota(cleaned.get(f"count-{number}") or 0, cleaned.get(f"reserve-{number}") or 0, name)
            for number, name in enumerate(self.names)
        ]
        self.quotas = [one for one in quotas if one.count]
        told = sum(one.count for one in self.quotas)
        if self.quotas and "size" in cleaned and told != cleaned["size"]:
            self.add_error("size", f"各领域抽取人数合计{told}人，与评审组人数{cleaned['size']}人不一致。")
        if any(one.reserve and not one.count for one in quotas):
            self.add_error(None, "填写了备选人数的领域，请同时填写抽取人数。")
        return cleaned


class DrawMoreForm(forms.Form):
    count = forms.IntegerField(label="增补人数", min_value=1, max_value=20, initial=1)
    field = forms.ChoiceField(label="专业领域", required=False)
    witness = forms.CharField(label="到场监督的纪检监督人员", max_length=40)
    seed = forms.CharField(label="抽取种子", max_length=80, required=False, help_text="不填由系统生成")

    def __init__(self, *args: Any, fields: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["field"].choices = [("", "不限"), *((one, one) for one in fields)]  # type: ignore[attr-defined]


class AssignForm(forms.Form):
    readers = forms.IntegerField(label="每份材料评审专家数", min_value=1, max_value=99)
    limit = forms.IntegerField(
        label="每名专家最多评审份数", min_value=1, max_value=999, required=False, help_text="不填为不限"
    )
    seed = forms.CharField(label="抽取种子", max_length=80, required=False, help_text="不填由系统生成")


class MoveReaderForm(forms.Form):
    """Another member takes the reading; what stands against each is said beside the choice."""

    to = forms.ChoiceField(label="改由谁评审", widget=forms.RadioSelect)
    ground = TextArea(label="调整理由", max_length=280, rows=2)

    def __init__(self, *args: Any, choices: list[Choice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(one.expert.public_id): one.expert for one in choices}
        self.fields["to"].choices = [(str(one.expert.public_id), _told(one)) for one in choices]  # type: ignore[attr-defined]


class ReplaceMemberForm(forms.Form):
    ground = TextArea(label="事由", max_length=280, rows=2, help_text="如：本人提出不能参加、应当回避、无法取得联系")


def _told(choice: Choice) -> str:
    """What the office should know of a member before choosing: the work, the field, and what bars them."""
    said = [f"{choice.expert}（{choice.expert.field}，已分配{choice.load}份"]
    said.append("，领域相符）" if choice.is_fitting else "）")
    if choice.against:
        said.append(f"——不能接替：{'；'.join(choice.against)}")
    elif choice.questions:
        said.append(f"——请先核实：{'；'.join(choice.questions)}")
    return "".join(said)


class PanelSettingsForm(forms.Form):
    due_on = DateField(label="评审截止日")
    chair = forms.ChoiceField(label="组长")

    def __init__(self, *args: Any, members: list[Expert], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["chair"].choices = [(str(one.public_id), str(one)) for one in members]  # type: ignore[attr-defined]


class RecuseForm(forms.Form):
    ground = forms.ChoiceField(label="回避情形", widget=forms.RadioSelect)
    reason = TextArea(label="事实和理由", max_length=1000)

    def __init__(self, *args: Any, book: Rulebook, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ground"].choices = ground_choices(book)  # type: ignore[attr-defined]


class AskRecusalForm(RecuseForm):
    named = forms.CharField(label="专家姓名", max_length=40)
    proof = forms.FileField(label="证明材料")
    field_order = ("named", "ground", "reason", "proof")


class DecideRecusalForm(forms.Form):
    assignment = forms.ChoiceField(label="决定", widget=forms.RadioSelect)
    decision = TextArea(label="决定理由", max_length=1000)

    def __init__(self, *args: Any, assignments: list[Assignment], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(one.public_id), f"准许：{one.expert}（{one.expert.employer}）回避") for one in assignments]
        self.fields["assignment"].choices = [*choices, ("none", "不予回避")]  # type: ignore[attr-defined]


class CutForm(forms.Form):
    """A tick and a reason for each application of the table."""

    def __init__(self, *args: Any, applications: list[Application], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.applications = applications
        for one in applications:
            name = one.listed_name
            self.fields[f"pass-{one.public_id}"] = forms.BooleanField(label=f"{name}进入下一环节", required=False)
            self.fields[f"reason-{one.public_id}"] = forms.CharField(
                label=f"{name}的理由", max_length=500, required=False,
                widget=forms.Textarea(attrs={"rows": 2}),
            )  # fmt: skip

    def bound(self, application: Application) -> tuple[Any, Any]:
        return self[f"pass-{application.public_id}"], self[f"reason-{application.public_id}"]

    @property
    def passing(self) -> list[Application]:
        return [one for one in self.applications if self.cleaned_data[f"pass-{one.public_id}"]]

    @property
    def reasons(self) -> dict[int, str]:
        return {one.pk: self.cleaned_data[f"reason-{one.public_id}"] for one in self.applications}


class ReportForm(forms.Form):
    """The report's words, one text for each part; whether a part may be empty is asked when it is issued."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key, title in PARTS.items():
            self.fields[key] = TextArea(label=title, max_length=LIMIT, rows=7, required=False)

    @property
    def sections(self) -> dict[str, str]:
        return {key: self.cleaned_data[key] for key in PARTS if key in self.data}


class ReportCorrectionForm(forms.Form):
    ground = TextArea(label="更正理由", max_length=300, rows=2, help_text="写明哪里有误、为什么更正；随新版一并签发")


def ground_choices(book: Rulebook) -> list[tuple[str, str]]:
    return [(one.key, one.text) for one in book.recusal.grounds]
