"""Overdue legs are told to the office's head and to the supervising department the same day, never closed (U13, O2)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from award_portal.lib.sweeping import Sweeper, register
from organizations import evidence
from organizations.messages import people_of, send_message
from organizations.models import Unit

from .models import Objection


def escalate_overdue(at: datetime) -> int:
    return sum(_escalate(pk, at=at) for pk in Objection.objects.overdue(at).values_list("pk", flat=True))


@transaction.atomic
def _escalate(pk: int, *, at: datetime) -> int:
    """Compare-and-set: of many sweepers exactly one escalates a leg."""
    if not Objection.objects.overdue(at).filter(pk=pk).update(escalated_at=at):
        return 0
    objection = Objection.objects.select_related("application__round__office", "application__round__scheme").get(pk=pk)
    round = objection.application.round
    told = people_of(round.office)
    for unit in Unit.objects.active().of_scheme(round.scheme.key).of_kind("supervisor"):
        told += people_of(unit)
    if objection.investigator is not None:
        told += people_of(objection.investigator)
    send_message(
        told,
        subject=f"异议办理逾期：{objection.number}",
        body=f"“{objection.get_state_display()}”环节已逾期，请督促办理。",
        at=at,
    )
    evidence.record("objection.overdue", chain=round.chain, by=None, subject=objection.hold_source, at=at)
    return 1


def next_overdue(after: datetime) -> datetime | None:
    return (
        Objection.objects.unfinished()
        .filter(due_at__gt=after)
        .order_by("due_at")
        .values_list("due_at", flat=True)
        .first()
    )


register(Sweeper("objections", run=escalate_overdue, next_due=next_overdue, order=40))
