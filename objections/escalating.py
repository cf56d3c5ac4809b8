"""The legs' clocks: warned at half time, told to the office and the supervising department when overdue (U13, O2).

Each row is taken in a transaction of its own; one that fails is told after the others were taken. A leg is never closed
by the clock: only an incomplete filing, whose days are the objector's own, ends by it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from award_portal.lib.sweeping import Sweeper, register
from organizations import evidence
from organizations.messages import people_of, send_message
from organizations.models import Unit, User

from .casework import HandlingRefused, begin_leg, leg_due
from .completing import lapse_if_due
from .filing import last_day_zh
from .models import Objection
from .models.objection import ObjectionQuerySet


def sweep_cases(at: datetime) -> int:
    """All that the clock does to cases; any number of times, by any number of sweepers."""
    cases, failed, count = Objection.objects, [], 0
    tasks: list[tuple[ObjectionQuerySet, Callable[..., int]]] = [
        (cases.without_due(), _set_due),
        (cases.not_completed(at), lapse_if_due),
        (cases.to_warn_of(at), _warn),
        (cases.overdue(at), _escalate),
    ]
    for found, take in tasks:
        for pk in found.order_by("pk").values_list("pk", flat=True):
            try:
                count += take(pk, at=at)
            except Exception as error:  # the other cases' days run too
                failed.append(error)
    if failed:
        raise ExceptionGroup("cases", failed)
    return count


def escalate_overdue(at: datetime) -> int:
    return sum(_escalate(pk, at=at) for pk in Objection.objects.overdue(at).values_list("pk", flat=True))


@transaction.atomic
def _escalate(pk: int, *, at: datetime) -> int:
    """Compare-and-set: of many sweepers exactly one escalates a leg."""
    if not Objection.objects.overdue(at).filter(pk=pk).update(escalated_at=at):
        return 0
    objection = _of(pk)
    round = objection.application.round
    told = _at_work_on(objection) + people_of(round.office)
    for unit in Unit.objects.active().of_scheme(round.scheme.key).of_kind("supervisor"):
        told += people_of(unit)
    send_message(
        told,
        subject=f"异议办理逾期：{objection.number}",
        body=f"“{objection.leg_zh}”应于{last_day_zh(objection.due_at)}前办结，已逾期，请督促办理。",
        at=at,
    )
    evidence.record(
        "objection.overdue", chain=round.chain, by=None, subject=objection.hold_source, at=at,
        data={"number": objection.number, "leg": objection.leg},
    )  # fmt: skip
    return 1


@transaction.atomic
def _warn(pk: int, *, at: datetime) -> int:
    """Half the leg is over: those who must do it are told, once."""
    if not Objection.objects.to_warn_of(at).filter(pk=pk).update(warned_at=at):
        return 0
    objection = _of(pk)
    send_message(
        _at_work_on(objection),
        subject=f"异议办理期限过半：{objection.number}",
        body=f"“{objection.leg_zh}”应于{last_day_zh(objection.due_at)}前办结。",
        url=objection.get_absolute_url(),
        at=at,
    )
    return 1


@transaction.atomic
def _set_due(pk: int, *, at: datetime) -> int:
    """The calendar a leg runs into was published since: its days are counted from where it began."""
    objection = Objection.objects.select_for_update(of=("self",)).without_due().filter(pk=pk).first()
    if objection is None or objection.leg_started_at is None:
        return 0
    try:
        due = leg_due(objection.application.rulebook, objection.leg, objection.leg_started_at)
    except HandlingRefused:
        return 0
    begin_leg(objection, due=due, at=objection.leg_started_at)
    objection.save()
    return 1


def _of(pk: int) -> Objection:
    return Objection.objects.select_related("application__round__office", "application__round__scheme").get(pk=pk)


def _at_work_on(objection: Objection) -> list[User]:
    """Those whose leg it is."""
    if objection.leg == "report" and objection.investigator is not None:
        return people_of(objection.investigator)
    return people_of(objection.handled_by)


def next_overdue(after: datetime) -> datetime | None:
    """The next moment at which a case is warned of, overdue, or ended for want of what it lacked."""
    open_ones = Objection.objects.unfinished()
    moments = [
        open_ones.filter(**{f"{name}__gt": after, **more}).order_by(name).values_list(name, flat=True).first()
        for name, more in (("due_at", {}), ("warn_at", {"warned_at": None}))
    ]
    return min((one for one in moments if one is not None), default=None)


register(Sweeper("objections", run=sweep_cases, next_due=next_overdue, order=40))
