"""Forms of the objection pages; the filing form is built from the rulebook's list (U12)."""

from __future__ import annotations

from django import forms

from awards.rulebook import Rulebook

from .filing import TEXT_LIMIT


class FilingForm(forms.Form):
    """What the rulebook asks of a person or a unit. Requirements are checked at the door, all at once."""

    application = forms.ChoiceField()
    condition = forms.ChoiceField(label="涉及的申报条件", required=False)
    accuses_recommender = forms.BooleanField(label="异议涉及审核推荐单位本身", required=False)
    text = forms.CharField(
        label="异议的事实和理由",
        max_length=TEXT_LIMIT,
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"required": "请写明异议的事实和理由。"},
    )

    def __init__(self, *args, book: Rulebook, kind: str, names: list[tuple[str, str]], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.asked = next(one for one in book.objections.filing if one.kind == kind)
        self.fields["application"].label = f"被异议的{book.noun}"
        self.fields["application"].error_messages["required"] = f"请选择被异议的{book.noun}。"
        self.fields["application"].choices = names  # type: ignore[attr-defined]
        self.fields["condition"].choices = [  # type: ignore[attr-defined]
            ("", "其他或者不确定"),
            *((one.key, one.text[:60]) for one in book.eligibility.conditions),
        ]
        for field in self.asked.requires:
            wanting = {"required": f"缺少{field.label}（{book.ground(self.asked)}）。"}
            if field.kind == "file":
                self.fields[f"file_{field.key}"] = forms.FileField(label=field.label, error_messages=wanting)
            else:
                self.fields[f"field_{field.key}"] = forms.CharField(
                    label=field.label, max_length=200, error_messages=wanting
                )

    @property
    def given_fields(self) -> dict[str, str]:
        return {
            one.key: self.cleaned_data.get(f"field_{one.key}", "") for one in self.asked.requires if one.kind != "file"
        }

    @property
    def given_files(self) -> dict:
        given = {one.key: self.cleaned_data.get(f"file_{one.key}") for one in self.asked.requires if one.kind == "file"}
        return {key: upload for key, upload in given.items() if upload}

    def add_lacks(self, lacks: list[tuple[str, str]]) -> None:
        """Show what the door said beside the field it is about, unless the form itself said something of it."""
        for key, text in lacks:
            name = next((one for one in (f"file_{key}", f"field_{key}", key) if one in self.fields), None)
            if name is None or name not in self.errors:
                self.add_error(name, text)


class RefuseFormForm(forms.Form):
    because = forms.CharField(
        label="不符合形式要求之处",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写明不符合形式要求之处，以便告知异议人补充。"},
    )


class WithdrawForm(forms.Form):
    because = forms.CharField(
        label="撤回异议的理由",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写明撤回异议的理由。"},
    )
