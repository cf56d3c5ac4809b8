"""The office's own entries on a paper after 签发 and 用印."""

from __future__ import annotations

from datetime import date

from django import forms

from award_portal.lib import clock


class OfficialForm(forms.Form):
    official_number = forms.CharField(label="发文字号", max_length=60, help_text="例如：乌质强办〔2026〕7号")
    official_on = forms.DateField(
        label="成文日期",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "请填写日期，例如 2026-03-02。"},
    )
    sealed_scan = forms.FileField(label="盖章扫描件", required=False, help_text="PDF；用印后的扫描件为正式文本。")

    def clean_official_on(self) -> date:
        day = self.cleaned_data["official_on"]
        if day > clock.today():
            raise forms.ValidationError("成文日期不能晚于今天。")
        return day
