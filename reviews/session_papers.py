"""What is printed of the sessions: the running order, the sheets to sign, the register (V6, section 8)."""

from __future__ import annotations

from datetime import datetime

from applications.registers import minute
from award_portal.lib import clock
from award_portal.lib.compile import merge_pdfs
from awards.models import Round
from awards.parameters import rulebook_for
from documents.registers import Register, register_pdf

from .models import Presenter, Session, SessionSlot
from .panels import current_members
from .sessions import told


def running_order(session: Session) -> Register:
    """议程: who is heard when, by lot where it was drawn, in the order of the names before."""
    book = rulebook_for(session.panel.round)
    rows = []
    for place, slot in enumerate(in_turn(session), start=1):
        starts, ends = session.turn_times(slot.turn or place)
        people = "\n".join(f"{one.name}（{one.post}，{one.get_part_display()}）" for one in slot.presenters.all())
        due = slot.turn or place if slot.turn or not session.lots_drawn_at else ""
        when = f"{_hour(starts)}—{_hour(ends)}" if due else "未到场"
        rows.append([due, when, str(slot.application.organization), people, slot.materials_count])  # type: ignore[attr-defined]
    order = "已抽签" if session.lots_drawn_at else "次序待现场抽签确定"
    notes = [
        f"每个{book.noun}陈述{session.statement_minutes}分钟、提问{session.question_minutes}分钟、"
        f"评议{session.appraisal_minutes}分钟，到时由主持人提示。依据：{book.ground(book.stage(session.panel.stage))}。"
    ]
    if session.lots_drawn_at:
        notes.append(f"抽签种子：{session.lot_seed}；监督人员：{session.witness}。")
    return Register(
        title=f"{session.panel.round.title}{session.panel.label}议程",
        headings=["次序", "时间", book.noun, "参加人员", "材料"],
        rows=rows,
        facts=[("时间", told(session.starts_at)), ("地点", session.place), ("主持人", str(session.leader)),
               ("次序", order)],
        notes=notes,
        widths=[2, 4, 8, 10, 2],
    )  # fmt: skip


def applicants_sheet(session: Session) -> Register:
    """签到表 of the applicants: the order they sign in is the order they draw in."""
    book = rulebook_for(session.panel.round)
    rows: list[list[str | int]] = []
    for slot in session.slots.select_related("application__organization").order_by("pk"):
        people: list[Presenter | None] = [*slot.presenters.all()] or [None, None]
        rows += [
            [str(slot.application.organization), one.name if one else "", one.post if one else "",
             one.get_part_display() if one else "", "", ""]
            for one in people
        ]  # fmt: skip
    return Register(
        title=f"{session.panel.label}签到表（{book.noun}）",
        headings=[book.noun, "姓名", "职务", "分工", "签名", "签到时间"],
        rows=rows,
        facts=[("时间", told(session.starts_at)), ("地点", session.place)],
        signatures=["监督人员", "记录人"],
        widths=[8, 4, 4, 4, 5, 4],
    )


def panel_sheet(session: Session) -> Register:
    """签到表 of the panel, each member declaring to be free of any tie (U23)."""
    book = rulebook_for(session.panel.round)
    seats = {one.expert_id: one for one in session.seats.all()}
    return Register(
        title=f"{session.panel.label}签到表（评审组）",
        headings=["序号", "姓名", "工作单位", "回避声明", "签名", "签到时间"],
        rows=[
            [place, str(one), one.employer, "与本场各申报方无应回避情形", "",
             minute(seats[one.pk].signed_in_at) if one.pk in seats else ""]
            for place, one in enumerate(current_members(session.panel), start=1)
        ],
        facts=[("时间", told(session.starts_at)), ("地点", session.place)],
        notes=[f"回避依据：{book.recusal_ground}。"],
        signatures=["监督人员", "记录人"],
        widths=[2, 4, 7, 7, 5, 4],
    )  # fmt: skip


def session_pdf(session: Session, *, at: datetime) -> bytes:
    """The running order and both sheets to sign, one PDF."""
    sheets = [running_order(session), applicants_sheet(session), panel_sheet(session)]
    return merge_pdfs([(one.title, register_pdf(one, at=at)) for one in sheets])


def session_register(round: Round) -> Register:
    """Every session of the round, called-off ones too, with who was heard and when."""
    book = rulebook_for(round)
    sessions = (
        Session.objects.of_round(round)
        .with_names()
        .prefetch_related("slots__application__organization", "slots__presenters", "changes", "seats")
    )
    rows: list[list[str | int]] = []
    for one in sessions:
        for slot in one.slots.all():
            came = {True: "是", False: f"否（{slot.absence_note}）", None: ""}[slot.leader_present]
            rows.append(
                [len(rows) + 1, one.panel.label, told(one.starts_at), one.place, str(one.leader),
                 str(slot.application.organization), minute(slot.signed_in_at), slot.turn or "",
                 "、".join(each.name for each in slot.presenters.all()), came, len(one.seats.all()), _state(one)]
            )  # fmt: skip
    return Register(
        title=f"{round.title}答辩场次登记表",
        headings=["序号", "环节", "时间", "地点", "主持人", book.noun, "签到", "次序", "参加人员", "主要负责人到场",
                  "评审组签到人数", "情况"],
        rows=rows,
        widths=[2, 3, 5, 5, 3, 6, 4, 2, 5, 4, 3, 5],
    )  # fmt: skip


def in_turn(session: Session) -> list[SessionSlot]:
    """The slots in the order they are heard, those without a turn last, each with how many materials it shows."""
    slots = session.slots.select_related("application__organization").prefetch_related("presenters", "materials")
    found = sorted(slots, key=lambda one: (one.turn is None, one.turn or 0, one.sign_in_order or 999, one.pk))
    for one in found:
        one.materials_count = sum(1 for each in one.materials.all() if each.withdrawn_at is None)  # type: ignore[attr-defined]
    return found


def _state(session: Session) -> str:
    if session.cancelled_at:
        return "已取消"
    moved = [f"原定{told(one.was_starts_at)}{one.was_place}，{one.reason}" for one in session.changes.all()]
    return "；".join(["已记录" if session.minuted_at else "已安排", *moved])


def _hour(at: datetime) -> str:
    return f"{at.astimezone(clock.SHANGHAI):%H:%M}"
