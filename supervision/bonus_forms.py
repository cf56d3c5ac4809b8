"""Forms of the bonus: facts, payments, uses, inspections, money demanded back. What is refused comes back as typed."""

from __future__ import annotations

from typing import Any

from django import forms

from .models import BonusFact
from .paying import OPENED_FOR


def day_field(label: str, *, required: bool = True, help_text: str = "") -> forms.DateField:
    return forms.DateField(
        label=label, required=required, help_text=help_text,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "请填写日期，例如 2027-03-01。"},
    )  # fmt: skip


def money_field(label: str, *, required: bool = True, help_text: str = "") -> forms.DecimalField:
    return forms.DecimalField(
        label=label, required=required, help_text=help_text, max_digits=12, decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        error_messages={"invalid": "请填写数字，单位为元，例如 300000 或者 1234.50。"},
    )  # fmt: skip


class FactForm(forms.Form):
    """One fact that decides the sum; what a higher award needs is asked only where the scheme matches it."""

    kind = forms.ChoiceField(label="核定事项", widget=forms.RadioSelect)
    holds = forms.TypedChoiceField(
        label="核实结果", choices=[("yes", "是"), ("no", "否")], coerce=lambda word: word == "yes",
        widget=forms.RadioSelect,
    )  # fmt: skip
    basis = forms.CharField(label="核实依据", max_length=300, help_text="例如核实的文件名称和文号，不填写个人信息。")
    award_name = forms.CharField(label="上级奖项名称", max_length=120, required=False)
    award_year = forms.IntegerField(
        label="上级奖项获奖年度", required=False, min_value=2000, max_value=2100,
        error_messages={"invalid": "请填写四位年份。"}, widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )  # fmt: skip
    amount = money_field("上级政府奖励金额（元）", required=False)
    proof = forms.FileField(label="证明材料")

    def __init__(self, *args: Any, kinds: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = dict(BonusFact.Kind.choices)
        self.fields["kind"].choices = [(kind, labels[kind]) for kind in kinds]  # type: ignore[attr-defined, index]
        if len(kinds) == 1:
            self.fields["kind"].initial = kinds[0]
        if BonusFact.Kind.HIGHER_AWARD not in kinds:
            for name in ("award_name", "award_year", "amount"):
                del self.fields[name]


class PaymentForm(forms.Form):
    part = forms.ChoiceField(label="款项", widget=forms.RadioSelect)
    amount = money_field("拨付金额（元）", help_text="可以分次登记，合计不超过应拨金额。")
    paid_on = day_field("拨付日期")
    bank = forms.CharField(label="开户银行", max_length=120)
    account = forms.CharField(
        label="收款账号", max_length=40, help_text="加密保存，页面只显示末四位；查看完整账号记入日志。",
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )  # fmt: skip
    receipt_number = forms.CharField(label="收据编号", max_length=60)
    receipt = forms.FileField(label="收据扫描件")

    def __init__(self, *args: Any, parts: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["part"].choices = parts  # type: ignore[attr-defined]
        if len(parts) == 1:
            self.fields["part"].initial = parts[0][0]


class VoidForm(forms.Form):
    because = forms.CharField(label="作废理由", max_length=200, error_messages={"required": "请填写作废理由。"})


class OpenAccountForm(forms.Form):
    purpose = forms.ChoiceField(label="查看事由", choices=list(OPENED_FOR.items()))


class UseLineForm(forms.Form):
    """One sum of a plan or a report; what lies outside the purposes can be said, and is refused with the article."""

    OUTSIDE = "不在以上用途之内"

    purpose = forms.ChoiceField(label="用途")
    amount = money_field("金额（元）")
    what = forms.CharField(label="具体事项", max_length=200)
    spent_on = day_field("支出日期", required=False)
    proof = forms.FileField(label="发票、合同或者支付凭证", required=False)

    def __init__(self, *args: Any, purposes: tuple[str, ...], is_report: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "请选择"), *((one, one) for one in purposes), (self.OUTSIDE, self.OUTSIDE)]
        self.fields["purpose"].choices = choices  # type: ignore[attr-defined]
        if not is_report:
            del self.fields["spent_on"], self.fields["proof"]


class UseSummaryForm(forms.Form):
    summary = forms.CharField(
        label="总体说明", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )


class UseReviewForm(forms.Form):
    note = forms.CharField(label="审核意见", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}))


class InspectionForm(forms.Form):
    inspected_on = day_field("检查日期")
    inspectors = forms.CharField(label="检查单位和人员", max_length=120)
    finding = forms.CharField(label="检查情况", max_length=2000, widget=forms.Textarea(attrs={"rows": 5}))
    is_proper = forms.TypedChoiceField(
        label="奖金使用是否规范", choices=[("yes", "规范"), ("no", "使用不当，须整改")],
        coerce=lambda word: word == "yes", widget=forms.RadioSelect,
    )  # fmt: skip
    rectify_by = day_field("整改期限", required=False, help_text="使用不当的填写。")
    proof = forms.FileField(label="检查记录", required=False)


class ClosingForm(forms.Form):
    note = forms.CharField(label="整改情况", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}))


class ClawbackForm(forms.Form):
    amount = money_field("追缴金额（元）", required=False, help_text="不填的，为已拨付而未追缴的全部。")
    ground = forms.CharField(label="追缴依据", max_length=300, help_text="写明条款和事由，告知获奖者。")


class ReturnForm(forms.Form):
    amount = money_field("退回金额（元）")
    received_on = day_field("退回日期")
    receipt_number = forms.CharField(label="缴款凭证编号", max_length=60)
