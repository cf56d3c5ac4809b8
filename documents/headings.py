"""Breaking a heading into lines as GB/T 9704 asks: whole words, symmetric, no line of a character or two."""

from __future__ import annotations

from functools import cache

GOOD_AFTER = "的奖）》”，、；："
GOOD_BEFORE = ("（", "关于")
NEVER_FIRST = "）》”，、；：。的"
NEVER_LAST = "（《“"
# What a break costs where no word is known to end, against lines of unequal length (0–1) and one more line.
ANYWHERE, SHORT_LINE, MORE_LINES = 1.0, 2.0, 0.5


def balanced_lines(text: str, *, width: int) -> list[str]:
    """`text` in lines of at most `width` characters of full width, broken where an official would.

    A break after 的 or 奖 or before a bracket is good; inside a number or a Latin word there is none. Text that offers
    no place to break stays in one line.
    """
    if _length(text) <= width:
        return [text]
    fewest = int(-(-_length(text) // width))
    found = [one for count in range(fewest, fewest + 3) if (one := _broken(text, count, width)) is not None]
    return min(found)[1] if found else [text]


def _broken(text: str, count: int, width: int) -> tuple[float, list[str]] | None:
    """The cheapest way into exactly `count` lines, with its cost."""
    mean = _length(text) / count

    @cache
    def best(start: int, lines: int) -> tuple[float, list[str]] | None:
        if lines == 1:
            rest = text[start:]
            return (_cost_of_line(rest, mean, width), [rest]) if _length(rest) <= width else None
        options = []
        for end in range(start + 1, len(text)):
            line = text[start:end]
            if _length(line) > width:
                break
            tail = best(end, lines - 1) if _may_break(text, end) else None
            if tail is not None:
                cost = _cost_of_line(line, mean, width) + _cost_of_break(text, end)
                options.append((cost + tail[0], [line, *tail[1]]))
        return min(options) if options else None

    found = best(0, count)
    return found and (found[0] + MORE_LINES * count, found[1])


def _length(text: str) -> float:
    return sum(0.55 if character.isascii() else 1 for character in text)


def _may_break(text: str, at: int) -> bool:
    before, after = text[at - 1], text[at]
    return not (after in NEVER_FIRST or before in NEVER_LAST or (before.isascii() and after.isascii()))


def _cost_of_break(text: str, at: int) -> float:
    return 0 if text[at - 1] in GOOD_AFTER or text.startswith(GOOD_BEFORE, at) else ANYWHERE


def _cost_of_line(line: str, mean: float, width: int) -> float:
    return ((_length(line) - mean) / width) ** 2 + (SHORT_LINE if _length(line) < 3 else 0)
