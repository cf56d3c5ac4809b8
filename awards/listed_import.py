"""Importing 经营异常名录 and 严重违法失信企业名单: the newer file replaces the list whole, as it was sent (U11.3).

The list is another authority's: a code that cannot be right is told and kept as it stands, for the name still counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from organizations import evidence
from organizations.codes import CodeRefused, clean_code
from organizations.files import store_upload
from organizations.models import User

from .models import ListedEntity, Scheme
from .table_reading import ALLOWED, LOST, ImportRefused, Line, Table, read_day, read_table

COLUMNS = {
    "名称": "name", "企业名称": "name", "组织名称": "name", "市场主体名称": "name", "经营主体名称": "name",
    "单位名称": "name", "当事人名称": "name", "当事人": "name", "失信主体名称": "name",
    "统一社会信用代码": "code", "社会信用代码": "code", "信用代码": "code", "代码": "code", "注册号": "code",
    "统一社会信用代码/注册号": "code", "注册号/统一社会信用代码": "code", "统一代码": "code",
    "曾用名": "former_names", "原名称": "former_names", "曾用名称": "former_names",
    "列入日期": "listed_on", "列入时间": "listed_on", "列入经营异常名录日期": "listed_on",
    "列入决定日期": "listed_on", "作出列入决定日期": "listed_on",
    "移出日期": "removed_on", "移出时间": "removed_on", "移出经营异常名录日期": "removed_on",
    "移出决定日期": "removed_on",
    "列入事由": "reason", "列入原因": "reason", "列入经营异常名录原因": "reason", "事由": "reason",
}  # fmt: skip


@dataclass(frozen=True)
class ListedImport:
    """What was stored, and what a person should know of it."""

    count: int
    removed: int
    skipped: list[tuple[int, str]]
    warnings: list[str]


@transaction.atomic
def import_listed(scheme: Scheme, upload: UploadedFile, *, listing: str, by: User, at: datetime) -> ListedImport:
    """Replace one of a scheme's credit lists by a newer one, whole; earlier files stay stored.

    Raises UploadRefused for a file that is no list, ImportRefused with every faulty row.
    """
    stored = store_upload(upload, purpose=f"credit_list_{listing}", by=by, at=at, allowed=ALLOWED)
    with stored.content.open("rb") as content:
        table = read_table(content.read(), stored.extension, COLUMNS, required={"name"})
    rows, warnings = _rows(table)
    ListedEntity.objects.filter(scheme=scheme, listing=listing).delete()
    ListedEntity.objects.bulk_create(
        ListedEntity(scheme=scheme, listing=listing, imported_at=at, imported_by=by, source=stored, **row)
        for row in rows
    )
    data = {"rows": len(rows), "file": str(stored.public_id), "sha256": stored.sha256, "listing": listing}
    evidence.record("import_listed", by=by, subject=f"scheme:{scheme.key}", at=at, data=data)
    removed = sum(row["removed_on"] is not None and row["removed_on"] <= at.date() for row in rows)
    return ListedImport(len(rows), removed, table.skipped, warnings)


def _rows(table: Table) -> tuple[list[dict[str, Any]], list[str]]:
    rows: list[dict[str, Any]] = []
    errors: list[str] = []
    warnings: list[str] = []
    for line in table.lines:
        faults: list[str] = []
        row = _row(line, faults, warnings)
        rows.append(row)
        errors += [f"第 {line.number} 行：{'；'.join(faults)}"] if faults else []
    if errors:
        raise ImportRefused(errors)
    return rows, warnings


def _row(line: Line, faults: list[str], warnings: list[str]) -> dict[str, Any]:
    name = line.text("name")
    if not 2 <= len(name) <= 120:
        faults.append("名称为空或者超过120字")
    days = {}
    for key, label in (("listed_on", "列入日期"), ("removed_on", "移出日期")):
        text = line.text(key)
        days[key] = read_day(text) if text else None
        if text and days[key] is None:
            faults.append(f"{label}“{text[:20]}”无法识别，应为 2023-06-30 的形式")
    if days["listed_on"] and days["removed_on"] and days["removed_on"] < days["listed_on"]:
        faults.append("移出日期早于列入日期")
    return {
        "name": name, "code": _code(line, warnings), "former_names": line.text("former_names")[:200],
        "reason": line.text("reason")[:200], **days,
    }  # fmt: skip


def _code(line: Line, warnings: list[str]) -> str:
    """The code in capitals; one that cannot be right is kept as it stands and told."""
    text = line.text("code").replace(" ", "")
    if not text:
        return ""
    if LOST.fullmatch(text):
        warnings.append(f"第 {line.number} 行：代码在表格中是数字格式，末几位已经丢失，该条只按名称比对")
        return ""
    try:
        return clean_code(text)
    except CodeRefused as refused:
        if not (text.isdigit() and len(text) == 15):  # the 注册号 of before 2015 is none, and nothing is wrong with it
            told = f"第 {line.number} 行：代码“{text[:20]}”：{str(refused).rstrip('。')}，该条按名称比对"
            warnings.append(told)
        return text.upper()[:18]
