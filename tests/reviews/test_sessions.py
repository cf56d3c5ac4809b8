"""Defense sessions (V6, U11.6, B14.3): no collisions, moved with notice, materials frozen, seats free of ties."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pypdf import PdfReader

from applications.desk_rules import DeskRefused
from applications.pipeline import State
from award_portal.lib import clock
from award_portal.rehearsal.made_up import made_up_upload
from organizations.files import UploadRefused
from organizations.models import AuditRecord, OutboxItem
from reviews.hearing import (
    hand_in_material,
    name_presenters,
    note_leader_present,
    note_question,
    readable_material,
    take_seat,
    withdraw_material,
)
from reviews.models import Recusal, Session, SessionChange, SessionSlot
from reviews.on_record import hearing_blockers
from reviews.opinions import opinion_blockers
from reviews.session_papers import running_order, session_pdf, session_register
from reviews.sessions import cancel_session, draw_lots, move_session, schedule_session, sign_in, write_minutes
from reviews.ties import declare_conflict

from .panel_builders import WITNESS, build_review, score
from .visit_builders import build_hearing, planned_visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def hearing(frozen, calendars):
    return build_hearing()


def now():
    return clock.now()


def test_u11_6_a_turn_is_forty_minutes_of_statement_questions_and_appraisal(hearing):
    _, session = hearing
    parts = (session.statement_minutes, session.question_minutes, session.appraisal_minutes)
    assert parts == (20, 15, 5)
    assert session.turn_times(2) == (
        session.starts_at + timedelta(minutes=40), session.starts_at + timedelta(minutes=80),
    )  # fmt: skip
    assert session.ends_at == session.starts_at + timedelta(minutes=80)


def test_the_office_may_shorten_a_turn_and_never_lengthen_it(frozen, calendars):
    with pytest.raises(DeskRefused, match="合计45分钟，每个申报组织不超过40分钟"):
        build_hearing(minutes=(25, 15, 5))
    assert not Session.objects.exists()


def test_a_room_is_not_given_twice_and_a_member_does_not_sit_in_two_places(hearing):
    review, session = hearing
    other = review.application()
    again = {"applications": [other], "by": review.officer, "at": now()}
    with pytest.raises(DeskRefused) as refused:
        schedule_session(
            session.panel, starts_at=session.starts_at + timedelta(minutes=70), place="一号 会议室", **again
        )
    said = str(refused.value)
    assert "一号 会议室在" in said
    assert all(str(one.expert) in said for one in session.panel.members.all())
    made = schedule_session(session.panel, starts_at=session.ends_at, place="一号会议室", **again)
    assert made.slots.get().application == other


def test_a_member_who_is_on_a_visit_that_day_cannot_sit_in_a_session(hearing):
    review, session = hearing
    review.application(state=State.ONSITE_REVIEW)
    review.stage = State.ONSITE_REVIEW
    day = (session.starts_at + timedelta(days=1)).date()
    planned_visit(review, review.panel(experts=review.experts), on=day, place=-1)
    with pytest.raises(DeskRefused, match="现场评审"):
        move_session(
            session, starts_at=session.starts_at + timedelta(days=1), place="二号会议室", reason="会议室另有安排",
            by=review.officer, at=now(),
        )  # fmt: skip


def test_a_moved_session_tells_everybody_why_and_keeps_what_it_was(hearing):
    review, session = hearing
    OutboxItem.objects.all().delete()
    was = session.starts_at
    with pytest.raises(DeskRefused, match="请填写变更原因"):
        move_session(session, starts_at=was, place="二号", reason=" ", by=review.officer, at=now())
    later = was + timedelta(days=1, hours=5)
    move_session(session, starts_at=later, place="二号会议室", reason="一号会议室停电", by=review.officer, at=now())
    told = [one.payload for one in OutboxItem.objects.filter(kind="inbox_message")]
    people = {one["user"] for one in told}
    assert {one.created_by_id for one in review.applications} <= people
    assert {one.user_id for one in review.experts[:5]} & people
    assert all("一号会议室停电" in one["body"] for one in told)
    assert any("下午14:00" in one["subject"] for one in told)
    change = SessionChange.objects.get()
    assert (change.was_starts_at, change.was_place, change.reason) == (was, "一号会议室", "一号会议室停电")
    session.refresh_from_db()
    assert (session.starts_at, session.ends_at) == (later, later + timedelta(minutes=80))
    assert AuditRecord.objects.filter(verb="session.move").count() == 1


def test_a_session_called_off_frees_its_names_and_begun_it_is_neither_moved_nor_called_off(hearing):
    review, session = hearing
    cancel_session(session, reason="主持人因病", by=review.officer, at=now())
    again = schedule_session(
        session.panel, applications=review.applications, starts_at=session.starts_at, place="一号会议室",
        by=review.officer, at=now(),
    )  # fmt: skip
    sign_in(again, review.applications[0], by=review.officer, at=now())
    draw_lots(again, witness=WITNESS, by=review.officer, at=now())
    with pytest.raises(DeskRefused, match="已经开始"):
        cancel_session(again, reason="改期", by=review.officer, at=now())
    with pytest.raises(DeskRefused, match="已经取消"):
        sign_in(session, review.applications[0], by=review.officer, at=now())


def test_the_applicant_names_who_speaks_until_the_session_begins(hearing, frozen):
    review, session = hearing
    slot, own = session.slots.first(), review.applications[0].created_by
    people = [("张样例", "总经理", "leader"), ("", "", ""), ("李样例", "质量总监", "states")]
    name_presenters(slot, people=people, by=own, at=now())
    assert [one.name for one in slot.presenters.all()] == ["张样例", "李样例"]
    with pytest.raises(DeskRefused, match="职务和分工"):
        name_presenters(slot, people=[("王样例", "", "states")], by=own, at=now())
    with pytest.raises(DeskRefused, match="只能由申报组织"):
        name_presenters(slot, people=people, by=review.applications[1].created_by, at=now())
    frozen.travel_to(session.starts_at)
    with pytest.raises(DeskRefused, match="场次已经开始"):
        name_presenters(slot, people=people[:1], by=own, at=now())
    assert slot.presenters.count() == 2


def test_materials_are_frozen_at_the_due_moment_and_a_withdrawn_one_is_kept(frozen, calendars):
    review, session = build_hearing(applications=1, materials_due_at=clock.now() + timedelta(days=1))
    slot, own = session.slots.get(), review.applications[0].created_by
    first = hand_in_material(slot, upload=made_up_upload("初稿"), by=own, at=now())
    withdraw_material(first, by=own, at=now())
    second = hand_in_material(slot, upload=made_up_upload("定稿"), by=own, at=now())
    with pytest.raises(UploadRefused, match="不接受该类文件"):
        hand_in_material(slot, upload=SimpleUploadedFile("x.exe", b"MZ"), by=own, at=now())
    frozen.travel_to(session.materials_due_at)
    with pytest.raises(DeskRefused, match="已截止"):
        hand_in_material(slot, upload=made_up_upload("晚交"), by=own, at=now())
    with pytest.raises(DeskRefused, match="已截止"):
        withdraw_material(second, by=own, at=now())
    assert [one.withdrawn_at is None for one in slot.materials.all()] == [False, True]


def test_u23_materials_are_read_by_panel_office_and_applicant_and_not_by_one_who_stepped_back(hearing):
    review, session = hearing
    slot = session.slots.get(application=review.applications[0])
    material = hand_in_material(slot, upload=made_up_upload("陈述"), by=review.applications[0].created_by, at=now())
    member = session.panel.members.first().expert
    outside = next(one for one in review.experts if not session.panel.members.filter(expert=one).exists())

    def reads(user) -> bool:
        return readable_material(material, user) is not None

    assert [reads(one) for one in (member.user, review.officer, review.applications[0].created_by)] == [True] * 3
    assert [reads(one) for one in (outside.user, review.applications[1].created_by)] == [False] * 2
    step_back(review.applications[0], member)
    assert not reads(member.user)


def step_back(application, expert) -> None:
    Recusal.objects.create(
        application=application, expert=expert, source="self", ground="kinship", reason="亲属", asked_at=now(),
        asked_by=expert.user, state="granted",
    )  # fmt: skip


def test_u23_a_member_with_a_tie_to_anybody_heard_takes_no_seat(hearing):
    review, session = hearing
    free, tied, gone, *_ = [one.expert for one in session.panel.members.select_related("expert__user")]
    take_seat(session, free, by=free.user, at=now())
    declare_conflict(
        tied, review.applications[1].organization, round=review.round, ground="adviser", source="office", note="",
        by=review.officer, at=now(),
    )  # fmt: skip
    with pytest.raises(DeskRefused, match="应当回避，不能签到") as refused:
        take_seat(session, tied, by=review.officer, at=now())
    assert str(review.applications[1].organization) in str(refused.value)
    step_back(review.applications[0], gone)
    with pytest.raises(DeskRefused, match="已对"):
        take_seat(session, gone, by=gone.user, at=now())
    with pytest.raises(DeskRefused, match="应由办公室办理"):
        take_seat(session, gone, by=free.user, at=now())
    assert [one.expert for one in session.seats.all()] == [free]


def test_b14_3_whether_the_main_leader_came_is_on_record_and_if_not_why(hearing):
    review, session = hearing
    slot = session.slots.first()
    with pytest.raises(DeskRefused, match="未到场的情况"):
        note_leader_present(slot, present=False, note="", by=review.officer, at=now())
    note_leader_present(slot, present=False, note="出国未归，委托副总经理", by=session.leader.user, at=now())
    slot.refresh_from_db()
    assert (slot.leader_present, slot.absence_note) == (False, "出国未归，委托副总经理")


def test_questions_and_answers_are_noted_by_office_and_leader_only(hearing):
    review, session = hearing
    slot = session.slots.first()
    words = {"question": "指标如何统计？", "answer": "按月统计。", "asker": session.leader, "at": now()}
    note_question(slot, by=session.leader.user, **words)
    with pytest.raises(DeskRefused):
        note_question(slot, by=review.applications[0].created_by, **words)
    assert slot.questions.get().asker == session.leader


def test_u11_6_there_is_no_opinion_before_the_session_is_minuted(frozen, calendars):
    review, session = build_hearing(applications=1)
    review.assigned(session.panel)
    application = review.applications[0]
    for one in review.readers(application):
        score(one)
    [blocker] = opinion_blockers(application, State.DEFENSE)
    assert "陈述答辩场次尚无记录" in str(blocker)
    write_minutes(session, minutes="程序符合规定。", by=session.leader.user, at=now())
    assert opinion_blockers(application, State.DEFENSE) == []
    Session.objects.filter(pk=session.pk).update(cancelled_at=now())
    assert "尚未安排" in str(hearing_blockers(application, State.DEFENSE)[0])


def test_a_document_review_needs_no_session(frozen, calendars):
    review = build_review()
    assert hearing_blockers(review.applications[0], State.DOCUMENT_REVIEW) == []


def test_the_running_order_gives_each_its_time_by_lot_and_the_print_is_one_pdf(hearing):
    review, session = hearing
    for one in review.applications:
        sign_in(session, one, by=review.officer, at=now())
    draw_lots(session, witness=WITNESS, by=review.officer, at=now(), seed="种子")
    session = Session.objects.with_names().get()
    order = running_order(session)
    assert [row[:2] for row in order.rows] == [[1, "09:00—09:40"], [2, "09:40—10:20"]]
    by_turn = {slot.turn: str(slot.application.organization) for slot in SessionSlot.objects.all()}
    assert [row[2] for row in order.rows] == [by_turn[1], by_turn[2]]
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(session_pdf(session, at=now()))).pages)
    assert all(word in text for word in ("议程", "签到表", "回避声明", "监督人员"))
    register = session_register(review.round)
    assert [row[5] for row in register.rows] == [by_turn[1], by_turn[2]]
