"""Reading a rendered paper by other means than ours: poppler's words and pictures, the glyphs of its embedded fonts."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.boundsPen import BoundsPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from PIL import Image
from pypdf import PdfReader

from documents.models import IssuedDocument
from tests.documents.papers import Sample

DPI = 60
# What no letter may touch, in millimetres: left, top, right, bottom of a page.
CLEAR = {"portrait": (26, 30, 24, 8), "landscape": (24, 22, 24, 8), "certificate": (8, 8, 8, 8)}
FOOT = re.compile(r"系统编号URUMQI-2026-\d{5}内容摘要|核对http|—\d+—$")


@dataclass(frozen=True)
class Word:
    """A word where it stands on its page, in points from the upper left corner."""

    left: float
    top: float
    right: float
    bottom: float
    text: str


@dataclass(frozen=True)
class Page:
    width: float
    height: float
    words: list[Word]


@dataclass(frozen=True)
class Printed:
    """A rendered paper on disk."""

    sample: Sample
    document: IssuedDocument
    path: Path

    @cached_property
    def texts(self) -> list[str]:
        """Each page's text in the order it was set, without blanks."""
        return ["".join(page.split()) for page in self._set]

    @cached_property
    def lines(self) -> list[list[str]]:
        """Each page's lines without its foot."""
        lines = [["".join(line.split()) for line in page.splitlines()] for page in self._set]
        return [[line for line in page if line and not FOOT.match(line)] for page in lines]

    @cached_property
    def _set(self) -> list[str]:
        return run("pdftotext", "-raw", self.path, "-").split("\f")[:-1]

    @cached_property
    def pages(self) -> list[Page]:
        tree = ElementTree.fromstring(run("pdftotext", "-bbox", self.path, "-").replace('xmlns="', 'was="'))
        return [
            Page(
                float(page.attrib["width"]),
                float(page.attrib["height"]),
                [
                    Word(*(float(word.attrib[side]) for side in ("xMin", "yMin", "xMax", "yMax")), word.text or "")
                    for word in page.iter("word")
                ],
            )
            for page in tree.iter("page")
        ]

    def pictures(self, dpi: int = DPI) -> list[Image.Image]:
        folder = self.path.with_suffix(f".{dpi}")
        if not folder.exists():
            folder.mkdir()
            run("pdftoppm", "-gray", "-r", dpi, self.path, folder / "page")
        return [Image.open(picture) for picture in sorted(folder.iterdir())]

    def clear(self) -> tuple[int, int, int, int]:
        if self.sample.is_certificate:
            return CLEAR["certificate"]
        page = self.pages[0]
        return CLEAR["landscape" if page.width > page.height else "portrait"]


def run(*command: object) -> str:
    return subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True).stdout


def drawn_characters(path: Path) -> set[str]:
    """The characters whose glyph in an embedded font has an outline that is not the font's box."""
    drawn = set()
    fonts = {
        reference.idnum: reference.get_object()
        for page in PdfReader(path).pages
        for reference in page["/Resources"]["/Font"].values()
    }
    for font in fonts.values():
        descriptor = font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
        stream = next(descriptor[key] for key in ("/FontFile2", "/FontFile3") if key in descriptor)
        face = TTFont(BytesIO(stream.get_object().get_data()))
        order, glyphs = face.getGlyphOrder(), face.getGlyphSet()
        for glyph, codes in re.findall(rb"<([0-9a-f]{4})> <([0-9a-f]+)>", font["/ToUnicode"].get_object().get_data()):
            number = int(glyph, 16)
            pen = BoundsPen(glyphs)
            if 0 < number < len(order):
                glyphs[order[number]].draw(pen)
            if pen.bounds:
                drawn |= set(bytes.fromhex(codes.decode()).decode("utf-16-be"))
    return drawn


def write_latin_font(path: Path) -> None:
    """A font that has the characters of ASCII and no others: a square for each."""
    names = {code: f"u{code:04x}" for code in range(32, 127)}
    pen = TTGlyphPen(None)
    for move, point in ((pen.moveTo, (0, 0)), (pen.lineTo, (0, 500)), (pen.lineTo, (500, 500)), (pen.lineTo, (500, 0))):
        move(point)
    pen.closePath()
    square = pen.glyph()
    order = [".notdef", *names.values()]
    font = FontBuilder(1000, isTTF=True)
    font.setupGlyphOrder(order)
    font.setupCharacterMap(names)
    font.setupGlyf(dict.fromkeys(order, square))
    font.setupHorizontalMetrics(dict.fromkeys(order, (600, 0)))
    font.setupHorizontalHeader(ascent=800, descent=-200)
    font.setupNameTable({"familyName": "Latin Squares", "styleName": "Regular"})
    font.setupOS2()
    font.setupPost()
    font.save(path)
