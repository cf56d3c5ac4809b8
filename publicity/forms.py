"""Forms of the publicity desk, and the filters of the public site."""

from __future__ import annotations

from typing import Any

from django import forms

from awards.forms.rounds import date_field
from awards.models import Award, Scheme

from .models import Notice


class OpenPublicityForm(forms.Form):
    """Which names, and for how many days."""

    names = forms.MultipleChoiceField(label="列入名单的申报人", widget=forms.CheckboxSelectMultiple)
    days = forms.IntegerField(label="公示天数", min_value=1, max_value=365)

    def __init__(
        self, *args: Any, names: list[tuple[str, str]], noun: str, unit: str, ground: str, exact: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["names"].choices = names  # type: ignore[attr-defined]
        self.fields["names"].label = f"列入名单的{noun}"
        days = self.fields["days"]
        days.suffix, days.width, days.cite = unit, "short", ground  # type: ignore[attr-defined]
        days.help_text = f"{'办法规定的天数，不得变更' if exact else '可以延长，不得缩短'}；发布当日不计入。"


class ExtendForm(forms.Form):
    """A longer window and its ground."""

    days = forms.IntegerField(label="延长后的天数", min_value=1, max_value=365, help_text="自发布次日起合计的天数。")
    ground = forms.CharField(
        label="延长的理由",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="随公告对外公布，不得写入个人信息。",
    )


class ExtendWindowForm(forms.Form):
    """The new end of the application window, and its ground."""

    closes_on = date_field("现申报截止日", help_text="至当日24:00止。只能向后延。")
    due_on = date_field("现推荐报送截止日", required=False, help_text="不填的，按原来留给审核推荐单位的工作日数顺延。")
    ground = forms.CharField(
        label="延期的理由",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="随公告对外公布，不得写入个人信息。",
    )


class CorrectionForm(forms.Form):
    """What a correction notice says: the words that were wrong, and the right ones."""

    wrong = forms.CharField(
        label="原文",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="照抄原公告中有误的内容。",
    )
    right = forms.CharField(
        label="更正为",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="对外公布，不得写入个人信息。",
    )
    ground = forms.CharField(
        label="更正理由",
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="可以不填。",
    )


class ChangeListForm(forms.Form):
    because = forms.CharField(
        label="名单变更的依据和理由",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="随公告对外公布；不得写入异议人的信息。",
        error_messages={"required": "请写明名单变更的依据和理由。"},
    )


class CallFilter(forms.Form):
    """Whose calls are shown."""

    scheme = forms.ModelChoiceField(
        Scheme.objects.filter(is_public=True), label="奖项", required=False, to_field_name="key", empty_label="全部"
    )


class NoticeFilter(forms.Form):
    """The filters of the list of notices."""

    scheme = forms.ModelChoiceField(
        Scheme.objects.filter(is_public=True), label="奖项", required=False, to_field_name="key", empty_label="全部"
    )
    kind = forms.ChoiceField(label="种类", required=False)
    running = forms.ChoiceField(label="公示状态", required=False, choices=[("", "全部"), ("yes", "正在公示")])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # what was published and what is asked for: no scheme has every kind
        there = {*Notice.objects.public().order_by().values_list("kind", flat=True).distinct(), self.data.get("kind")}
        kinds = [(value, label) for value, label in Notice.Kind.choices if value in there]
        self.fields["kind"].choices = [("", "全部"), *kinds]  # type: ignore[attr-defined]


class RegisterFilter(forms.Form):
    """The filters of the register of winners."""

    scheme = forms.ModelChoiceField(
        Scheme.objects.filter(is_public=True), label="奖项", required=False, to_field_name="key", empty_label="全部"
    )
    year = forms.ChoiceField(label="获奖年度", required=False)
    tier = forms.ChoiceField(label="等次", required=False)
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部"), *Award.State.choices])
    name = forms.CharField(label="名称", required=False, max_length=60)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        awards = Award.objects.public().order_by()
        years = sorted(set(awards.values_list("year", flat=True).distinct()), reverse=True)
        tiers = sorted(set(awards.values_list("tier_name", flat=True).distinct()))
        self.fields["year"].choices = [("", "全部"), *((str(one), f"{one}年") for one in years)]  # type: ignore[attr-defined]
        self.fields["tier"].choices = [("", "全部"), *((one, one) for one in tiers)]  # type: ignore[attr-defined]


class CertificateForm(forms.Form):
    """A certificate's number as it is printed."""

    number = forms.CharField(label="证书编号", max_length=40, help_text="印在证书下方，也可以扫描证书上的二维码。")


class CommentForm(forms.Form):
    """A comment on the candidates: no name, no phone, nothing of who writes."""

    about = forms.ChoiceField(label="涉及的名单", required=False)
    text = forms.CharField(
        label="意见建议",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"required": "请填写意见建议。"},
        help_text="不超过2000字。请勿填写个人信息和涉密内容。",
    )

    def __init__(self, *args: Any, names: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["about"].choices = [("", "整个名单"), *names]  # type: ignore[attr-defined]


class CommentSummaryForm(forms.Form):
    """征求意见情况."""

    text = forms.CharField(
        label="意见建议情况",
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="收到多少条，主要内容是什么；没有收到的也请写明。写入评审报告。",
    )
    handled = forms.CharField(
        label="采纳和处理情况", max_length=3000, widget=forms.Textarea(attrs={"rows": 6}), help_text="写入评审报告。"
    )
    version = forms.IntegerField(widget=forms.HiddenInput)
