"""Defense sessions and on-site visits: scheduled, signed in, put in order by lot, minuted (U11.6, U11.7)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.urls import reverse

from applications.corrections import tell_applicant
from applications.desk_rules import DeskRefused, require_text
from applications.models import Application
from awards.parameters import rulebook_for
from organizations import evidence
from organizations.messages import send_message
from organizations.models import User

from .drawing import fresh_seed, hand_out_turns
from .models import Expert, Panel, Recusal, Session, SessionSlot
from .panels import current_members, require_office


@transaction.atomic
def schedule_session(
    panel: Panel,
    *,
    applications: Sequence[Application],
    starts_at: datetime,
    place: str,
    by: User,
    at: datetime,
    leader: Expert | None = None,
) -> Session:
    """A session of the panel; each application has one at a stage. Applicants and panel are told."""
    require_office(panel.round, by)
    book = rulebook_for(panel.round)
    cite = book.ground(book.stage(panel.stage))
    place, leader = require_text(place, "地点"), leader or panel.chair
    locked = list(
        Application.objects.select_for_update(of=("self",))
        .filter(pk__in=[one.pk for one in applications])
        .order_by("pk")
    )
    if not locked:
        raise DeskRefused.because(f"请至少选择一个{book.noun}。", cite)
    if starts_at <= at:
        raise DeskRefused.because("开始时间应晚于现在。", cite)
    if leader not in current_members(panel):
        raise DeskRefused.because("主持人（带队组长）应为评审组成员。", cite)
    if any(one.state != panel.stage or one.round_id != panel.round_id for one in locked):
        raise DeskRefused.because("所选申报不在本环节。页面可能已过时，请刷新后再办。", cite)
    if SessionSlot.objects.filter(session__panel=panel, application__in=locked).exists():
        raise DeskRefused.because("所选申报已经安排了场次。", cite)
    session = Session.objects.create(
        panel=panel, starts_at=starts_at, place=place, leader=leader, scheduled_by=by, scheduled_at=at
    )
    SessionSlot.objects.bulk_create(SessionSlot(session=session, application=one) for one in locked)
    _record("session.schedule", session, by=by, at=at, data={"applications": [str(one.public_id) for one in locked]})
    for one in locked:
        tell_applicant(one, subject=f"{panel.stage_label}已安排：{starts_at:%Y-%m-%d %H:%M}，{place}", at=at)
    send_message(
        [one.user for one in current_members(panel)],
        subject=f"{panel.stage_label}已安排",
        url=reverse("reviews:mine"),
        at=at,
    )
    return session


@transaction.atomic
def sign_in(session: Session, application: Application, *, by: User, at: datetime) -> SessionSlot:
    """The office notes an arrival; the order of arrival is the order of drawing lots."""
    require_office(session.panel.round, by)
    locked = Session.objects.select_for_update(of=("self",)).get(pk=session.pk)
    slot = locked.slots.filter(application=application).first()
    if slot is None:
        raise DeskRefused.because(f"该{application.noun}不在本场次。")
    if locked.lots_drawn_at is not None:
        raise DeskRefused.because("已经抽签，不能再签到。")
    if slot.signed_in_at is None:
        latest = locked.slots.aggregate(latest=Max("sign_in_order"))["latest"] or 0
        slot.signed_in_at, slot.sign_in_order = at, latest + 1
        slot.save()
    return slot


@transaction.atomic
def draw_lots(session: Session, *, witness: str, by: User, at: datetime, seed: str = "") -> list[SessionSlot]:
    """The turns of those who signed in, by lot in the order of signing in, replayable by the seed kept."""
    require_office(session.panel.round, by)
    book = rulebook_for(session.panel.round)
    rule = book.review(session.panel.stage)
    if not rule.order_by_lot.value:
        raise DeskRefused.because("本环节按日程安排，不抽签。", book.ground(rule.order_by_lot))
    locked = Session.objects.select_for_update(of=("self",)).get(pk=session.pk)
    if locked.lots_drawn_at is not None:
        raise DeskRefused.because("本场次已经抽签。", book.ground(rule.order_by_lot))
    slots = list(locked.slots.exclude(sign_in_order=None).select_related("application").order_by("sign_in_order"))
    if not slots:
        raise DeskRefused.because(f"尚无{book.noun}签到。", book.ground(rule.order_by_lot))
    locked.witness = require_text(witness, "纪检监督人员姓名")
    locked.lot_seed, locked.lots_drawn_at = seed.strip() or fresh_seed(), at
    locked.save()
    turns = hand_out_turns([str(one.application.public_id) for one in slots], seed=locked.lot_seed)
    for slot in slots:
        slot.turn = turns[str(slot.application.public_id)]
    SessionSlot.objects.bulk_update(slots, ["turn"])
    _record("session.lots", locked, by=by, at=at, data={"seed": locked.lot_seed, "turns": turns})
    return slots


def leads(session: Session, user: User) -> bool:
    """Whether the person leads the session now: an active expert who stepped back from none of its applications."""
    leader = session.leader
    if leader.user_id != user.pk or leader.state != Expert.State.ACTIVE:
        return False
    heard = session.slots.values("application")
    return not leader.recusals.filter(state=Recusal.State.GRANTED, application__in=heard).exists()


@transaction.atomic
def write_minutes(session: Session, *, minutes: str, by: User, at: datetime) -> None:
    """The record of the session or visit, kept by the office or its leader."""
    if not leads(session, by):
        require_office(session.panel.round, by)
    text = require_text(minutes, "记录")
    Session.objects.filter(pk=session.pk).update(minutes=text, minuted_at=at)
    _record("session.minutes", session, by=by, at=at, data={})


def _record(verb: str, session: Session, *, by: User, at: datetime, data: dict) -> None:
    evidence.record(
        verb, chain=session.panel.round.chain, by=by, subject=f"session:{session.public_id}", at=at,
        data={"stage": session.panel.stage, **data},
    )  # fmt: skip
