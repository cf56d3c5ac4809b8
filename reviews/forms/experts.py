"""The forms of the pool of experts and of the expert's own desk."""

from __future__ import annotations

from typing import Any

from django import forms

from applications.forms.desks import DateField, TextArea
from award_portal.lib import clock
from awards.table_reading import ALLOWED
from organizations.codes import CodeRefused, clean_code
from organizations.models import User

from ..models import Expert, ExpertUseNote


def split_fields(text: str) -> list[str]:
    """Several fields as people write them."""
    for mark in "，,；;/":
        text = text.replace(mark, "、")
    return list(dict.fromkeys(one.strip() for one in text.split("、") if one.strip()))


class CodeField(forms.CharField):
    """A 统一社会信用代码 with its check digit, or nothing."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=30, required=False, **kwargs)

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        try:
            return clean_code(text) if text else ""
        except CodeRefused as refused:
            raise forms.ValidationError(str(refused)) from None


class OtherFieldsField(forms.CharField):
    """The other fields, separated by 、; cleaned to a list."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=300, required=False, help_text="多个领域用顿号隔开", **kwargs)

    def clean(self, value: Any) -> Any:
        fields = split_fields(super().clean(value))
        if any(len(one) > 60 for one in fields):
            raise forms.ValidationError("每个领域最多60字，多个领域用顿号隔开。")
        return fields


class ExpertForm(forms.Form):
    """An existing user by user name, or a new one when a name is given with it."""

    username = forms.CharField(label="用户名", max_length=150, help_text="已有用户直接入库；没有的将建立用户")
    display_name = forms.CharField(label="姓名", max_length=40, required=False, help_text="新用户填写")
    field = forms.CharField(label="专业领域", max_length=60)
    other_fields = OtherFieldsField(label="其他专业领域")
    employer = forms.CharField(label="工作单位", max_length=80, help_text="用于判断利害关系")
    employer_code = CodeField(label="单位统一社会信用代码")
    title = forms.CharField(label="职务职称", max_length=60, required=False)
    trainings = forms.IntegerField(label="入库前培训次数", min_value=0, max_value=999, initial=0)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        self.user = User.objects.filter(username=cleaned.get("username", "")).first()
        if self.user is None and not cleaned.get("display_name") and "username" in cleaned:
            self.add_error("display_name", "没有这一用户名。要建立新用户，请填写姓名。")
        return cleaned


class CardForm(forms.Form):
    field = forms.CharField(label="专业领域", max_length=60)
    other_fields = OtherFieldsField(label="其他专业领域")
    title = forms.CharField(label="职务职称", max_length=60, required=False)


class EmploymentForm(forms.Form):
    employer = forms.CharField(label="工作单位", max_length=80)
    employer_code = CodeField(label="单位统一社会信用代码")
    position = forms.CharField(label="职务", max_length=60, required=False)
    from_on = DateField(label="任职起", required=False)
    until_on = DateField(label="任职止", required=False, help_text="离任日期，现任职的不填")


class EndEmploymentForm(forms.Form):
    until_on = DateField(label="任职止", help_text="离任日期")


class TrainingForm(forms.Form):
    held_on = DateField(label="培训日期")
    subject = forms.CharField(label="培训内容", max_length=120)
    hours = forms.DecimalField(label="学时", min_value=0.5, max_value=999, decimal_places=1)
    organizer = forms.CharField(label="组织单位", max_length=80)


class SuspendForm(forms.Form):
    reason = TextArea(label="事实和理由", max_length=300, rows=2)
    until_on = DateField(label="恢复使用日期", required=False, help_text="不填的，由办公室恢复")


class DisqualifyForm(forms.Form):
    reason = TextArea(label="事实和理由", max_length=300, rows=2)
    until_on = DateField(label="期限至", required=False, help_text="该日起可以恢复使用；不填为永久")
    referred_to = forms.CharField(
        label="移送机关", max_length=80, required=False, help_text="涉嫌违法违纪的，填写移送的有权机关"
    )


class ReinstateForm(forms.Form):
    reason = forms.CharField(label="恢复理由", max_length=300)


class ExpertFilter(forms.Form):
    """Narrow the pool; nonsense in the address narrows nothing."""

    q = forms.CharField(label="姓名、用户名或单位", required=False, max_length=80)
    field = forms.ChoiceField(label="专业领域", required=False)
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部"), *Expert.State.choices])
    free_from = DateField(label="可参加时间自", required=False)
    free_to = DateField(label="至", required=False)

    def __init__(self, data: Any, *, fields: list[str]) -> None:
        super().__init__(data)
        self.fields["field"].choices = [("", "全部"), *((one, one) for one in fields)]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> dict[str, Any]:
        if not self.is_bound:
            return {}
        self.is_valid()
        return {key: value for key, value in self.cleaned_data.items() if value}


class ExpertListForm(forms.Form):
    """A list of experts to import."""

    file = forms.FileField(label="专家名册", help_text="xlsx 或者 csv。一行填写一名专家的一段任职经历，表头见模板。")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].upload_allowed = ALLOWED  # type: ignore[attr-defined]


class InvitationForm(forms.Form):
    """Accepting needs no words; declining does."""

    answer = forms.ChoiceField(
        label="答复", choices=[("accept", "接受邀请"), ("decline", "不能参加")], widget=forms.RadioSelect
    )
    reason = TextArea(label="不能参加的理由", max_length=300, rows=2, required=False, help_text="不能参加的填写")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("answer") == "decline" and not cleaned.get("reason", "").strip():
            self.add_error("reason", "请填写不能参加的理由。")
        return cleaned


class PledgeForm(forms.Form):
    read = forms.BooleanField(
        label="我已阅读全文，知悉应当履行的义务和违反承诺的后果", error_messages={"required": "请先阅读全文并勾选。"}
    )
    name = forms.CharField(label="签署姓名", max_length=40, help_text="请输入本人姓名")
    # of the text on the page: what is signed is what was read
    digest = forms.CharField(widget=forms.HiddenInput, max_length=64)


class AbsenceForm(forms.Form):
    first = DateField(label="自")
    last = DateField(label="至", help_text="含当日")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and last < first:
            self.add_error("last", "截止日期不能早于开始日期。")
        if last and last < clock.today():
            self.add_error("last", "截止日期已经过去，不需要登记。")
        return cleaned


class UseNoteForm(forms.Form):
    quality = forms.ChoiceField(label="评审质量", choices=ExpertUseNote.Quality.choices)
    note = forms.CharField(label="说明", max_length=300, required=False)
