"""Reading tables as offices really send them: titles above the header, merged cells, notes below, dates of any form."""

from __future__ import annotations

import calendar
import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

MAX_ROWS = 20_000
ALLOWED = ["xlsx", "csv"]
# how far down the header may stand under titles
HEADER_WITHIN = 20
NOTE = re.compile(
    r"(注|备注|说明|附注|合计|总计|小计|共计|制表|填表|审核|复核|联系|数据来源|来源|截至|截止|打印|导出|单位负责人|第\d+页)"
)
NOTHING = {"", "—", "-", "－", "——", "/", "无", "null", "NULL", "None", "N/A"}
EPOCH = date(1899, 12, 30)
# Excel keeps fifteen digits of a number; a code typed as a number has lost its end
LOST = re.compile(r"\d(?:\.\d+)?E\+\d+", re.IGNORECASE)


@dataclass
class ImportRefused(Exception):
    """A file that was not imported, with every faulty row in Chinese; nothing of it was stored."""

    errors: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return "；".join(self.errors)


@dataclass(frozen=True)
class Line:
    """One row of the table under its header: the number the office sees, and its cells by column."""

    number: int
    cells: dict[str, str]

    def text(self, key: str) -> str:
        """What the cell says; empty for a dash or a “无”."""
        text = self.cells.get(key, "").strip()
        return "" if text in NOTHING else text


@dataclass(frozen=True)
class Table:
    """The rows of a file that are records, and the rows that are not, with what they say."""

    lines: list[Line]
    skipped: list[tuple[int, str]]


def read_table(data: bytes, extension: str, columns: dict[str, str], *, required: set[str]) -> Table:
    """The first sheet with a header of these columns; raises ImportRefused where there is none, or too much."""
    sheets = _sheets(data) if extension == "xlsx" else iter([_csv(data)])
    for rows in sheets:
        table = _table(rows, columns, required)
        if table is not None:
            if not table.lines:
                raise ImportRefused(["文件中没有数据行。"])
            return table
    words = [next(word for word, key in columns.items() if key == one) for one in sorted(required)]
    raise ImportRefused(
        [f"没有找到表头（在前{HEADER_WITHIN}行内），应有的列：{'、'.join(words)}。请对照模板核对列名。"]
    )


def _table(rows: Iterator[tuple[int, list[str]]], columns: dict[str, str], required: set[str]) -> Table | None:
    head: list[str] = []
    lines: list[Line] = []
    skipped: list[tuple[int, str]] = []
    for number, cells in rows:
        if not any(cells):
            continue
        keys = [columns.get(_heading(cell), "") for cell in cells]
        if not head and not required <= set(keys):
            skipped.append((number, _shown(cells)))
            if len(skipped) > HEADER_WITHIN:
                return None
        elif not head:
            head = keys
        elif required <= set(keys) or _is_note(head, cells, required):
            # printed tables repeat their header on every page
            skipped.append((number, _shown(cells)))
        else:
            lines.append(Line(number, _by_column(head, cells)))
            if len(lines) > MAX_ROWS:
                raise ImportRefused([f"一次最多导入{MAX_ROWS}行，请拆分后再导入。"])
    return Table(lines, skipped) if head else None


def _by_column(head: list[str], cells: list[str]) -> dict[str, str]:
    """Cells by column; of two columns of the same meaning the first that says something."""
    found: dict[str, str] = {}
    for key, cell in zip(head, cells, strict=False):
        if key and not found.get(key):
            found[key] = cell
    return found


def _heading(cell: str) -> str:
    """A column's title without what varies: spaces, line breaks, stars, and what stands in brackets."""
    plain = re.sub(r"\s|[*＊:：]", "", unicodedata.normalize("NFKC", cell))
    return re.sub(r"\([^)]*\)$", "", plain) or plain


def _is_note(head: list[str], cells: list[str], required: set[str]) -> bool:
    """A line below the table that is none of its rows: 注, 合计, 制表人, or a lone remark."""
    filled = [cell for cell in cells if cell]
    given = _by_column(head, cells)
    if all(given.get(one) for one in required) and len(filled) > 1:
        return False
    return bool(NOTE.match(filled[0])) or (len(filled) == 1 and len(filled[0]) > 1 and not given.get("name"))


def _shown(cells: list[str]) -> str:
    return " ".join(cell for cell in cells if cell)[:80]


def _csv(data: bytes) -> Iterator[tuple[int, list[str]]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise ImportRefused(["文件不是CSV文本（UTF-8或者GBK），请在表格软件中另存为CSV后再导入。"])
    try:
        for number, line in enumerate(csv.reader(io.StringIO(text, newline="")), start=1):
            # a spreadsheet guards a long code with a leading apostrophe or a tab
            yield number, [cell.strip().strip("\t").lstrip("'") for cell in line]
    except csv.Error:
        raise ImportRefused(["CSV文件格式有误，请在表格软件中另存为CSV后再导入。"]) from None


def _sheets(data: bytes) -> Iterator[Iterator[tuple[int, list[str]]]]:
    from openpyxl import load_workbook

    try:
        book = load_workbook(io.BytesIO(data), data_only=True)
        sheets = [_sheet(sheet) for sheet in book.worksheets]
    except Exception as error:  # the library raises whatever its parsers raise; the file is the person's to correct
        raise ImportRefused(["表格无法打开，请在表格软件中另存后再导入。"]) from error
    yield from sheets


def _sheet(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    # a cell merged downward (年度, 等次) speaks for every row beside it
    down = {
        (row, merged.min_col): (merged.min_row, merged.min_col)
        for merged in sheet.merged_cells.ranges
        if merged.min_col == merged.max_col and merged.max_row - merged.min_row < MAX_ROWS
        for row in range(merged.min_row + 1, merged.max_row + 1)
    }
    rows: dict[int, dict[int, str]] = {}
    # by the cells there are: to go by rows would make a cell for each of a million empty ones
    for (row, column), cell in sheet._cells.items():
        if text := _cell(cell.value):
            rows.setdefault(row, {})[column] = text
    for (row, column), (first, _) in down.items():
        if above := rows.get(first, {}).get(column):
            rows.setdefault(row, {}).setdefault(column, above)
    for row in sorted(rows):
        yield row, [rows[row].get(column, "") for column in range(1, max(rows[row]) + 1)]


def _cell(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float):
        if abs(value) >= 1e15:
            return f"{value:.14E}"
        return str(int(value)) if value.is_integer() else str(value)
    return str(value).strip()


def read_day(text: str) -> date | None:
    """The day a cell gives, in any form offices write one; None for what is no day. A month alone is its last day."""
    text = unicodedata.normalize("NFKC", text).strip()
    text = re.sub(r"[ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$", "", text)
    text = re.sub(r"\s", "", text)
    forms = (
        r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?",
        r"(\d{4})(\d{2})(\d{2})",
        r"(\d{4})[-/.年](\d{1,2})月?",
    )
    for form in forms:
        if found := re.fullmatch(form, text, re.ASCII):
            year, month, *rest = map(int, found.groups())
            try:
                return date(year, month, rest[0] if rest else calendar.monthrange(year, month)[1])
            except (ValueError, calendar.IllegalMonthError):
                return None
    if re.fullmatch(r"[2-5]\d{4}(\.0)?", text, re.ASCII):  # a date shown as the number a spreadsheet keeps
        return EPOCH + timedelta(days=int(float(text)))
    return None


def read_year(text: str) -> int | None:
    """The year a cell gives: 2023, 2023年, 2023年度, or the year of a date."""
    found = re.fullmatch(r"((?:19|20)\d\d)(?:\.0)?(?:年度?)?", re.sub(r"\s", "", text), re.ASCII)
    if found:
        return int(found[1])
    day = read_day(text) if len(text) > 6 else None
    return day.year if day else None
