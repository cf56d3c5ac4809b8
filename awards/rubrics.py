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
    return found + _band_changes(former, content)


def _band_changes(former: Mapping[str, Any], content: Mapping[str, Any]) -> list[Change]:
    """The lists of bands that read otherwise now, each whole: of all items, of a guide, of one item."""
    was, now = _bands_by_place(former), _bands_by_place(content)
    return [
        Change("修改" if was.get(place) and text else "增加" if text else "删去", f"{place} · 评分档次",
               was.get(place, ""), text)
        for place, text in {**dict.fromkeys(was, ""), **now}.items()
        if was.get(place, "") != text
    ]  # fmt: skip


def _bands_by_place(content: Mapping[str, Any]) -> dict[str, str]:
    rows = [("全部条目", content.get("bands") or [])]
    rows += [(str(one.get("label", "")), one.get("bands") or []) for one in content.get("guides") or []]
    rows += [(str(one.get("title", "")), one.get("bands") or []) for one in content.get("items") or []]
    return {place: "\n".join(_band(one) for one in bands) for place, bands in rows if bands}


def _band(one: Mapping[str, Any]) -> str:
    top = f"至{one['at_most']}%" if one.get("at_most") not in (None, "") else "%起"
    return f"{one.get('label', '')}（{one.get('at_least', '')}{top}）：{one.get('text', '')}"


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
