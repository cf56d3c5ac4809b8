"""Names of organisations as lists write them: what is only another way of writing, and what is nearly the same (U11.3).

Nothing here decides that two bodies are one: a code does that, or a person.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# 公司（原名：旧公司）, 公司（曾用名 旧公司）: the note names a former name and is no part of the present one
FORMER = re.compile(
    r"[(（【\[]\s*(?:原名称?|曾用名|原)\s*[:：为]?\s*((?:[^()（）【】\[\]]|[(（][^()（）]*[)）]){4,})[)）】\]]"
)
SAME_FORM = (("有限责任公司", "有限公司"), ("股份公司", "股份有限公司"))
NUMBERS = frozenset("0123456789零一二三四五六七八九十〇")
# in a shorter name one other character is another name
SHORTEST_NEAR = 6


def with_unit(name: str, unit_name: str) -> str:
    """A branch, internal or dispatched body behind the legal person it belongs to: 某公司（某分公司） (U2)."""
    return f"{name}（{unit_name}）" if unit_name else name


@lru_cache(maxsize=65_536)
def plain_name(text: str) -> str:
    """The name without what writing alone varies: width, brackets, dots, spaces, case, 有限责任公司 for 有限公司."""
    text = unicodedata.normalize("NFKC", FORMER.sub("", text)).casefold()
    text = "".join(one for one in text if one.isalnum())
    for long, short in SAME_FORM:
        text = text.replace(long, short)
    return text


def former_names(*texts: str) -> tuple[str, ...]:
    """The earlier names that a name's bracket or a column of its own gives."""
    found: list[str] = []
    for text in texts:
        found += FORMER.findall(text)
    return tuple(one.strip() for one in found)


def split_names(text: str) -> tuple[str, ...]:
    """The names of a column that may hold several."""
    return tuple(one.strip() for one in re.split(r"[、,，;；/\n]", text) if len(one.strip()) > 1)


def one_apart(first: str, second: str) -> bool:
    """Whether one character put in, left out or changed turns one into the other; two neighbours swapped count too."""
    if first == second or abs(len(first) - len(second)) > 1:
        return False
    start = 0
    shorter = min(len(first), len(second))
    while start < shorter and first[start] == second[start]:
        start += 1
    rest, other = first[start:], second[start:]
    if len(rest) == len(other):
        return rest[1:] == other[1:] or (len(rest) > 1 and rest[:2] == other[1::-1] and rest[2:] == other[2:])
    return rest[1:] == other if len(rest) > len(other) else rest == other[1:]


def nearly_same(first: str, second: str) -> bool:
    """Plain names that a slip of the pen may have made out of each other; 一厂 and 二厂 are two works, not a slip."""
    if min(len(first), len(second)) < SHORTEST_NEAR or not one_apart(first, second):
        return False
    if len(first) == len(second):
        changed = [(one, other) for one, other in zip(first, second, strict=True) if one != other]
        return not all(one in NUMBERS and other in NUMBERS for one, other in changed)
    return True
