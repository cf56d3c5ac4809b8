"""When an expert cannot take part: a draw for those days leaves them out, and never says why they are away (U7.4)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction

from applications.desk_rules import DeskRefused
from award_portal.lib import clock
from organizations import evidence
from organizations.models import User

from .experts import require_office_or_self
from .models import Expert, ExpertAbsence

LONGEST = timedelta(days=366 * 2)


@transaction.atomic
def enter_absence(expert: Expert, *, first: date, last: date, by: User, at: datetime) -> ExpertAbsence:
    """The expert or the office enters days, both counted, on which the expert cannot come."""
    require_office_or_self(expert, by)
    if last < first:
        raise DeskRefused.because("截止日期不能早于开始日期。")
    if last < clock.day_of(at):
        raise DeskRefused.because("截止日期已经过去，不需要登记。")
    if last - first > LONGEST:
        raise DeskRefused.because("一次最多登记两年。长期不能参加的，请联系办公室。")
    until_on = last + timedelta(days=1)
    if expert.absences.filter(from_on__lte=first, until_on__gte=until_on).exists():
        raise DeskRefused.because("这段时间已经登记。")
    absence = ExpertAbsence.objects.create(
        expert=expert, from_on=first, until_on=until_on, entered_at=at, entered_by=by
    )
    _record("expert.absence", expert, absence, by=by, at=at)
    return absence


@transaction.atomic
def remove_absence(absence: ExpertAbsence, *, by: User, at: datetime) -> None:
    """The expert can come after all; draws already made stay as they are."""
    require_office_or_self(absence.expert, by)
    _record("expert.absence_removed", absence.expert, absence, by=by, at=at)
    absence.delete()


@transaction.atomic
def enter_own_absence(*, first: date, last: date, by: User, at: datetime) -> None:
    """The person is away in every pool they are in; where it is entered already it stands."""
    cards = list(Expert.objects.filter(user=by).order_by("pk"))
    after = last + timedelta(days=1)
    covered = ExpertAbsence.objects.filter(expert__in=cards, from_on__lte=first, until_on__gte=after)
    known = set(covered.values_list("expert_id", flat=True))
    for card in [one for one in cards if one.pk not in known] or cards[:1]:
        enter_absence(card, first=first, last=last, by=by, at=at)


@transaction.atomic
def remove_own_absence(absence: ExpertAbsence, *, by: User, at: datetime) -> None:
    """The person can come after all, in every pool."""
    same = ExpertAbsence.objects.filter(expert__user=by, from_on=absence.from_on, until_on=absence.until_on)
    for one in same.select_related("expert").order_by("pk"):
        remove_absence(one, by=by, at=at)


def _record(verb: str, expert: Expert, absence: ExpertAbsence, *, by: User, at: datetime) -> None:
    evidence.record(
        verb, by=by, subject=f"expert:{expert.public_id}", at=at,
        data={"from": absence.from_on.isoformat(), "until": absence.until_on.isoformat()},
    )  # fmt: skip
