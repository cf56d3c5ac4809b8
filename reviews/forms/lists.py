"""The forms of meetings that decide on a list or by name: proposal, resolution, ranking, roll call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms

from applications.models import Application
from awards.rulebook import Rulebook

from ..lists import Candidate, Hands
from ..models import ListLine, MeetingMember
from ..resolving import Resolved
from .meetings import CHOICES

HANDS = (("for", "同意"), ("against", "反对"), ("abstain", "弃权"))


def tier_choices(book: Rulebook) -> list[tuple[str, str]]:
    return [*((one.key, one.name) for one in book.tiers), ("", "不列入")]


class _Lines(forms.Form):
    """Fields for each of several names; `bound(application, …)` gives a name's own."""

    use_required_attribute = False

    def add_tier(self, one: Application, book: Rulebook, *, label: str, initial: str) -> None:
        self.fields[f"tier-{one.public_id}"] = forms.ChoiceField(
            label=f"{one.organization}{label}", choices=tier_choices(book), required=False, initial=initial
        )

    def add_text(self, one: Application, prefix: str, *, label: str, initial: str = "") -> None:
        self.fields[f"{prefix}-{one.public_id}"] = forms.CharField(
            label=f"{one.organization}{label}", max_length=300, required=False, initial=initial,
            widget=forms.Textarea(attrs={"rows": 2}),
        )  # fmt: skip

    def add_hands(self, one: Application, *, tier: str = "", most: int, initial: ListLine | None = None) -> None:
        for key, word in HANDS:
            self.fields[f"{key}{tier and '-' + tier}-{one.public_id}"] = forms.IntegerField(
                label=f"{one.organization}{word}人数", min_value=0, max_value=most, required=False,
                initial=getattr(initial, f"votes_{key}") if initial else None,
                widget=forms.NumberInput(attrs={"class": "short", "inputmode": "numeric"}),
            )  # fmt: skip

    def hands(self, one: Application, tier: str = "") -> Hands | None:
        """The show of hands typed for a name; None where nothing was."""
        given = [self.cleaned_data.get(f"{key}{tier and '-' + tier}-{one.public_id}") for key, _ in HANDS]
        if all(count is None for count in given):
            return None
        return Hands(*(count or 0 for count in given))

    def bound(self, one: Application, *prefixes: str) -> list[Any]:
        return [self[f"{prefix}-{one.public_id}"] for prefix in prefixes]


class ProposalForm(_Lines):
    """A tier for each name, and a reason where it departs from the order of the scores."""

    def __init__(
        self, *args: Any, candidates: Sequence[Candidate], lines: Mapping[int, ListLine], book: Rulebook, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.candidates = candidates
        for one in candidates:
            line = lines.get(one.pk)
            self.add_tier(one.application, book, label="拟列等次", initial=line.proposed_tier if line else one.tier)
            self.add_text(
                one.application, "reason", label="与得分排序不一致的理由", initial=line.reason if line else ""
            )  # fmt: skip

    @property
    def rows(self) -> list[tuple[Any, ...]]:
        return [(one, *self.bound(one.application, "tier", "reason")) for one in self.candidates]

    @property
    def tiers(self) -> dict[int, str]:
        return {one.pk: self.cleaned_data[f"tier-{one.application.public_id}"] for one in self.candidates}

    @property
    def reasons(self) -> dict[int, str]:
        return {one.pk: self.cleaned_data[f"reason-{one.application.public_id}"] for one in self.candidates}


class ResolutionForm(_Lines):
    """What the meeting resolved on each name, its ground where it departs, and the hands where they were counted."""

    def __init__(
        self, *args: Any, lines: Sequence[ListLine], bases: Mapping[int, int], book: Rulebook, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.lines, self.bases, self.book = lines, bases, book
        for one in lines:
            decided = one.tier if one.is_decided else one.proposed_tier
            self.add_tier(one.application, book, label="审议结果", initial=decided)
            self.add_text(one.application, "ground", label="调整或者不通过的理由", initial=one.ground)
            self.add_hands(one.application, most=bases[one.application_id], initial=one)

    @property
    def rows(self) -> list[tuple[Any, ...]]:
        found = []
        for one in self.lines:
            proposed = self.book.tier(one.proposed_tier).name if one.proposed_tier else "不列入"
            tier, ground, *hands = self.bound(one.application, "tier", "ground", *(key for key, _ in HANDS))
            found.append((one, proposed, self.bases[one.application_id], tier, ground, hands))
        return found

    @property
    def results(self) -> dict[int, Resolved]:
        data = self.cleaned_data
        return {
            one.application_id: Resolved(
                data[f"tier-{one.application.public_id}"], data[f"ground-{one.application.public_id}"],
                self.hands(one.application),
            )
            for one in self.lines
        }  # fmt: skip


class RankingForm(_Lines):
    """The hands on each name tied at a last place, and yes or no on each repeat winner."""

    def __init__(
        self, *args: Any, tied: Mapping[str, Sequence[Application]], repeats: Sequence[Application],
        bases: Mapping[int, int], book: Rulebook, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.tied, self.repeats, self.bases, self.book = tied, repeats, bases, book
        for tier, names in tied.items():
            for one in names:
                self.add_hands(one, tier=tier, most=bases[one.pk])
        for one in repeats:
            self.fields[f"keep-{one.public_id}"] = forms.ChoiceField(
                label=f"{one.organization}（重复获奖）", choices=[("yes", "列入，不占名额"), ("no", "不列入")],
                widget=forms.RadioSelect, initial="yes",
            )  # fmt: skip
            self.add_text(one, "ground", label="不列入的理由")

    @property
    def tie_rows(self) -> list[tuple[Any, ...]]:
        return [
            (self.book.tier(tier), [
                (one, self.bases[one.pk], self.bound(one, *(f"{key}-{tier}" for key, _ in HANDS))) for one in names
            ])
            for tier, names in self.tied.items()
        ]  # fmt: skip

    @property
    def repeat_rows(self) -> list[tuple[Any, ...]]:
        return [(one, *self.bound(one, "keep", "ground")) for one in self.repeats]

    @property
    def hands_given(self) -> dict[str, dict[int, Hands]]:
        found: dict[str, dict[int, Hands]] = {}
        for tier, names in self.tied.items():
            given = {one.pk: self.hands(one, tier) for one in names}
            found[tier] = {pk: hands for pk, hands in given.items() if hands is not None}
        return {tier: given for tier, given in found.items() if given}

    @property
    def refused(self) -> dict[int, str]:
        data = self.cleaned_data
        return {
            one.pk: data[f"ground-{one.public_id}"] for one in self.repeats if data[f"keep-{one.public_id}"] == "no"
        }


class RollCallForm(forms.Form):
    """A choice of every member present on every name he is not recused for; what is not said yet stays open."""

    use_required_attribute = False

    def __init__(
        self, *args: Any, names: Sequence[Application], members: Iterable[MeetingMember],
        recused: Mapping[int, set[int]], said: Mapping[tuple[int, int], str] | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.names, self.members = names, list(members)
        self.asked = [
            (member, one) for member in self.members for one in names if one.pk not in recused.get(member.pk, ())
        ]
        for member, one in self.asked:
            self.fields[_vote(member, one)] = forms.ChoiceField(
                label=f"{member.label}对{one.organization}的意见", choices=[("", "请选择"), *CHOICES], required=False,
                initial=(said or {}).get((member.pk, one.pk), ""),
            )  # fmt: skip
        self.fields["reason"] = forms.CharField(
            label="更正理由", max_length=200, required=False, help_text="更正已登记的意见时填写，更正前后的意见都予保留"
        )

    @property
    def rows(self) -> list[tuple[Application, list[tuple[MeetingMember, Any]]]]:
        asked = {(member.pk, one.pk) for member, one in self.asked}
        return [
            (
                one,
                [
                    (member, self[_vote(member, one)] if (member.pk, one.pk) in asked else None)
                    for member in self.members
                ],
            )
            for one in self.names
        ]

    @property
    def choices(self) -> dict[int, dict[int, str]]:
        found: dict[int, dict[int, str]] = {}
        for member, one in self.asked:
            found.setdefault(member.pk, {})[one.pk] = self.cleaned_data[_vote(member, one)]
        return found


class NamedVoteForm(RollCallForm):
    """A member's own choices in a vote by name, on the names he is not recused for."""

    @property
    def own(self) -> dict[int, str]:
        found = self.choices.get(self.members[0].pk, {})
        return {pk: choice for pk, choice in found.items() if choice}


def _vote(member: MeetingMember, one: Application) -> str:
    return f"choice-{member.user.public_id}-{one.public_id}"
