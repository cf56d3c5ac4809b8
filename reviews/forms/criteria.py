"""The table an office draws criteria up in: a row an item, blank rows for new ones, everything kept as typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from applications.forms.desks import DateField

from .bands import typed_bands, whole

BLANK_ITEMS, BLANK_VETOES = 4, 2
STEPS = (("points:0.5", "0.5分"), ("points:1", "1分"), ("percent:5", "该项分值的5%"), ("percent:10", "该项分值的10%"))
VETO_BY = (("majority", "过半数专家认定"), ("any", "任一专家认定"))


class BeginForm(forms.Form):
    """What a new version starts from."""

    base = forms.ChoiceField(label="底稿", required=False)

    def __init__(self, *args: Any, bases: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["base"].choices = bases  # type: ignore[attr-defined]


class ApproveForm(forms.Form):
    approval = forms.CharField(label="审定的会议或者文号", max_length=120, required=False)
    approved_on = DateField(label="审定日期")


class ReturnForm(forms.Form):
    reason = forms.CharField(label="退回修改的理由", max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


def rows_of(content: Mapping[str, Any]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Items and vetoes as the page shows them, with blank rows for more."""
    items = [dict(one) for one in content.get("items") or []] + [{} for _ in range(BLANK_ITEMS)]
    vetoes = [dict(one) for one in content.get("vetoes") or []] + [{} for _ in range(BLANK_VETOES)]
    return items, vetoes


def step_word(content: Mapping[str, Any]) -> str:
    steps = content.get("steps") or {"points": 0.5}
    return next(f"{name}:{steps[name]:g}" for name in ("points", "percent") if name in steps)


def typed_content(post: Mapping[str, str], content: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed, over what the draft holds: a row without words is none, chapters are summed."""
    items = _typed(post, "item", content.get("items") or [], ("group", "title", "points", "text", "guide"), BLANK_ITEMS)
    for one in items:
        one["points"] = whole(str(one.get("points", "")))
    vetoes = _typed(post, "veto", content.get("vetoes") or [], ("title", "text", "by"), BLANK_VETOES)
    for one in vetoes:
        if "cite" not in one:
            one.setdefault("assumed", "办公室制订")
    found: dict[str, Any] = {"items": items, "vetoes": vetoes}
    found["total"] = {**content["total"], "value": whole(post.get("total", ""))}
    name, _, value = post.get("steps", "").partition(":")
    if (post.get("steps"), name) != ("", "") and post["steps"] in dict(STEPS):
        found["steps"] = {name: float(value) if "." in value else int(value)}
    if "groups" in content:
        found["groups"] = _chapters(items)
    return found | typed_bands(post, content, items)


def _typed(
    post: Mapping[str, str], word: str, stored: list[dict[str, Any]], fields: tuple[str, ...], blank: int
) -> list[dict[str, Any]]:
    known = {one["key"] for one in stored}
    found = []
    for place in range(len(stored) + blank):
        before = dict(stored[place]) if place < len(stored) else {}
        typed = {name: post.get(f"{word}-{place}-{name}", "").replace("\r\n", "\n").strip() for name in fields}
        if post.get(f"{word}-{place}-remove") or not any(typed[name] for name in fields if name not in ("by", "guide")):
            continue
        for name in fields:
            before.pop(name, None)
        row = before | {name: text for name, text in typed.items() if text}
        row["key"] = before.get("key") or _fresh(word, known)
        known.add(row["key"])
        found.append(row)
    return found


def _fresh(word: str, known: set[str]) -> str:
    number = 1
    while f"{word}_{number}" in known:
        number += 1
    return f"{word}_{number}"


def _chapters(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    sums: dict[str, int] = {}
    for one in items:
        if one.get("group"):
            sums[one["group"]] = sums.get(one["group"], 0) + (one["points"] if isinstance(one["points"], int) else 0)
    return [{"title": title, "points": points} for title, points in sums.items()]
