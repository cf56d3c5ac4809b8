"""A running publicity that is made longer, openly: its window only ever grows, and a 延期公告 says so (E1)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from applications.gates import Blocker
from award_portal.lib import clock
from awards.calendars import current_calendar
from awards.parameters import rulebook_for
from awards.workdays import Window, date_zh
from organizations import evidence
from organizations.models import User

from .correcting import amend_notice, lock_notice, not_of_issuer
from .models import Notice
from .opening import PublicityRefused


@transaction.atomic
def extend_publicity(notice: Notice, *, days: int, ground: str, by: User, at: datetime) -> Notice:
    """Lengthen a running publicity to `days` and say so in a 延期公告, which is returned.

    The window is never shortened and never reopened; the notice prints both last days. Raises PublicityRefused or
    CalendarMissing, and then nothing changed.
    """
    round, notice = lock_notice(notice)
    refused = extension_refusals(notice, days=days, ground=ground, by=by, at=at)
    if refused:
        raise PublicityRefused(refused)
    window = extended_window(notice, days=days)
    was = notice.last_on
    assert was is not None
    notice.last_on, notice.ends_at, notice.days = window.last_day, window.ends_at, window.days
    notice.close_due_at = window.ends_at + timedelta(minutes=rulebook_for(round).timing.publicity_grace_minutes.value)
    notice.calendar_version = window.calendar_version
    notice.save(update_fields=["last_on", "ends_at", "days", "close_due_at", "calendar_version"])
    evidence.record(
        "notice.extend",
        chain=round.chain,
        by=by,
        subject=f"notice:{notice.public_id}",
        at=at,
        data={"was": was.isoformat(), "last_on": window.last_day.isoformat(), "calendar": window.calendar_version},
    )
    text = (
        f"“{notice.title}”的{window_word(notice)}延长：原截止日{date_zh(was)}，现截止日{date_zh(window.last_day)}"
        f"（自{date_zh(window.first_day)}起共{window.days}{day_unit(window.kind)}）。延长理由：{ground.strip()}"
    )
    return amend_notice(
        notice, kind=Notice.Kind.EXTENSION, text=text,
        said=[
            ("原截止日", f"{date_zh(was)}24:00"), ("现截止日", f"{date_zh(window.last_day)}24:00"),
            ("延长理由", ground.strip()),
        ], by=by, at=at,
    )  # fmt: skip


def extended_window(notice: Notice, *, days: int) -> Window:
    """The window counted again from the day of publication, on today's calendar."""
    assert notice.published_at is not None
    published_on = clock.day_of(notice.published_at)
    return current_calendar().window(published_on, days, notice.day_kind)  # type: ignore[arg-type]


def extension_refusals(notice: Notice, *, days: int, ground: str, by: User, at: datetime) -> list[Blocker]:
    """Why a window cannot be lengthened as asked. Raises CalendarMissing for an unpublished year."""
    refused = not_of_issuer(notice, by)
    if refused:
        return refused
    if notice.ends_at is None or notice.closed_at is not None or at >= notice.ends_at:
        return [Blocker("公示已经期满，不能延长。需要重新公示的，请另行发布名单。")]
    rule = rulebook_for(notice.round).publicity(notice.kind)
    article = rulebook_for(notice.round).ground(rule.days)
    if rule.days.bound == "exactly":
        return [Blocker(f"公示时间为{rule.days.value}日，不得变更。", article)]
    if not ground.strip():
        refused.append(Blocker("请写明延长的理由，理由随公告公布。"))
    if notice.days is None or days <= notice.days or days > 365:
        refused.append(Blocker(f"{window_word(notice)}只能延长：现为{notice.days}日，拟设{days}日。", article))
    elif extended_window(notice, days=days).ends_at <= notice.ends_at:
        refused.append(Blocker("按现行工作日历计算，截止日没有推后，请增加天数。", article))
    return refused


def window_word(notice: Notice) -> str:
    """What the time of a list is called: 公示期, or 征求意见期 where the public is asked what it thinks (B15)."""
    return "征求意见期" if rulebook_for(notice.round).publicity(notice.kind).comments else "公示期"


def day_unit(kind: str) -> str:
    return "个工作日" if kind == "working" else "个自然日"
