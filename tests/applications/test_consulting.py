"""Consultation of other departments: one letter, many names, and silence that clears nobody (U11.3, U11.4)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from applications.consulting import next_overdue, note_missing_reply, remind, reply, send_letters, tell_overdue
from applications.models import Consultation, ConsultationReply
from applications.moves import StepRefused, blockers
from applications.pipeline import State
from award_portal.lib import clock
from documents.models import IssuedDocument
from organizations.models import AuditRecord, OutboxItem

from .desk_builders import Desks, build_desks

pytestmark = pytest.mark.django_db
REVIEW = State.RECOMMENDATION_REVIEW


@pytest.fixture
def desks(frozen, calendars) -> Desks:
    return build_desks()


def send(desks: Desks, *applications, departments=None, **given) -> list[Consultation]:
    return send_letters(
        desks.round, stage=REVIEW, sender=desks.recommender, departments=departments or [desks.tax],
        applications=applications, by=desks.examiner, at=clock.now(), **given,
    )  # fmt: skip


def waiting(desks: Desks, application) -> list[str]:
    found = blockers(application, "clear_review", by=desks.examiner, at=clock.now())
    return [one.text for one in found if "复函" in one.text or "征求" in one.text]


def test_one_letter_to_each_department_annexes_every_name_with_its_code_and_the_period(desks):
    one, two = desks.application(), desks.application()
    letters = send(desks, two, one, departments=[desks.tax, desks.safety])
    assert len(letters) == 2
    content = letters[0].document.content
    assert [(row["name"], row["code"]) for row in content["names"]] == [
        (str(each.organization), each.organization.code) for each in (one, two)
    ]
    # 近3年 is the article's own window (U9.3)
    assert content["period"] == "2023年3月2日至2026年3月2日"
    assert content["due"] == "2026年3月9日"
    assert letters[0].due_at == clock.at(date(2026, 3, 10))
    assert IssuedDocument.objects.filter(kind="consultation_letter").count() == 2


def test_no_department_is_asked_twice_about_a_name_and_none_of_another_kind(desks):
    application = desks.application()
    send(desks, application)
    with pytest.raises(StepRefused, match="不能重复发函"):
        send(desks, application)
    with pytest.raises(StepRefused, match="不是本奖项的征求意见部门"):
        send(desks, application, departments=[desks.office])
    with pytest.raises(StepRefused, match="核查期间"):
        send(desks, application, departments=[desks.safety], period_to=date(2026, 3, 3))
    assert Consultation.objects.count() == 1


def test_a_letter_about_anothers_application_is_refused(desks):
    application = desks.application()
    with pytest.raises(StepRefused, match="不在本单位办理"):
        send_letters(
            desks.round, stage=REVIEW, sender=desks.other_recommender, departments=[desks.tax],
            applications=[application], by=desks.stranger, at=clock.now(),
        )  # fmt: skip


def test_the_door_waits_for_each_department(desks):
    application = desks.application()
    assert waiting(desks, application) == ["尚未征求相关部门意见。"]
    tax, safety = send(desks, application, departments=[desks.tax, desks.safety])
    reply(tax, {application.pk: ("clear", "")}, by=desks.tax_clerk, at=clock.now())
    assert waiting(desks, application) == ["市应急管理局（示例）尚未复函，复函期限至2026年3月9日。"]
    reply(safety, {application.pk: ("clear", "")}, by=desks.safety_clerk, at=clock.now())
    assert waiting(desks, application) == []


def test_silence_is_not_clearance_and_going_on_needs_a_signed_note_after_the_due_day(desks, frozen):
    application = desks.application()
    (letter,) = send(desks, application)
    row = letter.replies.get()
    frozen.travel_to(letter.due_at - timedelta(seconds=1))
    with pytest.raises(StepRefused, match="届满前不能"):
        note_missing_reply(row, note="电话确认无意见", by=desks.examiner, at=clock.now())
    frozen.travel_to(letter.due_at)
    assert waiting(desks, application) == ["市税务局（示例）逾期未复函，不视为无意见，继续办理须书面说明。"]
    with pytest.raises(StepRefused, match="继续办理的说明"):
        note_missing_reply(row, note=" ", by=desks.examiner, at=clock.now())
    with pytest.raises(StepRefused, match="不在本单位办理"):
        note_missing_reply(row, note="可以", by=desks.stranger, at=clock.now())
    note_missing_reply(row, note="经查税务公开信息无异常，继续办理", by=desks.examiner, at=clock.now())
    assert waiting(desks, application) == []
    assert AuditRecord.objects.filter(verb="consultation.note").count() == 1


def test_an_adverse_reply_after_the_note_about_silence_needs_a_note_of_its_own(desks, frozen):
    application = desks.application()
    (letter,) = send(desks, application)
    frozen.travel_to(letter.due_at)
    row = note_missing_reply(letter.replies.get(), note="继续办理", by=desks.examiner, at=clock.now())
    frozen.travel_to(letter.due_at + timedelta(days=1))
    reply(letter, {application.pk: ("adverse", "欠税未清")}, by=desks.tax_clerk, at=clock.now())
    assert waiting(desks, application) == ["市税务局（示例）复函有意见，继续办理须书面说明。"]
    note_missing_reply(row, note="已缴清，附完税证明", by=desks.examiner, at=clock.now())
    assert waiting(desks, application) == []


def test_a_department_answers_only_its_own_letters_once_a_name_and_says_what_is_adverse(desks):
    one, two = desks.application(), desks.application()
    (letter,) = send(desks, one, two)
    with pytest.raises(StepRefused, match="不是发给本部门的"):
        reply(letter, {one.pk: ("clear", "")}, by=desks.safety_clerk, at=clock.now())
    with pytest.raises(StepRefused, match="请写明具体情况"):
        reply(letter, {one.pk: ("clear", ""), two.pk: ("adverse", " ")}, by=desks.tax_clerk, at=clock.now())
    assert not ConsultationReply.objects.exclude(answer="none").exists()
    reply(letter, {one.pk: ("clear", "")}, by=desks.tax_clerk, at=clock.now())
    with pytest.raises(StepRefused, match="已经复函"):
        reply(letter, {one.pk: ("adverse", "改口")}, by=desks.tax_clerk, at=clock.now())
    assert letter.replies.get(application=one).answer == "clear"
    assert letter.replies.get(application=two).answer == "none"


def test_reminded_once_and_only_after_the_reply_was_due(desks, frozen):
    application = desks.application()
    (letter,) = send(desks, application)
    with pytest.raises(StepRefused, match="届满后方可催办"):
        remind(letter, by=desks.examiner, at=clock.now())
    frozen.travel_to(letter.due_at)
    with pytest.raises(StepRefused, match="不是本单位发出的"):
        remind(letter, by=desks.stranger, at=clock.now())
    remind(letter, by=desks.examiner, at=clock.now())
    told = OutboxItem.objects.filter(kind="inbox_message", payload__user=desks.tax_clerk.pk)
    assert told.filter(payload__subject__startswith="催办").count() == 1
    with pytest.raises(StepRefused, match="已催办1次"):
        remind(letter, by=desks.examiner, at=clock.now())


def test_nobody_is_reminded_of_what_is_answered(desks, frozen):
    application = desks.application()
    (letter,) = send(desks, application)
    reply(letter, {application.pk: ("clear", "")}, by=desks.tax_clerk, at=clock.now())
    frozen.travel_to(letter.due_at)
    with pytest.raises(StepRefused, match="不需要催办"):
        remind(letter, by=desks.examiner, at=clock.now())


def test_the_clock_tells_the_sender_once_and_decides_nothing(desks, frozen):
    application = desks.application()
    (letter,) = send(desks, application)
    assert next_overdue(clock.now()) == letter.due_at
    assert tell_overdue(letter.due_at - timedelta(seconds=1)) == 0
    frozen.travel_to(letter.due_at)
    assert tell_overdue(clock.now()) == 1
    assert tell_overdue(clock.now()) == 0
    told = OutboxItem.objects.filter(payload__user=desks.examiner.pk, payload__subject__endswith="逾期未复函，请催办")
    assert told.count() == 1
    assert waiting(desks, application) == ["市税务局（示例）逾期未复函，不视为无意见，继续办理须书面说明。"]
