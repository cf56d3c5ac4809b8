"""Forms of rulebook files: bringing one, correcting it, beginning one, comparing two."""

from __future__ import annotations

from typing import Any

from django import forms

from awards.editions import LONGEST, read_upload
from awards.models import Edition
from awards.schemes import EditionRefused

ALLOWED = ["yaml", "yml", "txt"]


def _file_field(**kwargs: Any) -> forms.FileField:
    field = forms.FileField(label="规则文件", **kwargs)
    field.upload_allowed = ALLOWED  # type: ignore[attr-defined]
    return field


class ImportForm(forms.Form):
    """A rulebook file, or its text."""

    file = _file_field(required=False, help_text="YAML文本文件。有错误也会保留，可以在页面上更正。")
    text = forms.CharField(
        label="或者粘贴全文", required=False, strip=False, widget=forms.Textarea(attrs={"rows": 8, "class": "mono"})
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        upload = cleaned.get("file")
        if upload is not None:
            try:
                cleaned["read"] = read_upload(upload.read(4 * LONGEST))
            except EditionRefused as refused:
                self.add_error("file", str(refused))
        elif (cleaned.get("text") or "").strip():
            cleaned["read"] = cleaned["text"]
        elif not self.errors:
            self.add_error("file", "请选择文件，或者粘贴全文。")
        return cleaned


class CorrectForm(ImportForm):
    """The text of a draft as it should be; a file, when there is one, takes its place."""

    file = _file_field(required=False, help_text="在自己的编辑器里改好的，可以整份重新上传，替换下面的文本。")
    text = forms.CharField(
        label="规则文件全文",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 30, "class": "mono", "spellcheck": "false", "wrap": "off"}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


class BeginForm(forms.Form):
    """A new document: blank for a new scheme."""

    key = forms.RegexField(
        r"^[a-z][a-z0-9_]{0,59}$",
        label="奖项代号",
        help_text="小写字母开头，只含小写字母、数字和下划线，例如 my_city。定后不再更改。",
        error_messages={"invalid": "代号以小写字母开头，只含小写字母、数字和下划线，例如 my_city。"},
    )


class ReviseForm(forms.Form):
    """The next edition of a scheme, begun from one that is published."""

    edition = forms.RegexField(
        r"^[\w.-]{1,40}$",
        label="新版本",
        help_text="一般用修订办法印发的年份，例如 2027。",
        error_messages={"invalid": "版本只能由文字、数字和 . - _ 组成，例如 2027。"},
    )

    def __init__(self, *args: Any, base: Edition, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.base = base

    def clean_edition(self) -> str:
        wanted = self.cleaned_data["edition"]
        if self.base.scheme.editions.filter(edition=wanted).exists():
            raise forms.ValidationError(f"版本 {wanted} 已经发布，请另取版本。")
        return wanted
