"""Counting a meeting's ballots again from their export alone: `python -m reviews.recounting FILE.json` (V8, U11.8).

It needs neither the portal nor its database, nor anything but Python. Every name's slips are counted and compared with
the count on record, the rules of places and majority are applied to what was counted, and whoever was declared elected
or tied is compared with the outcome. Exit status 0 when all agrees, 1 when something differs, 2 when the file is no
export.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from .places import Limit, Places
from .tallying import Tally, carries, decide_ballot

FORMAT = "ballots/1"
CHOICES = {"for": "同意", "against": "不同意", "abstain": "弃权"}


class NotAnExport(Exception):
    """The file is not what the portal exports; the text says what is wrong, for people."""


@dataclass(frozen=True)
class Recounted:
    """One ballot counted again: a line for each name, and what does not agree with the record."""

    title: str
    lines: list[str]
    faults: list[str]


def recount(export: Mapping[str, Any]) -> list[Recounted]:
    """Every ballot of the export counted again. Raises NotAnExport."""
    if export.get("format") != FORMAT:
        raise NotAnExport(f"不是门户导出的计票数据（应为{FORMAT}格式）。")
    try:
        majority = Fraction(export["majority"])
        return [recount_ballot(one, majority=majority) for one in export["ballots"]]
    except (KeyError, TypeError, ValueError, AttributeError, ZeroDivisionError) as error:
        raise NotAnExport(f"计票数据不完整或者被改动过：{error!r}。") from error


def recount_ballot(ballot: Mapping[str, Any], *, majority: Fraction) -> Recounted:
    """One ballot: its slips, its counts, its outcome."""
    names: Sequence[Mapping[str, Any]] = ballot["names"]
    keys = {one["application"]: place for place, one in enumerate(names)}
    counts = {place: Counter(one["slips"]) for place, one in enumerate(names)}
    inside = [place for place, one in enumerate(names) if not one["outside_quota"]]
    outcome = decide_ballot(
        [Tally(place, counts[place]["for"], names[place]["base"]) for place in inside],
        seats=_places(ballot["places"], keys), majority=majority,
    )  # fmt: skip
    lines, faults = [], []
    for place, one in enumerate(names):
        found = counts[place]
        alone = one["outside_quota"] and carries(found["for"], one["base"], majority=majority)
        told = {"elected": alone or place in outcome.elected, "tied": place in outcome.tied}
        lines.append(f"{one['number']} {one['name']}：{_in_words(found)}，{_outcome(told)}")
        faults += _differences(one, found, told, cast=ballot["cast"])
    return Recounted(f"{ballot['tier_name']}第{ballot['number']}次表决（名额{ballot['seats']}个）", lines, faults)


def _places(given: Mapping[str, Any], keys: Mapping[str, int]) -> Places:
    """The places as they were; a name that is not on this ballot gets a key of its own."""
    known = dict(keys)

    def key_of(name: str) -> int:
        return known.setdefault(name, len(known))

    limits = tuple(
        Limit(frozenset(map(key_of, one["members"])), one["at_most"], one["at_least"], one["label"])
        for one in given["limits"]
    )
    return Places(given["seats"], limits, frozenset(map(key_of, given["taken"])))


def _differences(
    one: Mapping[str, Any], found: Counter[str], told: Mapping[str, bool], *, cast: int | None
) -> list[str]:
    name, declared, faults = one["name"], one["declared"], []
    if unknown := set(found) - set(CHOICES):
        faults.append(f"{name}：计票条上有不认识的意见{'、'.join(sorted(map(str, unknown)))}")
    for choice, word in CHOICES.items():
        if found[choice] != declared[choice]:
            faults.append(f"{name}：{word}登记为{declared[choice]}票，计票条为{found[choice]}票")
    if found.total() > one["base"]:
        faults.append(f"{name}：计票条{found.total()}张，多于可以就其表决的{one['base']}人")
    if cast is not None and found.total() > cast:
        faults.append(f"{name}：计票条{found.total()}张，多于收回的表决票{cast}张")
    for what, word in (("elected", "当选"), ("tied", "末位票数相同")):
        if bool(declared[what]) != told[what]:
            faults.append(f"{name}：登记{_is(declared[what])}{word}，重新计算{_is(told[what])}{word}")
    return faults


def _is(true: object) -> str:
    return "为" if true else "不是"


def _in_words(found: Counter[str]) -> str:
    return "，".join(f"{word}{found[choice]}票" for choice, word in CHOICES.items())


def _outcome(told: Mapping[str, bool]) -> str:
    return "当选" if told["elected"] else "末位票数相同" if told["tied"] else "未当选"


def main(arguments: Sequence[str]) -> int:
    if len(arguments) != 1:
        sys.stderr.write("用法：python -m reviews.recounting 计票数据.json\n")
        return 2
    try:
        export = json.loads(Path(arguments[0]).read_text("utf-8"))
        if not isinstance(export, dict):
            raise NotAnExport("不是门户导出的计票数据。")
        ballots = recount(export)
    except (OSError, ValueError, NotAnExport) as error:
        sys.stderr.write(f"✗ 读不到计票数据：{error}\n")
        return 2
    faults = [fault for one in ballots for fault in one.faults]
    for one in ballots:
        sys.stdout.write("\n".join([one.title, *(f"  {line}" for line in one.lines)]) + "\n")
    for fault in faults:
        sys.stdout.write(f"✗ {fault}\n")
    sys.stdout.write(
        f"重新计票：{len(ballots)}次表决，{'与登记的结果一致' if not faults else f'{len(faults)}处不符'}\n"
    )
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
