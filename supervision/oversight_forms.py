"""Forms of the supervising department's desk and of discipline."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from awards.models import Round
from organizations.models import User

from .case_forms import date_field, text_field
from .models import DisciplineCase, SpotCheckItem


class SpotCheckForm(forms.Form):
    count = forms.IntegerField(
        label="抽查数量",
        min_value=1,
        max_value=500,
        error_messages={"invalid": "抽查数量应为数字。", "required": "请填写抽查数量。"},
    )
    purpose = forms.CharField(
        label="抽查内容", max_length=300, help_text="例如：资格审查、评分和公示情况。",
        error_messages={"required": "请填写抽查内容。"},
    )  # fmt: skip


class ResultForm(forms.Form):
    finding = forms.ChoiceField(label="结果", choices=SpotCheckItem.Finding.choices, widget=forms.RadioSelect)
    checked_on = date_field("抽查日期")
    text = text_field("情况说明", limit=2000, rows=3, required=False, help_text="存在瑕疵或者问题的，应当写明。")


class SummaryForm(forms.Form):
    summary = text_field("抽查结论", limit=2000, rows=4)


class AdviceForm(forms.Form):
    facts = text_field("发现的问题", limit=3000, rows=5)
    advice = text_field("监督建议", limit=3000, rows=5)


class AdviceAnswerForm(forms.Form):
    is_taken = forms.TypedChoiceField(
        label="是否采纳", choices=[("yes", "采纳"), ("no", "不采纳")], coerce=lambda one: one == "yes",
        widget=forms.RadioSelect, error_messages={"required": "请选择是否采纳。"},
    )  # fmt: skip
    text = text_field("办理情况", limit=3000, rows=6)


class PersonField(forms.ModelChoiceField):
    """People of one name are told apart by where they work; who works in no unit is one of the experts."""

    def label_from_instance(self, obj: Any) -> str:
        units = "、".join(dict.fromkeys(one.unit.name for one in obj.memberships.all())) or "评审专家"
        return f"{obj}（{units}）"


class PersonForm(forms.Form):
    """A report on a person who runs or judges; the people are those of the scheme."""

    person = PersonField(
        User.objects.none(), label="被反映人", empty_label="请选择",
        error_messages={"required": "请选择被反映人。"},
    )  # fmt: skip
    role = forms.ChoiceField(
        label="身份", choices=DisciplineCase.Role.choices, widget=forms.RadioSelect,
        error_messages={"required": "请选择被反映人在评审中的身份。"},
    )  # fmt: skip
    round = forms.ModelChoiceField(Round.objects.none(), label="届次", required=False, empty_label="不限于某一届")
    source = forms.ChoiceField(label="来源", choices=DisciplineCase.Source.choices)
    text = text_field("反映的情况", limit=5000, rows=6)
    file = forms.FileField(label="证明材料", required=False)

    def __init__(self, *args: Any, people: QuerySet[User], rounds: QuerySet[Round], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people.prefetch_related("memberships__unit")  # type: ignore[attr-defined]
        self.fields["round"].queryset = rounds  # type: ignore[attr-defined]


class FindForm(forms.Form):
    is_upheld = forms.TypedChoiceField(
        label="认定", choices=[("yes", "属实"), ("no", "不属实")], coerce=lambda one: one == "yes",
        widget=forms.RadioSelect, error_messages={"required": "请选择认定。"},
    )  # fmt: skip
    text = text_field("认定的事实和依据", limit=3000, rows=5)
    statement = text_field("本人说明", limit=3000, rows=3, required=False)


class DisqualifyForm(forms.Form):
    until_on = date_field("期限至", required=False, help_text="不填为长期；所填之日起可以恢复使用。")


class ReferForm(forms.Form):
    to = forms.CharField(label="移送机关", max_length=80, error_messages={"required": "请填写移送机关。"})
    text = text_field("移送理由", limit=1000, rows=3)


class TextForm(forms.Form):
    text = text_field("内容", limit=2000, rows=4)


class CloseForm(forms.Form):
    because = text_field("办结说明", limit=500, rows=2, required=False, help_text="未作任何处理的，应当写明理由。")
