"""Forms of the work calendar: one day, and a year's CSV."""

from __future__ import annotations

from typing import Any

from django import forms

from .rounds import date_field


class DayForm(forms.Form):
    """Whether one day is worked."""

    day = date_field("日期")
    is_workday = forms.ChoiceField(
        label="当日", choices=[("off", "放假"), ("work", "上班")], widget=forms.RadioSelect, initial="off"
    )
    name = forms.CharField(label="说明", required=False, max_length=40, help_text="例如：国庆节、国庆节调休上班。")

    def __init__(self, *args: Any, year: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.year = year

    def clean_day(self):
        day = self.cleaned_data["day"]
        if day.year != self.year:
            raise forms.ValidationError(f"本页修改{self.year}年的日历，日期应在{self.year}年内。")
        return day


class CalendarFileForm(forms.Form):
    """A CSV of one or more years."""

    file = forms.FileField(
        label="节假日安排（CSV）",
        help_text="表头为“日期,是否上班,说明”；只列节假日和调休上班日，其余按周一至周五上班。",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].upload_allowed = ["csv"]  # type: ignore[attr-defined]
