"""Forms of the administrator's pages: units, people, their places; and passwords."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password

from ..models import Unit, UnitKind, User
from ..staffing import SchemeChoice
from .accounts import RegisterForm

# applications find their way to these by district or industry
ROUTED = (UnitKind.RECOMMENDER, UnitKind.CONSENTER)


class UnitForm(forms.Form):
    """A unit of a scheme. What is fixed after it was made stands on the page, not in the form."""

    scheme_key = forms.ChoiceField(label="奖项")
    kind = forms.ChoiceField(label="职能", choices=UnitKind.choices)
    name = forms.CharField(label="单位名称", max_length=120)
    short_name = forms.CharField(label="简称", max_length=40, required=False)
    recommender_key = forms.ChoiceField(
        label="推荐单位类别", required=False, help_text="职能为审核推荐单位、同意推荐单位的选择；类别见规则文件。"
    )
    district = forms.CharField(
        label="辖区", max_length=40, required=False, help_text="按辖区推荐或者同意的单位填写，与申报表的所在地一致。"
    )
    industries = forms.CharField(
        label="主管行业", max_length=300, required=False, help_text="行业主管部门填写，用顿号分隔，与申报表的行业一致。"
    )
    phone = forms.CharField(label="联系电话", max_length=40, required=False)
    address = forms.CharField(label="地址", max_length=120, required=False)
    email = forms.EmailField(label="邮箱", required=False)
    is_active = forms.BooleanField(
        label="启用", required=False, initial=True, help_text="停用后，本单位人员不能再办理；已办的事项保留。"
    )

    def __init__(self, *args: Any, schemes: list[SchemeChoice], unit: Unit | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unit, fields = unit, self.fields
        fields["scheme_key"].choices = [(one.key, one.name) for one in schemes]  # type: ignore[attr-defined]
        if unit is not None:
            del fields["scheme_key"], fields["kind"]
            schemes = [one for one in schemes if one.key == unit.scheme_key]
            if unit.kind not in ROUTED:
                del fields["recommender_key"], fields["district"], fields["industries"]
        if "recommender_key" in fields:
            kinds = dict(pair for one in schemes for pair in one.recommender_kinds)
            fields["recommender_key"].choices = [("", "不适用"), *kinds.items()]  # type: ignore[attr-defined]

    def clean_industries(self) -> list[str]:
        return [
            one for one in self.cleaned_data["industries"].replace("，", "、").replace(",", "、").split("、") if one
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        kind = self.unit.kind if self.unit else data.get("kind")
        if kind in ROUTED and not data.get("recommender_key"):
            self.add_error("recommender_key", f"{UnitKind(kind).label}须选择类别，申报才能送达。")
        if kind not in ROUTED:
            data |= {"recommender_key": "", "district": "", "industries": []}
        return data


class PersonForm(forms.Form):
    """A new account; its owner sets the password by a link."""

    username = forms.RegexField(
        r"^[A-Za-z0-9_.-]{4,40}$",
        label="用户名",
        help_text="4至40位字母、数字或者 . - _",
        error_messages={"invalid": "用户名为4至40位字母、数字或者 . - _。"},
    )
    display_name = forms.CharField(label="姓名", max_length=40)
    is_staff = forms.BooleanField(label="系统管理员", required=False)

    clean_username = RegisterForm.clean_username


class AccountForm(forms.Form):
    is_active = forms.BooleanField(label="账号启用", required=False)
    is_staff = forms.BooleanField(label="系统管理员", required=False)


class JoinForm(forms.Form):
    """A person's place in a unit, by the user name the person signs in with."""

    username = forms.CharField(label="用户名", max_length=150)
    is_head = forms.BooleanField(label="负责人", required=False)

    def clean_username(self) -> str:
        username = self.cleaned_data["username"].strip()
        self.user = User.objects.filter(username__iexact=username).first()
        if self.user is None:
            raise forms.ValidationError("没有这个用户名。请先建立账号。")
        return username


class NewPasswordForm(forms.Form):
    """A password, twice."""

    password = forms.CharField(
        label="新密码",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="不少于10位，不能全为数字。",
    )
    password_again = forms.CharField(
        label="再输一次新密码", widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        validate_password(self.cleaned_data["password"], user=self.user)
        return self.cleaned_data["password"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("password") and data.get("password_again") != data["password"]:
            self.add_error("password_again", "两次输入的密码不一致。")
        return data


class ChangePasswordForm(NewPasswordForm):
    old = forms.CharField(label="原密码", widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}))

    field_order = ["old", "password", "password_again"]
