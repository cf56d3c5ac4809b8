"""Defense sessions: put in the diary, moved with notice, signed in, put in order by lot, minuted (V6, U11.6, B14.3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.urls import reverse

from applications.corrections import tell_applicant
from applications.desk_rules import DeskRefused, require_text
from applications.models import Application
from applications.pipeline import State
from award_portal.lib import clock
from awards.parameters import rulebook_for
from awards.rulebook import Rulebook
from awards.workdays import date_zh
from organizations import evidence
from organizations.messages import send_message
from organizations.models import User

from .collisions import session_collisions
from .drawing import fresh_seed, hand_out_turns
from .models import Expert, Panel, Recusal, Session, SessionChange, SessionSlot
from .panel_places import judged_by
from .panels import current_members, require_office
from .pledges import require_pledge

# the shares of a turn where the office sets none: 40 minutes are 20, 15 and 5
SHARES = (8, 6, 2)


def turn_parts(panel: Panel) -> tuple[int, int, int]:
    """Minutes for statement, questions and appraisal that fill the rulebook's length of a turn."""
    whole = rulebook_for(panel.round).review(panel.stage).session_minutes.value or 40
    statement, questions = whole * SHARES[0] // sum(SHARES), whole * SHARES[1] // sum(SHARES)
    return statement, questions, whole - statement - questions


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
    minutes: tuple[int, int, int] | None = None,
    materials_due_at: datetime | None = None,
) -> Session:
    """A session of the panel; each application has one at a stage. Applicants and panel are told.

    `minutes` are those of statement, questions and appraisal; together never more than the rulebook gives a turn.
    Materials are due the moment the session starts unless the office says earlier.
    """
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
    if panel.stage == State.ONSITE_REVIEW:
        raise DeskRefused.because("现场评审逐个拟定日程，请在“现场评审日程”办理。", cite)
    if starts_at <= at:
        raise DeskRefused.because("开始时间应晚于现在。", cite)
    if leader not in current_members(panel):
        raise DeskRefused.because("主持人（带队组长）应为评审组成员。", cite)
    if any(one.state != panel.stage or one.round_id != panel.round_id for one in locked):
        raise DeskRefused.because("所选申报不在本环节。页面可能已过时，请刷新后再办。", cite)
    if panel.group and judged_by(panel).filter(pk__in=[one.pk for one in locked]).count() != len(locked):
        raise DeskRefused.because(f"所选申报不由{panel.label}评审，请在其所在的评审组安排。", cite)
    if SessionSlot.objects.filter(session__in=panel.sessions.standing(), application__in=locked).exists():
        raise DeskRefused.because("所选申报已经安排了场次。", cite)
    parts = minutes or turn_parts(panel)
    _refuse_long_turns(panel, parts)
    ends_at = starts_at + timedelta(minutes=sum(parts) * len(locked))
    _refuse_collisions(panel, starts_at=starts_at, ends_at=ends_at, place=place)
    session = Session.objects.create(
        panel=panel, starts_at=starts_at, ends_at=ends_at, place=place, leader=leader, statement_minutes=parts[0],
        question_minutes=parts[1], appraisal_minutes=parts[2], scheduled_by=by, scheduled_at=at,
        materials_due_at=min(materials_due_at or starts_at, starts_at),
    )  # fmt: skip
    SessionSlot.objects.bulk_create(SessionSlot(session=session, application=one) for one in locked)
    _record("session.schedule", session, by=by, at=at, data={"applications": [str(one.public_id) for one in locked]})
    _tell(session, f"{panel.stage_label}已安排：{told(starts_at)}，{place}", f"{panel.stage_label}已安排", at=at)
    return session


@transaction.atomic
def move_session(
    session: Session, *, starts_at: datetime, place: str, reason: str, by: User, at: datetime
) -> SessionChange:
    """Another time or room, with the reason, on record; everyone concerned is told and the lots stand as drawn."""
    locked, book = _lock(session, by)
    place, reason = require_text(place, "地点"), require_text(reason, "变更原因")
    cite = book.ground(book.stage(locked.panel.stage))
    _refuse_past(locked, at, cite)
    if starts_at <= at:
        raise DeskRefused.because("改后的开始时间应晚于现在。", cite)
    length = (locked.ends_at or locked.starts_at) - locked.starts_at
    _refuse_collisions(locked.panel, starts_at=starts_at, ends_at=starts_at + length, place=place, but=locked.pk)
    change = SessionChange.objects.create(
        session=locked, was_starts_at=locked.starts_at, was_place=locked.place, starts_at=starts_at, place=place,
        reason=reason, changed_at=at, changed_by=by,
    )  # fmt: skip
    if locked.materials_due_at:
        # as long before the start as it was
        locked.materials_due_at = max(starts_at - (locked.starts_at - locked.materials_due_at), at)
    locked.starts_at, locked.ends_at, locked.place = starts_at, starts_at + length, place
    locked.save()
    _record("session.move", locked, by=by, at=at, data={"starts_at": starts_at.isoformat(), "reason": reason})
    label = f"{locked.panel.stage_label}时间地点有变更"
    _tell(locked, f"{label}：改为{told(starts_at)}，{place}", label, body=f"变更原因：{reason}", at=at)
    return change


@transaction.atomic
def cancel_session(session: Session, *, reason: str, by: User, at: datetime) -> SessionChange:
    """Called off with the reason; its applications may be put into another session."""
    locked, book = _lock(session, by)
    reason = require_text(reason, "取消原因")
    _refuse_past(locked, at, book.ground(book.stage(locked.panel.stage)))
    change = SessionChange.objects.create(
        session=locked, was_starts_at=locked.starts_at, was_place=locked.place, reason=reason, changed_at=at,
        changed_by=by,
    )  # fmt: skip
    locked.cancelled_at = at
    locked.save()
    _record("session.cancel", locked, by=by, at=at, data={"reason": reason})
    label = f"{locked.panel.stage_label}场次取消，另行安排"
    _tell(locked, label, label, body=f"取消原因：{reason}", at=at)
    return change


@transaction.atomic
def sign_in(session: Session, application: Application, *, by: User, at: datetime) -> SessionSlot:
    """The office notes an arrival; the order of arrival is the order of drawing lots."""
    locked, _ = _lock(session, by)
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
    """The record of the session, kept by the office or its leader; not before it began."""
    if leads(session, by):
        require_pledge(session.leader, session.panel.round)
    else:
        require_office(session.panel.round, by)
    text = require_text(minutes, "记录")
    locked = Session.objects.select_for_update(of=("self",)).get(pk=session.pk)
    if locked.cancelled_at is not None:
        raise DeskRefused.because("本场次已经取消。")
    locked.minutes, locked.minuted_at = text, at
    locked.save()
    _record("session.minutes", session, by=by, at=at, data={})


def told(at: datetime) -> str:
    """上午 or 下午 with the day and the time: 2026年3月9日上午09:30."""
    local = at.astimezone(clock.SHANGHAI)
    return f"{date_zh(local.date())}{'上午' if local.hour < 12 else '下午'}{local:%H:%M}"


def _lock(session: Session, by: User) -> tuple[Session, Rulebook]:
    require_office(session.panel.round, by)
    locked = Session.objects.select_for_update(of=("self",)).get(pk=session.pk)
    if locked.cancelled_at is not None:
        raise DeskRefused.because("本场次已经取消。页面可能已过时，请刷新后再办。")
    return locked, rulebook_for(session.panel.round)


def _refuse_past(session: Session, at: datetime, cite: str) -> None:
    if session.lots_drawn_at is not None or session.minuted_at is not None:
        raise DeskRefused.because("本场次已经开始，不能再变更或者取消。", cite)


def _refuse_long_turns(panel: Panel, parts: tuple[int, int, int]) -> None:
    book = rulebook_for(panel.round)
    rule = book.review(panel.stage).session_minutes
    if min(parts) < 0 or not parts[0]:
        raise DeskRefused.because("请填写陈述时间。", book.ground(rule))
    if rule.value is not None and sum(parts) > rule.value:
        raise DeskRefused.because(
            f"陈述、提问、评议合计{sum(parts)}分钟，每个{book.noun}不超过{rule.value}分钟。", book.ground(rule)
        )


def _refuse_collisions(panel: Panel, *, starts_at: datetime, ends_at: datetime, place: str, but: int = 0) -> None:
    found = session_collisions(
        panel.round, current_members(panel), starts_at=starts_at, ends_at=ends_at, place=place, but=but
    )
    if found:
        raise DeskRefused(found)


def _tell(session: Session, subject: str, panel_subject: str, *, body: str = "", at: datetime) -> None:
    for slot in session.slots.select_related("application").order_by("pk"):
        tell_applicant(slot.application, subject=subject, body=body, at=at)
    send_message(
        [one.user for one in current_members(session.panel)], subject=panel_subject, body=body,
        url=reverse("reviews:mine"), at=at,
    )  # fmt: skip


def _record(verb: str, session: Session, *, by: User, at: datetime, data: dict) -> None:
    evidence.record(
        verb, chain=session.panel.round.chain, by=by, subject=f"session:{session.public_id}", at=at,
        data={"stage": session.panel.stage, **data},
    )  # fmt: skip
