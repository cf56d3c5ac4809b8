"""What must add up in criteria beyond the type of each value: points, bands, guides, steps."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

Loc = tuple[str | int, ...]
Found = tuple[Loc, str, str]


def check_rubric(rubric: dict[str, Any], loc: Loc) -> Iterator[Found]:
    """Every error of one set of criteria, however malformed the rest of it is."""
    yield from _sums(rubric, loc)
    yield from _bands(rubric, (*loc, "bands"))
    for place, item in _rows(rubric, "items"):
        yield from _bands(item, (*loc, "items", place, "bands"))
    for place, guide in _rows(rubric, "guides"):
        yield from _bands(guide, (*loc, "guides", place, "bands"))
    yield from _guides(rubric, loc)
    yield from _steps(rubric, loc)
    items = {one.get("key") for _, one in _rows(rubric, "items") if isinstance(one.get("key"), str)}
    for place, veto in _rows(rubric, "vetoes"):
        if isinstance(veto.get("key"), str) and veto["key"] in items:
            yield (*loc, "vetoes", place, "key"), f"标识“{veto['key']}”与评分项重复", "与评分项不同的标识"


def _sums(rubric: dict[str, Any], loc: Loc) -> Iterator[Found]:
    total = rubric.get("total")
    wanted = number(total.get("value") if isinstance(total, dict) else total)
    rows = _rows(rubric, "items")
    points = [number(one.get("points")) for _, one in rows]
    if not points or any(one is None for one in points):
        return
    summed = sum(one for one in points if one is not None)
    if wanted is not None and summed != wanted:
        yield (*loc, "items"), f"各项分值之和为 {summed}，与总分 {wanted} 不符", f"合计 {wanted}"
    chapters: dict[Any, Fraction] = {}
    for (_, one), point in zip(rows, points, strict=True):
        group = one.get("group") if isinstance(one.get("group"), str) else None
        chapters[group] = chapters.get(group, Fraction(0)) + (point or 0)
    groups = [(place, one) for place, one in _rows(rubric, "groups") if isinstance(one.get("title"), str)]
    for place, one in groups:
        wanted, found = number(one.get("points")), chapters.get(one["title"], Fraction(0))
        if wanted is not None and wanted != found:
            yield (*loc, "groups", place), f"“{one['title']}”各项分值之和为 {found}，与 {wanted} 不符", f"合计 {wanted}"
    known = {one["title"] for _, one in groups}
    for place, one in rows:
        if known and one.get("group") not in known:
            yield (*loc, "items", place, "group"), f"没有类目“{one.get('group')}”", "、".join(sorted(known))


def _bands(node: dict[str, Any], loc: Loc) -> Iterator[Found]:
    rows = _rows(node, "bands")
    if len(rows) == 1:
        yield loc, "评分档次至少两档", ""
    floors = [one.get("at_least") for _, one in rows]
    numbers = [one for one in floors if isinstance(one, int)]
    if not numbers or len(numbers) != len(floors):
        return
    if numbers[0] != 0 or numbers != sorted(set(numbers)):
        yield loc, "评分档次应自 0 起由低到高", "at_least: 0 在前，依次递增"
        return
    for (place, one), after in zip(rows, [*numbers[1:], 101], strict=True):
        most = one.get("at_most")
        if isinstance(most, int) and not one["at_least"] <= most < after:
            yield (*loc, place, "at_most"), f"档次上限 {most} 应不低于本档下限，并低于下一档", ""


def _guides(rubric: dict[str, Any], loc: Loc) -> Iterator[Found]:
    known = {key for _, one in _rows(rubric, "guides") if isinstance(key := one.get("key"), str)}
    for place, item in _rows(rubric, "items"):
        guide = item.get("guide")
        if not guide and not item.get("bands") and not rubric.get("bands"):
            yield (*loc, "items", place, "bands"), "缺少评分档次", "本标准、评分指南或者评分项至少一处列出档次"
        if isinstance(guide, str) and guide not in known:
            yield (*loc, "items", place, "guide"), f"没有评分指南“{guide}”", "、".join(sorted(known))


def _steps(rubric: dict[str, Any], loc: Loc) -> Iterator[Found]:
    steps = rubric.get("steps")
    step = number(steps.get("points")) if isinstance(steps, dict) else None
    if not step or step <= 0:
        return
    for place, item in _rows(rubric, "items"):
        points = number(item.get("points"))
        if points is not None and points % step:
            yield (*loc, "items", place, "points"), f"分值 {points} 不是评分档 {float(step):g} 分的整数倍", ""


def number(value: Any) -> Fraction | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return Fraction(str(value)) if value == value and abs(value) != float("inf") else None


def _rows(data: Any, step: str) -> list[tuple[int, dict[str, Any]]]:
    found = data.get(step) if isinstance(data, dict) else None
    return [(i, one) for i, one in enumerate(found) if isinstance(one, dict)] if isinstance(found, list) else []
