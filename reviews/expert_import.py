"""Importing a list of experts: read, looked at beside the pool, and only then stored; of a faulty file nothing is.

A row is one employment of one expert; who had several has several rows under the same user name, and the first of them
says the rest. An expert already in the pool by that user name is brought up to date, everybody else is new.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from award_portal.lib import clock
from awards.table_reading import ALLOWED, LOST, ImportRefused, Line, read_day, read_table
from organizations import evidence
from organizations.codes import CodeRefused, clean_code
from organizations.files import store_upload
from organizations.models import User

from .experts import require_pool_office, set_other_fields
from .models import Expert, ExpertEmployment, ExpertImport

HEADINGS = {
    "username": "用户名", "name": "姓名", "field": "专业领域", "others": "其他专业领域", "title": "职务职称",
    "employer": "工作单位", "code": "单位统一社会信用代码", "position": "任职职务", "from_on": "任职起",
    "until_on": "任职止", "trainings": "入库前培训次数",
}  # fmt: skip
COLUMNS = {word: key for key, word in HEADINGS.items()} | {
    "专家姓名": "name", "领域": "field", "主要专业领域": "field", "职称": "title", "单位": "employer",
    "统一社会信用代码": "code", "信用代码": "code", "职务": "position", "培训次数": "trainings",
}  # fmt: skip
REQUIRED = {"username", "employer"}
LENGTHS = {"username": 150, "name": 40, "field": 60, "title": 60, "employer": 80, "position": 60}
MAX_ROWS = 2_000

Fault = tuple[int, str, str]  # line, column, what is wrong


# -- reading ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def read_experts(scheme_key: str, upload: UploadedFile, *, by: User, at: datetime) -> ExpertImport:
    """Read a file whole and keep its rows and faults to be looked at; the file itself is not kept.

    Raises UploadRefused for a file that is no list, ImportRefused for one without the header or the rows.
    """
    require_pool_office(scheme_key, by)
    stored = store_upload(upload, purpose="expert_pool", by=by, at=at, allowed=ALLOWED)
    try:
        with stored.content.open("rb") as content:
            table = read_table(content.read(), stored.extension, COLUMNS, required=REQUIRED)
    finally:
        stored.content.delete(save=False)
        stored.delete()
    if len(table.lines) > MAX_ROWS:
        raise ImportRefused([f"一次最多导入{MAX_ROWS}行，请拆分后再导入。"])
    faults: list[Fault] = []
    rows = [_row(line, faults, on=clock.day_of(at)) for line in table.lines]
    _check_together(scheme_key, rows, faults)
    return ExpertImport.objects.create(
        scheme_key=scheme_key, file_name=stored.original_name, sha256=stored.sha256, rows=rows, faults=sorted(faults),
        skipped=table.skipped, read_at=at, read_by=by,
    )  # fmt: skip


def _row(line: Line, faults: list[Fault], *, on: date) -> dict[str, Any]:
    """One row as it is kept; everything wrong with it is told at once."""

    def wrong(key: str, what: str) -> None:
        faults.append((line.number, HEADINGS[key], what))

    row: dict[str, Any] = {"line": line.number, **{key: line.text(key) for key in LENGTHS}}
    for key, most in LENGTHS.items():
        if len(row[key]) > most:
            wrong(key, f"最多{most}字，现有{len(row[key])}字")
    if not row["username"]:
        wrong("username", "未填写")
    else:
        try:
            UnicodeUsernameValidator()(row["username"])
        except ValidationError:
            wrong("username", "只能含文字、数字和 @ . + - _")
    if not row["employer"]:
        wrong("employer", "未填写")
    row["others"] = _split(line.text("others"))
    if any(len(one) > 60 for one in row["others"]):
        wrong("others", "每个领域最多60字，多个领域用顿号隔开")
    row["code"] = _code(line, wrong)
    first, last = _day(line, "from_on", wrong), _day(line, "until_on", wrong)
    if first and last and last <= first:
        wrong("until_on", "应晚于任职起")
    if first and first > on:
        wrong("from_on", "不能晚于今天")
    row["from_on"], row["until_on"] = (one.isoformat() if one else "" for one in (first, last))
    count = line.text("trainings")
    if count and not (count.isascii() and count.isdigit() and int(count) <= 999):
        wrong("trainings", "应为0至999的整数")
        count = ""
    row["trainings"] = count
    return row


def _code(line: Line, wrong: Any) -> str:
    text = line.text("code")
    if not text:
        return ""
    if LOST.fullmatch(text):
        wrong("code", "在表格中是数字格式，末几位已经丢失，请把该列设为文本格式后重新填写")
        return ""
    try:
        return clean_code(text)
    except CodeRefused as refused:
        wrong("code", str(refused).rstrip("。"))
        return ""


def _day(line: Line, key: str, wrong: Any) -> date | None:
    text = line.text(key)
    day = read_day(text) if text else None
    if text and day is None:
        wrong(key, f"“{text[:20]}”无法识别，应为 2023-06-30 的形式")
    return day


def _split(text: str) -> list[str]:
    for mark in "，,；;/":
        text = text.replace(mark, "、")
    return list(dict.fromkeys(one.strip() for one in text.split("、") if one.strip()))


def _check_together(scheme_key: str, rows: list[dict[str, Any]], faults: list[Fault]) -> None:
    """What only shows beside the other rows and the accounts there are."""
    users = {one.username: one for one in User.objects.filter(username__in={row["username"] for row in rows})}
    pool = set(Expert.objects.filter(scheme_key=scheme_key).values_list("user__username", flat=True))
    for mine in _by_user(rows).values():
        head, user = mine[0], users.get(mine[0]["username"])
        if user is None and not head["name"]:
            faults.append((head["line"], HEADINGS["name"], "新专家应填写姓名"))
        if user is not None and head["name"] and head["name"] != str(user):
            faults.append((head["line"], HEADINGS["name"], f"与用户名“{user.username}”的姓名不一致，请核对用户名"))
        if user is not None and not user.is_active:
            faults.append((head["line"], HEADINGS["username"], "该账号已停用"))
        if not head["field"] and head["username"] not in pool:
            faults.append((head["line"], HEADINGS["field"], "新专家应填写专业领域"))
        if head["username"] not in pool and all(row["until_on"] for row in mine):
            faults.append((head["line"], HEADINGS["until_on"], "新专家应有一个现任职单位（任职止空着）"))
        for row in mine[1:]:
            for key in ("name", "field", "title"):
                if row[key] and row[key] != head[key]:
                    faults.append((row["line"], HEADINGS[key], f"与第{head['line']}行同一用户名的不一致"))
        for number, row in enumerate(mine):
            if any(_same(row, other) for other in mine[:number]):
                faults.append((row["line"], HEADINGS["employer"], "同一用户名下重复的一行"))


def _by_user(rows: Iterable[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        if row["username"]:
            found.setdefault(row["username"], []).append(row)
    return found


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return all(one[key] == other[key] for key in ("employer", "from_on", "until_on"))


# -- looking ----------------------------------------------------------------------------------------------------------


@dataclass
class PlannedCard:
    """What storing the list would do to one expert: `changes` is empty for one who stays as they are."""

    username: str
    name: str
    rows: list[dict[str, Any]]
    expert: Expert | None = None
    user: User | None = None
    changes: list[str] = field(default_factory=list)
    # employments to enter, to change and to end
    entering: list[dict[str, Any]] = field(default_factory=list)
    changing: list[tuple[ExpertEmployment, dict[str, Any]]] = field(default_factory=list)
    ending: list[tuple[ExpertEmployment, date]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @property
    def head(self) -> dict[str, Any]:
        return self.rows[0]

    @property
    def verdict(self) -> str:
        if self.expert is None:
            return "new"
        return "changed" if self.changes else "same"


def plan_import(listed: ExpertImport, *, on: date) -> list[PlannedCard]:
    """Every expert of the list beside the pool; four queries for any number."""
    groups = _by_user(listed.rows)
    users = {one.username: one for one in User.objects.filter(username__in=groups)}
    experts = {
        one.user.username: one
        for one in Expert.objects.filter(scheme_key=listed.scheme_key, user__username__in=groups)
        .select_related("user")
        .prefetch_related("employments", "specialties")
    }
    cards = []
    for username, rows in groups.items():
        user, expert = users.get(username), experts.get(username)
        card = PlannedCard(username, str(user) if user else rows[0]["name"], rows, expert, user)
        if expert is None:
            card.entering = rows
        else:
            _compare_card(card, expert)
            _compare_employments(card, list(expert.employments.all()), on=on)
        cards.append(card)
    return cards


def _compare_card(card: PlannedCard, expert: Expert) -> None:
    """Empty cells change nothing."""
    for key in ("field", "title"):
        now, new = getattr(expert, key), card.head[key]
        if new and new != now:
            card.changes.append(f"{HEADINGS[key]}：{now or '空'}→{new}")
    others = [one.field for one in expert.specialties.all()]
    wanted = [one for one in card.head["others"] if one != (card.head["field"] or expert.field)]
    if wanted and set(wanted) != set(others):
        card.changes.append(f"{HEADINGS['others']}：{'、'.join(others) or '空'}→{'、'.join(wanted)}")


def _compare_employments(card: PlannedCard, known: list[ExpertEmployment], *, on: date) -> None:
    """A row is a known employment or a new one; a new present one ends the present ones the list does not name."""
    left = list(known)
    for row in card.rows:
        same = next((one for one in left if _is_row(one, row)), None)
        if same is None:
            card.entering.append(row)
            card.changes.append(f"新增任职：{row['employer']}{_span(row)}")
            continue
        left.remove(same)
        if _ends_too_early(same, row):
            card.faults.append((row["line"], HEADINGS["until_on"], f"应晚于专家库中“{same.employer}”的任职起"))
        elif new := _news(same, row):
            card.changing.append((same, row))
            card.changes.append(f"任职“{same.employer}”：{'，'.join(new)}")
    fresh = [row for row in card.entering if not row["until_on"]]
    if fresh:
        since = next((row["from_on"] for row in fresh if row["from_on"]), "")
        day = date.fromisoformat(since) if since else on
        for one in left:
            if one.until_on is None and (one.from_on is None or one.from_on < day):
                card.ending.append((one, day))
                card.changes.append(f"原任职“{one.employer}”记为至{day:%Y-%m-%d}止")


def _is_row(one: ExpertEmployment, row: dict[str, Any]) -> bool:
    """The same employer, and not two stretches of time that both say when they began."""
    if one.employer != row["employer"] and not (row["code"] and one.employer_code == row["code"]):
        return False
    return not (one.from_on and row["from_on"] and one.from_on.isoformat() != row["from_on"])


def _ends_too_early(one: ExpertEmployment, row: dict[str, Any]) -> bool:
    first = row["from_on"] or (one.from_on.isoformat() if one.from_on else "")
    last = row["until_on"] or (one.until_on.isoformat() if one.until_on else "")
    return bool(first and last and last <= first)


def _news(one: ExpertEmployment, row: dict[str, Any]) -> list[str]:
    old = {
        "employer": one.employer, "code": one.employer_code, "position": one.position,
        "from_on": one.from_on.isoformat() if one.from_on else "",
        "until_on": one.until_on.isoformat() if one.until_on else "",
    }  # fmt: skip
    return [f"{HEADINGS[key]} {old[key] or '空'}→{row[key]}" for key in old if row[key] and row[key] != old[key]]


def _span(row: dict[str, Any]) -> str:
    if not row["from_on"] and not row["until_on"]:
        return ""
    return f"（{row['from_on'] or '？'}至{row['until_on'] or '今'}）"


# -- storing ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def store_experts(listed: ExpertImport, *, by: User, at: datetime) -> tuple[int, int]:
    """Carry out the whole plan or nothing: how many are new, how many changed. Raises ImportRefused."""
    require_pool_office(listed.scheme_key, by)
    fresh = ExpertImport.objects.select_for_update(of=("self",)).get(pk=listed.pk)
    if fresh.stored_at is not None:
        raise ImportRefused(["这份名册已经导入，未重复导入。"])
    if fresh.faults:
        raise ImportRefused(["名册有错误，没有导入任何内容。请更正后重新选择文件。"])
    cards = plan_import(fresh, on=clock.day_of(at))
    _check_again(fresh, cards)
    added = [_add(card, fresh.scheme_key, by=by, at=at) for card in cards if card.verdict == "new"]
    changed = [_change(card) for card in cards if card.verdict == "changed"]
    fresh.stored_at, fresh.stored_by = at, by
    fresh.save(update_fields=["stored_at", "stored_by"])
    evidence.record(
        "expert.import", by=by, subject=f"scheme:{fresh.scheme_key}", at=at,
        data={
            "file": fresh.file_name, "sha256": fresh.sha256, "added": [str(one.public_id) for one in added],
            "changed": [str(one.public_id) for one in changed],
        },
    )  # fmt: skip
    return len(added), len(changed)


def _check_again(listed: ExpertImport, cards: list[PlannedCard]) -> None:
    """The accounts and the pool may have changed since the list was read."""
    faults = [one for card in cards for one in card.faults]
    _check_together(listed.scheme_key, listed.rows, faults)
    if faults:
        raise ImportRefused([f"第 {line} 行，{column}：{what}" for line, column, what in faults])


def _add(card: PlannedCard, scheme_key: str, *, by: User, at: datetime) -> Expert:
    user = card.user or User.objects.create_user(username=card.username, display_name=card.name)
    head = card.head
    now = next(row for row in card.rows if not row["until_on"])
    expert = Expert.objects.create(
        scheme_key=scheme_key, user=user, field=head["field"], title=head["title"], employer=now["employer"],
        employer_code=now["code"], trainings=int(head["trainings"] or 0), added_at=at, added_by=by,
    )  # fmt: skip
    set_other_fields(expert, head["others"])
    _enter(expert, card.entering)
    return expert


def _change(card: PlannedCard) -> Expert:
    expert, head = card.expert, card.head
    assert expert is not None
    expert.field, expert.title = head["field"] or expert.field, head["title"] or expert.title
    if head["others"]:
        set_other_fields(expert, head["others"])
    for employment, until_on in card.ending:
        ExpertEmployment.objects.filter(pk=employment.pk).update(until_on=until_on)
    for employment, row in card.changing:
        values = {"employer": row["employer"], "employer_code": row["code"], "position": row["position"]}
        days = {key: date.fromisoformat(row[key]) for key in ("from_on", "until_on") if row[key]}
        changes = {key: value for key, value in values.items() if value} | days
        ExpertEmployment.objects.filter(pk=employment.pk).update(**changes)
    _enter(expert, card.entering)
    now = expert.employments.filter(until_on=None).order_by("-pk").first()
    if now is not None:
        expert.employer, expert.employer_code = now.employer, now.employer_code
    expert.save(update_fields=["field", "title", "employer", "employer_code"])
    return expert


def _enter(expert: Expert, rows: list[dict[str, Any]]) -> None:
    ExpertEmployment.objects.bulk_create(
        ExpertEmployment(
            expert=expert, employer=row["employer"], employer_code=row["code"], position=row["position"],
            from_on=row["from_on"] or None, until_on=row["until_on"] or None,
        )
        for row in rows
    )  # fmt: skip


@transaction.atomic
def discard_import(listed: ExpertImport, *, by: User, at: datetime) -> None:
    """Put away a list that was read and is not to be stored."""
    require_pool_office(listed.scheme_key, by)
    fresh = ExpertImport.objects.select_for_update(of=("self",)).get(pk=listed.pk)
    if fresh.stored_at is not None:
        raise ImportRefused(["这份名册已经导入，不能放弃。"])
    fresh.delete()
