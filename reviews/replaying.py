"""Drawing again from a record alone: what is exported of a draw, and the names that come of it (no database).

Used by the draw's page and by `manage.py replay_draw`; both need the exported JSON and nothing else.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from .assigning import CannotSpread, Reading, Spread, balance_readers, worth
from .drawing import Quota, draw_by_field, first_in_line

FORMAT = "award-portal-draw/1"
METHODS = ("tickets", "reserve", "balance")
HOW = {
    "tickets": (
        "对每名候选专家，以“种子|编号”（UTF-8）求 SHA-256，得其票号",
        "候选专家按票号从小到大排列",
        "按领域要求的先后，依次取该领域尚未抽中的前若干名为正选，紧随其后的若干名为备选",
    ),
    "reserve": ("备选专家按抽取时的次序排列", "依次核对，不能参加或者有利害关系的跳过并写明理由",
        "第一名未被跳过的递补"),
    "balance": (
        "有利害关系的不分配；每份材料的专家人数不变",
        "先使各专家评审份数尽量均衡（份数平方和最小，最多者尽量少，最少者尽量多）",
        "再使专业领域与行业、类别相符的人次最多",
        "仍有多种分配的，以“种子|申报编号|专家编号”SHA-256 前7位十六进制数为签号，取签号之和最小的一种",
    ),
}  # fmt: skip


class CannotReplay(Exception):
    """The file is no record of a draw, or lacks what the draw rested on; the text says what."""


@dataclass(frozen=True)
class Replayed:
    """What came of drawing again, and in what it differs from the record."""

    result: Any
    reserve: list[list[str]] = field(default_factory=list)
    objective: dict[str, int] = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)

    @property
    def agrees(self) -> bool:
        return not self.differences


def export_of(record: Any) -> dict[str, Any]:
    """All a draw rests on and all that came of it, by public ids: no name, no personal data."""
    return {
        "format": FORMAT,
        "draw": str(record.public_id),
        "panel": str(record.panel.public_id),
        "purpose": str(record.purpose),
        "method": str(record.method),
        "seed": record.seed,
        "candidates": record.candidates,
        "excluded": record.excluded,
        "needed": record.needed,
        "inputs": record.inputs,
        "result": record.result,
        "reserve": record.reserve,
        "objective": record.objective,
    }


def digest_of(export: dict[str, Any]) -> str:
    """SHA-256 of the export written with sorted keys and no blanks: the same for a file however it is laid out."""
    text = json.dumps(export, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def replay(export: Any) -> Replayed:
    """Draw again and compare; `CannotReplay` when the record does not hold what that takes."""
    if not isinstance(export, dict) or export.get("format") != FORMAT:
        raise CannotReplay(f"不是抽取记录文件（格式应为 {FORMAT}）。")
    if export.get("method") not in METHODS:
        raise CannotReplay("不认识的抽取方式。")
    again = {"tickets": _tickets, "reserve": _reserve, "balance": _balance}[export["method"]]
    try:
        found = again(export)
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        raise CannotReplay(f"抽取记录不完整或者格式不对：{wrong!r}") from None
    except CannotSpread as short:
        raise CannotReplay(f"按文件所载条件无法分配：{short}") from None
    labels = (("结果", "result"), ("备选", "reserve"), ("指标", "objective"))
    apart = [label for label, name in labels if getattr(found, name) != export[name]]
    return Replayed(found.result, found.reserve, found.objective, apart)


def reading_of(export: dict[str, Any]) -> Reading:
    inputs = export["inputs"]
    return Reading(
        wanted=inputs["wanted"], experts=inputs["loads"], seed=export["seed"],
        barred=frozenset((expert, paper) for expert, paper in inputs["barred"]),
        fitting=frozenset((expert, paper) for expert, paper in inputs["fitting"]), limit=inputs["limit"],
    )  # fmt: skip


def _tickets(export: dict[str, Any]) -> Replayed:
    # a record from before fields were drawn for holds its candidates alone
    fields = export["inputs"].get("fields") or {one: [] for one in export["candidates"]}
    quotas = export["inputs"].get("quotas") or [{"field": "", "count": export["needed"], "reserve": 0}]
    if set(fields) != set(export["candidates"]):
        raise CannotReplay("候选名单与领域名单不一致。")
    drawn = draw_by_field(
        fields, [Quota(one["count"], one["reserve"], one["field"]) for one in quotas], seed=export["seed"]
    )
    return Replayed(drawn.names, [list(one) for one in drawn.reserve])


def _reserve(export: dict[str, Any]) -> Replayed:
    passed = {one["expert"] for one in export["excluded"]}
    return Replayed(first_in_line(export["candidates"], passed))


def _balance(export: dict[str, Any]) -> Replayed:
    if "wanted" not in export["inputs"]:
        raise CannotReplay("本记录形成时尚未保存分配依据，不能复算。")
    reading = reading_of(export)
    spread = balance_readers(reading)
    return Replayed(spread.readers, objective=worth(reading, Spread(spread.readers)))
