"""What the office sees of a round in preparation: proposals for a new one, its values by group, what is left to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Max, QuerySet

from organizations.models import Unit, UnitQuerySet, User

from .models import Edition, Round, RoundParameter
from .parameters import CONFIRMED, rulebook_for
from .rulebook import RuleRow, chinese_number
from .schemes import rulebook_of


def offices_of(user: User) -> UnitQuerySet:
    """The offices the person works in: who prepares rounds and keeps the lists of their schemes."""
    return Unit.objects.of_user(user).of_kind("office").order_by("pk")


def editions_for(user: User) -> QuerySet[Edition]:
    """The editions of the schemes whose office the person works in."""
    keys = list(offices_of(user).values_list("scheme_key", flat=True))
    return Edition.objects.filter(scheme__key__in=keys).select_related("scheme").order_by("scheme__name", "-loaded_at")


def propose_round(edition: Edition, *, year: int) -> dict[str, object]:
    """Year, the next 届 of the scheme and its title; the officer may change each."""
    last = edition.scheme.rounds.aggregate(last=Max("ordinal"))["last"] or 0
    name = rulebook_of(edition).award_name
    return {"year": year, "ordinal": last + 1, "title": f"第{chinese_number(last + 1)}届{name}"}


@dataclass
class ValueLine:
    """One value as the page of values prints it."""

    row: RuleRow
    parameter: RoundParameter | None

    @property
    def label(self) -> str:
        """The row's label without the name of the group it stands under."""
        return self.row.label.removeprefix(f"{self.row.group} · ")

    @property
    def is_settled(self) -> bool:
        return self.parameter is not None

    @property
    def is_set(self) -> bool:
        """Whether the office set a value of its own rather than confirming what was assumed."""
        return self.parameter is not None and self.parameter.ground != CONFIRMED


@dataclass
class ValueGroup:
    """The assumed values of one part of the rulebook."""

    name: str
    key: str
    lines: list[ValueLine] = field(default_factory=list)

    @property
    def left(self) -> int:
        return sum(not line.is_settled for line in self.lines)


def value_groups(round: Round) -> list[ValueGroup]:
    """Every assumed value, grouped in the document's order, with what was confirmed or set for this round."""
    parameters = {one.path: one for one in round.parameters.all()}
    groups: dict[str, ValueGroup] = {}
    for row in rulebook_for(round).rules():
        if row.assumed:
            group = groups.setdefault(row.group, ValueGroup(row.group, f"group-{len(groups) + 1}"))
            group.lines.append(ValueLine(row, parameters.get(row.path)))
    return list(groups.values())


def adjustable_lines(round: Round) -> list[ValueLine]:
    """Values an article sets as 不少于 or 不超过: the office may go further, never back."""
    parameters = {one.path: one for one in round.parameters.all()}
    rows = [row for row in rulebook_for(round).rules() if row.may_be_set and not row.assumed]
    return [ValueLine(row, parameters.get(row.path)) for row in rows]


def rules_by_group(rows: Iterable[RuleRow]) -> list[tuple[str, list[RuleRow]]]:
    """The values under the parts of the document they stand in, in its order."""
    groups: dict[str, list[RuleRow]] = {}
    for row in rows:
        groups.setdefault(row.group, []).append(row)
    return list(groups.items())
