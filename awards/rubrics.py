"""What a version of criteria changes, line by line, whatever is unfinished in it (U5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Change:
    """One line of the comparison with what was used before."""

    kind: str
    where: str
    before: str
    after: str


def changes_of(former: Mapping[str, Any], content: Mapping[str, Any]) -> list[Change]:
    """Items and vetoes that came, went or read otherwise, and the total."""
    found = []
    totals = [str((one.get("total") or {}).get("value", "")) for one in (former, content)]
    if totals[0] != totals[1]:
        found.append(Change("修改", "总分", *totals))
    for name, fields in (("items", _ITEM), ("vetoes", _VETO)):
        found += _row_changes(former.get(name) or [], content.get(name) or [], fields)
    return found


_ITEM = (("group", "类目"), ("title", "名称"), ("points", "分值"), ("text", "内容"), ("guide", "评分指南"))
_VETO = (("title", "一票否决"), ("text", "内容"), ("by", "认定"))


def _row_changes(
    before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]], fields: Sequence[tuple[str, str]]
) -> list[Change]:
    was = {one["key"]: one for one in before}
    now = {one["key"]: one for one in after}
    found = []
    for key, one in now.items():
        if key not in was:
            found.append(Change("增加", str(one.get("title", "")), "", _brief(one)))
            continue
        for name, label in fields:
            old, new = str(was[key].get(name) or ""), str(one.get(name) or "")
            if old != new:
                found.append(Change("修改", f"{one.get('title', '')} · {label}", old, new))
    found += [Change("删去", str(one.get("title", "")), _brief(one), "") for key, one in was.items() if key not in now]
    return found


def _brief(one: Mapping[str, Any]) -> str:
    points = f"{one['points']}分，" if one.get("points") else ""
    return f"{points}{one.get('text', '')}"
