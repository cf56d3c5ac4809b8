"""Changing what a published notice says, openly: a correction notice, and a window that only ever grows longer (E1)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from applications.gates import Blocker
from applications.rules import works_in
from award_portal.lib import clock
from awards.calendars import current_calendar
from awards.models import Round
from awards.parameters import rulebook_for
from awards.rounds import draft_note
from awards.workdays import Window, date_zh
from documents.issuing import issue_document
from organizations import evidence
from organizations.models import User

from .announcing import announce
from .models import Notice
from .opening import PublicityRefused


@transaction.atomic
def extend_publicity(notice: Notice, *, days: int, ground: str, by: User, at: datetime) -> Notice:
    """Lengthen a running publicity to `days` and say so in a correction notice, which is returned.

    The window is never shortened and never reopened; the correction prints both last days. Raises PublicityRefused or
    CalendarMissing, and then nothing changed.
    """
    round, notice = _locked(notice)
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
        f"“{notice.title}”的公示期延长：原截止日{date_zh(was)}，现截止日{date_zh(window.last_day)}"
        f"（自{date_zh(window.first_day)}起共{window.days}{day_unit(window.kind)}）。延长理由：{ground.strip()}"
    )
    return _publish(round, notice, text=text, what="延长公示期公告", by=by, at=at)


@transaction.atomic
def publish_correction(notice: Notice, *, text: str, by: User, at: datetime) -> Notice:
    """Publish a correction of a notice; the notice itself stays as it was and links to it."""
    round, notice = _locked(notice)
    refused = _not_of_issuer(notice, by)
    if not text.strip():
        refused.append(Blocker("请写明更正的内容。"))
    if refused:
        raise PublicityRefused(refused)
    return _publish(round, notice, text=text.strip(), what="更正公告", by=by, at=at)


def extended_window(notice: Notice, *, days: int) -> Window:
    """The window counted again from the day of publication, on today's calendar."""
    assert notice.published_at is not None
    published_on = notice.published_at.astimezone(clock.SHANGHAI).date()
    return current_calendar().window(published_on, days, notice.day_kind)  # type: ignore[arg-type]


def extension_refusals(notice: Notice, *, days: int, ground: str, by: User, at: datetime) -> list[Blocker]:
    """Why a window cannot be lengthened as asked. Raises CalendarMissing for an unpublished year."""
    refused = _not_of_issuer(notice, by)
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
        refused.append(Blocker(f"公示时间只能延长：现为{notice.days}日，拟设{days}日。", article))
    elif extended_window(notice, days=days).ends_at <= notice.ends_at:
        refused.append(Blocker("按现行工作日历计算，截止日没有推后，请增加天数。", article))
    return refused


def day_unit(kind: str) -> str:
    return "个工作日" if kind == "working" else "个自然日"


def _locked(notice: Notice) -> tuple[Round, Notice]:
    """Round first, then the notice, in the lock order of `applications.moves`."""
    round = Round.objects.select_for_update(of=("self",)).get(pk=notice.round_id)
    locked = Notice.objects.select_for_update(of=("self",)).get(pk=notice.pk)
    return round, locked


def _not_of_issuer(notice: Notice, by: User) -> list[Blocker]:
    if notice.published_at is None or not works_in(by, notice.issuer):
        return [Blocker("更正和延长由发布单位办理。")]
    return []


def _publish(round: Round, notice: Notice, *, text: str, what: str, by: User, at: datetime) -> Notice:
    title = f"关于“{notice.title}”的{what}"[:200]
    document = issue_document(
        "publicity_correction",
        title=title,
        template="publicity_correction.html",
        content={
            "title": title,
            "issuer": notice.issuer.name,
            "text": text,
            "amends": notice.title,
            "date": date_zh(at.astimezone(clock.SHANGHAI).date()),
            "draft_note": draft_note(round),
        },
        scheme_key=round.scheme.key,
        chain=round.chain,
        subject=f"notice:{notice.public_id}",
        issuer=notice.issuer,
        is_public=True,
        by=by,
        at=at,
    )
    return announce(
        round,
        kind=Notice.Kind.CORRECTION,
        title=title,
        body=text,
        issuer=notice.issuer,
        by=by,
        at=at,
        document=document,
        amends=notice,
    )
