"""The public register of winners (S7): what is shown of an award, what may be asked of it, and the list to take away.

Of a person stands the name as the notice published it, and nothing else.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse

from awards.models import Award, SupersededCertificate
from awards.workdays import date_zh
from documents.registers import XLSX, Cell, Register, attachment, workbook_of
from organizations.codes import shown_code

HEADINGS = (
    "获奖者", "统一社会信用代码", "奖项", "等次", "年度", "授奖日期", "授奖文号", "证书编号", "有效期至", "状态",
    "取消日期", "取消决定文号",
)  # fmt: skip
# what a spreadsheet takes for a formula
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def over(today: date) -> Q:
    """An honour whose time ran out is expired from the next day on, whether or not anybody marked it."""
    return Q(state=Award.State.EXPIRED) | Q(state=Award.State.GRANTED, valid_until__lt=today)


def told_state(award: Award, today: date) -> tuple[str, str]:
    """The state of an award today in words, and its tone."""
    if award.state == Award.State.REVOKED:
        return "已取消", "red"
    expired = award.state == Award.State.EXPIRED or (award.valid_until is not None and award.valid_until < today)
    return ("期满", "grey") if expired else ("有效", "green")


def registered(awards: QuerySet[Award], asked: Mapping[str, Any], today: date) -> QuerySet[Award]:
    """The lines that were asked for."""
    if asked.get("scheme"):
        awards = awards.filter(scheme=asked["scheme"])
    if asked.get("year"):
        awards = awards.filter(year=int(asked["year"]))
    if asked.get("tier"):
        awards = awards.filter(tier_name=asked["tier"])
    if asked.get("name"):
        awards = awards.filter(name__contains=asked["name"].strip())
    match asked.get("state"):
        case Award.State.EXPIRED:
            return awards.filter(over(today))
        case Award.State.GRANTED:
            return awards.filter(state=Award.State.GRANTED).exclude(over(today))
        case Award.State.REVOKED:
            return awards.filter(state=Award.State.REVOKED)
    return awards


def register_of_winners(awards: Iterable[Award], today: date) -> Register:
    """The register as a list to take away, as it is shown."""
    rows: list[list[Cell]] = [
        [
            one.listed_name, shown_code(one.code), one.scheme.short_name,
            one.tier_name, one.year, date_zh(one.awarded_on), one.decision_number, one.certificate_number,
            date_zh(one.valid_until) if one.valid_until else "", told_state(one, today)[0],
            date_zh(one.revoked_on) if one.revoked_on else "", one.revocation_number,
        ]
        for one in awards
    ]  # fmt: skip
    return Register(title="获奖名录", headings=HEADINGS, rows=rows)


def register_file(register: Register, wanted: str, *, at: datetime) -> HttpResponse:
    """The register as CSV for machines, or as a workbook; what was typed by anybody stays text in both."""
    name = f"{register.title}{at:%Y%m%d}"
    if wanted != "csv":
        return attachment(workbook_of([register]), f"{name}.xlsx", XLSX)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(register.headings)
    writer.writerows([_plain(value) for value in row] for row in register.rows)
    return attachment(out.getvalue().encode("utf-8-sig"), f"{name}.csv", "text/csv; charset=utf-8")


def superseded(number: str) -> SupersededCertificate | None:
    """The certificate of that number where another was issued in its place."""
    found = SupersededCertificate.objects.filter(number__iexact=number, award__scheme__is_public=True)
    return found.select_related("award__scheme").first()


def _plain(value: Cell) -> Cell:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
