"""The form of an award's face."""

from __future__ import annotations

from django import forms

from awards.models import Scheme


class FaceForm(forms.Form):
    colour = forms.ChoiceField(label="门户颜色", choices=Scheme.Colour.choices, widget=forms.RadioSelect)
    is_public = forms.BooleanField(label="在首页向公众显示本奖项", required=False)
