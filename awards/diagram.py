"""A scheme's own pipeline drawn from its rulebook alone: its stages in its order, whose desk each is, where it ends.

Pure: a rulebook in, text out. The SVG is laid out here, one column down the page, so that it reads on a telephone and
nothing has to be installed to draw it.
"""

from __future__ import annotations

import itertools
import unicodedata
from dataclasses import dataclass
from html import escape

from .rulebook import Rulebook, Stage
from .rulebook.rows import BOUNDS, value_zh

# Whose desk a stage is on, by its state; a publicity stage is held by whom the rulebook says.
DESKS = {
    "recommendation_review": "recommender",
    "recommendation": "recommender",
    "qualification": "office",
    "document_review": "expert",
    "defense": "expert",
    "onsite_review": "expert",
    "deliberation": "leading_body",
    "approval": "government",
}
# Where a stage may end an application, beside going on.
EXITS = {
    "recommendation_review": "not_recommended",
    "recommendation": "not_recommended",
    "qualification": "not_accepted",
    "document_review": "eliminated",
    "defense": "eliminated",
    "onsite_review": "eliminated",
    "deliberation": "not_selected",
    "approval": "not_approved",
}
COLOURS = {
    "applicant": "#e3eefb",
    "recommender": "#e6f4ea",
    "office": "#fdf3dc",
    "expert": "#e8f3f5",
    "leading_body": "#f3e8fb",
    "government": "#fbe6e3",
    "end": "#eef1f4",
}


@dataclass(frozen=True)
class Box:
    """One stage as it is drawn: its words, whose desk, what is told of it, and the end it may lead to."""

    state: str
    label: str
    desk: str
    owner: str
    citation: str = ""
    notes: tuple[str, ...] = ()
    exit: str = ""


def boxes_of(book: Rulebook) -> list[Box]:
    """The stages in the scheme's own order, the form before them and the award after them."""
    first = Box("draft", book.label("draft"), "applicant", book.role("applicant"))
    last = Box("awarded", book.label("awarded"), "end", "")
    return [first, *(_box(book, stage) for stage in book.stages), last]


def everywhere(book: Rulebook) -> str:
    """The ends that lead out of every stage: told in words, or nothing else could be read."""
    return f"各环节均可以“{book.label('withdrawn')}”，或者依规“{book.label('disqualified')}”"


def _box(book: Rulebook, stage: Stage) -> Box:
    desk = stage.publicity.held_by if stage.publicity else DESKS.get(stage.state, "office")
    citation = book.cite_zh(stage.cite) if stage.cite else "办公室设定"
    bodies = {"leading_body": book.bodies.leading_body.short, "government": book.approver.short}
    owner = bodies.get(desk) or book.role(desk)
    exit = EXITS.get(stage.state, "")
    if exit == "eliminated" and stage.review and stage.review.cut_times_quota.value is None:
        exit = ""
    return Box(
        stage.state, stage.label, desk, owner, citation, tuple(_notes(stage)), book.label(exit) if exit else ""
    )  # fmt: skip


def _notes(stage: Stage) -> list[str]:
    notes = []
    if stage.publicity:
        days = stage.publicity.days
        unit = "个自然日" if stage.publicity.day_kind.value == "calendar" else "个工作日"
        notes.append(f"公示{BOUNDS[days.bound]}{days.value}{unit}")
    if stage.consultation:
        notes.append(f"征求意见，{stage.consultation.reply_days.value}个工作日复函")
    notes += [leg.label for leg in stage.legs]
    if stage.review and stage.review.cut_times_quota.value is not None:
        notes.append(f"进入下一环节：名额的{value_zh(stage.review.cut_times_quota.value)}倍")
    if stage.decision:
        notes.append(value_zh(stage.decision.mode.value))
    return notes


# -- DOT ---------------------------------------------------------------------------------------------------------------


def draw_dot(book: Rulebook) -> str:
    """The pipeline as Graphviz text, for whoever wants to lay it out again."""
    boxes = boxes_of(book)
    lines = [
        f"digraph {book.key} {{",
        f"  rankdir=TB; label={_quoted(everywhere(book))};",
        '  node [shape=box, style="rounded,filled", fontsize=11];',
    ]
    for box in boxes:
        told = "\n".join(one for one in (box.label, box.owner, *box.notes, box.citation) if one)
        lines.append(f"  {box.state} [label={_quoted(told)}, fillcolor={_quoted(COLOURS[box.desk])}];")
    lines += [f"  {one.state} -> {two.state};" for one, two in itertools.pairwise(boxes)]
    ends = {box.exit: f"end_{place}" for place, box in enumerate(boxes) if box.exit}
    lines += [
        f"  {name} [label={_quoted(label)}, fillcolor={_quoted(COLOURS['end'])}];" for label, name in ends.items()
    ]
    lines += [f"  {box.state} -> {ends[box.exit]} [style=dashed];" for box in boxes if box.exit]
    return "\n".join([*lines, "}", ""])


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


# -- SVG ---------------------------------------------------------------------------------------------------------------

WIDTH = 360
MAIN = 224  # the stages' column
SIDE_X = 256  # the ends' column
PAD = 10
GAP = 20
SIZES = {"label": 15, "text": 12}
STEP = {"label": 21, "text": 17}


@dataclass(frozen=True)
class _Placed:
    box: Box
    lines: tuple[tuple[str, str], ...]
    y: int
    height: int


def draw_svg(book: Rulebook) -> str:
    """The pipeline as SVG, 360 wide, by attributes only: no style, no script, no font to fetch."""
    placed, y = [], 4
    for box in boxes_of(book):
        lines = _lines(box)
        height = 2 * PAD + sum(STEP[size] for size, _ in lines)
        placed.append(_Placed(box, lines, y, height))
        y += height + GAP
    foot = _wrapped(everywhere(book), WIDTH - 8, SIZES["text"])
    height = y + len(foot) * STEP["text"] + 4
    title = f"{book.name}评审程序"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="pipeline-drawing" viewBox="0 0 {WIDTH} {height}"'
        f' width="{WIDTH}" height="{height}" role="img" aria-label="{escape(title)}"'
        ' font-family="Noto Sans CJK SC, Microsoft YaHei, PingFang SC, sans-serif">',
        f"<title>{escape(title)}</title>",
        '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0 8 4 0 8z" fill="#5d6974"/></marker></defs>',
    ]
    for one in placed:
        parts += _drawn(one)
    for one, two in itertools.pairwise(placed):
        x = 4 + MAIN // 2
        parts.append(_arrow(x, one.y + one.height, x, two.y))
    parts += [_text(4, y + (row + 1) * STEP["text"] - 4, text, "text", "#47535f") for row, text in enumerate(foot)]
    return "\n".join([*parts, "</svg>", ""])


def _lines(box: Box) -> tuple[tuple[str, str], ...]:
    room = MAIN - 2 * PAD
    told = "　".join(one for one in (box.owner, box.citation) if one)
    lines = [("label", one) for one in _wrapped(box.label, room, SIZES["label"])]
    for text in filter(None, (told, *box.notes)):
        lines += [("text", one) for one in _wrapped(text, room, SIZES["text"])]
    return tuple(lines)


def _drawn(placed: _Placed) -> list[str]:
    box, parts = placed.box, [_rect(4, placed.y, MAIN, placed.height, COLOURS[placed.box.desk])]
    y = placed.y + PAD
    for size, text in placed.lines:
        y += STEP[size]
        parts.append(_text(4 + PAD, y - 5, text, size, "#1c2733" if size == "label" else "#47535f"))
    if box.exit:
        side = _wrapped(box.exit, WIDTH - SIDE_X - 4 - 12, SIZES["text"])
        height, middle = 12 + len(side) * STEP["text"], placed.y + placed.height // 2
        top = middle - height // 2
        parts.append(_arrow(4 + MAIN, middle, SIDE_X, middle, dashed=True))
        parts.append(_rect(SIDE_X, top, WIDTH - SIDE_X - 4, height, COLOURS["end"]))
        parts += [
            _text(SIDE_X + 6, top + 6 + (row + 1) * STEP["text"] - 4, text, "text", "#1c2733")
            for row, text in enumerate(side)
        ]
    return parts


def _rect(x: int, y: int, width: int, height: int, fill: str) -> str:
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="4" fill="{fill}" stroke="#b9c3ce"/>'


def _text(x: int, y: int, text: str, size: str, fill: str) -> str:
    weight = ' font-weight="600"' if size == "label" else ""
    return f'<text x="{x}" y="{y}" font-size="{SIZES[size]}"{weight} fill="{fill}">{escape(text)}</text>'


def _arrow(x: int, y: int, to_x: int, to_y: int, *, dashed: bool = False) -> str:
    dash = ' stroke-dasharray="4 3"' if dashed else ""
    return f'<path d="M{x} {y}L{to_x} {to_y}" fill="none" stroke="#5d6974"{dash} marker-end="url(#arrow)"/>'


def _wrapped(text: str, room: int, size: int) -> list[str]:
    """The text in lines no wider than `room`: a Chinese character is as wide as it is high, others some half of it."""
    lines, taken = [""], 0.0
    for one in text:
        width = size * (1.0 if unicodedata.east_asian_width(one) in "WF" else 0.6)
        if taken + width > room and lines[-1]:
            lines.append("")
            taken = 0.0
        lines[-1] += one
        taken += width
    return lines
