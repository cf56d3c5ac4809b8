"""Preparing a round: its edition, its confirmed values and its dates, until the call goes out (R1–R3)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction

from award_portal.lib import clock
from organizations import evidence
from organizations.models import Unit, User

from .calendars import current_calendar
from .criteria import approval_refusal
from .models import Edition, Round
from .parameters import rulebook_for, unconfirmed
from .planning import day_unit
from .planning import propose_dates as propose_dates
from .schemes import needs_confirmation, opening_blockers
from .workdays import date_zh

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
        return ["申报通知已经发布，日期不能直接修改；需要延期的请发布延期公告。"]
    opening = opens_at.astimezone(clock.SHANGHAI)
    closing = closes_at.astimezone(clock.SHANGHAI)
    if opening.date() < at.date():
        reasons.append("申报开始时间不能早于今天。")
    if closes_at <= opens_at:
        reasons.append("申报截止时间应晚于开始时间。")
        return reasons
    book = rulebook_for(round)
    rule, kind = book.timing.application_window_days, book.window_day_kind
    last = current_calendar().window(opening.date(), rule.value, kind).last_day
    if closing <= clock.day_start(last):
        reasons.append(
            f"申报期应不少于{rule.value}{day_unit(kind)}，按开始时间计算截止时间不早于{date_zh(last)}"
            f"（{book.ground(rule)}）。"
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


def draft_note(round: Round) -> str:
    """What a paper of this round must say of its legal basis; empty on an official text."""
    return "" if round.edition.source_status == "official" else DRAFT_NOTE
