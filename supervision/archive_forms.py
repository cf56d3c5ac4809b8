"""The form by which the office sets how long each class of an archive is kept."""

from __future__ import annotations

from typing import Any

from django import forms

from .archive_parts import CLASSES, TERMS


class RetentionForm(forms.Form):
    """保管期限 of each class; the defaults are the portal's own proposal."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for one in CLASSES:
            self.fields[one.key] = forms.ChoiceField(
                label=one.label, choices=list(TERMS.items()), initial=one.default, required=False
            )

    def clean(self) -> dict[str, Any]:
        return {key: term for key, term in self.cleaned_data.items() if term}
