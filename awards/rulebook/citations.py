"""Short citations ("11.2") as an official writes them (第十一条第（二）项)."""

from __future__ import annotations

import re
from collections.abc import Iterator

_DIGITS = "零一二三四五六七八九"
_ONE = re.compile(r"^(\d{1,3})(?:\.(\d{1,2}))?$")


def chinese_number(number: int) -> str:
    """1–999 in Chinese numerals: 11 → 十一, 20 → 二十, 105 → 一百零五; anything else in figures."""
    if not 0 <= number < 1000:
        return str(number)
    if number < 10:
        return _DIGITS[number]
    if number < 20:
        return "十" + (_DIGITS[number % 10] if number % 10 else "")
    if number < 100:
        return _DIGITS[number // 10] + "十" + (_DIGITS[number % 10] if number % 10 else "")
    rest = number % 100
    head = _DIGITS[number // 100] + "百"
    if rest == 0:
        return head
    if rest < 10:
        return head + "零" + _DIGITS[rest]
    return head + _DIGITS[rest // 10] + "十" + (_DIGITS[rest % 10] if rest % 10 else "")


def parse(cite: str) -> Iterator[tuple[int, int | None]]:
    """(article, item) of each citation in `"6; 11.8"`. Raises ValueError, in Chinese, for any other form."""
    for one in cite.split(";"):
        found = _ONE.match(one.strip())
        if found is None:
            raise ValueError(f"条款“{one.strip()}”应写作“11”或“11.2”（第十一条第（二）项），多条以“;”分隔")
        yield int(found[1]), int(found[2]) if found[2] else None


def cite_zh(cite: str) -> str:
    """`"6; 11.8"` → 第六条、第十一条第（八）项."""
    return "、".join(
        f"第{chinese_number(article)}条" + (f"第（{chinese_number(item)}）项" if item else "")
        for article, item in parse(cite)
    )
