"""What a draw looked like, laid out for a page and for the paper: every candidate with ticket and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from applications.models import Application

from .drawing import ticket
from .models import DrawRecord, Expert

Row = list[str | int]


@dataclass(frozen=True)
class DrawTable:
    """Facts above, then the candidates in the order of the draw, then who was left out and why."""

    facts: list[tuple[str, str]]
    headings: list[str]
    rows: list[Row]
    excluded: list[tuple[str, str]] = field(default_factory=list)


def draw_table(record: DrawRecord) -> DrawTable:
    names = _names(record)
    excluded = [(_pair(one, names), one.get("reason", "有利害关系")) for one in record.excluded]
    if record.method == DrawRecord.Method.BALANCE:
        headings, rows = ["申报编号", "名称", "评审专家"], _readers(record, names)
    elif record.method == DrawRecord.Method.RESERVE:
        headings, rows = ["备选次序", "专家", "编号", "结果"], _line(record, names)
    else:
        headings, rows = ["票号次序", "专家", "专业领域", "编号", "票号（前16位）", "结果"], _tickets(record, names)
    return DrawTable(_facts(record, names), headings, rows, excluded)


def _names(record: DrawRecord) -> dict[str, str]:
    keys = {*record.candidates, *(one["expert"] for one in record.excluded)}
    people = Expert.objects.filter(public_id__in=keys).select_related("user")
    names = {str(one.public_id): str(one) for one in people}
    if isinstance(record.result, dict):
        papers = Application.objects.filter(public_id__in=record.result).with_names()
        names |= {str(one.public_id): one.listed_name for one in papers}
    return names


def _facts(record: DrawRecord, names: dict[str, str]) -> list[tuple[str, str]]:
    facts = [("用途", record.get_purpose_display()), ("方式", record.get_method_display())]
    if record.replaced:
        facts.append(("被替补专家", str(record.replaced)))
    if record.ground:
        facts.append(("事由", record.ground))
    if record.seed:
        facts.append(("抽取种子", record.seed))
    for quota in record.inputs.get("quotas", []):
        reserve = f"，备选{quota['reserve']}人" if quota["reserve"] else ""
        facts.append((quota["field"] or "不限领域", f"抽取{quota['count']}人{reserve}"))
    if record.objective:
        figures = record.objective
        facts += [
            ("评审份数", f"最多{figures['highest']}份，最少{figures['lowest']}份，相差{figures['spread']}份"),
            ("领域相符", f"{figures['matches']}人次，共{figures['readings']}人次"),
            ("每人上限", f"{record.inputs['limit']}份" if record.inputs.get("limit") else "不限"),
            ("计算程序", record.inputs.get("solver", "")),
        ]
    if record.witness:
        facts.append(("监督人员", record.witness))
    return facts


def _tickets(record: DrawRecord, names: dict[str, str]) -> list[Row]:
    fields = record.inputs.get("fields", {})
    place = {key: f"正选{number}" for number, key in enumerate(record.result, start=1)}
    place |= {key: f"备选{number}（{of or '不限领域'}）" for number, (key, of) in enumerate(record.reserve, start=1)}
    tickets = sorted((ticket(record.seed, key), key) for key in record.candidates)
    return [
        [number, names.get(key, "—"), "、".join(fields.get(key, [])), key, said[:16], place.get(key, "未抽中")]
        for number, (said, key) in enumerate(tickets, start=1)
    ]


def _line(record: DrawRecord, names: dict[str, str]) -> list[Row]:
    passed = {one["expert"]: one["reason"] for one in record.excluded}
    rows: list[Row] = []
    for number, key in enumerate(record.candidates, start=1):
        said = "递补" if key in record.result else f"跳过：{passed[key]}" if key in passed else "继续备选"
        rows.append([number, names.get(key, "—"), key, said])
    return rows


def _readers(record: DrawRecord, names: dict[str, str]) -> list[Row]:
    return [
        [key, names.get(key, "—"), "、".join(names.get(one, one) for one in readers)]
        for key, readers in record.result.items()
    ]


def _pair(one: dict[str, Any], names: dict[str, str]) -> str:
    said = names.get(one["expert"], one["expert"])
    paper = one.get("application")
    return f"{said}—{names.get(paper, paper)}" if paper else said
