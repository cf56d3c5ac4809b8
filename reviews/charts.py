"""Charts of the review as drawings: numbers in, SVG out; nothing is asked, decided or rounded here.

Across they are percent and down they are pixels, so that words keep their size on a telephone and on paper. Colours and
fonts stand as attributes beside the classes, since a paper's SVG hears no stylesheet. What a chart shows stands in a
table beside it too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from django.utils.safestring import SafeString, mark_safe

INK, FAINT, TRACK = "#1f2a37", "#4a5a6a", "#edf1f6"
FILL, SECOND, MARK = "#1c5fb0", "#9bbfe6", "#b3261e"
FONT = "Noto Sans CJK SC, Microsoft YaHei, sans-serif"
EMPTY_HEIGHT = 36


@dataclass(frozen=True)
class Column:
    """A column of a histogram: what it spans, and how many."""

    label: str
    count: int


@dataclass(frozen=True)
class Share:
    """A bar in percent of the whole, with the percent that others reached in the middle, where there are others."""

    label: str
    percent: float
    median: float | None = None


@dataclass(frozen=True)
class Pair:
    """Two counts of one group: of `all`, `some`."""

    label: str
    all: int
    some: int


def draw_histogram(columns: Sequence[Column], *, title: str, unit: str = "个") -> SafeString:
    """Columns side by side, each with its count above and its span below."""
    if not any(one.count for one in columns):
        return _empty(title)
    top, floor, height = 22, 150, 174
    most = max(one.count for one in columns)
    step = 100 / len(columns)
    parts = [_line("0%", "100%", floor, floor, FAINT)]
    for place, one in enumerate(columns):
        tall = round((floor - top) * one.count / most)
        middle = (place + 0.5) * step
        if one.count:
            box = _rect(f"{place * step + step * 0.12:.2f}%", floor - tall, f"{step * 0.76:.2f}%", tall, "plot-fill",
                        FILL, f"{one.label}：{one.count}{unit}")  # fmt: skip
            parts += [box, _text(f"{middle:.2f}%", floor - tall - 6, str(one.count), anchor="middle")]
        parts.append(_text(f"{middle:.2f}%", floor + 16, one.label, anchor="middle", size=11, ink=FAINT))
    told = "；".join(f"{one.label}：{one.count}{unit}" for one in columns if one.count)
    return _svg(parts, height, title, told)


def draw_profile(rows: Sequence[Share], *, title: str, middle: str = "中位") -> SafeString:
    """A bar for each row in percent of the whole, its name above it; a mark where the median of all stands."""
    if not rows:
        return _empty(title)
    step, parts = 36, []
    for place, one in enumerate(rows):
        y, share = place * step, _within(one.percent)
        words = f"{_plain(one.percent)}%"
        words += "" if one.median is None else f"（{middle}{_plain(one.median)}%）"
        parts += [
            _text("0%", y + 13, one.label),
            _text("100%", y + 13, words, anchor="end", size=11, ink=FAINT),
            _rect("0%", y + 18, "100%", 11, "plot-track", TRACK),
            _rect("0%", y + 18, f"{share:.2f}%", 11, "plot-fill", FILL, f"{one.label}：{words}"),
        ]
        if one.median is not None:
            at = f"{_within(one.median):.2f}%"
            parts.append(_line(at, at, y + 15, y + 32, MARK, "plot-mark", 2))
    told = "；".join(f"{one.label}：{_plain(one.percent)}%" for one in rows)
    return _svg(parts, len(rows) * step + 4, title, told)


def draw_funnel(rows: Sequence[tuple[str, int]], *, title: str, unit: str = "个") -> SafeString:
    """A bar in the middle for each step, as wide as those who are left, with what share of the step before they are."""
    most = max((count for _, count in rows), default=0)
    if not most:
        return _empty(title)
    step, parts, before = 46, [], 0
    for place, (label, count) in enumerate(rows):
        y, wide = place * step, 100 * count / most
        kept = f"{count}{unit}" + (f"，占上一步{_plain(100 * count / before)}%" if place and before else "")
        parts += [
            _text("0%", y + 13, label),
            _text("100%", y + 13, kept, anchor="end", size=11, ink=FAINT),
            _rect("0%", y + 19, "100%", 18, "plot-track", TRACK),
            _rect(f"{(100 - wide) / 2:.2f}%", y + 19, f"{wide:.2f}%", 18, "plot-fill", FILL, f"{label}：{kept}"),
        ]
        before = count
    return _svg(parts, len(rows) * step, title, "；".join(f"{label}{count}{unit}" for label, count in rows))


def draw_pairs(rows: Sequence[Pair], *, title: str, all: str, some: str) -> SafeString:
    """A light bar for all of a group, a dark one inside it for some of them."""
    most = max((one.all for one in rows), default=0)
    if not most:
        return _empty(title)
    step, parts = 36, []
    for place, one in enumerate(rows):
        y = place * step
        words = f"{all}{one.all}，{some}{one.some}"
        parts += [
            _text("0%", y + 13, one.label),
            _text("100%", y + 13, words, anchor="end", size=11, ink=FAINT),
            _rect("0%", y + 18, f"{100 * one.all / most:.2f}%", 11, "plot-second", SECOND, f"{one.label}：{words}"),
            _rect("0%", y + 18, f"{100 * one.some / most:.2f}%", 11, "plot-fill", FILL),
        ]
    told = "；".join(f"{one.label}{all}{one.all}、{some}{one.some}" for one in rows)
    return _svg(parts, len(rows) * step + 4, title, told)


def draw_years(points: Sequence[tuple[str, float | None]], *, title: str, unit: str, told: Sequence[str]) -> SafeString:
    """One figure over the years: a column a year from nought, down where it is a loss; `told` as each was given."""
    known = [value for _, value in points if value is not None]
    if not known:
        return _empty(title)
    top, height = 22, 132
    low, high = min(0.0, *known), max(0.0, *known)
    scale = (height - 46) / ((high - low) or 1)
    floor = round(top + high * scale)
    step = 100 / len(points)
    parts = [_line("0%", "100%", floor, floor, FAINT)]
    for place, (label, value) in enumerate(points):
        middle = (place + 0.5) * step
        if value is not None:
            tall = max(1, round(abs(value) * scale))
            y = floor - tall if value >= 0 else floor
            box = _rect(f"{place * step + step * 0.22:.2f}%", y, f"{step * 0.56:.2f}%", tall, "plot-fill",
                        FILL if value >= 0 else MARK, f"{label}：{told[place]}{unit}")  # fmt: skip
            parts += [box, _text(f"{middle:.2f}%", y - 5 if value >= 0 else y + tall + 12, told[place], anchor="middle",
                                 size=11)]  # fmt: skip
        parts.append(_text(f"{middle:.2f}%", height - 4, label, anchor="middle", size=11, ink=FAINT))
    words = "；".join(
        f"{label}：{told[place]}{unit}" for place, (label, value) in enumerate(points) if value is not None
    )
    return _svg(parts, height, title, words)


# -- parts ------------------------------------------------------------------------------------------------------------


def _svg(parts: Sequence[str], height: int, title: str, told: str) -> SafeString:
    head = (
        f'<svg class="plot" width="100%" height="{height}" role="img" aria-label="{escape(title)}">'
        f"<title>{escape(title)}</title><desc>{escape(told)}</desc>"
    )
    # every text in it went through escape()
    return mark_safe(head + "".join(parts) + "</svg>")


def _empty(title: str) -> SafeString:
    return _svg([_text("0%", 22, "没有数据", ink=FAINT)], EMPTY_HEIGHT, title, "没有数据")


def _rect(x: str, y: int, width: str, height: int, kind: str, fill: str, title: str = "") -> str:
    told = f"<title>{escape(title)}</title>" if title else ""
    box = f'<rect class="{kind}" x="{x}" y="{y}" width="{width}" height="{height}" rx="1" fill="{fill}"'
    return f"{box}>{told}</rect>" if told else f"{box}/>"


def _line(x1: str, x2: str, y1: int, y2: int, ink: str, kind: str = "plot-axis", width: int = 1) -> str:
    return (
        f'<line class="{kind}" x1="{x1}" x2="{x2}" y1="{y1}" y2="{y2}" stroke="{ink}" stroke-width="{width}"/>'
    )  # fmt: skip


def _text(x: str, y: int, words: str, *, anchor: str = "start", size: int = 12, ink: str = INK) -> str:
    return (
        f'<text class="plot-word" x="{x}" y="{y}" font-size="{size}" font-family="{FONT}" fill="{ink}" '
        f'text-anchor="{anchor}">{escape(words)}</text>'
    )


def _within(percent: float) -> float:
    return min(max(percent, 0.0), 100.0)


def _plain(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
