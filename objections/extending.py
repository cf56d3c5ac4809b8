"""More days for a leg: by the handling desk only, before they run out, with a ground, told to the objector (O2)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from award_portal.lib import clock
from awards.rulebook.process import Clock
from organizations.messages import people_of, send_message
from organizations.models import User

from .casework import HandlingRefused, days_after, issue_letter, record_act, take
from .filing import last_day_zh
from .models import LegExtension, Objection
from .pipeline import LEGS_ZH

STEP_OF_LEG = {"form_check": "accept", "forward": "forward", "report": "report", "decide": "decide", "tell": "tell"}


@transaction.atomic
def extend_leg(objection: Objection, *, days: int, ground: str, by: User, at: datetime) -> LegExtension:
    """Lengthen the leg that runs by so many of its days; on record, and every objector is told in writing."""
    objection = take(objection, *STEP_OF_LEG.values(), by=by, office=True)
    book, leg = objection.application.rulebook, objection.leg
    rule: Clock = getattr(book.objections.clocks, leg)
    times = book.objections.said("extension_times")
    if objection.due_at is None or objection.due_at <= at:
        raise HandlingRefused("本环节已经逾期，不能延长；请尽快办理，逾期情况已记录并上报。")
    if objection.extensions.filter(leg=leg, due_after__gte=objection.due_at).count() >= times.value:
        raise HandlingRefused(f"本环节已经延长过，不能再次延长（{book.ground(times)}）。")
    if not 1 <= days <= rule.days.value:
        raise HandlingRefused(f"延长不超过本环节期限，即1至{rule.days.value}日（{book.ground(times)}）。")
    if len(ground.strip()) < 5:
        raise HandlingRefused("请写明延长的理由。")
    before = objection.due_at
    objection.due_at = days_after(before - timedelta(days=1), days, kind=rule.day_kind)
    objection.warn_at, objection.warned_at = at + (objection.due_at - at) / 2, None
    objection.save()
    made = LegExtension.objects.create(
        objection=objection, leg=leg, days=days, ground=ground.strip()[:500], due_before=before,
        due_after=objection.due_at, extended_by=by, extended_at=at,
    )  # fmt: skip
    _tell_of(made, objection, rule, cite=book.ground(times), by=by, at=at)
    return made


def _tell_of(made: LegExtension, objection: Objection, rule: Clock, *, cite: str, by: User, at: datetime) -> None:
    issue_letter(
        objection,
        "objection_extension",
        by=by,
        at=at,
        leg=LEGS_ZH[made.leg],
        days=f"{made.days}个{'工作日' if rule.day_kind == 'working' else '自然日'}",
        ground=made.ground,
        before=last_day_zh(made.due_before),
        after=last_day_zh(made.due_after),
        cite=cite,
    )
    if objection.investigator is not None:
        send_message(
            people_of(objection.investigator),
            subject=f"异议办理期限延长：{objection.number}",
            body=f"“{LEGS_ZH[made.leg]}”延长至{last_day_zh(made.due_after)}。",
            url=objection.get_absolute_url(),
            at=at,
        )
    record_act(
        objection, "extend", by=by, at=at, leg=made.leg, days=made.days,
        until=made.due_after.astimezone(clock.SHANGHAI).isoformat(),
    )  # fmt: skip
