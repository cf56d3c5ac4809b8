"""Forms of the case pages: what the public, the party and the office fill in."""

from __future__ import annotations

from typing import Any

from django import forms

from .case_rules import Consequence
from .models import Case, CaseEvidence


def date_field(label: str, *, required: bool = True, help_text: str = "") -> forms.DateField:
    return forms.DateField(
        label=label, required=required, help_text=help_text,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "请填写日期，例如 2027-03-01。", "required": f"请填写{label}。"},
    )  # fmt: skip


def text_field(label: str, *, limit: int, rows: int = 5, required: bool = True, help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label=label, max_length=limit, required=required, help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows}), error_messages={"required": f"请填写{label}。"},
    )  # fmt: skip


class ReportForm(forms.Form):
    """What anybody tells of a winner; a name is not asked for, and sealed where it is given."""

    kind = forms.ChoiceField(
        label="反映的事项", choices=Case.Kind.choices, widget=forms.RadioSelect,
        error_messages={"required": "请选择反映的事项。"},
    )  # fmt: skip
    happened_on = date_field("发生日期", required=False, help_text="反映事故的，应当填写事故发生的日期。")
    text = text_field("反映的情况", limit=5000, rows=8, help_text="写明时间、地点、经过和线索来源。")
    file = forms.FileField(label="证明材料", required=False)
    name = forms.CharField(label="姓名或者单位名称", max_length=80, required=False)
    phone = forms.CharField(label="联系电话", max_length=40, required=False)
    address = forms.CharField(label="通讯地址", max_length=120, required=False)

    CONTACT = ("name", "phone", "address")


class OpenForm(forms.Form):
    """A case opened at a desk: by the office, or by a department that reports."""

    kind = forms.ChoiceField(label="事由", choices=Case.Kind.choices, widget=forms.RadioSelect)
    happened_on = date_field("发生日期", required=False)
    source_note = forms.CharField(label="来源说明", max_length=200, required=False, help_text="来文单位、文号。")
    text = text_field("情况", limit=5000, rows=8)
    file = forms.FileField(label="证明材料", required=False)


class AcceptForm(forms.Form):
    kind = forms.ChoiceField(label="事由", choices=Case.Kind.choices)


class BecauseForm(forms.Form):
    because = text_field("理由", limit=500, rows=3)


class EvidenceForm(forms.Form):
    kind = forms.ChoiceField(label="种类", choices=CaseEvidence.Kind.choices)
    label = forms.CharField(label="名称", max_length=120, error_messages={"required": "请填写名称。"})
    obtained_from = forms.CharField(label="取得来源", max_length=120, required=False)
    obtained_on = date_field("取得日期", required=False)
    proves = text_field("证明内容", limit=500, rows=2, required=False)
    file = forms.FileField(label="文件", required=False)


class AskForm(forms.Form):
    text = text_field(
        "询问事项", limit=1000, rows=4, help_text="对方只看到本栏内容，看不到反映材料。请勿写入可能识别反映人的信息。"
    )


class FindingForm(forms.Form):
    text = text_field("认定的事实、证据和理由", limit=3000, rows=6)


class RectifyForm(FindingForm):
    rule = forms.ChoiceField(label="违反的规定", widget=forms.RadioSelect)
    rectify_by = date_field("改正期限")

    def __init__(self, *args: Any, uses: list[tuple[str, str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rule"].choices = [(key, f"{text}（{ground}）") for key, text, ground in uses]  # type: ignore[attr-defined]


class IntendForm(FindingForm):
    rule = forms.ChoiceField(
        label="适用的规则", widget=forms.RadioSelect, error_messages={"required": "请选择适用的规则。"}
    )
    happened_on = date_field("发生日期", required=False)

    def __init__(self, *args: Any, rules: list[Consequence], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rule"].choices = [(one.key, f"{one.text}（{one.ground}）") for one in rules]  # type: ignore[attr-defined]


class NoteForm(forms.Form):
    text = text_field("核查情况", limit=1000, rows=3)


class ServiceForm(forms.Form):
    served_on = date_field("送达日期")
    how = forms.CharField(label="送达方式", max_length=80, help_text="例如：直接送达、邮寄送达、公告送达。")


class StatementForm(forms.Form):
    text = text_field("陈述申辩意见", limit=5000, rows=8)
    file = forms.FileField(label="证明材料", required=False)
    is_all = forms.BooleanField(
        label="意见已经完整提出，不再补充", required=False, help_text="勾选后，期限届满前即可继续办理。"
    )


class ConsideredForm(forms.Form):
    considered = text_field("对陈述申辩的复核意见", limit=3000, rows=4, required=False)


class DecisionForm(forms.Form):
    decision_number = forms.CharField(label="决定文号", max_length=60, error_messages={"required": "请填写决定文号。"})
    decided_on = date_field("决定日期")
    scan = forms.FileField(label="决定扫描件", required=False)


class KeepForm(BecauseForm):
    decided_on = date_field("决定日期")


class RecoveryForm(forms.Form):
    returned_on = date_field("交回日期", required=False)
    void_on = date_field("声明作废日期", required=False)
    text = forms.CharField(label="说明", max_length=300, required=False)


class ContactForm(forms.Form):
    """Why somebody must know who reported; the ground stands in the register of openings."""

    ground = forms.CharField(
        label="理由", max_length=200, help_text="记入查阅登记，不得写入反映人的信息。",
        error_messages={"required": "请写明理由，理由记入查阅登记。"},
    )  # fmt: skip


class AnswerForm(forms.Form):
    text = text_field("答复", limit=3000, rows=5)
    file = forms.FileField(label="证明材料", required=False)


class RectifiedForm(forms.Form):
    text = text_field("改正情况", limit=500, rows=4)
    file = forms.FileField(label="证明材料", required=False)
