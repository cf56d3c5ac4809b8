"""Importing 历届获奖名录 and credit lists: every faulty row is told, and of a faulty file nothing is stored (R6)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from organizations import evidence
from organizations.codes import CodeRefused, clean_code
from organizations.files import store_upload
from organizations.models import StoredFile, User

from .models import Award, ListedEntity, Scheme
from .rulebook import Rulebook
from .schemes import latest_edition, rulebook_of

MAX_ROWS = 20_000
ALLOWED = ["xlsx", "csv"]

AWARD_COLUMNS = {
    "获奖组织": "name", "组织名称": "name", "名称": "name", "统一社会信用代码": "code", "代码": "code",
    "获奖年度": "year", "年度": "year", "奖项等次": "tier", "等次": "tier", "奖项": "tier",
    "表彰日期": "awarded_on", "表彰决定文号": "decision_number", "文号": "decision_number",
    "所在区（县）": "district", "区县": "district",
}  # fmt: skip
LISTED_COLUMNS = {
    "名称": "name", "企业名称": "name", "组织名称": "name", "统一社会信用代码": "code", "代码": "code",
    "列入日期": "listed_on", "移出日期": "removed_on", "列入事由": "reason", "列入原因": "reason",
}  # fmt: skip


@dataclass
class ImportRefused(Exception):
    """A file that was not imported, with every faulty row in Chinese; nothing of it was stored."""

    errors: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return "；".join(self.errors)


@transaction.atomic
def import_awards(scheme: Scheme, upload: UploadedFile, *, by: User, at: datetime) -> int:
    """Store a scheme's earlier winners; the same winner, year and tier again changes nothing. Returns how many are new.

    Raises UploadRefused for a file that is no list, ImportRefused with every faulty row.
    """
    stored = store_upload(upload, purpose="register_of_awards", by=by, at=at, allowed=ALLOWED)
    edition = latest_edition(scheme.key)
    if edition is None:
        raise ImportRefused([f"{scheme.name}尚未载入规则，无法核对奖项等次。"])
    book = rulebook_of(edition)
    rows = _read(stored, AWARD_COLUMNS, required={"name", "code", "year", "tier"}, take=lambda row: _award(row, book))
    known = set(Award.objects.filter(scheme=scheme).values_list("name", "code", "year", "tier"))
    source = f"历届获奖名录 {stored.original_name}"[:120]
    by_winner = {(row["name"], row["code"], row["year"], row["tier"]): row for row in rows}
    fresh = [
        Award(scheme=scheme, imported_from=source, **row) for winner, row in by_winner.items() if winner not in known
    ]
    Award.objects.bulk_create(fresh)
    _record("import_awards", scheme, stored, len(fresh), by=by, at=at)
    return len(fresh)


@transaction.atomic
def import_listed(scheme: Scheme, upload: UploadedFile, *, listing: str, by: User, at: datetime) -> int:
    """Replace one of a scheme's credit lists by a newer one, whole; earlier files stay stored. Returns its rows."""
    stored = store_upload(upload, purpose=f"credit_list_{listing}", by=by, at=at, allowed=ALLOWED)
    rows = _read(stored, LISTED_COLUMNS, required={"name"}, take=_listed)
    ListedEntity.objects.filter(scheme=scheme, listing=listing).delete()
    ListedEntity.objects.bulk_create(
        ListedEntity(scheme=scheme, listing=listing, imported_at=at, imported_by=by, source=stored, **row)
        for row in rows
    )
    _record("import_listed", scheme, stored, len(rows), by=by, at=at, listing=listing)
    return len(rows)


def _record(verb: str, scheme: Scheme, stored: StoredFile, count: int, *, by: User, at: datetime, **more: str) -> None:
    data = {"rows": count, "file": str(stored.public_id), "sha256": stored.sha256, **more}
    evidence.record(verb, by=by, subject=f"scheme:{scheme.key}", at=at, data=data)


# -- rows -------------------------------------------------------------------------------------------------------------


class RowInvalid(Exception):
    """A row that is not taken; its texts say what is wrong with it."""


def _award(row: dict[str, str], book: Rulebook) -> dict[str, Any]:
    faults: list[str] = []
    tiers = {word: tier for tier in book.tiers for word in (tier.key, tier.name)}
    tier = tiers.get(row.get("tier", ""))
    if tier is None:
        faults.append(f"等次“{row.get('tier', '')[:40]}”应为{'、'.join(one.name for one in book.tiers)}之一")
    year = _year(row.get("year", ""))
    if year is None:
        faults.append(f"年度“{row.get('year', '')[:20]}”应为四位数字")
    awarded_on = _day(row, "awarded_on", "表彰日期", faults)
    name, code = _name(row, faults), _code(row, faults, required=True)
    if faults or tier is None or year is None:
        raise RowInvalid("；".join(faults))
    return {
        "name": name,
        "code": code,
        "year": year,
        "tier": tier.key,
        "tier_name": tier.name,
        # a list without dates gives the year only: the last day is the one that favours nobody early
        "awarded_on": awarded_on or date(year, 12, 31),
        "decision_number": row.get("decision_number", "")[:60],
        "district": row.get("district", "")[:40],
    }


def _listed(row: dict[str, str]) -> dict[str, Any]:
    faults: list[str] = []
    name, code = _name(row, faults), _code(row, faults, required=False)
    listed_on = _day(row, "listed_on", "列入日期", faults)
    removed_on = _day(row, "removed_on", "移出日期", faults)
    if listed_on and removed_on and removed_on < listed_on:
        faults.append("移出日期早于列入日期")
    if faults:
        raise RowInvalid("；".join(faults))
    reason = row.get("reason", "")[:200]
    return {"name": name, "code": code, "listed_on": listed_on, "removed_on": removed_on, "reason": reason}


def _name(row: dict[str, str], faults: list[str]) -> str:
    name = row.get("name", "")
    if not 2 <= len(name) <= 120:
        faults.append("名称为空或者超过120字")
    return name


def _code(row: dict[str, str], faults: list[str], *, required: bool) -> str:
    text = row.get("code", "")
    if not text and not required:
        return ""
    try:
        return clean_code(text)
    except CodeRefused as refused:
        faults.append(f"“{text[:30]}”：{str(refused).rstrip('。')}")
        return ""


def _year(text: str) -> int | None:
    found = re.fullmatch(r"((?:19|20)\d\d)(?:\.0)?年?", text, re.ASCII)
    return int(found[1]) if found else None


def _day(row: dict[str, str], key: str, label: str, faults: list[str]) -> date | None:
    """The day a cell gives; an empty cell is none, anything else that is no day is a fault."""
    text = row.get(key, "")
    if not text:
        return None
    found = re.match(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?: 00:00:00)?$", text, re.ASCII)
    try:
        if found:
            return date(*map(int, found.groups()))
    except ValueError:
        pass
    faults.append(f"{label}“{text[:20]}”无法识别，应为 2023-06-30 的形式")
    return None


# -- reading ----------------------------------------------------------------------------------------------------------


def _read(
    stored: StoredFile,
    columns: dict[str, str],
    *,
    required: set[str],
    take: Callable[[dict[str, str]], dict[str, Any]],
) -> list[dict[str, Any]]:
    """Every row taken, or ImportRefused with every fault."""
    with stored.content.open("rb") as content:
        data = content.read()
    lines = _sheet(data) if stored.extension == "xlsx" else _csv(data)
    head: list[str] = []
    taken: list[dict[str, Any]] = []
    errors: list[str] = []
    for number, line in enumerate(lines, start=1):
        if number > MAX_ROWS:
            raise ImportRefused([f"一次最多导入{MAX_ROWS}行，请拆分后再导入。"])
        if not any(line):
            continue
        if not head:
            head = _head(line, columns, required)
            continue
        try:
            taken.append(take(dict(zip(head, line, strict=False))))
        except RowInvalid as invalid:
            errors.append(f"第 {number} 行：{invalid}")
    if not taken and not errors:
        errors.append("文件中没有数据行。")
    if errors:
        raise ImportRefused(errors)
    return taken


def _head(line: list[str], columns: dict[str, str], required: set[str]) -> list[str]:
    head = [columns.get(cell.replace(" ", ""), "") for cell in line]
    if missing := required - set(head):
        words = [next(word for word, key in columns.items() if key == one) for one in sorted(missing)]
        raise ImportRefused([f"第一行应为表头，缺少：{'、'.join(words)}。"])
    return head


def _csv(data: bytes) -> Iterator[list[str]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise ImportRefused(["文件不是CSV文本（UTF-8或者GBK），请在表格软件中另存为CSV后再导入。"])
    try:
        for line in csv.reader(io.StringIO(text, newline="")):
            yield [cell.strip() for cell in line]
    except csv.Error:
        raise ImportRefused(["CSV文件格式有误，请在表格软件中另存为CSV后再导入。"]) from None


def _sheet(data: bytes) -> Iterator[list[str]]:
    from openpyxl import load_workbook

    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        for line in book.worksheets[0].iter_rows(values_only=True):
            yield [_cell(value) for value in line]
    except Exception as error:  # the library raises whatever its parsers raise; the file is the person's to correct
        raise ImportRefused(["表格无法打开，请在表格软件中另存后再导入。"]) from error


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    return str(value).strip()
