"""The investigation of an objection: taken up by the unit it was forwarded to, and its written report (U13, U14)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from organizations.messages import people_of, send_message
from organizations.models import User

from .casework import HandlingRefused, begin_leg, leg_due, record_act, take
from .models import Objection
from .pipeline import State


@transaction.atomic
def begin_investigation(objection: Objection, *, by: User, at: datetime) -> Objection:
    """The investigating unit signs for the papers; its days run on from the forwarding (U13)."""
    objection = take(objection, "begin", by=by, office=False)
    take_up(objection, at=at)
    objection.save()
    record_act(objection, "begin", by=by, at=at)
    return objection


def take_up(objection: Objection, *, at: datetime) -> None:
    """The first thing the investigator does takes the case up. Does not save."""
    if objection.state == State.FORWARDED:
        objection.investigating_at = at
        objection.begin()


@transaction.atomic
def report(objection: Objection, *, text: str, by: User, at: datetime) -> Objection:
    """The investigator's written report, within 5 working days (U13). Late is still taken and stays visible."""
    objection = take(objection, "report", by=by, office=False)
    if len(text.strip()) < 10:
        raise HandlingRefused("请写明调查经过、查明的事实和意见。")
    take_up(objection, at=at)
    objection.report_text, objection.reported_at = text.strip(), at
    begin_leg(objection, due=leg_due(objection.application.rulebook, "decide", at), at=at)
    objection.report()
    objection.save()
    send_message(
        people_of(objection.handled_by),
        subject=f"异议调查情况已报告：{objection.number}",
        url=objection.get_absolute_url(),
        at=at,
    )
    record_act(objection, "report", by=by, at=at)
    return objection
