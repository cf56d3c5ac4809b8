"""The round's values over the edition's: a rule reads edition + parameters, never the edition alone."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from .document import Rulebook
from .reading import RulebookError, RulebookInvalid, build
from .rows import RuleRow, value_zh


def replace_values(book: Rulebook, values: Mapping[str, Any], *, grounds: Mapping[str, str]) -> Rulebook:
    """A revalidated rulebook with `values` in place. A cited value moves only the way its article allows (E2)."""
    if not values:
        return book
    known = {row.path: row for row in book.rules()}
    data = book.plain_data()
    errors: list[RulebookError] = []
    for path, value in values.items():
        if is_whole_rubric(path):
            errors += _replace_rubric(data, path, value)
            continue
        row = known.get(path)
        if row is None:
            errors.append(RulebookError(path, "规则中没有这一项", "scheme show 所列路径之一"))
            continue
        refusal = refuse_value(row, value)
        if refusal:
            errors.append(RulebookError(path, refusal, row.value_zh))
            continue
        node = node_at(data, path)
        node["value"] = value
        node["decided"] = grounds.get(path) or "本届通知确定"
    if errors:
        raise RulebookInvalid(errors)
    return build(data, decided=True)


def is_whole_rubric(path: str) -> bool:
    """`rubrics.<key>`: criteria drawn up for one round stand in the place of the edition's, whole (U5)."""
    return path.startswith("rubrics.") and path.count(".") == 1


def _replace_rubric(data: dict[str, Any], path: str, value: Any) -> list[RulebookError]:
    key = path.partition(".")[2]
    places = [place for place, one in enumerate(data["rubrics"]) if one.get("key") == key]
    if not places or not isinstance(value, dict) or value.get("key") != key:
        return [RulebookError(path, "规则中没有这一项评价标准", "")]
    data["rubrics"][places[0]] = copy.deepcopy(value)
    return []


def refuse_value(row: RuleRow, value: Any) -> str | None:
    """Why the office may not set this value, in Chinese with the article, or None."""
    if row.assumed or value == row.value:
        return None
    if row.bound == "exactly":
        return f"“{row.label}”由{row.citation_zh}规定，不得另行设定"
    if not _is_number(value):
        return None  # the schema names the type error
    if row.bound == "at_least" and value < row.value:
        return f"“{row.label}”{row.citation_zh}规定为{row.value_zh}，不得少于该值（拟设 {value_zh(value)}）"
    if row.bound == "at_most" and value > row.value:
        return f"“{row.label}”{row.citation_zh}规定为{row.value_zh}，不得超过该值（拟设 {value_zh(value)}）"
    return None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal | Fraction) and not isinstance(value, bool)


def node_at(data: Any, path: str) -> dict[str, Any]:
    """The mapping of a ruled value, found by keys (`tiers.main.quota`)."""
    here = data
    for step in path.split("."):
        if isinstance(here, list):
            here = next(one for place, one in enumerate(here) if _mark(one, place) == step)
        else:
            here = here[step]
    assert isinstance(here, dict)
    return here


def _mark(item: dict[str, Any], place: int) -> str:
    return str(next((item[m] for m in ("key", "state", "kind", "subject") if m in item), place + 1))
