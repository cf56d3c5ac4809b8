"""What pydantic found, said in Chinese to the person who wrote the document."""

from __future__ import annotations

from datetime import date
from typing import Any

_KINDS = {
    "int": "数字",
    "float": "数字",
    "decimal": "数字",
    "number": "数字",
    "bool": "true 或 false",
    "string": "文字",
}


def describe(error: Any) -> tuple[tuple[str | int, ...], str, str]:
    """(location, message, expected) of one pydantic error."""
    kind, given, context = error["type"], error.get("input"), error.get("ctx") or {}
    loc = tuple(error["loc"])
    if kind == "missing":
        return loc, "缺少必填项", ""
    if kind == "extra_forbidden":
        return loc, f"未知的键“{loc[-1]}”", "本规格 spec: 1 列出的键，见 docs/rulebook.md"
    if kind == "literal_error":
        return loc, f"未知的取值“{given}”", str(context.get("expected", "")).replace(" or ", " 或 ").replace("'", "")
    if kind == "string_pattern_mismatch":
        return loc, f"“{given}”格式不符", f"符合 {context.get('pattern')}"
    if kind == "string_too_short" and given == "":
        is_cite = bool(loc) and loc[-1] == "cite"
        return loc, "尚未填写", "条款，如 4 或 11.2；办法没有规定的，改写 assumed 和理由" if is_cite else "文字"
    if kind == "value_error":
        return loc, str(context.get("error", error["msg"])), ""
    return loc, *_typed(kind, given, context)


def _typed(kind: str, given: Any, context: dict[str, Any]) -> tuple[str, str]:
    bounds = {
        "greater_than_equal": f"不小于 {context.get('ge')} 的数字",
        "greater_than": f"大于 {context.get('gt')} 的数字",
        "less_than_equal": f"不大于 {context.get('le')} 的数字",
    }
    if kind in bounds:
        return f"数值 {given} 超出范围", bounds[kind]
    if kind in ("too_short", "string_too_short"):
        return "内容过少", f"至少 {context.get('min_length')} 项（字）"
    if kind in ("too_long", "string_too_long"):
        return "内容过多", f"至多 {context.get('max_length')} 项（字）"
    if kind.startswith("date"):
        return f"应为日期，实际为{spoken(given)}", "形如 2025-06-01"
    if kind in ("tuple_type", "list_type"):
        return f"应为列表，实际为{spoken(given)}", "以“- ”开头的若干项"
    if kind in ("dict_type", "model_type", "model_attributes_type"):
        return f"应为键值结构，实际为{spoken(given)}", "如 {value: …, cite: …} 或 {value: …, assumed: …}"
    wanted = _KINDS.get(kind.split("_")[0], "规定的类型")
    return f"应为{wanted}，实际为{spoken(given)}", ""


def spoken(given: Any) -> str:
    """A value as a person would name it: 文字“三”, 数字 3, 空值."""
    if given is None:
        return "空值"
    if isinstance(given, bool):
        return "真假值 true" if given else "真假值 false"
    if isinstance(given, str):
        return f"文字“{given[:40]}”"
    if isinstance(given, int | float):
        return f"数字 {given}"
    if isinstance(given, date):
        return f"日期 {given.isoformat()}"
    return "列表" if isinstance(given, list | tuple) else "键值结构"
