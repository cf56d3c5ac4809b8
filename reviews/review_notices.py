"""评审通知: time, place, order and materials of a hearing or a visit, to each applicant and to the panel (section 8).

A paper like the others: numbered, frozen, readable by whom it is addressed to. When time, place or people change, the
office issues it again and the earlier one is void.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from applications.corrections import tell_applicant
from applications.desk_rules import DeskRefused
from applications.models import Application
from applications.rules import acts_for
from awards.parameters import rulebook_for
from awards.rulebook import Rulebook
from awards.workdays import date_zh
from documents.access import document_reader
from documents.models import IssuedDocument
from documents.voiding import void_document
from organizations.messages import send_message
from organizations.models import User

from .hearing import MOST_PRESENTERS
from .models import Expert, Panel, Session, Visit
from .panels import current_members, require_office
from .pledges import pledge_title
from .review_papers import about, issue_review_paper
from .session_papers import in_turn
from .sessions import told
from .visits import cite_of, days_zh, team_of

KIND = "review_notice"
PANEL = "panel"


def notices_of(held: Session | Visit) -> QuerySet[IssuedDocument]:
    """Those that stand, the panel's among them."""
    return _all_of(held).filter(voided_at=None).order_by("pk")


def notice_to(application: Application, held: Session | Visit) -> IssuedDocument | None:
    """What the applicant was sent last for this session or visit."""
    return notices_of(held).filter(subject=_subject(held, str(application.public_id))).first()


def notice_to_panel(held: Session | Visit) -> IssuedDocument | None:
    return notices_of(held).filter(subject=_subject(held, PANEL)).first()


@transaction.atomic
def issue_session_notices(session: Session, *, by: User, at: datetime) -> list[IssuedDocument]:
    """One to each applicant of the session and one to the panel; those sent before are void (U11.6, B14.3)."""
    require_office(session.panel.round, by)
    Session.objects.select_for_update(of=("self",)).get(pk=session.pk)
    locked = Session.objects.with_names().get(pk=session.pk)
    cite = _book(locked.panel).ground(_book(locked.panel).stage(locked.panel.stage))
    if locked.cancelled_at is not None or locked.minuted_at is not None or locked.lots_drawn_at is not None:
        raise DeskRefused.because("本场次已经取消或者已经开始，不再发出通知。", cite)
    _void_earlier(locked, by=by, at=at)
    slots = in_turn(locked)
    made = [
        _issue(locked, _to_applicant(locked, slot.application, place), slot.application, by=by, at=at)
        for place, slot in enumerate(slots, start=1)
    ]
    names = [slot.application for slot in slots]
    return [*made, _issue(locked, _to_session_panel(locked, names), None, by=by, at=at)]


@transaction.atomic
def issue_visit_notices(visit: Visit, *, by: User, at: datetime) -> list[IssuedDocument]:
    """One to the applicant and one to the team, once the days are agreed; those sent before are void (U11.7)."""
    require_office(visit.panel.round, by)
    Application.objects.select_for_update(of=("self",)).get(pk=visit.application_id)
    Visit.objects.select_for_update(of=("self",)).get(pk=visit.pk)
    locked = Visit.objects.with_names().get(pk=visit.pk)
    if locked.cancelled_at is not None or locked.closed_at is not None:
        raise DeskRefused.because("本次现场评审已经取消或者结束，不再发出通知。", cite_of(locked))
    if locked.confirmed_at is None:
        raise DeskRefused.because(f"{locked.application.noun}尚未确认日程，确认后再发出通知。", cite_of(locked))
    _void_earlier(locked, by=by, at=at)
    return [
        _issue(locked, _to_visited(locked), locked.application, by=by, at=at),
        _issue(locked, _to_team(locked), None, by=by, at=at),
    ]


def _to_applicant(session: Session, application: Application, place: int) -> dict[str, Any]:
    book, panel = _book(session.panel), session.panel
    starts, _ = session.turn_times(place)
    by_lot = book.review(panel.stage).order_by_lot.value
    order = "现场抽签确定，按签到先后抽签" if by_lot else f"第{place}个，预计{told(starts)}"
    due = session.materials_due_at or session.starts_at
    return {
        **about(application),
        "facts": [
            ["时间", told(session.starts_at)], ["地点", session.place], ["次序", order], ["时长", _turn(session)],
        ],
        "asked": [
            f"参加人员不超过{MOST_PRESENTERS}人，请在系统“{book.label(panel.stage)}”页面报送名单。",
            f"陈述材料请于{told(due)}前在系统提交，届时固定，不再更换；请勿提交涉密材料。",
            "请按时签到；不能参加的，请提前告知办公室。",
        ],
        "columns": [], "rows": [],
    }  # fmt: skip


def _to_session_panel(session: Session, names: Sequence[Application]) -> dict[str, Any]:
    book, members = _book(session.panel), current_members(session.panel)
    by_lot = book.review(session.panel.stage).order_by_lot.value
    return {
        **_to_members(session.panel, members, session.leader),
        "facts": [
            ["时间", told(session.starts_at)], ["地点", session.place], ["主持人", str(session.leader)],
            ["次序", "现场抽签确定" if by_lot else "按下表次序"], ["时长", _turn(session)],
        ],
        "asked": [*_duties(book), "陈述材料在系统“我的评审”的场次页面查阅。"],
        "columns": ["序号", book.noun, "系统编号"],
        "rows": [[str(place), one.listed_name, one.number] for place, one in enumerate(names, start=1)],
    }  # fmt: skip


def _to_visited(visit: Visit) -> dict[str, Any]:
    team = "、".join(f"{one}{'（带队组长）' if one.pk == visit.leader_id else ''}" for one in team_of(visit))
    return {
        **about(visit.application),
        "facts": [["时间", days_zh(visit)], ["地点", visit.address], ["评审组", team], ["次序", "按附后日程进行"]],
        "asked": [
            "请准备自评报告、证实性材料和有关原始记录、数据备查。",
            "请安排有关负责人参加首次会议和末次会议，并按日程安排有关部门和人员。",
            "评审人员不收受礼品礼金，不参加与评审无关的活动；评审结束后请在系统填写廉洁反馈表。",
        ],
        **_programme(visit),
    }  # fmt: skip


def _to_team(visit: Visit) -> dict[str, Any]:
    book = _book(visit.panel)
    return {
        **_to_members(visit.panel, team_of(visit), visit.leader),
        "facts": [
            [book.noun, visit.application.listed_name], ["时间", days_zh(visit)], ["地点", visit.address],
            ["联系人", f"{visit.contact_name}（电话见系统）"], ["带队组长", str(visit.leader)],
        ],
        "asked": [*_duties(book), "现场评审日程、问题清单和记录表在系统“我的评审”打印。"],
        **_programme(visit),
    }  # fmt: skip


def _to_members(panel: Panel, members: Sequence[Expert], leader: Expert) -> dict[str, Any]:
    names = "、".join(str(one) for one in sorted(members, key=lambda one: one.pk != leader.pk))
    return {"name": f"{panel.label}评审组各成员（{names}）", "code": "", "you": "您", "noun": "", "number": ""}


def _duties(book: Rulebook) -> list[str]:
    return [
        f"与{book.noun}有应当回避情形的，请立即在系统申请回避（{book.recusal_ground}）。",
        f"参加评审前须签署{pledge_title(book)}，遵守保密和廉洁纪律（{book.discipline_ground}）。",
    ]


def _programme(visit: Visit) -> dict[str, Any]:
    rows = [
        [date_zh(one.day), f"{one.starts:%H:%M}—{one.ends:%H:%M}", one.place, one.item] for one in visit.stops.all()
    ]
    return {"columns": ["日期", "时间", "地点、部门", "核实事项"], "rows": rows}


def _turn(session: Session) -> str:
    return (
        f"每家陈述{session.statement_minutes}分钟、提问{session.question_minutes}分钟、"
        f"评议{session.appraisal_minutes}分钟"
    )


def _issue(
    held: Session | Visit, content: dict[str, Any], application: Application | None, *, by: User, at: datetime
) -> IssuedDocument:
    panel = held.panel
    book = _book(panel)
    whom = str(application.public_id) if application else PANEL
    content |= {"stage": panel.stage_label, "ground": book.ground(book.stage(panel.stage))}
    document = issue_review_paper(
        KIND, panel.round, content, title=f"{panel.stage_label}通知", subject=_subject(held, whom), by=by, at=at
    )
    subject = f"{panel.round.title}{document.title}"[:120]
    if application is not None:
        tell_applicant(application, subject=subject, at=at)
    else:
        members = team_of(held) if isinstance(held, Visit) else current_members(panel)
        send_message([one.user for one in members], subject=subject, url=document.get_absolute_url(), at=at)
    return document


def _void_earlier(held: Session | Visit, *, by: User, at: datetime) -> None:
    for one in notices_of(held):
        void_document(one, because="时间、地点或者人员有变更，重新通知", by=by, at=at)


def _all_of(held: Session | Visit) -> QuerySet[IssuedDocument]:
    return IssuedDocument.objects.filter(
        chain=held.panel.round.chain, kind=KIND, subject__startswith=_subject(held, "")
    )


def _subject(held: Session | Visit, whom: str) -> str:
    return f"{'visit' if isinstance(held, Visit) else 'session'}:{held.public_id}:{whom}"


def _book(panel: Panel) -> Rulebook:
    return rulebook_for(panel.round)


@document_reader
def addressed_to_the_reader(user: User, document: IssuedDocument) -> bool:
    """The applicant reads its own notice, a member of the panel or the team that of the panel."""
    if document.kind != KIND:
        return False
    what, held, whom = document.subject.split(":")
    if whom != PANEL:
        application = Application.objects.filter(public_id=uuid.UUID(whom)).first()
        return application is not None and acts_for(user, application)
    if what == "visit":
        return Visit.objects.of_team(user).filter(public_id=held).exists()
    sitting = {"panel__members__expert__user": user, "panel__members__left_at": None}
    return Session.objects.filter(public_id=held, panel__members__expert__state=Expert.State.ACTIVE, **sitting).exists()
