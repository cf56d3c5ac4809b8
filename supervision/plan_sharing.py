"""推广计划: an activity is announced to the winners who are to take part, they are reminded, and file what came of it.

The office plans for every winner of its award (Z23), a recommender for those it watches (U18).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse

from applications.desk_rules import DeskRefused, require_text
from award_portal.lib import clock
from award_portal.lib.sweeping import Sweeper, register
from awards.models import Award
from awards.workdays import date_zh
from organizations import evidence
from organizations.messages import send_message
from organizations.models import Unit, UnitKind, User

from .duties import winners_of
from .models import SharingInvitation, SharingPlan, SharingRecord
from .watching import at_units_of, own_awards, watched_by, wins

REMINDED_DAYS = 7


def planning_units(user: User) -> QuerySet[Unit]:
    """The units of the person that plan activities: offices and recommenders."""
    return Unit.objects.of_user(user).filter(kind__in=(UnitKind.OFFICE, UnitKind.RECOMMENDER)).order_by("pk")


def awards_to_invite(user: User) -> QuerySet[Award]:
    """The standing awards the person may ask to an activity."""
    mine = at_units_of(user, UnitKind.OFFICE) | watched_by(user)
    return Award.objects.standing().filter(mine).exclude(round=None).select_related("scheme").distinct()


def plans_seen_by(user: User) -> QuerySet[SharingPlan]:
    """Planned by one's own unit, or of one's own scheme as its office and supervisor, or asked to as a winner."""
    wide = Unit.objects.of_user(user).filter(kind__in=(UnitKind.OFFICE, UnitKind.SUPERVISOR)).values("scheme_key")
    invited = SharingInvitation.objects.filter(award__in=own_awards(user).order_by().values("pk")).values("plan")
    return SharingPlan.objects.filter(
        Q(unit__in=Unit.objects.of_user(user)) | Q(scheme__key__in=wide) | Q(pk__in=invited)
    ).select_related("unit", "scheme")


@transaction.atomic
def plan_activity(
    *, unit: Unit, title: str, held_on: date, place: str, about: str, awards: Iterable[Award], by: User, at: datetime
) -> SharingPlan:
    """An activity to come, told to everybody asked to it at once and again a week before."""
    asked = list(awards)
    if not planning_units(by).filter(pk=unit.pk).exists():
        raise DeskRefused.because("推广计划由办公室、行业主管部门和区（县）的单位制定。")
    if held_on <= clock.day_of(at):
        raise DeskRefused.because("活动日期应在今天之后。已填内容已保留。", field="held_on")
    known = set(awards_to_invite(by).filter(scheme__key=unit.scheme_key).values_list("pk", flat=True))
    if not asked or not {one.pk for one in asked} <= known:
        raise DeskRefused.because("请选择本单位联系的获奖者参加。已填内容已保留。")
    plan = SharingPlan.objects.create(
        scheme=asked[0].scheme, unit=unit, title=require_text(title, "活动名称"), held_on=held_on,
        place=require_text(place, "地点"), about=about.strip(), planned_by=by, planned_at=at,
        remind_at=clock.at(held_on - timedelta(days=REMINDED_DAYS), 9),
    )  # fmt: skip
    SharingInvitation.objects.bulk_create(SharingInvitation(plan=plan, award=one) for one in asked)
    evidence.record(
        "sharing.plan", by=by, subject=f"sharing_plan:{plan.public_id}", at=at, data={"invited": len(asked)}
    )
    _tell(plan, f"请参加推广活动：{plan.title}", at=at)
    return plan


@transaction.atomic
def cancel_activity(plan: SharingPlan, *, because: str, by: User, at: datetime) -> SharingPlan:
    """Called off with a reason, once, before its day."""
    if not planning_units(by).filter(pk=plan.unit_id).exists():
        raise DeskRefused.because("推广计划由制定的单位取消。")
    plan = SharingPlan.objects.select_for_update(of=("self",)).select_related("unit").get(pk=plan.pk)
    if plan.cancelled_at is not None or plan.held_on < clock.day_of(at):
        raise DeskRefused.because("该活动已经取消或者已经过期。")
    plan.cancelled_at, plan.cancelled_because = at, require_text(because, "取消理由")[:200]
    plan.save(update_fields=["cancelled_at", "cancelled_because"])
    evidence.record("sharing.cancel", by=by, subject=f"sharing_plan:{plan.public_id}", at=at)
    _tell(plan, f"推广活动取消：{plan.title}", at=at)
    return plan


def invitation_of(user: User, plan: SharingPlan, award: Award) -> SharingInvitation | None:
    """What the winner has still to file of an activity it was asked to."""
    if plan.cancelled_at is not None or not wins(user, award):
        return None
    return SharingInvitation.objects.filter(plan=plan, award=award, record=None).first()


def answer_invitation(plan: SharingPlan, record: SharingRecord) -> None:
    """What a winner filed is tied to the activity it was asked to."""
    SharingInvitation.objects.filter(plan=plan, award=record.award, record=None).update(record=record)


def remind_due(at: datetime) -> int:
    waiting = SharingPlan.objects.filter(remind_at__lte=at, reminded_at=None, cancelled_at=None)
    return sum(_remind(pk, at=at) for pk in list(waiting.values_list("pk", flat=True)))


@transaction.atomic
def _remind(pk: int, *, at: datetime) -> int:
    """Compare-and-set: of many sweepers exactly one reminds."""
    if not SharingPlan.objects.filter(pk=pk, reminded_at=None, cancelled_at=None).update(reminded_at=at):
        return 0
    plan = SharingPlan.objects.select_related("unit").get(pk=pk)
    if plan.held_on >= clock.day_of(at):
        _tell(plan, f"推广活动提醒：{plan.title}", at=at)
    return 1


def next_reminder(after: datetime) -> datetime | None:
    plans = SharingPlan.objects.filter(remind_at__gt=after, reminded_at=None, cancelled_at=None)
    return plans.order_by("remind_at").values_list("remind_at", flat=True).first()


register(Sweeper("sharing_plans", run=remind_due, next_due=next_reminder, order=61))


def _tell(plan: SharingPlan, subject: str, *, at: datetime) -> None:
    invited = [one.award for one in plan.invitations.select_related("award__organization")]
    people = [person for award in invited for person in winners_of(award)]
    body = f"{date_zh(plan.held_on)}，{plan.place}，{plan.unit.name}组织。{plan.cancelled_because or plan.about}"
    send_message(
        people, subject=subject, body=body, url=reverse("supervision:plan", args=[plan.public_id]), at=at
    )  # fmt: skip
