"""Several PDFs to one: every page once, in order, each part under its own bookmark."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from pypdf import PageObject, PdfReader, PdfWriter, Transformation

from award_portal.lib.pdf import render_pdf

A4_WIDTH = 595.28


def count_pages(data: bytes) -> int:
    """How many pages a PDF has, for a table of contents made before merging."""
    return len(PdfReader(BytesIO(data)).pages)


def merge_pdfs(parts: Sequence[tuple[str, bytes]], *, numbered_from: int | None = None) -> bytes:
    """Merge `(title, pdf)` parts; an empty title leaves no bookmark, equal parts give equal bytes.

    `numbered_from` is the index of the first part that gets page numbers at the foot (a cover and a table of
    contents before it get none); the numbers begin at 1 there.
    """
    writer = PdfWriter()
    first_numbered: int | None = None
    for index, (title, data) in enumerate(parts):
        if index == numbered_from:
            first_numbered = len(writer.pages)
        writer.append(BytesIO(data), outline_item=title or None, import_outline=False)
    if first_numbered is not None:
        _number_pages(writer.pages[first_numbered:])
    # Documents of strangers: whatever asks a reader to do something on opening stays out.
    for key in ("/OpenAction", "/AA", "/Names"):
        writer._root_object.pop(key, None)
    writer.compress_identical_objects()
    merged = BytesIO()
    writer.write(merged)
    return merged.getvalue()


def _number_pages(pages: Sequence[PageObject]) -> None:
    sheets = "".join(f"<p>— {number} —</p>" for number in range(1, len(pages) + 1))
    rendered = render_pdf(
        "<html lang=zh-CN><style>@page{size:A4;margin:0}p{height:297mm;margin:0;break-after:page;"
        "font:12pt serif;text-align:center;padding-top:282mm;box-sizing:border-box}p:last-child{break-after:auto}"
        f"</style>{sheets}"
    )
    for page, sheet in zip(pages, PdfReader(BytesIO(rendered.data)).pages, strict=True):
        page.transfer_rotation_to_content()
        box = page.cropbox
        scale = float(box.width) / A4_WIDTH
        move = Transformation().scale(scale).translate(float(box.left), float(box.bottom))
        page.merge_transformed_page(sheet, move, expand=False)
