"""The application window of an announced round, moved forward openly: a 延期公告 names both ends and why (R3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.urls import reverse

from applications.corrections import tell_applicant
from applications.gates import Blocker
from applications.models import Application
from applications.pipeline import State
from applications.rules import on_duty
from award_portal.lib import clock
from awards.calendars import current_calendar
from awards.models import Round
from awards.parameters import rulebook_for
from awards.workdays import date_zh
from organizations import evidence
from organizations.messages import people_of, send_message
from organizations.models import Unit, UnitKind, User

from .call import ending_zh
from .correcting import amend_notice
from .models import Notice, WindowExtension
from .opening import PublicityRefused

NOT_HANDED_IN = (State.DRAFT, State.SELF_PUBLICITY)
LONGEST_DAYS = 365


@dataclass(frozen=True)
class NewWindow:
    """The ends an extension would give a round: exclusive instant, and the recommenders' last day."""

    closes_at: datetime
    recommendation_due_on: date


def propose_window_end(round: Round, *, closes_on: date, due_on: date | None = None) -> NewWindow:
    """The window's new end at 24:00 of `closes_on`; the recommenders keep the working days they had after it.

    Raises CalendarMissing for an unpublished year.
    """
    assert round.closes_at is not None
    assert round.recommendation_due_on is not None
    if due_on is None:
        calendar = current_calendar()
        kept = calendar.working_days_between(_last_day(round.closes_at), round.recommendation_due_on)
        due_on = max(calendar.add_working_days(closes_on, max(kept, 1)), round.recommendation_due_on)
    return NewWindow(clock.day_start(closes_on + timedelta(days=1)), due_on)


@transaction.atomic
def extend_window(round: Round, *, to: NewWindow, ground: str, by: User, at: datetime) -> Notice:
    """Move the end of a running application window forward and publish the 延期公告, which is returned.

    Raises PublicityRefused, and then nothing changed. Those with a draft and the recommenders are told.
    """
    round = Round.objects.select_for_update(of=("self",)).get(pk=round.pk)
    refused = window_refusals(round, to=to, ground=ground, by=by, at=at)
    if refused:
        raise PublicityRefused(refused)
    assert round.closes_at is not None
    assert round.recommendation_due_on is not None
    was_closes_at, was_due_on, ground = round.closes_at, round.recommendation_due_on, ground.strip()
    round.closes_at, round.recommendation_due_on = to.closes_at, to.recommendation_due_on
    round.save(update_fields=["closes_at", "recommendation_due_on"])
    said = [
        ("原申报截止时间", ending_zh(was_closes_at)), ("现申报截止时间", ending_zh(to.closes_at)),
        ("原推荐报送截止日", date_zh(was_due_on)), ("现推荐报送截止日", date_zh(to.recommendation_due_on)),
        ("延期理由", ground),
    ]  # fmt: skip
    text = f"申报截止时间由{said[0][1]}延至{said[1][1]}；推荐报送截止日"
    text += f"由{said[2][1]}延至{said[3][1]}。" if was_due_on != to.recommendation_due_on else f"仍为{said[2][1]}。"
    call = _call_of(round)
    assert call is not None
    notice = amend_notice(
        call, kind=Notice.Kind.EXTENSION, text=f"{text}延期理由：{ground}", said=said, by=by, at=at
    )  # fmt: skip
    WindowExtension.objects.create(
        round=round, notice=notice, was_closes_at=was_closes_at, closes_at=to.closes_at, was_due_on=was_due_on,
        due_on=to.recommendation_due_on, ground=ground, extended_at=at, extended_by=by,
    )  # fmt: skip
    evidence.record(
        "round.extend", chain=round.chain, by=by, subject=f"round:{round.public_id}", at=at,
        data={
            "was_closes_at": was_closes_at.isoformat(), "closes_at": to.closes_at.isoformat(),
            "was_due_on": was_due_on.isoformat(), "due_on": to.recommendation_due_on.isoformat(),
        },
    )  # fmt: skip
    _tell(round, text=text, at=at)
    return notice


def window_refusals(round: Round, *, to: NewWindow, ground: str, by: User, at: datetime) -> list[Blocker]:
    """Why the window cannot be moved as asked, all at once: forward only, and only before it ends."""
    if not on_duty(by, round.office, round):
        return [Blocker("申报延期由办公室办理。")]
    if not (round.published_at and round.closes_at and round.recommendation_due_on) or _call_of(round) is None:
        return [Blocker("申报通知尚未发布，请直接修改日期。")]
    if at >= round.closes_at:
        return [Blocker("申报期已经截止，不能延期；已提交的申报不受影响。")]
    window = rulebook_for(round).timing.application_window_days
    article = rulebook_for(round).ground(window)
    found = []
    if not ground.strip():
        found.append(Blocker("请写明延期的理由，理由随公告公布。"))
    if to.closes_at <= round.closes_at:
        found.append(Blocker(f"申报截止时间只能向后延：现为{ending_zh(round.closes_at)}。", article))
    elif to.closes_at > round.closes_at + timedelta(days=LONGEST_DAYS):
        found.append(Blocker("一次延期不得超过一年，请核对日期。"))
    if to.recommendation_due_on < round.recommendation_due_on:
        found.append(Blocker(f"推荐报送截止日不得提前：现为{date_zh(round.recommendation_due_on)}。"))
    if to.recommendation_due_on <= _last_day(to.closes_at):
        found.append(Blocker("推荐报送截止日应晚于申报截止日，以便审核推荐单位审核、公示。"))
    return found


def _call_of(round: Round) -> Notice | None:
    return Notice.objects.public().filter(round=round, kind=Notice.Kind.CALL).select_related("round", "issuer").first()


def _last_day(closes_at: datetime) -> date:
    """A window that closes at midnight closes with the day before."""
    return (closes_at.astimezone(clock.SHANGHAI) - timedelta(microseconds=1)).date()


def _tell(round: Round, *, text: str, at: datetime) -> None:
    subject = f"{round.title}申报延期"
    for one in Application.objects.filter(round=round, state__in=NOT_HANDED_IN).order_by("pk"):
        tell_applicant(one, subject=subject, body=text, at=at)
    units = Unit.objects.active().of_scheme(round.scheme.key).of_kind(UnitKind.RECOMMENDER)
    people = [person for unit in units for person in people_of(unit)]
    url = reverse("publicity:call", args=[round.public_id])
    send_message(people, subject=subject[:120], body=text, url=url, at=at)
