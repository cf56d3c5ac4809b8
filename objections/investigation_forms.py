"""The forms of the investigation desk; those about one case offer what that case has (U13, U14)."""

from __future__ import annotations

from typing import Any

from django import forms

from applications.forms.desks import DateField, TextArea
from reviews.forms.visits import ManyFiles

from .expert_inquiries import free_experts
from .models import EvidenceItem, Objection

MOST_FILES = 5


class FilesField(forms.FileField):
    """Up to five papers at once."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=ManyFiles(), required=False, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> Any:
        files = data if isinstance(data, list | tuple) else [data] if data else []
        if len(files) > MOST_FILES:
            raise forms.ValidationError(f"一次最多上传{MOST_FILES}个文件。")
        return [super(FilesField, self).clean(one, initial) for one in files]


class AskForm(forms.Form):
    question = TextArea(
        label="请其说明的事项",
        max_length=1000,
        error_messages={"required": "请写明需要说明的事项。"},
        help_text="对方只看到本栏内容和附件，看不到异议材料。不得写入可能识别异议人的信息。",
    )
    due_on = DateField(label="请于此日前说明", required=False, help_text="不填的，为报告调查情况的期限。")
    papers = FilesField(label="附件", help_text="对方可以下载；不得附异议材料。")


class ExplainForm(forms.Form):
    text = TextArea(
        label="对有关事项的说明",
        max_length=3000,
        rows=8,
        error_messages={"required": "请写明对有关事项的说明。"},
    )
    proofs = FilesField(label="证明材料", help_text=f"最多{MOST_FILES}个文件。")


class EvidenceForm(forms.Form):
    title = forms.CharField(label="证据名称", max_length=120)
    source = forms.CharField(label="来源", max_length=120, help_text="由谁提供或者出具。")
    obtained = forms.ChoiceField(label="取得方式", choices=EvidenceItem.Obtained.choices)
    received_on = DateField(label="取得日期")
    file = forms.FileField(label="文件")


class FactForm(forms.Form):
    text = TextArea(label="查明的事实", max_length=1000, rows=3, help_text="一项一条，写明时间、内容。")
    evidence = forms.MultipleChoiceField(
        label="所依据的证据",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请选择该事实所依据的证据。"},
    )

    def __init__(self, *args: Any, case: Objection, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.items = {str(one.public_id): one for one in case.evidence_items.all()}
        fields: dict[str, Any] = self.fields
        fields["evidence"].choices = [(key, str(one)) for key, one in self.items.items()]

    @property
    def chosen(self) -> list[EvidenceItem]:
        return [self.items[key] for key in self.cleaned_data["evidence"]]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "evidence" in data:
            data["items"] = self.chosen
        return data


class DropFactForm(forms.Form):
    fact = forms.UUIDField(widget=forms.HiddenInput)


class ReportForm(forms.Form):
    text = TextArea(
        label="调查经过和意见",
        max_length=5000,
        rows=8,
        error_messages={"required": "请写明调查经过、查明的事实和意见。"},
        help_text="查明的事实、有关单位的说明、专家意见和证据目录由系统写入报告，不必重复。",
    )


class DecisionForm(forms.Form):
    finding = forms.ChoiceField(
        label="认定结论",
        choices=Objection.Finding.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择认定结论。"},
    )
    about = forms.ChoiceField(
        label="查证属实的是", choices=Objection.About.choices, widget=forms.RadioSelect, required=False
    )
    condition = forms.ChoiceField(label="认定涉及的申报条件", required=False)
    text = TextArea(
        label="认定意见",
        max_length=3000,
        rows=6,
        error_messages={"required": "请写明认定的事实、依据和结论。"},
        help_text="写明认定的事实、依据和结论；将书面告知异议人，不得写入异议人的信息。",
    )

    def __init__(self, *args: Any, case: Objection, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        application = case.application
        book = application.rulebook
        fields: dict[str, Any] = self.fields
        fields["condition"].choices = [
            ("", "不属于申报条件规定的情形"),
            *(
                (one.key, f"{one.text[:60]}{'（禁止性规定）' if one.prohibitive.value else ''}")
                for one in book.conditions_for(application.subject)
            ),
        ]
        fields["condition"].initial = case.condition
        if not case.accuses_recommender:
            del self.fields["about"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data.setdefault("about", "")
        # a page from before this field says nothing: then what the objector named stands
        data["condition"] = data.get("condition", "") if "condition" in self.data else None
        return data


class GroundForm(forms.Form):
    """Why somebody must know who objected; the ground stands in the register of openings."""

    ground = forms.CharField(
        label="理由",
        max_length=200,
        error_messages={"required": "请写明理由，理由记入查阅登记。"},
        help_text="记入查阅登记，不得写入异议人的信息。",
    )


class OrderExpertForm(forms.Form):
    expert = forms.ChoiceField(label="专家", error_messages={"required": "请选择专家。"})
    task = TextArea(label="请专家查明的事项", max_length=1000, rows=4, help_text="不得写入可能识别异议人的信息。")
    due_on = DateField(label="请于此日前提出意见")

    def __init__(self, *args: Any, case: Objection, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.experts = {str(one.public_id): one for one in free_experts(case)}
        fields: dict[str, Any] = self.fields
        fields["expert"].choices = [
            ("", "请选择"),
            *((key, f"{one}（{one.field}，{one.title or '专家'}）") for key, one in self.experts.items()),
        ]


class PledgeInquiryForm(forms.Form):
    signed_name = forms.CharField(label="签署姓名", max_length=40)


class OpinionForm(forms.Form):
    text = TextArea(label="专家意见", max_length=3000, rows=8, help_text="写明查明的情况、依据和意见。")
    file = forms.FileField(label="意见书或者检测报告", required=False)


class LeaveForm(forms.Form):
    because = forms.CharField(label="退出理由", max_length=300)
