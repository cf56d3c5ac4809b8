"""The forms of a divided stage: its groups, and the distribution of the applications among them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django import forms

from applications.models import Application

from ..models import PanelGroup

BETWEEN = re.compile(r"[、，,；;\s]+")


class GroupForm(forms.Form):
    name = forms.CharField(label="评审组名称", max_length=20, help_text="如：制造组、服务组")
    fields_zh = forms.CharField(
        label="行业和类别", max_length=400, required=False, help_text="有多项的，用顿号分开；按此自动分组",
        widget=forms.TextInput(attrs={"list": "industries", "autocomplete": "off"}),
    )  # fmt: skip

    @property
    def chosen(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {"name": data["name"], "fields": [one for one in BETWEEN.split(data["fields_zh"]) if one]}


class PlacesForm(forms.Form):
    """Each application of the stage with the group it is in, and why it goes to another."""

    def __init__(
        self, *args: Any, groups: Sequence[PanelGroup], applications: Sequence[Application], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.groups = {str(one.public_id): one for one in groups}
        self.applications = {str(one.public_id): one for one in applications}
        choices = [("", "未分组"), *((key, one.name) for key, one in self.groups.items())]
        for key, one in self.applications.items():
            self.fields[f"group-{key}"] = forms.ChoiceField(
                label=f"{one.listed_name}的分组", choices=choices, required=False
            )
            self.fields[f"reason-{key}"] = forms.CharField(
                label=f"{one.listed_name}调整理由", max_length=200, required=False
            )

    def of(self, application: Application) -> tuple[Any, Any]:
        key = application.public_id
        return self[f"group-{key}"], self[f"reason-{key}"]

    @property
    def moves(self) -> list[tuple[Application, PanelGroup, str]]:
        """Where each goes that is told a group, in the order of their keys."""
        data = self.cleaned_data
        told = [
            (one, self.groups[data[f"group-{key}"]], data[f"reason-{key}"])
            for key, one in self.applications.items()
            if data[f"group-{key}"]
        ]
        return sorted(told, key=lambda row: row[0].pk)
