"""The forms of meetings, ballots and approval. A paper's choices live in the posted form and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django import forms

from applications.forms.desks import DateField, TextArea
from applications.gates import Blocker
from applications.models import Application
from award_portal.lib import clock
from awards.rulebook import Rulebook
from organizations.models import User

from ..models import BallotCandidate, MeetingMember
from .panels import ground_choices

CHOICES = [("for", "同意"), ("against", "不同意"), ("abstain", "弃权")]
VERDICTS = [("approve", "批准"), ("refuse", "不予批准"), ("defer", "暂缓")]


class ConveneForm(forms.Form):
    title = forms.CharField(label="会议名称", max_length=120)
    held_on = DateField(label="日期")
    place = forms.CharField(label="地点", max_length=120)
    chair = forms.ChoiceField(label="主持人")
    teller = forms.CharField(label="监票人", max_length=40, help_text="保管监票口令，监督投票和计票")
    counter = forms.CharField(label="计票人", max_length=40)
    recorder = forms.CharField(label="记录人", max_length=40, help_text="负责会议记录，登记审议结果")

    def __init__(self, *args: Any, by_ballot: bool = True, called: Iterable[User] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.called = {str(one.public_id): one for one in called}
        fields: dict[str, Any] = self.fields
        fields["chair"].choices = [(key, str(one)) for key, one in self.called.items()]
        # the head of the body presides unless somebody else is named; with nobody called there is nobody to name
        fields["chair"].initial, fields["chair"].required = next(iter(self.called), ""), False
        for name in ["recorder"] if by_ballot else ["teller", "counter"]:
            del self.fields[name]

    def clean_held_on(self) -> date:
        held_on: date = self.cleaned_data["held_on"]
        if held_on < clock.today():
            raise forms.ValidationError("会议日期不能早于今天。")
        return held_on

    def clean_chair(self) -> User | None:
        return self.called.get(self.cleaned_data["chair"]) or next(iter(self.called.values()), None)


class AttendanceForm(forms.Form):
    """A tick for each member whose seat is taken, by himself or by his deputy; for the others why not."""

    present = forms.MultipleChoiceField(
        label="到会成员", widget=forms.CheckboxSelectMultiple, error_messages={"required": "请勾选到会的成员。"}
    )

    def __init__(self, *args: Any, members: Iterable[MeetingMember], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.members = {str(one.user.public_id): one for one in members}
        self.fields["present"].choices = [(key, one.label) for key, one in self.members.items()]  # type: ignore[attr-defined]
        for key, one in self.members.items():
            self.fields[f"reason-{key}"] = forms.CharField(
                label=f"{one.user}缺席事由", max_length=100, required=False, initial=one.absence_reason
            )

    @property
    def keys(self) -> set[int]:
        return {self.members[key].pk for key in self.cleaned_data["present"]}

    @property
    def reason_fields(self) -> list[tuple[MeetingMember, Any]]:
        return [(one, self[f"reason-{key}"]) for key, one in self.members.items()]

    @property
    def reasons(self) -> dict[int, str]:
        return {one.pk: self.cleaned_data.get(f"reason-{key}", "") for key, one in self.members.items()}


class RecuseMemberForm(forms.Form):
    member = forms.ChoiceField(label="回避成员")
    application = forms.ChoiceField(label="申报者")
    ground = forms.ChoiceField(label="回避情形", widget=forms.RadioSelect)
    note = forms.CharField(label="说明", max_length=80, required=False)

    def __init__(
        self, *args: Any, members: Iterable[MeetingMember], names: Iterable[Application], book: Rulebook, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.members = {str(one.user.public_id): one for one in members}
        self.names = {str(one.public_id): one for one in names}
        self.grounds = dict(ground_choices(book))
        fields: dict[str, Any] = self.fields
        fields["application"].label = book.noun
        fields["member"].choices = [("", "请选择"), *((key, str(one.user)) for key, one in self.members.items())]
        fields["application"].choices = [
            ("", "请选择"), *((key, str(one.organization)) for key, one in self.names.items()),
        ]  # fmt: skip
        fields["ground"].choices = list(self.grounds.items())

    @property
    def chosen(self) -> dict[str, Any]:
        data = self.cleaned_data
        words = [self.grounds[data["ground"]], data["note"].strip()]
        return {
            "member": self.members[data["member"]],
            "application": self.names[data["application"]],
            "ground": "；".join(one for one in words if one),
        }


class PassphraseForm(forms.Form):
    passphrase = forms.CharField(
        label="监票口令", max_length=60, help_text="由监票人输入，字母不分大小写，短横线可以不输",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "data-no-local": True}),
    )  # fmt: skip


class VoidForm(forms.Form):
    reason = TextArea(label="作废理由", max_length=200, rows=2)


class PaperForm(forms.Form):
    """One paper: a choice for each name the member is not recused for, no more than `seats` of them 同意."""

    use_required_attribute = False

    def __init__(
        self, *args: Any, names: Sequence[BallotCandidate], recused: set[int], seats: int, ground: str,
        is_limited: bool = True, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.names, self.recused, self.seats, self.ground = names, recused, seats, ground
        self.is_limited = is_limited
        for one in names:
            if one.application_id not in recused:
                self.fields[_key(one)] = forms.ChoiceField(
                    label=str(one.application.organization), choices=CHOICES, widget=forms.RadioSelect,
                    error_messages={"required": "请选择同意、不同意或者弃权。"},
                )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        inside = [_key(one) for one in self.names if not one.outside_quota]
        chosen = [cleaned.get(key) for key in inside].count("for")
        if self.is_limited and chosen > self.seats:
            self.add_error(None, f"“同意”不能超过名额{self.seats}个，现为{chosen}个，请修改。")
        for one in self.names:
            if one.application_id in self.recused and self.data.get(_key(one), "abstain") != "abstain":
                text = f"您对{one.application.organization}已经回避，不能就其表决。"
                self.add_error(None, str(Blocker(text, self.ground)))
        return cleaned

    @property
    def rows(self) -> list[tuple[BallotCandidate, Any]]:
        """Each name with its field, None where the member is recused."""
        return [(one, None if one.application_id in self.recused else self[_key(one)]) for one in self.names]

    @property
    def picked(self) -> list[tuple[BallotCandidate, str]]:
        """Each name with the words of its choice, to be read over before it is cast."""
        words = dict(CHOICES)
        return [(one, words.get(self.cleaned_data.get(_key(one), ""), "")) for one in self.names]

    @property
    def choices(self) -> dict[int, str]:
        return {
            one.application_id: self.cleaned_data[_key(one)]
            for one in self.names
            if one.application_id not in self.recused
        }


class ApprovalForm(forms.Form):
    """The approver's decision: the meeting, the document, and a verdict on each name, refusals with their ground."""

    meeting_number = forms.CharField(label="会议", max_length=120, help_text="作出决定的会议名称和次数")
    document_number = forms.CharField(label="文号", max_length=60, help_text="如“×政发〔2026〕1号”")
    decided_on = DateField(label="日期", help_text="会议作出决定的日期，不晚于今天")

    def __init__(self, *args: Any, names: Sequence[Application], word: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = names
        # the regulation's own word for the decision: 审定, 批准
        self.fields["meeting_number"].label, self.fields["decided_on"].label = f"{word}会议", f"{word}日期"
        for one in names:
            self.fields[f"verdict-{one.public_id}"] = forms.ChoiceField(
                label=f"{one.organization}{word}结论", choices=VERDICTS, widget=forms.RadioSelect,
                error_messages={"required": "请选择批准或者不予批准；本次不作决定的，选择暂缓。"},
            )  # fmt: skip
            self.fields[f"ground-{one.public_id}"] = forms.CharField(
                label=f"{one.organization}不予批准或者暂缓的理由", max_length=300, required=False,
                widget=forms.Textarea(attrs={"rows": 2}),
            )  # fmt: skip

    use_required_attribute = False

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for one in self.names:
            ground = cleaned.get(f"ground-{one.public_id}", "")
            verdict = cleaned.get(f"verdict-{one.public_id}")
            if verdict in ("refuse", "defer") and not ground.strip():
                word = "不予批准" if verdict == "refuse" else "暂缓"
                self.add_error(f"ground-{one.public_id}", f"{word}的，请写明理由。")
        return cleaned

    def bound(self, application: Application) -> tuple[Any, Any]:
        return self[f"verdict-{application.public_id}"], self[f"ground-{application.public_id}"]

    @property
    def decision(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {key: data[key] for key in ("meeting_number", "document_number", "decided_on")}

    @property
    def verdicts(self) -> dict[int, tuple[bool, str]]:
        """Application pk → (approved, ground); a ground typed beside 批准 is not part of the decision."""
        data, found = self.cleaned_data, {}
        for one in self.names:
            if data[f"verdict-{one.public_id}"] == "defer":
                continue
            approved = data[f"verdict-{one.public_id}"] == "approve"
            found[one.pk] = (approved, "" if approved else data[f"ground-{one.public_id}"])
        return found

    @property
    def deferred(self) -> dict[int, str]:
        """Application pk → why nothing is decided on it this time."""
        data = self.cleaned_data
        put_off = [one for one in self.names if data[f"verdict-{one.public_id}"] == "defer"]
        return {one.pk: data[f"ground-{one.public_id}"] for one in put_off}


def _key(one: BallotCandidate) -> str:
    return f"choice-{one.application.public_id}"
