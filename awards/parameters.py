"""A round's own values over its edition's: what a rule reads is always edition + parameters (DESIGN 2)."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction

from organizations.evidence import record
from organizations.models import User

from .models import Round, RoundParameter
from .rulebook import Rulebook, RulebookInvalid, RuleRow
from .rulebook.rows import REVIEW_NAMES
from .schemes import rulebook_of

CONFIRMED = "按办公室设定值确认"

_books: dict[tuple[Any, ...], Rulebook] = {}


class ParameterRefused(Exception):
    """A value may not be set for this round; the text is for people and names the article."""


def rulebook_for(round: Round) -> Rulebook:
    """The rules of this round: its edition with the values the office set.

    Once the call is published nothing of it changes but criteria approved after it (`criteria_revision` tells), so a
    published round is read once a process and costs no query.
    """
    published = (round.public_id, round.published_at, round.criteria_revision)
    if round.published_at is not None and published in _books:
        return _books[published]
    # what was confirmed as it stands keeps the edition's value and its reason
    parameters = [one for one in round.parameters.all() if one.ground != CONFIRMED]
    key = (round.edition.sha256, tuple(sorted((one.path, repr(one.value), one.ground) for one in parameters)))
    book = _books.get(key)
    if book is None:
        book = rulebook_of(round.edition).with_parameters(
            {one.path: one.value for one in parameters}, grounds={one.path: one.ground for one in parameters}
        )
        if len(_books) > 200:
            _books.clear()
        _books[key] = book
    if round.published_at is not None:
        _books[published] = book
    return book


def assumed(round: Round) -> list[RuleRow]:
    """Every value the edition assumes, as this round has it."""
    return [row for row in rulebook_for(round).rules() if row.assumed]


def unconfirmed(round: Round) -> list[RuleRow]:
    """The assumed values nobody confirmed or set for this round yet; the call cannot go out while any is left."""
    done = {one.path for one in round.parameters.all()}
    return [row for row in assumed(round) if row.path not in done]


@transaction.atomic
def set_parameter(round: Round, path: str, value: Any, *, ground: str, by: User, at: datetime) -> RoundParameter:
    """Set one value for this round with its ground, before the call is published. Raises ParameterRefused."""
    ground = ground.strip()
    if not ground or ground == CONFIRMED:
        raise ParameterRefused("请写明设定该值的理由；所填的值已保留在页面上")
    return _store(round, path, value, ground=ground, by=by, at=at)


@transaction.atomic
def confirm_parameter(round: Round, path: str, *, by: User, at: datetime) -> RoundParameter:
    """Confirm an assumed value as it stands; what was set before keeps its value and its ground."""
    existing = round.parameters.filter(path=path).first()
    if existing is not None:
        return existing
    row = next((row for row in rulebook_of(round.edition).rules() if row.path == path), None)
    if row is None:
        raise ParameterRefused(f"规则中没有“{path}”这一项")
    return _store(round, path, rulebook_of(round.edition).plain_value(path), ground=CONFIRMED, by=by, at=at)


def confirm_all(round: Round, *, by: User, at: datetime) -> int:
    """Confirm what is left, one record each; for rehearsals and for an officer who has read the whole list."""
    rows = unconfirmed(round)
    with transaction.atomic():
        for row in rows:
            confirm_parameter(round, row.path, by=by, at=at)
    return len(rows)


def _store(round: Round, path: str, value: Any, *, ground: str, by: User, at: datetime) -> RoundParameter:
    locked = Round.objects.select_for_update(of=("self",)).get(pk=round.pk)
    if locked.published_at is not None:
        raise ParameterRefused("本届申报通知已经发布，规则不得再行变更；如确需调整，请发布更正通知并另行开展一届")
    if ground != CONFIRMED:
        _refuse_unruly(locked, path, value)
    parameter, _ = RoundParameter.objects.update_or_create(
        round=locked, path=path, defaults={"value": value, "ground": ground, "by": by, "at": at}
    )
    record(
        "set_parameter", chain=locked.chain, by=by, subject=f"round:{locked.public_id}", at=at,
        data={"path": path, "value": value, "ground": ground},
    )  # fmt: skip
    # a caller that prefetched would go on reading the old values
    getattr(round, "_prefetched_objects_cache", {}).pop("parameters", None)
    return parameter


def _refuse_unruly(round: Round, path: str, value: Any) -> None:
    """Raise ParameterRefused unless the edition with this value among the others still makes a rulebook."""
    others = {one.path: one.value for one in round.parameters.exclude(path=path)}
    try:
        rulebook_of(round.edition).with_parameters({**others, path: value})
    except RulebookInvalid as error:
        raise ParameterRefused("；".join(_said(one.message_zh, one.expected) for one in error.errors)) from None


def _said(message: str, expected: str) -> str:
    return f"{message}（应为：{expected}）" if expected else message


def read_value(row: RuleRow, text: str) -> Any:
    """What an officer typed, as the value the rulebook wants; raises ParameterRefused in Chinese."""
    text = text.strip()
    if not text:
        if row.nullable:
            return None
        raise ParameterRefused(f"“{row.label}”不得为空")
    if row.kind == "integer":
        if not re.fullmatch(r"\d{1,9}", text, re.ASCII):
            raise ParameterRefused(f"“{row.label}”应为数字，实际为文字“{text[:40]}”")
        return int(text)
    if row.kind == "number":
        return _number(row, text)
    if row.kind == "boolean":
        return _one_of(row, text, {"是": True, "true": True, "1": True, "否": False, "false": False, "0": False})
    if row.kind == "choice":
        return _one_of(row, text, {key: key for key, _ in row.choices} | {label: key for key, label in row.choices})
    if row.kind == "list":
        return [one.strip() for one in re.split(r"[、\n,，;；]", text) if one.strip()]
    if row.kind == "weights":
        return _weights(row, text)
    return text


def _one_of(row: RuleRow, text: str, words: dict[str, Any]) -> Any:
    if text not in words:
        raise ParameterRefused(f"“{row.label}”应为{'、'.join(words)}之一，实际为“{text[:40]}”")
    return words[text]


def _number(row: RuleRow, text: str) -> int | float:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ParameterRefused(f"“{row.label}”应为数字，实际为文字“{text[:40]}”") from None
    if not number.is_finite() or number < 0 or number >= 10**9:
        raise ParameterRefused(f"“{row.label}”数值 {text[:40]} 超出范围")
    return int(number) if number == number.to_integral_value() else float(number)


def _weights(row: RuleRow, text: str) -> list[dict[str, Any]]:
    names = {name: state for state, name in REVIEW_NAMES.items()}
    found = re.findall(rf"({'|'.join(names)})\s*[:：]?\s*(\d+(?:\.\d+)?)\s*%?", text)
    if not found:
        raise ParameterRefused(f"“{row.label}”应写作“材料评审 30、陈述答辩 30、现场评审 40”")
    return [{"state": names[name], "percent": _number(row, percent)} for name, percent in found]
