"""Forms of the imported lists."""

from __future__ import annotations

from typing import Any

from django import forms

from awards.models import ListedEntity, RegisterImport, Scheme
from awards.register_bans import NO_BAN, ban_rules, revoked_rows
from awards.register_import import NO_TIER, RegisterRow, book_of, old_tiers
from awards.table_reading import ALLOWED


class AwardsFileForm(forms.Form):
    """Earlier winners of one scheme."""

    scheme = forms.ModelChoiceField(Scheme.objects.none(), label="奖项", to_field_name="key", empty_label=None)
    file = forms.FileField(
        label="名录文件",
        help_text="表头应有：获奖组织、获奖年度、奖项等次；可有：统一社会信用代码、表彰日期、表彰决定文号、授奖依据、状态。"
        "表头以上可以有标题，表格以下可以有备注。",
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
        self.fields["file"].help_text = (
            "表头应有：名称；可有：统一社会信用代码、曾用名、列入日期、移出日期、列入事由。"
            "表头以上可以有标题，表格以下可以有备注。导入后替换原名单。"
        )


class RegisterForm(forms.Form):
    """What the officer decides before a register is stored: the old tiers, and the rows the ledger nearly has."""

    TAKE, LEAVE = "take", "leave"

    def __init__(self, *args: Any, register: RegisterImport, rows: list[RegisterRow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.words = old_tiers(register)
        self.near = [one for one in rows if one.verdict == "near"]
        tiers = [(one.key, one.name) for one in book_of(register.scheme).tiers]
        for place, (word, proposed) in enumerate(self.words.items()):
            self.fields[f"tier_{place}"] = forms.ChoiceField(
                label=f"“{word}”对应的现行等次",
                choices=[("", "请选择"), *tiers, (NO_TIER, "不对应现行等次（只登记，不限制再次申报）")],
                initial=proposed,
            )
        self.revoked = revoked_rows(rows, book_of(register.scheme))
        rules = [
            (one.key, f"{one.ground}，{one.years.value}年内不予受理")
            for one in ban_rules(book_of(register.scheme))
        ]  # fmt: skip
        for one in self.revoked:
            self.fields[f"ban_{one.number}"] = forms.ChoiceField(
                label=f"第 {one.row['line']} 行“{one.row['name']}”已取消，适用的不予受理规则",
                choices=[("", "请选择"), *rules, (NO_BAN, "没有规定不予受理的年限")],
                help_text=f"取消事由：{one.row.get('revoked_ground') or '名录未载'}",
                required=False,
            )
        for one in self.near:
            self.fields[f"row_{one.number}"] = forms.ChoiceField(
                label=f"第 {one.row['line']} 行“{one.row['name']}”",
                choices=[(self.LEAVE, "与台账中的是同一条，不导入"), (self.TAKE, "是另一条，导入")],
                widget=forms.RadioSelect,
            )

    @property
    def tier_fields(self) -> list[forms.BoundField]:
        return [self[f"tier_{place}"] for place in range(len(self.words))]

    @property
    def near_fields(self) -> list[tuple[RegisterRow, forms.BoundField]]:
        return [(one, self[f"row_{one.number}"]) for one in self.near]

    @property
    def ban_fields(self) -> list[forms.BoundField]:
        return [self[f"ban_{one.number}"] for one in self.revoked]

    @property
    def bans(self) -> dict[int, str]:
        return {one.number: self.cleaned_data[f"ban_{one.number}"] for one in self.revoked}

    @property
    def tiers(self) -> dict[str, str]:
        return {word: self.cleaned_data[f"tier_{place}"] for place, word in enumerate(self.words)}

    @property
    def left_out(self) -> set[int]:
        return {one.number for one in self.near if self.cleaned_data[f"row_{one.number}"] == self.LEAVE}
