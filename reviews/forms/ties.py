"""The forms of ties: an expert's own, an applicant's, the office's; what is typed stays in them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from applications.forms.desks import DateField, TextArea
from applications.models import Application
from awards.rulebook import Rulebook

from ..models import ConflictKind, Expert
from ..ties import tie_kinds


class BoardFilter(forms.Form):
    """Narrow the board; nonsense in the address narrows nothing."""

    name = forms.CharField(label="专家姓名或者工作单位", required=False, max_length=40)
    application = forms.ChoiceField(label="申报者", required=False)
    kind = forms.ChoiceField(label="关系", required=False, choices=[("", "全部"), *ConflictKind.choices])
    show = forms.ChoiceField(
        label="结论", required=False, choices=[("", "全部"), ("certain", "应当回避"), ("asked", "待核实")]
    )

    def __init__(self, *args: Any, applications: Iterable[Application], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [(str(one.public_id), one.listed_name) for one in applications]
        self.fields["application"].choices = [("", "全部"), *names]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> dict[str, str]:
        self.is_valid()
        return {name: self.cleaned_data.get(name, "") for name in ("name", "application", "kind", "show")}


class TieForm(forms.Form):
    """What every tie says: of what kind, what the fact is, since and until when."""

    field_order: tuple[str, ...] = ()
    kind = forms.ChoiceField(label="关系", widget=forms.RadioSelect)
    detail = forms.CharField(
        label="事实", max_length=80, required=False, help_text="职务、项目、持股比例等，不写亲属姓名"
    )
    from_on = DateField(label="起", required=False)
    until_on = DateField(label="止", required=False, help_text="仍在持续的不填")
    note = forms.CharField(label="说明", max_length=300, required=False)

    def __init__(self, *args: Any, book: Rulebook | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = tie_kinds(book) if book else list(ConflictKind.choices)
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]


class OwnTieForm(TieForm):
    body_name = forms.CharField(label="单位名称", max_length=80, help_text="填写全称，不限于已申报的单位")
    body_code = forms.CharField(label="统一社会信用代码", max_length=18, required=False)
    kin = forms.CharField(
        label="亲属姓名", max_length=40, required=False, help_text="近亲属关系填写，加密保存，仅办公室可见"
    )
    field_order: tuple[str, ...] = ("body_name", "body_code", "kind", "detail", "kin", "from_on", "until_on", "note")


class NamedTieForm(TieForm):
    """An applicant names a person in words; nothing here tells who is in the pool."""

    person_name = forms.CharField(label="姓名", max_length=40)
    person_employer = forms.CharField(label="工作单位", max_length=80, help_text="用于区分同名人员")
    field_order: tuple[str, ...] = ("person_name", "person_employer", "kind", "detail", "from_on", "until_on", "note")


class OfficeTieForm(OwnTieForm):
    expert = forms.ChoiceField(label="专家")
    field_order: tuple[str, ...] = ("expert", *OwnTieForm.field_order)

    def __init__(self, *args: Any, experts: Iterable[Expert], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.experts = {str(one.public_id): one for one in experts}
        names = [(key, f"{one}（{one.employer}）") for key, one in self.experts.items()]
        self.fields["expert"].choices = [("", "请选择"), *names]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        return {"person": self.experts[data.pop("expert")].user, **data}


class GroupForm(forms.Form):
    parent_name = forms.CharField(label="母公司（上级单位）", max_length=80)
    parent_code = forms.CharField(label="母公司统一社会信用代码", max_length=18, required=False)
    child_name = forms.CharField(label="子公司（下级单位）", max_length=80)
    child_code = forms.CharField(label="子公司统一社会信用代码", max_length=18, required=False)
    note = forms.CharField(label="说明", max_length=300, required=False, help_text="控股比例、依据等")


class ParentForm(forms.Form):
    """An applicant names its own parent or subsidiary."""

    role = forms.ChoiceField(
        label="该单位是",
        widget=forms.RadioSelect,
        choices=[("parent", "母公司（上级单位）"), ("child", "子公司（下级单位）")],
    )
    other_name = forms.CharField(label="单位名称", max_length=80)
    other_code = forms.CharField(label="统一社会信用代码", max_length=18, required=False)


class WithdrawForm(forms.Form):
    because = forms.CharField(label="撤销理由", max_length=300)


class LikenessForm(forms.Form):
    expert = forms.UUIDField(widget=forms.HiddenInput)
    application = forms.UUIDField(widget=forms.HiddenInput)
    likeness = forms.CharField(max_length=120, widget=forms.HiddenInput)
    verdict = forms.ChoiceField(label="认定", choices=[("same", "为同一，应当回避"), ("other", "不是同一，排除")])
    because = TextArea(label="认定理由", max_length=300, rows=2)
