"""From a YAML document to a Rulebook, or to every error in it at once, in Chinese, with path and line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import yaml
from pydantic import ValidationError

from .document import Rulebook
from .messages import describe
from .semantics import check_semantics

Loc = tuple[str | int, ...]


@dataclass(frozen=True)
class RulebookError:
    """One thing wrong: where (keys, not positions), what, what was expected, and the line if known."""

    path: str
    message_zh: str
    expected: str = ""
    line: int | None = None

    def __str__(self) -> str:
        where = f"第 {self.line} 行 " if self.line else ""
        wanted = f"；应为：{self.expected}" if self.expected else ""
        return f"{where}{self.path or '（全文）'}：{self.message_zh}{wanted}"


class RulebookInvalid(ValueError):
    """A document that is no rulebook; carries all errors."""

    def __init__(self, errors: list[RulebookError]) -> None:
        self.errors = errors
        super().__init__("\n".join(str(error) for error in errors))


@lru_cache(maxsize=32)
def load_rulebook(text: str) -> Rulebook:
    """The rulebook a document describes. Raises RulebookInvalid with every error found, never just the first.

    The same text gives the same book, which nobody changes: a long document takes half a second to read.
    """
    from .rubric_library import resolve  # the library reads its own documents by this module

    data, lines = read_document(text)
    return build(data, lines=lines, found=resolve(data))


def build(
    data: Any,
    *,
    lines: dict[Loc, int] | None = None,
    decided: bool = False,
    found: Sequence[tuple[Loc, str, str]] = (),
) -> Rulebook:
    """A rulebook of plain data; `decided` allows the marks `with_parameters` leaves; `found` is wrong already."""
    lines = lines or {}
    if not isinstance(data, dict):
        raise RulebookInvalid([RulebookError("", "规则文件应为键值结构", "spec、key、name 等键", 1)])
    found = list(found)
    book: Rulebook | None = None
    try:
        book = Rulebook.from_data(data)
    except ValidationError as error:
        found += [describe(one) for one in error.errors(include_url=False) if not _counts_only_the_valid(one)]
    found += check_semantics(data, decided=decided)
    if found or book is None:
        raise RulebookInvalid(to_errors(found, data, lines))
    return book


def _counts_only_the_valid(error: Any) -> bool:
    """pydantic calls a list too short when its items are faulty; the items' own errors say enough."""
    given = error.get("input")
    return error["type"] == "too_short" and isinstance(given, list) and len(given) >= error["ctx"]["min_length"]


def to_errors(found: list[tuple[Loc, str, str]], data: Any, lines: dict[Loc, int]) -> list[RulebookError]:
    errors: dict[tuple[str, str], RulebookError] = {}
    for loc, message, expected in found:
        path = path_of(loc, data)
        errors.setdefault((path, message), RulebookError(path, message, expected, _line(loc, lines)))
    return sorted(errors.values(), key=lambda error: (error.line or 0, error.path))


def path_of(loc: Loc, data: Any) -> str:
    """A location with list positions replaced by the key or state of what stands there."""
    words, here = [], data
    for step in loc:
        inner = _inner(here, step)
        word = str(step)
        if isinstance(step, int) and isinstance(inner, dict):
            name = next((inner[mark] for mark in ("key", "state", "kind", "subject") if mark in inner), None)
            word = str(name) if isinstance(name, str) else f"[{step + 1}]"
        elif isinstance(step, int):
            word = f"[{step + 1}]"
        words.append(word)
        here = inner
    return ".".join(words)


def _inner(here: Any, step: str | int) -> Any:
    if isinstance(here, dict):
        return here.get(step)
    if isinstance(here, list | tuple) and isinstance(step, int) and step < len(here):
        return here[step]
    return None


def _line(loc: Loc, lines: dict[Loc, int]) -> int | None:
    for end in range(len(loc), -1, -1):
        if loc[:end] in lines:
            return lines[loc[:end]]
    return None


# -- YAML -----------------------------------------------------------------------------------------------------------


def read_document(text: str) -> tuple[Any, dict[Loc, int]]:
    """Plain data and the line of each path. Duplicate keys, aliases and unknown tags are refused."""
    try:
        node = _Composer(text).get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else None
        message = getattr(error, "message_zh", f"YAML 语法错误：{error.problem or error.context}")
        raise RulebookInvalid([RulebookError("", message, "", line)]) from None
    except (yaml.YAMLError, RecursionError) as error:
        raise RulebookInvalid([RulebookError("", f"无法读取 YAML：{type(error).__name__}", "UTF-8 文本")]) from None
    walker = _Walker()
    data = walker.value(node, ()) if node is not None else None
    if walker.errors:
        raise RulebookInvalid(walker.errors)
    return data, walker.lines


class _AliasRefused(yaml.MarkedYAMLError):
    message_zh = "不得使用 YAML 锚点引用（&、*），请写出全文"


class _Composer(yaml.SafeLoader):
    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise _AliasRefused(problem_mark=self.peek_event().start_mark)
        return super().compose_node(parent, index)


class _Walker:
    """Builds plain data from nodes, remembering lines and refusing what a rulebook must not hold."""

    def __init__(self) -> None:
        self.lines: dict[Loc, int] = {}
        self.errors: list[RulebookError] = []
        self.scalars = yaml.constructor.SafeConstructor()

    def value(self, node: yaml.Node, loc: Loc) -> Any:
        self.lines[loc] = node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, loc)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(one, (*loc, place)) for place, one in enumerate(node.value)]
        if loc and loc[-1] in ("cite", "edition"):
            return node.value  # 11.10 is item ten, not a number
        return self.scalar(node, loc)

    def mapping(self, node: yaml.MappingNode, loc: Loc) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self.errors.append(RulebookError(".".join(map(str, loc)), "键应为单个词", "", line))
                continue
            key = self.scalar(key_node, loc)
            if key in found:
                self.errors.append(
                    RulebookError(".".join(map(str, (*loc, key))), f"键“{key}”重复", "每个键只写一次", line)
                )
                continue
            found[key] = self.value(value_node, (*loc, key))
        return found

    def scalar(self, node: yaml.Node, loc: Loc) -> Any:
        try:
            return self.scalars.construct_object(node)
        except (yaml.YAMLError, ValueError, OverflowError):
            line = node.start_mark.line + 1
            path = ".".join(map(str, loc))
            self.errors.append(
                RulebookError(path, f"无法识别的值“{node.value}”", "文字、数字、日期或 true/false", line)
            )
            return None
