"""Forms of the objection pages; the filing form is built from the rulebook's list (U12)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.core.files.uploadedfile import UploadedFile

from awards.rulebook import Rulebook
from awards.rulebook.process import FilingField
from organizations.files import UploadRefused

from .form_check import EVIDENCE, SIGNATURE, TEXT_LIMIT, drawn_signature, form_asked
from .models import Objection
from .pipeline import State

SEVERAL = "可以一次选择几个文件。"
DRAW_HINT = "在签名区手写签名，或者上传签名文件。"


class SeveralFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class SeveralFilesField(forms.FileField):
    """Some files under one name; each is inspected at the door."""

    widget = SeveralFiles

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        given = [one for one in (data if isinstance(data, list | tuple) else [data]) if one]
        if not given:
            super().clean(None, initial)
            return []
        return [super(SeveralFilesField, self).clean(one, initial) for one in given]


class AskedFields(forms.Form):
    """The fields and files a rulebook asks of an objector, and what came of them."""

    def ask(self, asked: list[FilingField], *, ground: str, required: bool = True) -> None:
        self.asked_fields = asked
        for field in asked:
            wanting = {"required": f"缺少{field.label}（{ground}）。"}
            if field.kind != "file":
                self.fields[f"field_{field.key}"] = forms.CharField(
                    label=field.label, max_length=200, error_messages=wanting, required=required
                )
            elif field.key == EVIDENCE:
                self.fields[f"file_{field.key}"] = SeveralFilesField(
                    label=field.label, error_messages=wanting, required=required, help_text=SEVERAL
                )
            else:
                self.fields[f"file_{field.key}"] = forms.FileField(
                    label=field.label, error_messages=wanting, required=required
                )
            if field.key == SIGNATURE:
                self.fields["drawn_signature"] = forms.CharField(required=False, widget=forms.HiddenInput)
                drawn = bool(self.data.get("drawn_signature"))
                self.fields[f"file_{field.key}"].required = required and not drawn
                self.fields[f"file_{field.key}"].help_text = DRAW_HINT

    def clean_drawn_signature(self) -> UploadedFile | None:
        try:
            return drawn_signature(self.cleaned_data["drawn_signature"])
        except UploadRefused as refused:
            raise forms.ValidationError(refused.message) from refused

    @property
    def draws(self) -> bool:
        return "drawn_signature" in self.fields

    @property
    def given_fields(self) -> dict[str, str]:
        asked = [one.key for one in self.asked_fields if one.kind != "file"]
        return {key: self.cleaned_data.get(f"field_{key}", "") for key in asked}

    @property
    def given_files(self) -> dict[str, Any]:
        keys = [name.removeprefix("file_") for name in self.fields if name.startswith("file_")]
        given = {key: self.cleaned_data.get(f"file_{key}") for key in keys}
        if self.cleaned_data.get("drawn_signature") and not given.get(SIGNATURE):
            given[SIGNATURE] = self.cleaned_data["drawn_signature"]
        return {key: upload for key, upload in given.items() if upload}

    def add_lacks(self, lacks: list[tuple[str, str]]) -> None:
        """Show what the door said beside the field it is about, unless the form itself said something of it."""
        for key, text in lacks:
            name = next((one for one in (f"file_{key}", f"field_{key}", key) if one in self.fields), None)
            if key == SIGNATURE and "drawn_signature" in self.errors:
                continue
            if name is None or name not in self.errors:
                self.add_error(name, text)


class FilingForm(AskedFields):
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

    def __init__(
        self, *args, book: Rulebook, kind: str, names: list[tuple[str, str]], lenient: bool = False, **kwargs
    ) -> None:
        super().__init__(*args, **kwargs)
        asked = form_asked(book, kind)
        assert asked is not None
        self.asked = asked
        self.fields["application"].label = f"被异议的{book.noun}"
        self.fields["application"].error_messages["required"] = f"请选择被异议的{book.noun}。"
        self.fields["application"].choices = names  # type: ignore[attr-defined]
        self.fields["condition"].choices = [  # type: ignore[attr-defined]
            ("", "其他或者不确定"),
            *((one.key, one.text[:60]) for one in book.eligibility.conditions),
        ]
        self.fields["accuses_recommender"].label = f"异议涉及{book.role('recommender')}本身"
        rule = book.objections.accused_recommender
        self.fields[
            "accuses_recommender"
        ].help_text = (
            f"勾选的，由{book.role('office')}受理和调查，{book.role('recommender')}不经手（{book.ground(rule)}）。"
        )
        self.ask(list(asked.requires), ground=book.ground(asked), required=not lenient)
        if f"file_{EVIDENCE}" not in self.fields:
            self.fields[f"file_{EVIDENCE}"] = SeveralFilesField(label="证明材料", required=False, help_text=SEVERAL)


class CompletionForm(AskedFields):
    """What an incomplete filing still lacks, and a word more where one is wanted."""

    text = forms.CharField(label="补充说明", max_length=3000, required=False, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, *args, asked: list[FilingField], ground: str, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.ask(asked, ground=ground)


class SupplementForm(forms.Form):
    text = forms.CharField(
        label="补充的事实和理由",
        max_length=TEXT_LIMIT,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "请写明补充的内容。"},
    )
    evidence = SeveralFilesField(label="补充的证明材料", required=False, help_text=SEVERAL)


class SituationForm(forms.Form):
    """A tip that comes too late for an objection; nobody need say who they are."""

    application = forms.ChoiceField()
    text = forms.CharField(
        label="反映的情况",
        max_length=TEXT_LIMIT,
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"required": "请写明反映的情况。"},
    )
    name = forms.CharField(label="姓名或者单位名称", max_length=200, required=False)
    phone = forms.CharField(label="联系电话", max_length=40, required=False, help_text="便于核实，可以不填。")
    evidence = SeveralFilesField(label="证明材料", required=False, help_text=SEVERAL)

    def __init__(self, *args, noun: str, names: list[tuple[str, str]], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["application"].label = f"涉及的{noun}"
        self.fields["application"].error_messages["required"] = f"请选择涉及的{noun}。"
        self.fields["application"].choices = names  # type: ignore[attr-defined]


class NoteForm(forms.Form):
    text = forms.CharField(
        label="办理情况",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="写明怎样使用或者处理了所反映的情况；本人凭查询地址可以看到。",
        error_messages={"required": "请写明办理情况。"},
    )


class ReturnForm(forms.Form):
    """What the form lacks, ticked and said in words."""

    keys = forms.MultipleChoiceField(
        label="需要补正的材料",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请选择需要补正的材料。"},
    )
    because = forms.CharField(
        label="补正的具体内容",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写明需要补正的具体内容，以便告知异议人。"},
    )

    def __init__(self, *args, case: Objection, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        asked = form_asked(case.application.rulebook, case.form)
        assert asked is not None
        self.fields["keys"].choices = [(one.key, one.label) for one in asked.requires]  # type: ignore[attr-defined]


class ExtensionForm(forms.Form):
    days = forms.IntegerField(
        label="延长的日数", min_value=1, max_value=60, error_messages={"required": "请填写延长的日数。"}
    )
    ground = forms.CharField(
        label="延长的理由",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="将书面告知异议人。",
        error_messages={"required": "请写明延长的理由。"},
    )


class MergeForm(forms.Form):
    into = forms.ChoiceField(label="并入", error_messages={"required": "请选择并入的异议。"})

    def __init__(self, *args, case: Objection, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["into"].choices = [  # type: ignore[attr-defined]
            (str(one.public_id), f"{one.number}（{one.get_state_display()}）") for one in leads_for(case)
        ]


def leads_for(case: Objection) -> list[Objection]:
    """The cases this one may be handled together with."""
    found = Objection.objects.filter(
        application=case.application_id, lead=None, handler=case.handler_id,
        accuses_recommender=case.accuses_recommender,
    ).exclude(pk=case.pk)  # fmt: skip
    return list(found.filter(state__in=(State.FORWARDED, State.INVESTIGATING)).order_by("pk"))


class CaseFilter(forms.Form):
    """What the list of cases is narrowed by."""

    number = forms.CharField(label="收件编号", max_length=40, required=False)
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部"), ("open", "办理中"), *State.choices])
    due = forms.ChoiceField(
        label="期限", required=False,
        choices=[("", "全部"), ("overdue", "已逾期"), ("soon", "三日内到期"), ("warned", "期限过半")],
    )  # fmt: skip
    round = forms.ChoiceField(label="届次", required=False)

    def __init__(self, *args, rounds: Iterable[tuple[UUID, str]], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["round"].choices = [("", "全部"), *((str(key), title) for key, title in rounds)]  # type: ignore[attr-defined]


class HandOverForm(forms.Form):
    """Why the unit that received a case gives it to the office; the words go to the objector."""

    accuses = forms.BooleanField(label="异议涉及本单位", required=False)
    because = forms.CharField(
        label="移送的理由",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="将书面告知异议人。",
        error_messages={"required": "请写明移送的理由。"},
    )


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
