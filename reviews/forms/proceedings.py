"""The forms around a meeting: another day, agenda, mandates of deputies, words of the minutes, ballots on paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms

from applications.forms.desks import DateField, TextArea
from award_portal.lib import clock
from organizations.models import User

from ..models import BallotCandidate, CountSheet
from ..paper_ballots import FIGURES, MARKS, Counted
from ..vacancies import Vacant


class RescheduleForm(forms.Form):
    held_on = DateField(label="日期")
    place = forms.CharField(label="地点", max_length=120)
    reason = TextArea(label="变更理由", max_length=200, rows=2)

    def clean_held_on(self) -> date:
        held_on: date = self.cleaned_data["held_on"]
        if held_on < clock.today():
            raise forms.ValidationError("会议日期不能早于今天。")
        return held_on


class AgendaForm(forms.Form):
    items = TextArea(label="议程", max_length=4000, rows=10, help_text="每行一项议题，按行的先后为序")

    @property
    def titles(self) -> list[str]:
        return [one for one in self.cleaned_data["items"].splitlines() if one.strip()]


class MandateForm(forms.Form):
    """The letter and who stands in for whom; the office says for which member, a member only for himself."""

    member = forms.ChoiceField(label="委托成员")
    name = forms.CharField(label="代理人姓名", max_length=40)
    post = forms.CharField(label="代理人单位职务", max_length=80)
    username = forms.CharField(
        label="代理人账号", max_length=150, required=False, help_text="在系统投票的须有账号；使用纸质表决票的可以不填"
    )
    letter = forms.FileField(label="授权委托书扫描件", help_text="须有委托人签字，写明代理人、会议和权限")

    def __init__(self, *args: Any, members: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        if len(members) == 1:
            fields["member"].widget = forms.HiddenInput()
            fields["member"].initial = next(iter(members))
        fields["member"].choices = [*([("", "请选择")] if len(members) != 1 else []), *members.items()]

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"].strip()
        self.account = User.objects.filter(username=username, is_active=True).first() if username else None
        if username and self.account is None:
            raise forms.ValidationError("没有这个账号，请核对；没有账号的可以不填。")
        return username


class MandateDecisionForm(forms.Form):
    decision = forms.ChoiceField(
        label="核验结论", choices=[("accept", "与授权委托书一致，予以采用"), ("refuse", "不予采用")],
        widget=forms.RadioSelect,
    )  # fmt: skip
    reason = TextArea(label="不予采用的理由", max_length=200, rows=2, required=False)


class WithdrawForm(forms.Form):
    reason = TextArea(label="撤回理由", max_length=200, rows=2)


class MinutesForm(forms.Form):
    text = TextArea(
        label="会议情况", max_length=4000, rows=8, required=False,
        help_text="会议听取的汇报、讨论意见等；到会、回避、表决数字和决定由系统按记录填写",
    )  # fmt: skip


class CorrectMinutesForm(forms.Form):
    text = TextArea(label="会议情况", max_length=4000, rows=8)
    reason = TextArea(label="更正理由", max_length=300, rows=2)


class PaperOpeningForm(forms.Form):
    """Who watches and who counts a ballot on paper."""

    teller = forms.ChoiceField(label="监票人")
    counter = forms.ChoiceField(label="计票人")

    def __init__(self, *args: Any, people: Sequence[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(one.public_id): one for one in people}
        choices = [("", "请选择"), *((key, str(one)) for key, one in self.people.items())]
        fields: dict[str, Any] = self.fields
        fields["teller"].choices = fields["counter"].choices = choices

    @property
    def chosen(self) -> dict[str, User]:
        return {key: self.people[self.cleaned_data[key]] for key in ("teller", "counter")}


class CountForm(forms.Form):
    """One person's 计票单: four numbers, and three totals for each name."""

    use_required_attribute = False

    def __init__(
        self, *args: Any, names: Sequence[BallotCandidate], before: CountSheet | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.names = names
        lines = {one.candidate_id: one for one in before.lines.all()} if before else {}
        for key, word in FIGURES:
            self.fields[key] = _number(f"{word}（张）", getattr(before, key) if before else None)
        for one in names:
            line = lines.get(one.pk)
            for key, word in MARKS:
                value = getattr(line, key) if line else None
                self.fields[_field(key, one)] = _number(f"{one.application.organization}：{word}", value)

    @property
    def figures(self) -> list[Any]:
        return [self[key] for key, _ in FIGURES]

    @property
    def rows(self) -> list[tuple[BallotCandidate, list[Any]]]:
        return [(one, [self[_field(key, one)] for key, _ in MARKS]) for one in self.names]

    @property
    def count(self) -> Counted:
        data = self.cleaned_data
        totals = {
            one.application_id: (
                data[_field("votes_for", one)], data[_field("votes_against", one)], data[_field("votes_abstain", one)]
            )
            for one in self.names
        }  # fmt: skip
        return Counted(**{key: data[key] for key, _ in FIGURES}, totals=totals)


class ScanForm(forms.Form):
    scan = forms.FileField(label="计票单扫描件", help_text="须有监票人、计票人签字")


class VacancyForm(forms.Form):
    """The reason of each vacancy, as the record tells it or as the meeting said."""

    use_required_attribute = False

    def __init__(self, *args: Any, vacant: Sequence[Vacant], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.vacant = vacant
        for one in vacant:
            self.fields[f"vacancy-{one.tier.key}"] = TextArea(
                label=f"{one.tier.name}空缺{one.places}个的理由", max_length=300, rows=2, required=False,
                initial=one.reason,
            )  # fmt: skip

    @property
    def reasons(self) -> dict[str, str]:
        """What was said; a page that says nothing of a tier leaves the reason the record tells."""
        keys = {one.tier.key: f"vacancy-{one.tier.key}" for one in self.vacant}
        return {tier: self.cleaned_data[key] for tier, key in keys.items() if key in self.data}


def _number(label: str, initial: int | None) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, min_value=0, max_value=999, initial=initial,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": "请填写票数，没有的填0。"},
    )  # fmt: skip


def _field(key: str, one: BallotCandidate) -> str:
    return f"{key}-{one.application.public_id}"
