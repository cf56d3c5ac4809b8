"""What a person who writes a rulebook begins with: a document to fill in, and every key the spec knows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from .rulebook import Rulebook
from .rulebook.rows import CHOICES
from .rulebook.values import Part, Ruled

_TEMPLATE = Path(__file__).with_name("skeleton.yaml")
KINDS: dict[Any, str] = {int: "整数", Decimal: "数字", bool: "true 或 false", str: "文字"}


def skeleton(key: str) -> str:
    """A document that is refused only where something is left to fill in. Raises ValueError for a bad key."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,59}", key):
        raise ValueError(f"代号“{key[:60]}”应以小写字母开头，只含小写字母、数字和下划线，例如 my_city")
    return _TEMPLATE.read_text("utf-8").replace("key: KEY", f"key: {key}", 1)


@dataclass(frozen=True)
class SpecKey:
    """One key a rulebook may hold."""

    path: str
    title: str
    kind: str
    is_required: bool

    @property
    def depth(self) -> int:
        return self.path.count(".")


def describe_spec() -> list[SpecKey]:
    """Every key of the spec in the document's order, read from the models themselves; `[]` marks a list."""
    return list(_keys(Rulebook, ""))


def _keys(model: type[Part], under: str) -> Iterator[SpecKey]:
    for name, info in model.model_fields.items():
        if name == "decided":  # written by the portal, never in a document
            continue
        annotation, path = info.annotation, f"{under}{name}"
        inner = _model_in(annotation)
        is_ruled = inner is not None and issubclass(inner, Ruled)
        mark = "[]" if inner is not None and not is_ruled and _is_many(annotation) else ""
        yield SpecKey(path + mark, info.title or "", _kind(annotation), info.is_required())
        if inner is not None and not is_ruled:
            yield from _keys(inner, f"{path}{mark}.")


def _model_in(annotation: Any) -> type[Part] | None:
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return annotation
    return next((found for one in get_args(annotation) if (found := _model_in(one)) is not None), None)


def _is_many(annotation: Any) -> bool:
    return get_origin(annotation) is tuple or any(_is_many(one) for one in get_args(annotation))


def _kind(annotation: Any) -> str:
    """What stands there, in words: 整数, 文字, one of a closed list, a value with its ground."""
    origin, inside = get_origin(annotation), get_args(annotation)
    if isinstance(annotation, type) and issubclass(annotation, Ruled):
        return f"带依据的值：{_kind(annotation.model_fields['value'].annotation)}"
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return "键值结构"
    if origin is Annotated:
        return _kind(inside[0])
    if origin is Literal:
        return "、".join(f"{one}（{CHOICES[one]}）" if one in CHOICES else str(one) for one in inside)
    if origin in (Union, UnionType):
        kinds = [_kind(one) for one in inside if one is not type(None)]
        return "，或者 ".join(kinds) + ("，或者 null" if type(None) in inside else "")
    if origin is tuple:
        return f"列表：{_kind(inside[0])}"
    if origin is dict:
        return "键值对照"
    return KINDS.get(annotation, "日期" if getattr(annotation, "__name__", "") == "date" else "文字")
