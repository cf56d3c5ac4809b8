"""How an application stands, for whoever follows it: steps in the rulebook's order, the timeline, what comes next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse

from award_portal.lib import clock
from awards.calendars import current_calendar
from awards.models import Round
from awards.workdays import CalendarMissing, date_zh
from documents.models import IssuedDocument

from .desk_papers import last_day_of
from .filling import editable_parts
from .form_answers import Problem, draft_of, problems_in, section_status
from .gates import short_citation
from .models import Application
from .pipeline import DESK, ENDS, Owner, State, steps_of

GOOD = {State.AWARDED}
RETURNED = "return_by_recommender", "return_by_office"


@dataclass(frozen=True)
class NextThing:
    """What the applicant does next, until when, and where; `url` is empty while others are at work."""

    title: str
    text: str = ""
    url: str = ""
    label: str = ""
    last_on: date | None = None
    days_left: int | None = None
    until: str = ""


def steps_for(application: Application) -> list[dict[str, str]]:
    """The rulebook's stages with where the application is, or where it ended, and the days it passed them."""
    book = application.rulebook
    order = ["draft", *book.states]
    here = application.return_to or application.state
    taken = sorted(application.steps.all(), key=lambda one: one.pk)
    left = {one.from_state: one.at for one in taken}
    last = max((order.index(state) for state in left if state in order), default=0)
    rows = []
    for position, state in enumerate(order):
        if application.state in GOOD:
            status = "done"
        elif application.state in ENDS:
            status = "stopped" if position == last else "done" if position < last else "skipped"
        elif state == here:
            status = "current"
        else:
            status = "done" if here in order and position < order.index(here) else "upcoming"
        passed = left.get(state) if status in ("done", "stopped") else None
        note = _short(passed) if passed else ""
        if application.state == State.CORRECTION and state == here:
            note = book.label("correction")
        rows.append({"label": book.label(state), "status": status, "note": note})
    return rows


def _short(at: datetime) -> str:
    local = at.astimezone(clock.SHANGHAI)
    return f"{local.month}月{local.day}日"


def timeline_for(application: Application) -> list[dict[str, Any]]:
    """Every step, newest first, by desk and never by name."""
    labels = {name: edges[0].custom["label"] for name, edges in steps_of(Application).items()}
    return [
        {
            "at": one.at,
            "what": f"{labels.get(one.step, one.step)}，转入“{application.rulebook.label(one.to_state)}”",
            "who": one.by_label,
            "ground": one.ground,
            "cite": short_citation(one.cite),
            "tone": _tone(one.step, one.to_state),
        }
        for one in sorted(application.steps.all(), key=lambda step: -step.pk)
    ]


def _tone(step: str, to_state: str) -> str:
    if to_state in GOOD:
        return "green"
    if step in RETURNED:
        return "amber"
    return "red" if to_state in ENDS else ""


def tasks_for(application: Application, *, at: datetime) -> tuple[list[dict[str, Any]], list[Problem]]:
    """The task list of the form: 未填, 已填未完, 已完成; in a correction 需要补正 for the named parts alone."""
    filled = draft_of(application)
    problems = problems_in(filled)
    marks = {one.section for one in application.answers.all() if one.is_secret}
    parts = editable_parts(application, at=at)
    book = application.rulebook
    attachment_keys = {one.key for one in book.attachments_for(application.subject)}
    tasks = []
    for section in book.sections_for(application.subject):
        named = {section.key} | (attachment_keys if section.kind == "attachments" else set())
        data = filled.files if section.kind == "attachments" else filled.answers.get(section.key, {})
        status = section_status(section, data, problems=problems)
        if application.state == State.CORRECTION:
            status = "returned" if parts and parts & named else "locked"
        missing = sum(1 for one in problems if one.part == section.key)
        hint = section.help or ""
        if status == "partial":
            hint = f"{hint} 还有{missing}处。".strip()
        tasks.append(
            {
                "key": section.key,
                "title": section.title,
                "status": status,
                "hint": hint,
                "cite": book.cite_zh(section.cite) if section.cite else "",
                "secret": section.key in marks,
                "url": reverse("applications:section", args=[application.public_id, section.key]),
            }
        )
    return tasks, problems


def documents_for(application: Application) -> list[IssuedDocument]:
    """The papers issued to this application, newest first."""
    return list(IssuedDocument.objects.filter(subject=f"application:{application.public_id}"))


def working_days_left(last_on: date | None, *, at: datetime, first_on: date | None = None) -> int | None:
    """Working days up to and including `last_on`, today among them unless the window begins later (`first_on`).

    None where nothing can be counted.
    """
    today = clock.day_of(at)
    if last_on is None or last_on < today:
        return None
    first = max(today, first_on) if first_on else today
    try:
        return current_calendar().working_days_between(first - timedelta(days=1), last_on)
    except CalendarMissing:
        return None


def closing_time(round: Round) -> str:
    """The hour the window closes on its last day; 24:00 when it closes at midnight."""
    if round.closes_at is None:
        return ""
    closes = round.closes_at.astimezone(clock.SHANGHAI)
    return "24:00" if closes == clock.day_start(closes.date()) else f"{closes:%H:%M}"


def latest_publicity_start(application: Application) -> date | None:
    """The last day on which the internal publicity can begin and still run out inside the window."""
    round, book = application.round, application.rulebook
    if not book.has_stage("self_publicity") or round.closes_at is None:
        return None
    rule, closes = book.publicity("self_publicity"), round.closes_at.astimezone(clock.SHANGHAI)
    last_full_day = (closes - timedelta(days=1)).date()
    if rule.day_kind.value != "working":
        return last_full_day - timedelta(days=rule.days.value)
    try:
        return current_calendar().subtract_working_days(last_full_day, rule.days.value)
    except CalendarMissing:
        return None


def next_thing(application: Application, problems: list[Problem], *, at: datetime) -> NextThing:
    """What stands next, in the applicant's words."""
    match application.state:
        case State.DRAFT:
            return _next_of_draft(application, problems, at=at)
        case State.SELF_PUBLICITY:
            return _next_of_publicity(application, at=at)
        case State.CORRECTION:
            return _next_of_correction(application, at=at)
    book = application.rulebook
    if application.state in ENDS:
        return NextThing(f"本次申报已结束：{book.label(application.state)}")
    desk = DESK[State(application.state)]
    name = str(application.recommender) if desk == Owner.RECOMMENDER else book.role(desk)
    return NextThing(f"等待{name}办理：{book.label(application.state)}", "办理有进展时会发送站内消息。")


def _next_of_draft(application: Application, problems: list[Problem], *, at: datetime) -> NextThing:
    round = application.round
    closes = round.closes_at.astimezone(clock.SHANGHAI) if round.closes_at else None
    if closes and at >= closes:
        return NextThing("申报期已过，不能再提交", "填报内容已保留，可以查看和打印。")
    last_on = last_day_of(closes) if closes else None
    due = {"last_on": last_on, "days_left": working_days_left(last_on, at=at), "until": closing_time(round)}
    until = f"申报截止时间为{date_zh(last_on)}{closing_time(round)}。" if last_on else ""
    start_by = latest_publicity_start(application)
    if start_by:
        until += f"内部公示最迟应于{date_zh(start_by)}开始，才能在截止前期满。"
    if problems:
        url = reverse("applications:section", args=[application.public_id, problems[0].part])
        return NextThing(f"填写申报表，还有{len(problems)}处未完成", until, url, "继续填写", **due)  # type: ignore[arg-type]
    if application.rulebook.has_stage("self_publicity"):
        url = reverse("applications:publicity", args=[application.public_id])
        return NextThing("申报表已填完，请在本组织内部公示", until, url, "内部公示", **due)  # type: ignore[arg-type]
    url = reverse("applications:check", args=[application.public_id])
    return NextThing("申报表已填完，请检查后提交", until, url, "提交前检查", **due)  # type: ignore[arg-type]


def _next_of_publicity(application: Application, *, at: datetime) -> NextThing:
    own = application.self_publicities.filter(abandoned_at=None).first()
    url = reverse("applications:publicity", args=[application.public_id])
    if own is None:
        return NextThing("内部公示", url=url, label="查看内部公示")
    if at < own.ends_at:
        left = working_days_left(own.last_day, at=at, first_on=own.first_day)
        text = f"公示期{date_zh(own.first_day)}至{date_zh(own.last_day)}24:00，期满并上传公示证明后提交。"
        return NextThing("内部公示进行中", text, url, "查看内部公示", own.last_day, left)
    closes_on = last_day_of(application.round.closes_at) if application.round.closes_at else None
    left, until = working_days_left(closes_on, at=at), closing_time(application.round)
    ready = own.proof_id is not None and own.had_objections is not None
    title = "内部公示已期满，可以提交" if ready else "内部公示已期满，请上传公示证明并填写有无异议"
    return NextThing(title, "", url, "去提交" if ready else "填写公示情况", closes_on, left, until)


def _next_of_correction(application: Application, *, at: datetime) -> NextThing:
    correction = application.corrections.filter(answered_at=None, lapsed_at=None).first()
    if correction is None or at >= correction.due_at:
        return NextThing("补正期限已过，按已提交的材料审查", "已填写的内容保留。")
    last_on = last_day_of(correction.due_at)
    url = reverse("applications:hand_in", args=[application.public_id])
    return NextThing(
        "请补正后重新提交", "只有列明的部分可以修改；逾期未补正的，按已提交的材料审查。", url, "提交补正",
        last_on, working_days_left(last_on, at=at),
    )  # fmt: skip
