"""Preparing a round: its edition, its confirmed values and its dates, until the call goes out (R1–R3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from award_portal.lib import clock
from organizations import evidence
from organizations.models import Unit, User

from .calendars import current_calendar
from .criteria import approval_refusal
from .models import Edition, Round
from .parameters import rulebook_for, unconfirmed
from .rulebook import Rulebook
from .schemes import needs_confirmation, opening_blockers
from .workdays import Calendar, Window, date_zh

DRAFT_NOTE = "本件依据征求意见稿，不作为正式依据。"


class RoundRefused(Exception):
    """A round cannot be prepared or announced as asked; the text is for people and names what to do."""

    def __init__(self, reasons: list[str]) -> None:
        self.reasons = reasons
        super().__init__("；".join(reasons))


@transaction.atomic
def prepare_round(
    edition: Edition, *, office: Unit, year: int, ordinal: int, title: str, by: User, at: datetime
) -> Round:
    """A round on one edition, not yet announced. A regulation not in force opens none (R2; B30, Y27)."""
    reasons = opening_blockers(edition, on=at.date())
    if Round.objects.filter(scheme=edition.scheme, ordinal=ordinal).exists():
        reasons.append(f"{edition.scheme.name}第{ordinal}届已经建立，请核对届次。")
    if reasons:
        raise RoundRefused(reasons)
    round = Round.objects.create(
        scheme=edition.scheme, edition=edition, office=office, year=year, ordinal=ordinal, title=title, prepared_at=at
    )
    evidence.record(
        "round.prepare",
        chain=round.chain,
        by=by,
        subject=f"round:{round.public_id}",
        at=at,
        data={"edition": edition.edition, "sha256": edition.sha256},
    )
    return round


@transaction.atomic
def confirm_draft(round: Round, *, by: User, at: datetime) -> None:
    """The office records that it opens the round on a text that is still 征求意见稿; its papers will say so."""
    round.draft_confirmed_by, round.draft_confirmed_at = by, at
    round.save(update_fields=["draft_confirmed_by", "draft_confirmed_at"])
    evidence.record("round.confirm_draft", chain=round.chain, by=by, subject=f"round:{round.public_id}", at=at)


@transaction.atomic
def set_dates(
    round: Round, *, opens_at: datetime, closes_at: datetime, recommendation_due_on: date, by: User, at: datetime
) -> None:
    """The application window and the recommenders' due date, before the call is out."""
    refused = date_refusals(
        round, opens_at=opens_at, closes_at=closes_at, recommendation_due_on=recommendation_due_on, at=at
    )
    if refused:
        raise RoundRefused(refused)
    round.opens_at, round.closes_at, round.recommendation_due_on = opens_at, closes_at, recommendation_due_on
    round.save(update_fields=["opens_at", "closes_at", "recommendation_due_on"])
    evidence.record(
        "round.set_dates",
        chain=round.chain,
        by=by,
        subject=f"round:{round.public_id}",
        at=at,
        data={
            "opens_at": opens_at.isoformat(),
            "closes_at": closes_at.isoformat(),
            "recommendation_due_on": recommendation_due_on.isoformat(),
        },
    )


def date_refusals(
    round: Round, *, opens_at: datetime, closes_at: datetime, recommendation_due_on: date, at: datetime
) -> list[str]:
    """What is wrong with proposed dates, all at once. Raises CalendarMissing for an unpublished year."""
    reasons = []
    if round.published_at:
        return ["申报通知已经发布，日期不能直接修改；需要延期的请发布更正公告。"]
    opening = opens_at.astimezone(clock.SHANGHAI)
    closing = closes_at.astimezone(clock.SHANGHAI)
    if opening.date() < at.date():
        reasons.append("申报开始时间不能早于今天。")
    if closes_at <= opens_at:
        reasons.append("申报截止时间应晚于开始时间。")
        return reasons
    window = rulebook_for(round).timing.application_window_days
    last = current_calendar().add_working_days(opening.date(), window.value)
    if closing <= clock.day_start(last):
        reasons.append(
            f"申报期应不少于{window.value}个工作日，按开始时间计算截止时间不早于{date_zh(last)}"
            f"（{rulebook_for(round).ground(window)}）。"
        )
    # a window that closes at midnight closes with the day before
    if recommendation_due_on <= (closing - timedelta(microseconds=1)).date():
        reasons.append("推荐报送截止日应晚于申报截止日，以便审核推荐单位审核、公示。")
    return reasons


def announcement_refusals(round: Round, *, at: datetime) -> list[str]:
    """Everything that keeps the call from going out; the officer's list of what is left to do."""
    reasons = opening_blockers(round.edition, on=at.date())
    left = unconfirmed(round)
    if round.published_at:
        reasons.append("申报通知已经发布。")
    if (asked := needs_confirmation(round.edition)) and round.draft_confirmed_at is None:
        reasons.append(f"{asked}请先确认。")
    if unapproved := approval_refusal(round):
        reasons.append(unapproved)
    if left:
        reasons.append(f"还有{len(left)}项办公室设定值没有确认，例如“{left[0].label}”。")
    if not (round.opens_at and round.closes_at and round.recommendation_due_on):
        reasons.append("尚未确定申报起止时间和推荐报送截止日。")
    elif round.closes_at <= at:
        reasons.append("申报截止时间已过，请重新确定日期。")
    return reasons


@dataclass(frozen=True)
class PlannedStage:
    """One line of 倒排工期: a stage with its first and last planned day."""

    state: str
    label: str
    starts_on: date
    ends_on: date
    days: int


def propose_dates(book: Rulebook, calendar: Calendar, *, announced_on: date) -> dict[str, date]:
    """Window and due date from the rulebook's planned working days, counted from the announcement."""
    closes_on = calendar.add_working_days(announced_on, book.timing.application_window_days.value)
    days = sum(
        stage.plan_days.value
        for stage in book.stages
        if stage.state in ("recommendation_review", "recommendation_publicity", "recommendation")
    )
    return {
        "opens_on": announced_on,
        "closes_on": closes_on,
        "recommendation_due_on": calendar.add_working_days(closes_on, days),
    }


def plan_stages(book: Rulebook, calendar: Calendar, *, closes_on: date) -> list[PlannedStage]:
    """The timetable after the window closes, stage by stage in working days (CalendarMissing when a year lacks)."""
    planned, day = [], closes_on
    for stage in book.stages:
        if stage.state == "self_publicity":
            continue  # it runs inside the application window
        window: Window = calendar.window(day, stage.plan_days.value)
        planned.append(PlannedStage(stage.state, stage.label, window.first_day, window.last_day, window.days))
        day = window.last_day
    return planned


@dataclass(frozen=True)
class BackwardPlan:
    """倒排工期: the dates a round must keep to award on a given day."""

    opens_on: date
    closes_on: date
    recommendation_due_on: date
    stages: list[PlannedStage]


def plan_backwards(book: Rulebook, calendar: Calendar, *, awarded_on: date) -> BackwardPlan:
    """From the day of the award back to the opening, in planned working days (CalendarMissing when a year lacks)."""
    # the first working day at or before the ceremony ends the last stage
    end = calendar.subtract_working_days(awarded_on, 0)
    planned: list[PlannedStage] = []
    for stage in reversed([one for one in book.stages if one.state != "self_publicity"]):
        before = calendar.subtract_working_days(end, stage.plan_days.value)
        first = calendar.add_working_days(before, 1)
        planned.insert(0, PlannedStage(stage.state, stage.label, first, end, stage.plan_days.value))
        end = before
    due = next((one.ends_on for one in planned if one.state == "recommendation"), planned[0].ends_on)
    opens_on = calendar.subtract_working_days(end, book.timing.application_window_days.value)
    return BackwardPlan(opens_on, end, due, planned)


def draft_note(round: Round) -> str:
    """What a paper of this round must say of its legal basis; empty on an official text."""
    return "" if round.edition.source_status == "official" else DRAFT_NOTE
