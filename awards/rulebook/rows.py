"""A rulebook as rows for people: `scheme show` and the page where the officer confirms what was assumed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from .citations import chinese_number, cite_zh
from .document import Rulebook
from .parts import Weight
from .process import Publicity, Timing
from .values import Bound, Part, Ruled

OFFICE_SET = "办公室设定"
GENERAL = "总则"

CHOICES: dict[str, str] = {
    "working": "工作日",
    "calendar": "自然日",
    "applicant": "申报组织",
    "recommender": "审核推荐单位",
    "office": "办公室",
    "mean": "算术平均",
    "trimmed_mean": "去掉最高分和最低分后平均",
    "consensus": "合议",
    "secret_vote": "无记名投票",
    "roll_call": "记名表决",
    "resolution": "审议通过",
    "rank": "按得分排序确认",
    "further_ballot_then_vacant": "再次投票一次，仍相同的名额空缺",
    "vacant": "名额空缺",
    "none": "无特别规定",
    "honour_only_outside_quota": "只授予荣誉，不发奖金，不占名额",
    "recommendation_due": "审核推荐单位报送截止日",
    "application_due": "申报截止日",
    "application_opens": "申报开始日",
    "receipt": "自收到异议材料之日",
    "acceptance": "自受理之日",
    "forwarding": "自收到转送材料之日",
    "report": "自收到调查报告之日",
    "finding": "自作出认定之日",
    "disqualify": "取消参评资格",
    "judge_as_is": "按已有材料评审",
    "decision": "自处理决定作出之日",
    "award": "自获奖之日",
    "certificate": "证书",
    "plaque": "奖牌",
    "trophy": "奖杯",
    "title": "称号",
    "leading_body": "审议机构",
    "government": "审定机关",
    "close_publicity": "公示期满转入下一环节",
    "recommend": "出具推荐意见",
    "approve": "批准授奖",
    "office_decides": "由办公室在上限内决定并说明理由",
    "none_pass": "均不进入",
    "all_pass": "均进入",
}
REVIEW_NAMES = {"document_review": "材料评审", "defense": "陈述答辩", "onsite_review": "现场评审"}
BOUNDS: dict[Bound, str] = {"exactly": "", "at_least": "不少于", "at_most": "不超过"}
# A closed list read from CHOICES; any other text is the regulation's own and stands as it is written.
_FREE_TEXT = frozenset(
    {
        "in_force", "incident_ground", "online_day_ends_at", "paper_day_ends_at", "rubric", "rubrics", "chosen_from",
        "due_day",
    }
)  # fmt: skip

# values that name another part of the document by its key
_KEYS = frozenset({"rubric", "rubrics", "chosen_from"})

ValueKind = Literal["integer", "number", "boolean", "choice", "list", "weights", "text"]


@dataclass(frozen=True)
class RuleRow:
    """One ruled value: where it stands, what it is, what it rests on, and what a round may make of it."""

    path: str
    group: str
    label: str
    value_zh: str
    citation_zh: str
    assumed: bool
    value: Any
    bound: Bound = "exactly"
    reason: str = ""
    decided: str = ""
    kind: ValueKind = "text"
    nullable: bool = False
    unit: str = ""
    choices: tuple[tuple[str, str], ...] = ()

    @property
    def may_be_set(self) -> bool:
        """An assumed value may be set by the office; a cited one only within its 不少于 or 不超过."""
        return self.assumed or self.bound != "exactly"


def flatten(book: Rulebook) -> list[RuleRow]:
    """Every Ruled value in the document's order."""
    return list(_rows(book, book, (), ()))


def _rows(book: Rulebook, node: Part, path: tuple[str, ...], words: tuple[str, ...]) -> Iterator[RuleRow]:
    for name, info in type(node).model_fields.items():
        value = getattr(node, name)
        title = info.title or ""
        extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
        here = (*words, title) if title and title != (words[-1] if words else "") else words
        if isinstance(value, Ruled):
            unit = str(extra.get("unit", ""))
            if unit == "days":
                unit = "个自然日" if _calendar_days(book, node) else "个工作日"
            row = _row(
                value, (*path, name), here if words else (GENERAL, title), unit, str(extra.get("none", "未规定"))
            )
            yield replace(row, value_zh=_named(book, row)) if name in _KEYS else row
        elif isinstance(value, Part):
            yield from _rows(book, value, (*path, name), here)
        elif isinstance(value, tuple):
            for place, item in enumerate(value):
                if isinstance(item, Part):
                    yield from _rows(book, item, (*path, name, mark_of(item, place)), (*here, name_of(item)))


def _named(book: Rulebook, row: RuleRow) -> str:
    """What the keys of a value stand for: the titles of criteria, the name of a tier."""
    names = {one.key: one.title for one in book.rubrics} | {one.key: one.name for one in book.tiers}
    keys = (row.value,) if isinstance(row.value, str) else tuple(row.value or ())
    return "、".join(names.get(key, key) for key in keys) or row.value_zh


def _calendar_days(book: Rulebook, node: Part) -> bool:
    """Whether a window's days are plain calendar days."""
    if isinstance(node, Publicity):
        return node.day_kind.value == "calendar"
    return isinstance(node, Timing) and book.window_day_kind == "calendar"


def mark_of(item: Part, place: int) -> str:
    return str(next((getattr(item, m) for m in ("key", "state", "kind", "subject") if hasattr(item, m)), place + 1))


def name_of(item: Part) -> str:
    for mark in ("label", "title", "name", "ground", "text"):
        found = getattr(item, mark, None)
        if isinstance(found, str):
            return found if len(found) <= 24 else found[:23] + "…"
    return {"organization": "组织", "individual": "个人"}.get(getattr(item, "subject", ""), "")


def _row(value: Ruled[Any], path: tuple[str, ...], words: tuple[str, ...], unit: str, none: str) -> RuleRow:
    citation = cite_zh(value.cite) if value.cite else OFFICE_SET
    free = path[-1] in _FREE_TEXT
    return RuleRow(
        path=".".join(path),
        group=words[0] if words else "",
        label=" · ".join(word for word in words if word),
        value_zh=none if value.value is None else BOUNDS[value.bound] + value_zh(value.value, unit, free=free),
        citation_zh=citation,
        assumed=value.is_assumed,
        value=value.value,
        bound=value.bound,
        reason=value.assumed or "",
        decided=value.decided or "",
        unit=unit,
        **_kind(value),
    )


def _kind(value: Ruled[Any]) -> dict[str, Any]:
    """What a form must offer to set this value, read from the type the spec gives it."""
    options = [one for one in _types(type(value).model_fields["value"].annotation) if one is not type(None)]
    found: dict[str, Any] = {"nullable": len(options) < len(_types(type(value).model_fields["value"].annotation))}
    one = options[0]
    if get_origin(one) is Literal:
        return found | {"kind": "choice", "choices": tuple((word, CHOICES.get(word, word)) for word in get_args(one))}
    if get_origin(one) is tuple:
        return found | {"kind": "weights" if get_args(one)[0] is Weight else "list"}
    kinds: dict[Any, ValueKind] = {int: "integer", bool: "boolean", Decimal: "number"}
    return found | {"kind": kinds.get(one, "text")}


def _types(annotation: Any) -> list[Any]:
    """The plain types of an annotation: unions opened, Annotated stripped."""
    if get_origin(annotation) in (Union, UnionType):
        return [one for part in get_args(annotation) for one in _types(part)]
    return _types(get_args(annotation)[0]) if get_origin(annotation) is Annotated else [annotation]


def value_zh(value: Any, unit: str = "", *, free: bool = False) -> str:
    """A value as an official reads it."""
    if value is None:
        return "未规定"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Decimal):
        value = f"{value.normalize():f}"
    if isinstance(value, int):
        return f"{value:,}{unit}" if value >= 10000 else f"{value}{unit}"
    if isinstance(value, tuple):
        return "、".join(value_zh(one) for one in value) or "无"
    if isinstance(value, Weight):
        return f"{REVIEW_NAMES[value.state]} {value.percent:g}%"
    if isinstance(value, str) and "/" in value and value.replace("/", "").isdigit():
        top, bottom = value.split("/")
        return f"{chinese_number(int(bottom))}分之{chinese_number(int(top))}"
    text = str(value)
    return (text if free else CHOICES.get(text, text)) + unit


__all__ = ["OFFICE_SET", "REVIEW_NAMES", "RuleRow", "flatten", "value_zh"]
