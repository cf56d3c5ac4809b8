"""Forms of the ledger: its filters, and a certificate asked for again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from awards.models import Award, Scheme

from .models import CertificateReissue


class LedgerFilter(forms.Form):
    """The filters of the office's ledger; the choices are what stands in it."""

    scheme = forms.ModelChoiceField(Scheme.objects.none(), label="奖项", required=False, to_field_name="key")
    year = forms.TypedChoiceField(label="年度", required=False, coerce=int, empty_value=None)
    tier = forms.ChoiceField(label="等次", required=False)
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部"), *Award.State.choices])
    name = forms.CharField(label="名称、编号或者代码", required=False, max_length=60)

    def __init__(self, *args: Any, awards: QuerySet[Award], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = list(awards.order_by().values_list("scheme__key", "year", "tier_name").distinct())
        scheme: Any = self.fields["scheme"]
        scheme.queryset, scheme.empty_label = Scheme.objects.filter(key__in={one[0] for one in known}), "全部"
        years = sorted({one[1] for one in known}, reverse=True)
        self.fields["year"].choices = [("", "全部"), *((str(one), f"{one}年") for one in years)]  # type: ignore[attr-defined]
        tiers = sorted({one[2] for one in known})
        self.fields["tier"].choices = [("", "全部"), *((one, one) for one in tiers)]  # type: ignore[attr-defined]


class ReissueForm(forms.Form):
    kind = forms.ChoiceField(label="事由", choices=CertificateReissue.Kind.choices, widget=forms.RadioSelect)
    ground = forms.CharField(
        label="情况说明", max_length=500, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="遗失的写明时间和经过；更名的写明变更登记情况。不填写个人信息。",
    )  # fmt: skip
    new_name = forms.CharField(label="变更后的名称", max_length=120, required=False, help_text="更名换发的填写。")
    proof = forms.FileField(label="证明材料", help_text="遗失声明、变更登记通知书等。")


class ReissueDecisionForm(forms.Form):
    note = forms.CharField(
        label="办理意见", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="不同意的必须写明理由。",
    )  # fmt: skip
