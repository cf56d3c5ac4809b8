"""The shipped rubrics (fixtures/rubrics): a rulebook names one by key and version, and keeps its content for ever.

`from: gbt19580@1` stands for the content of gbt19580-1.yaml with its digest. What is stored as an edition holds the
content itself, so that a file changed later changes no edition.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field, ValidationError

from .messages import describe
from .reading import Loc, RulebookError, RulebookInvalid, read_document, to_errors
from .rubric_semantics import check_rubric
from .rubrics import Band, Guide, RubricGroup, RubricItem, Steps, Veto
from .values import Key, Part, Positive, Subject, Text

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "rubrics"
NAMED = re.compile(r"^([a-z][a-z0-9_]*)@([0-9A-Za-z._-]+)$")


class RubricDocument(Part):
    """One version of a rubric, for any scheme to name; an item's points and words are never changed in place."""

    key: Key
    version: Text
    title: Text
    status: Literal["unverified", "verified"]
    # where the items and points come from; a scheme that says nothing else takes it as its assumption
    basis: Text
    subjects: tuple[Subject, ...] = ("organization",)
    total: Positive
    steps: Steps | None = None
    groups: tuple[RubricGroup, ...] = ()
    bands: tuple[Band, ...] = ()
    guides: tuple[Guide, ...] = ()
    vetoes: tuple[Veto, ...] = ()
    items: tuple[RubricItem, ...] = Field(min_length=1)


def read_rubric(text: str) -> tuple[RubricDocument, dict[str, Any], str]:
    """The rubric of a text, its plain data and its digest. Raises RulebookInvalid with every error, path and line."""
    data, lines = read_document(text)
    if not isinstance(data, dict):
        raise RulebookInvalid([RulebookError("", "评价标准文件应为键值结构", "key、version、title 等键", 1)])
    found = list(check_rubric(data, ()))
    try:
        document = RubricDocument.model_validate(data)
    except ValidationError as error:
        found = [describe(one) for one in error.errors(include_url=False)] + found
    if found:
        raise RulebookInvalid(to_errors(found, data, lines))
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return document, data, hashlib.sha256(text.encode()).hexdigest()


@lru_cache(maxsize=64)
def _shipped(name: str) -> tuple[RubricDocument, dict[str, Any], str]:
    return read_rubric((FOLDER / name).read_text("utf-8"))


def shipped_rubrics() -> list[tuple[RubricDocument, str]]:
    """Every rubric that comes with the portal, with its digest."""
    return [(document, digest) for document, _, digest in (_shipped(one.name) for one in sorted(FOLDER.glob("*.yaml")))]


def content_of(named: str) -> dict[str, Any]:
    """What `key@version` stands for in a rulebook; raises ValueError in Chinese where there is no such rubric."""
    found = NAMED.match(named)
    if found is None:
        raise ValueError(f"“{named}”应写作 名称@版本，例如 gbt19580@1")
    key, version = found.groups()
    if not (FOLDER / f"{key}-{version}.yaml").is_file():
        known = "、".join(f"{one.key}@{one.version}" for one, _ in shipped_rubrics())
        raise ValueError(f"没有评价标准“{named}”，现有：{known}")
    document, data, digest = _shipped(f"{key}-{version}.yaml")
    # a copy without shared parts: what one rulebook does to it reaches no other
    data = json.loads(json.dumps(data, default=str))
    for word in ("key", "version", "status", "basis"):
        data.pop(word)
    data["total"] = {"value": document.total, "assumed": document.basis}
    return {"source": {"key": document.key, "version": document.version, "sha256": digest}, **data}


def resolve(data: Any) -> list[tuple[Loc, str, str]]:
    """Put the content in the place of each name in a document just read; the row's own keys stand. Gives the errors."""
    rows = data.get("rubrics") if isinstance(data, dict) else None
    found: list[tuple[Loc, str, str]] = []
    for place, row in enumerate(rows if isinstance(rows, list) else []):
        if not isinstance(row, dict) or "from" not in row:
            continue
        try:
            content = content_of(str(row.pop("from")))
        except ValueError as error:
            found.append((("rubrics", place, "from"), str(error), ""))
            continue
        own = dict(row)
        row.clear()
        row.update(content | own)
    return found


@lru_cache(maxsize=32)
def frozen_text(text: str) -> str:
    """The document with the content of each named rubric written out where its name stood, to be kept as it is."""
    data, lines = read_document(text)
    rows = data.get("rubrics") if isinstance(data, dict) else None
    written = text.split("\n")
    named = [(place, row) for place, row in enumerate(rows or []) if isinstance(row, dict) and "from" in row]
    for place, row in reversed(named):
        number = lines["rubrics", place, "from"] - 1
        found = re.match(r"^(\s*(?:- )?)from:", written[number])
        if found is None:
            raise RulebookInvalid(
                [RulebookError(f"rubrics.{row.get('key')}.from", "from 应单独写一行", "", number + 1)]
            )
        content = {key: value for key, value in content_of(str(row["from"])).items() if key not in row}
        block = yaml.dump(
            content, Dumper=_Plain, allow_unicode=True, sort_keys=False, width=100_000, default_flow_style=None
        ).rstrip("\n")
        first, *rest = block.split("\n")
        margin = " " * len(found[1])
        written[number : number + 1] = [found[1] + first, *(margin + one for one in rest)]
    return "\n".join(written)


class _Plain(yaml.SafeDumper):
    """Never an anchor: the reader refuses them."""

    ignore_aliases: Callable[..., bool] = lambda self, data: True
