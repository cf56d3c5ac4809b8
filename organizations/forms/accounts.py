"""Forms of the account pages."""

from __future__ import annotations

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.password_validation import validate_password

from award_portal.lib import clock

from ..codes import CodeRefused, clean_code, clean_identity
from ..models import Claim, User

CARD_FORMATS = ("pdf", "jpg", "jpeg", "png")
NO_CODE_OF_ITS_OWN = ("branch", "internal", "dispatched")


class SignInForm(AuthenticationForm):
    error_messages = {
        "invalid_login": "用户名或者密码不正确，请核对后重试；连续输错5次将锁定15分钟。",
        "inactive": "该账号已停用，请联系系统管理员。",
    }

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "用户名"
        self.fields["password"].label = "密码"


class RegisterForm(forms.Form):
    """A new account: who the person is. The organisation follows with its letter."""

    username = forms.RegexField(
        r"^[A-Za-z0-9_.-]{4,40}$",
        label="用户名",
        help_text="4至40位字母、数字或者 . - _",
        error_messages={"invalid": "用户名为4至40位字母、数字或者 . - _。"},
    )
    display_name = forms.CharField(label="姓名", max_length=40)
    password = forms.CharField(label="密码", widget=forms.PasswordInput, help_text="不少于10位，不能全为数字。")
    password_again = forms.CharField(label="再输一次密码", widget=forms.PasswordInput)

    def clean_username(self) -> str:
        username = self.cleaned_data["username"]
        if User.objects.filter(username__iexact=username).exists():
            raise forms.ValidationError("该用户名已被使用，请换一个。")
        return username

    def clean_password(self) -> str:
        validate_password(self.cleaned_data["password"])
        return self.cleaned_data["password"]

    def clean(self) -> dict:
        data = super().clean() or {}
        if data.get("password") and data.get("password_again") != data["password"]:
            self.add_error("password_again", "两次输入的密码不一致。")
        return data


class ClaimForm(forms.Form):
    """Which organisation the person acts for, and the letter that says so."""

    scheme_key = forms.ChoiceField(label="拟申报的奖项")
    name = forms.CharField(label="组织名称", max_length=80, help_text="与营业执照或者法人登记证书一致的全称。")
    code = forms.CharField(
        label="统一社会信用代码",
        max_length=40,
        help_text="18位；分支、内设、派出机构没有独立代码的，填写所属法人的代码。",
    )
    kind = forms.ChoiceField(
        label="申报主体类型",
        choices=[
            ("legal_person", "法人"),
            ("unincorporated", "非法人组织"),
            ("branch", "分支机构"),
            ("internal", "内设机构"),
            ("dispatched", "派出机构"),
        ],
    )
    unit_name = forms.CharField(
        label="分支、内设、派出机构名称", max_length=80, required=False, help_text="以所属法人代码申报的填写。"
    )
    founded_on = forms.DateField(
        label="成立日期",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "请填写日期，例如 2015-06-01。"},
    )
    letter = forms.FileField(
        label="授权书", help_text="写明授权您代表该组织办理申报，由法定代表人（负责人）签字并加盖公章的扫描件。"
    )

    def __init__(self, *args, schemes: list[tuple[str, str]], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scheme_key"].choices = schemes  # type: ignore[attr-defined]

    def clean_code(self) -> str:
        try:
            return clean_code(self.cleaned_data["code"])
        except CodeRefused as refused:
            raise forms.ValidationError(str(refused)) from refused

    def clean(self) -> dict:
        data = super().clean() or {}
        if data.get("kind") in NO_CODE_OF_ITS_OWN and not data.get("unit_name"):
            self.add_error("unit_name", "分支、内设、派出机构以所属法人代码申报，请填写本机构名称。")
        if data.get("kind") not in NO_CODE_OF_ITS_OWN:
            data["unit_name"] = ""
        return data


class PersonClaimForm(forms.Form):
    """A person who applies for himself: the scheme, the number, and the card that proves it."""

    scheme_key = forms.ChoiceField(label="拟申报的奖项")
    identity = forms.CharField(
        label="身份证号",
        max_length=40,
        help_text="18位。只用于核验本人身份，加密保存，不在任何公开页面、文书和名单中显示。",
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "text"}),
    )
    letter = forms.FileField(label="身份证件", help_text="居民身份证正反面的扫描件或者照片，合为一个文件。")

    def __init__(self, *args, schemes: list[tuple[str, str]], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scheme_key"].choices = schemes  # type: ignore[attr-defined]
        self.fields["letter"].upload_allowed = list(CARD_FORMATS)  # type: ignore[attr-defined]

    def clean_identity(self) -> str:
        try:
            return clean_identity(self.cleaned_data["identity"], on=clock.today())
        except CodeRefused as refused:
            raise forms.ValidationError(str(refused)) from refused


class ClaimDecisionForm(forms.Form):
    verdict = forms.ChoiceField(label="核验结论", widget=forms.RadioSelect)
    reason = forms.CharField(label="核验意见", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args, proof: str, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["verdict"].choices = [  # type: ignore[attr-defined]
            (Claim.State.VERIFIED, f"{proof}真实有效，通过"),
            (Claim.State.REFUSED, "不予通过"),
        ]
