"""The bans of imported revocations: an award taken away years ago may keep its holder out today (R6, U20, B22)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING

from .banning import place_ban
from .models import Award, Ban, Scheme
from .rulebook import Rulebook
from .rulebook.parts import BanRule
from .table_reading import ImportRefused

if TYPE_CHECKING:
    from .register_import import RegisterRow

# what the officer chooses for a revocation that barred nobody (U21)
NO_BAN = "none"


def ban_rules(book: Rulebook) -> list[BanRule]:
    """The rules under which somebody is kept from applying for years."""
    return [one for one in book.supervision.bans if one.years.value]


def revoked_rows(rows: Iterable[RegisterRow], book: Rulebook) -> list[RegisterRow]:
    """The rows of awards taken away, where the regulation has a ban to choose."""
    if not ban_rules(book):
        return []
    return [one for one in rows if one.verdict != "known" and one.row["state"] == Award.State.REVOKED]


def require_bans(rows: Iterable[RegisterRow], chosen: Mapping[int, str], book: Rulebook) -> None:
    """Every revocation says under which rule it was made, and has what a ban needs; else all faults at once."""
    rules = {one.key for one in ban_rules(book)}
    faults = []
    for one in revoked_rows(rows, book):
        key, line = chosen.get(one.number, ""), one.row["line"]
        if key not in rules and key != NO_BAN:
            faults.append(f"第 {line} 行“{one.row['name']}”已取消，请选择适用的不予受理规则。")
        elif key in rules and not (one.row["code"] and one.row["revoked_on"]):
            faults.append(f"第 {line} 行“{one.row['name']}”登记不予受理须有代码和取消日期，请在文件中补充后重新导入。")
    if faults:
        raise ImportRefused(faults)


def place_imported_bans(
    scheme: Scheme, rows: Iterable[RegisterRow], chosen: Mapping[int, str], book: Rulebook
) -> list[Ban]:
    """A ban of the rule's length for each revocation it was chosen for."""
    rules = {one.key: one for one in ban_rules(book)}
    placed = []
    for one in revoked_rows(rows, book):
        rule = rules.get(chosen.get(one.number, ""))
        if rule is None:
            continue
        awarded_on = one.awarded_on or date(one.row["year"], 12, 31)
        placed.append(
            place_ban(
                scheme,
                rule,
                name=one.row["name"],
                unit_name=one.row["unit_name"],
                code=one.row["code"],
                ground=rule.ground,
                decided_by="历届获奖名录",
                decided_on=date.fromisoformat(one.row["revoked_on"]),
                awarded_on=awarded_on,
            )
        )
    return [one for one in placed if one is not None]
