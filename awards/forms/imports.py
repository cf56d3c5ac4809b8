"""Forms of the imported lists."""

from __future__ import annotations

from typing import Any

from django import forms

from awards.models import ListedEntity, Scheme
from awards.register_import import ALLOWED


class AwardsFileForm(forms.Form):
    """Earlier winners of one scheme."""

    scheme = forms.ModelChoiceField(Scheme.objects.none(), label="奖项", to_field_name="key", empty_label=None)
    file = forms.FileField(
        label="名录文件",
        help_text="表头应有：获奖组织、统一社会信用代码、获奖年度、奖项等次；可有：表彰日期、表彰决定文号。",
    )

    def __init__(self, *args: Any, schemes, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scheme"].queryset = schemes  # type: ignore[attr-defined]
        self.fields["file"].upload_allowed = ALLOWED  # type: ignore[attr-defined]


class ListedFileForm(AwardsFileForm):
    """A credit list of one scheme."""

    listing = forms.ChoiceField(label="名单", choices=ListedEntity.List.choices, widget=forms.RadioSelect)
    field_order = ("scheme", "listing", "file")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[
            "file"
        ].help_text = "表头应有：名称；可有：统一社会信用代码、列入日期、移出日期、列入事由。导入后替换原名单。"
