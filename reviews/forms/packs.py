"""The form of the 评审工作方案: one text for each part, drafted from the rulebook and edited by the office."""

from __future__ import annotations

from typing import Any

from django import forms

from applications.forms.desks import TextArea

from ..work_plan import PARTS


class WorkPlanForm(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key, title in PARTS.items():
            self.fields[key] = TextArea(label=title, max_length=4000, rows=5)
