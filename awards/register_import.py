"""Importing 历届获奖名录: read, looked at beside the ledger, and only then stored; of a faulty file nothing is (R6).

Names of tiers that the present regulation does not have, of an earlier or repealed one, are mapped by the officer. A
person is found again by the 身份证号, of which only the pseudonymous key is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from award_portal.lib import clock
from organizations import evidence
from organizations.codes import PERSON_KEY, CodeRefused, clean_code, clean_identity
from organizations.files import store_upload
from organizations.identity import person_key
from organizations.models import StoredFile, User

from .models import Award, RegisterImport, Scheme
from .names import nearly_same, plain_name
from .register_bans import place_imported_bans, require_bans
from .rulebook import Rulebook
from .schemes import latest_edition, rulebook_of
from .table_reading import ALLOWED, LOST, ImportRefused, Line, read_day, read_table, read_year

COLUMNS = {
    "获奖组织": "name", "获奖组织或者个人": "name", "获奖单位": "name", "获奖企业": "name", "获奖者": "name",
    "组织名称": "name", "单位名称": "name", "企业名称": "name", "名称": "name", "姓名": "name",
    "统一社会信用代码": "code", "统一社会信用代码或者身份证号": "code", "社会信用代码": "code", "信用代码": "code",
    "代码": "code", "身份证号": "identity", "身份证号码": "identity", "公民身份号码": "identity",
    "分支、内设、派出机构": "unit_name", "分支机构": "unit_name",
    "获奖年度": "year", "年度": "year", "获奖年份": "year", "年份": "year",
    "奖项等次": "tier", "等次": "tier", "奖项": "tier", "奖项名称": "tier", "获奖等次": "tier",
    "表彰日期": "awarded_on", "获奖日期": "awarded_on", "授奖日期": "awarded_on",
    "表彰决定文号": "decision_number", "文号": "decision_number", "表彰文号": "decision_number",
    "所在区": "district", "所在区县": "district", "区县": "district", "所在地": "district", "所在县": "district",
    "授奖依据": "basis", "依据": "basis", "依据办法": "basis",
    "状态": "state", "取消日期": "revoked_on", "撤销日期": "revoked_on",
    "取消事由": "revoked_ground", "撤销事由": "revoked_ground", "取消理由": "revoked_ground",
    "取消决定文号": "revocation_number", "撤销决定文号": "revocation_number",
}  # fmt: skip
REQUIRED = {"name", "year", "tier"}
MAX_AWARDS = 2_000
State = Award.State
STATES = {
    "": State.GRANTED, "有效": State.GRANTED, "期满": State.EXPIRED, "到期": State.EXPIRED, "失效": State.EXPIRED,
    "已取消": State.REVOKED, "取消": State.REVOKED, "已撤销": State.REVOKED, "撤销": State.REVOKED,
}  # fmt: skip
# what the officer chooses for an old tier that answers to none of the present ones: it bars nobody
NO_TIER = "none"


class RowInvalid(Exception):
    """A row that is not taken; its text says what is wrong with it."""


def book_of(scheme: Scheme) -> Rulebook:
    """The present rulebook, whose tiers the old names are mapped to; raises ImportRefused without one."""
    edition = latest_edition(scheme.key)
    if edition is None:
        raise ImportRefused([f"{scheme.name}尚未载入规则，无法核对奖项等次。"])
    return rulebook_of(edition)


# -- reading ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def read_register(scheme: Scheme, upload: UploadedFile, *, by: User, at: datetime) -> RegisterImport:
    """Read a file whole and keep its rows to be looked at; nothing enters the ledger yet.

    Raises UploadRefused for a file that is no list, ImportRefused with every faulty row. A file with 身份证号 in it is
    not kept: what is needed of it are the keys.
    """
    book = book_of(scheme)
    stored = store_upload(upload, purpose="register_of_awards", by=by, at=at, allowed=ALLOWED)
    try:
        rows, skipped = _rows(stored, book, at=at)
    except ImportRefused:
        stored.content.delete(save=False)
        raise
    name, sha256 = stored.original_name, stored.sha256
    source: StoredFile | None = stored
    if any(row["is_person"] for row in rows):
        stored.content.delete(save=False)
        stored.delete()
        source, skipped = None, []
    return RegisterImport.objects.create(
        scheme=scheme, file_name=name, sha256=sha256, source=source, rows=rows, skipped=skipped,
        read_at=at, read_by=by,
    )  # fmt: skip


def _rows(stored: StoredFile, book: Rulebook, *, at: datetime) -> tuple[list[dict[str, Any]], list[tuple[int, str]]]:
    """Every row of the file and what is no row of it; raises ImportRefused with every faulty one."""
    with stored.content.open("rb") as content:
        table = read_table(content.read(), stored.extension, COLUMNS, required=REQUIRED)
    if len(table.lines) > MAX_AWARDS:
        raise ImportRefused([f"一次最多导入{MAX_AWARDS}条获奖记录，请拆分后再导入。"])
    rows: list[dict[str, Any]] = []
    errors: list[str] = []
    for line in table.lines:
        try:
            rows.append(_row(line, book, at=at))
        except RowInvalid as invalid:
            errors.append(f"第 {line.number} 行：{invalid}")
    if errors:
        raise ImportRefused(errors)
    return rows, table.skipped


def _row(line: Line, book: Rulebook, *, at: datetime) -> dict[str, Any]:
    faults: list[str] = []
    name, tier = line.text("name"), line.text("tier")
    if not 2 <= len(name) <= 120:
        faults.append("名称为空或者超过120字")
    if not 1 <= len(tier) <= 60:
        faults.append("奖项等次为空或者超过60字")
    year = read_year(line.text("year"))
    if year is None:
        faults.append(f"年度“{line.text('year')[:20]}”应为四位数字")
    code, is_person = _code(line, book, faults, on=clock.day_of(at))
    awarded_on = _day(line, "awarded_on", "表彰日期", faults)
    revoked_on = _day(line, "revoked_on", "取消日期", faults)
    state = STATES.get(line.text("state"))
    if state is None:
        faults.append(f"状态“{line.text('state')[:20]}”应为有效、期满、已取消之一")
    if awarded_on and year and not 0 <= awarded_on.year - year <= 2:
        faults.append(f"表彰日期{awarded_on}与年度{year}不符")
    if faults or year is None:
        raise RowInvalid("；".join(faults))
    return {
        "line": line.number, "name": name, "code": code, "is_person": is_person,
        "unit_name": line.text("unit_name")[:80],
        "year": year, "tier_name": tier, "awarded_on": awarded_on.isoformat() if awarded_on else "",
        "decision_number": line.text("decision_number")[:60], "district": line.text("district")[:40],
        "basis": line.text("basis")[:120], "state": str(state),
        "revoked_on": revoked_on.isoformat() if revoked_on else "",
        "revoked_ground": line.text("revoked_ground")[:300],
        "revocation_number": line.text("revocation_number")[:60],
    }  # fmt: skip


def _code(line: Line, book: Rulebook, faults: list[str], *, on: date) -> tuple[str, bool]:
    """The code, or for a person the key of the 身份证号, and whether it is a person; a number is never repeated."""
    code, identity = line.text("code"), line.text("identity")
    if LOST.fullmatch(code) or LOST.fullmatch(identity):
        faults.append("代码在表格中是数字格式，末几位已经丢失，请把该列设为文本格式后重新填写")
        return "", False
    if code:
        try:
            return clean_code(code), False
        except CodeRefused as refused:
            wrong = str(refused)
        if not identity and _is_identity(code, on=on):
            identity = code
        else:
            shown = "" if len(code) >= 15 and code[:15].isdigit() else f"“{code[:30]}”："
            faults.append(f"{shown}{wrong.rstrip('。')}")
            return "", False
    if not identity:
        return "", False
    if not book.admits_individuals:
        faults.append("本奖项不设个人奖，表中有身份证号，请核对")
        return "", False
    try:
        return person_key(clean_identity(identity, on=on)), True
    except CodeRefused as refused:
        faults.append(str(refused).rstrip("。"))
        return "", False


def _is_identity(text: str, *, on: date) -> bool:
    try:
        clean_identity(text, on=on)
    except CodeRefused:
        return False
    return True


def _day(line: Line, key: str, label: str, faults: list[str]) -> date | None:
    """The day a cell gives; an empty cell is none, anything else that is no day is a fault."""
    text = line.text(key)
    day = read_day(text) if text else None
    if text and day is None:
        faults.append(f"{label}“{text[:20]}”无法识别，应为 2023-06-30 的形式")
    return day


# -- looking ----------------------------------------------------------------------------------------------------------


def _shown(code: str) -> str:
    """A code as the page of the import shows it: a person has none to show."""
    return "个人" if PERSON_KEY.fullmatch(code) else code


@dataclass(frozen=True)
class RegisterRow:
    """A row beside the ledger: new, known, or nearly what stands there already."""

    number: int
    row: dict[str, Any]
    verdict: str  # new | known | near
    why: str
    standing: tuple[Award, ...] = ()

    @property
    def code(self) -> str:
        return _shown(self.row["code"])

    @property
    def awarded_on(self) -> date | None:
        return date.fromisoformat(self.row["awarded_on"]) if self.row["awarded_on"] else None

    @property
    def beside(self) -> list[tuple[Award, str]]:
        """What stands in the ledger, each line with its code as the page shows it."""
        return [(one, _shown(one.code)) for one in self.standing]


def old_tiers(register: RegisterImport) -> dict[str, str]:
    """Names of tiers in the file that the present regulation has not, each with what it was last mapped to."""
    known = {word for one in book_of(register.scheme).tiers for word in (one.key, one.name)}
    words = dict.fromkeys(row["tier_name"] for row in register.rows if row["tier_name"] not in known)
    last = dict(
        Award.objects.filter(scheme=register.scheme, tier_name__in=words)
        .order_by("pk")
        .values_list("tier_name", "tier")
    )
    return {word: (last[word] or NO_TIER) if word in last else "" for word in words}


def compare(register: RegisterImport, tiers: Mapping[str, str] | None = None) -> list[RegisterRow]:
    """Every row of the file beside what the ledger has; two queries for any number of rows."""
    chosen = _tier_keys(register, tiers if tiers is not None else old_tiers(register))
    ledger = list(Award.objects.filter(scheme=register.scheme).order_by("pk"))
    seen: set[tuple[Any, ...]] = set()
    rows = []
    for number, row in enumerate(register.rows):
        mark = (row["code"] or plain_name(row["name"]), row["unit_name"], row["year"], row["tier_name"])
        if mark in seen:
            rows.append(RegisterRow(number, row, "known", "文件中重复的一行"))
            continue
        seen.add(mark)
        rows.append(_beside(number, row, ledger, chosen.get(row["tier_name"], "")))
    return rows


def _beside(number: int, row: dict[str, Any], ledger: list[Award], tier: str) -> RegisterRow:
    near: dict[int, tuple[str, Award]] = {}
    for award in ledger:
        why = _likeness(row, award)
        if not why:
            continue
        same_tier = award.tier_name == row["tier_name"] or (bool(tier) and award.tier == tier)
        if award.year == row["year"] and same_tier and why in ("代码相同", "名称相同"):
            noted = "" if award.name == row["name"] else f"，台账中名称为“{award.name}”"
            return RegisterRow(number, row, "known", f"台账中已有{noted}", (award,))
        if award.year == row["year"]:
            near[award.pk] = (f"{why}，同年度已有{award.tier_name}" if not same_tier else why, award)
        elif why == "名称相同，代码不同":
            near[award.pk] = (f"{why}，台账中为{award.year}年度", award)
    if not near:
        return RegisterRow(number, row, "new", "")
    whys = "；".join(dict.fromkeys(why for why, _ in near.values()))
    return RegisterRow(number, row, "near", whys, tuple(award for _, award in near.values()))


def _likeness(row: dict[str, Any], award: Award) -> str:
    """In what a line of the ledger is the row's winner, or nearly; empty when it is another."""
    if (row["unit_name"] or award.unit_name) and row["unit_name"] != award.unit_name:
        return ""
    if row["code"] and row["code"] == award.code:
        return "代码相同"
    own, theirs = plain_name(row["name"]), plain_name(award.name)
    both = bool(row["code"] and award.code)
    if own == theirs and both:
        return "名称相同，代码不同"
    if own == theirs:
        return "名称相同" if row["code"] == award.code else "名称相同，其中一条未载代码"
    return "名称仅一字之差" if not both and nearly_same(own, theirs) else ""


def _tier_keys(register: RegisterImport, mapped: Mapping[str, str]) -> dict[str, str]:
    """Each name of a tier in the file and the present tier it stands for; empty where it stands for none."""
    keys = {word: one.key for one in book_of(register.scheme).tiers for word in (one.key, one.name)}
    return keys | {word: "" if key == NO_TIER else key for word, key in mapped.items()}


# -- storing ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def store_register(
    register: RegisterImport,
    *,
    tiers: Mapping[str, str],
    left_out: set[int],
    bans: Mapping[int, str] | None = None,
    by: User,
    at: datetime,
) -> int:
    """Enter the rows the ledger has not, but those the officer left out. Returns how many; raises ImportRefused.

    `bans` says for each revoked row under which rule it was revoked: its ban is entered with it.
    """
    fresh = RegisterImport.objects.select_for_update(of=("self",)).get(pk=register.pk)
    if fresh.stored_at is not None:
        raise ImportRefused(["这份名录已经导入，未重复导入。"])
    unmapped = [word for word in old_tiers(fresh) if not tiers.get(word)]
    if unmapped:
        raise ImportRefused([f"请选择“{word}”对应的现行等次。" for word in unmapped])
    book = book_of(fresh.scheme)
    keys, names = _tier_keys(fresh, tiers), {one.key: one.name for one in book.tiers}
    found = [one for one in compare(fresh, tiers) if one.verdict != "known" and one.number not in left_out]
    require_bans(found, bans or {}, book)
    taken = [one.row for one in found]
    source = f"历届获奖名录 {fresh.file_name}"[:120]
    Award.objects.bulk_create(_award(fresh.scheme, row, keys[row["tier_name"]], names, source) for row in taken)
    placed = place_imported_bans(fresh.scheme, found, bans or {}, book)
    fresh.stored_at, fresh.stored_by, fresh.stored_count = at, by, len(taken)
    fresh.save(update_fields=["stored_at", "stored_by", "stored_count"])
    data = {"rows": len(taken), "left_out": len(left_out), "file": fresh.file_name, "sha256": fresh.sha256,
            "tiers": dict(tiers), "bans": len(placed)}  # fmt: skip
    evidence.record("import_awards", by=by, subject=f"scheme:{fresh.scheme.key}", at=at, data=data)
    return len(taken)


def _award(scheme: Scheme, row: dict[str, Any], tier: str, names: dict[str, str], source: str) -> Award:
    return Award(
        scheme=scheme,
        name=row["name"],
        code=row["code"],
        unit_name=row["unit_name"],
        year=row["year"],
        tier=tier,
        # an old name stays as it was given; a key in its place is written out
        tier_name=names.get(row["tier_name"], row["tier_name"]),
        # a list without dates gives the year only: the last day is the one that favours nobody early
        awarded_on=date.fromisoformat(row["awarded_on"]) if row["awarded_on"] else date(row["year"], 12, 31),
        decision_number=row["decision_number"],
        district=row["district"],
        basis=row["basis"],
        state=row["state"],
        revoked_on=date.fromisoformat(row["revoked_on"]) if row["revoked_on"] else None,
        revoked_ground=row.get("revoked_ground", ""),
        revocation_number=row.get("revocation_number", ""),
        imported_from=source,
    )


@transaction.atomic
def discard_register(register: RegisterImport, *, by: User, at: datetime) -> None:
    """Put away a register that was read and is not to be stored."""
    fresh = RegisterImport.objects.select_for_update(of=("self",)).get(pk=register.pk)
    if fresh.stored_at is not None:
        raise ImportRefused(["这份名录已经导入，不能放弃。"])
    data = {"file": fresh.file_name, "sha256": fresh.sha256}
    evidence.record("discard_awards", by=by, subject=f"scheme:{fresh.scheme.key}", at=at, data=data)
    fresh.delete()
