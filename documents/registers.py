"""A list for the desk, once described: the same rows as a workbook to work with and as a sheet to print and sign."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

import xlsxwriter
from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string

from award_portal.lib import clock
from award_portal.lib.pdf import render_pdf

from .issuing import REHEARSAL_NOTE

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Cell = str | int


@dataclass(frozen=True)
class Register:
    """One table with its heading: facts above it, notes and lines to sign below. Values are plain text and numbers."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    facts: Sequence[tuple[str, str]] = ()
    notes: Sequence[str] = ()
    signatures: Sequence[str] = ()
    landscape: bool = True
    # relative widths of the printed columns; even where none are given
    widths: Sequence[int] = ()

    @property
    def columns(self) -> list[tuple[str, str]]:
        """Each heading with its share of the printed width in per cent."""
        widths = list(self.widths) or [max(2, min(12, len(one))) for one in self.headings]
        return [(name, f"{width * 100 / sum(widths):.1f}") for name, width in zip(self.headings, widths, strict=True)]

    @property
    def cells(self) -> list[list[tuple[Cell, bool]]]:
        """The rows with, for each value, whether it is a number."""
        return [[(value, isinstance(value, int)) for value in row] for row in self.rows]


def workbook(title: str, headings: Sequence[str], rows: Iterable[Iterable[Cell]]) -> bytes:
    """One sheet with a heading row. What an applicant typed stays text: no formula, no link is ever made of it."""
    return workbook_of([Register(title, headings, [list(row) for row in rows])])


def workbook_of(registers: Sequence[Register]) -> bytes:
    """A workbook with a sheet for each register, its heading row frozen; every text stays text."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "bg_color": "#EEF1F5", "border": 1})
        cell = book.add_format({"text_wrap": True, "valign": "top", "border": 1})
        for place, register in enumerate(registers, start=1):
            sheet = book.add_worksheet(_sheet_name(register.title, place))
            for column, heading in enumerate(register.headings):
                sheet.write_string(0, column, heading, bold)
                sheet.set_column(column, column, max(10, min(40, len(heading) * 3)))
            for number, row in enumerate(register.rows, start=1):
                for column, value in enumerate(row):
                    if isinstance(value, int):
                        sheet.write_number(number, column, value, cell)
                    else:
                        sheet.write_string(number, column, value, cell)
            sheet.freeze_panes(1, 0)
    return buffer.getvalue()


def register_pdf(register: Register, *more: Register, at: datetime) -> bytes:
    """A sheet to print, others behind it each on pages of its own: no number and no issue, it says when printed."""
    context = {
        "register": register,
        "registers": [register, *more],
        "printed": f"{at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}",
        "rehearsal_note": REHEARSAL_NOTE if settings.REHEARSAL else "",
    }
    return render_pdf(render_to_string("documents/register.html", context), created_at=at).data


def register_response(register: Register, wanted: str, *, at: datetime) -> HttpResponse:
    """The register as `pdf` shown in the browser, or as a workbook to keep."""
    if wanted == "pdf":
        return attachment(register_pdf(register, at=at), f"{register.title}.pdf", "application/pdf", inline=True)
    return attachment(workbook_of([register]), f"{register.title}.xlsx", XLSX)


def registers_response(registers: Sequence[Register], wanted: str, *, at: datetime) -> HttpResponse:
    """Several registers as one PDF or one workbook, named after the first."""
    title = registers[0].title
    if wanted == "pdf":
        return attachment(register_pdf(*registers, at=at), f"{title}.pdf", "application/pdf", inline=True)
    return attachment(workbook_of(registers), f"{title}.xlsx", XLSX)


def attachment(content: bytes, name: str, content_type: str, *, inline: bool = False) -> HttpResponse:
    """A file made for this request only, never kept by a cache."""
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f"{'inline' if inline else 'attachment'}; filename*=UTF-8''{quote(name)}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def _sheet_name(title: str, place: int) -> str:
    """A name a workbook accepts: 31 characters, none of `[]:*?/\\`."""
    name = "".join(" " if one in "[]:*?/\\'" else one for one in title).strip()
    return name[:31] or f"表{place}"
