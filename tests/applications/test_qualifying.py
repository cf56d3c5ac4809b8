"""The office's qualification review, refusal of acceptance and disqualification (U11.4, U13)."""

from __future__ import annotations

import io
import uuid
from datetime import date
from zipfile import ZipFile

import pytest

from applications.corrections import return_for_correction
from applications.moves import StepRefused, blockers, move
from applications.office_desk import intake_rows, office_applications, office_due, queue_rows, stage_counts
from applications.pipeline import State
from applications.qualifying import accept, disqualify, reject
from applications.recommending import issue_opinion
from award_portal.lib import clock
from documents.models import IssuedDocument
from documents.registers import workbook

from .desk_builders import Desks, build_desks

pytestmark = pytest.mark.django_db
QUALIFICATION = State.QUALIFICATION


@pytest.fixture
def desks(frozen, calendars) -> Desks:
    return build_desks()


def fresh(application):
    return type(application).objects.get(pk=application.pk)


def test_u11_4_accepted_only_after_the_offices_own_checklist_and_consultation(desks):
    application = desks.application(QUALIFICATION)
    with pytest.raises(StepRefused) as refused:
        accept(application, by=desks.officer, at=clock.now())
    said = "\n".join(str(one) for one in refused.value.blockers)
    assert "审核表尚未签署" in said
    assert "尚未征求相关部门意见" in said
    assert "第十一条第（四）项" in said
    desks.ready_to_pass(application, QUALIFICATION)
    assert accept(application, by=desks.officer, at=clock.now()).to_state == State.ACCEPTANCE_PUBLICITY


def test_the_recommender_cannot_accept_and_the_office_cannot_recommend(desks):
    application = desks.application(QUALIFICATION)
    desks.ready_to_pass(application, QUALIFICATION)
    with pytest.raises(StepRefused, match="应由办公室办理"):
        accept(application, by=desks.examiner, at=clock.now())
    other = desks.application(State.RECOMMENDATION)
    with pytest.raises(StepRefused, match="不在本单位办理"):
        issue_opinion([other], opinion="同意", publicity_result="无", by=desks.officer, at=clock.now())


def test_the_recommenders_letters_do_not_serve_the_office(desks):
    application = desks.application()
    desks.ready_to_pass(application)
    later = desks.application(QUALIFICATION)
    desks.clear_findings(later, QUALIFICATION, desks.officer)
    desks.sign(later, QUALIFICATION, desks.officer)
    application.consultation_replies.update(application=later)
    assert [one.text for one in blockers(later, "accept", by=desks.officer, at=clock.now())] == [
        "尚未征求相关部门意见。"
    ]


def test_rejected_with_ground_and_article_in_writing(desks):
    application = desks.application(QUALIFICATION)
    cite = application.rulebook.cite("16")
    document = reject(application, ground="获奖未满五年", cite=cite, by=desks.officer, at=clock.now())
    assert fresh(application).state == State.NOT_ACCEPTED
    assert (document.kind, document.title, document.content["cite"]) == ("rejection_notice", "不予受理告知书", cite)
    with pytest.raises(StepRefused, match="不能办理“不予受理”"):
        reject(application, ground="再次", by=desks.officer, at=clock.now())
    assert IssuedDocument.objects.filter(kind="rejection_notice").count() == 1


def test_the_office_returns_once_of_its_own(desks):
    application = desks.application(QUALIFICATION)
    correction = return_for_correction(
        application, stage=QUALIFICATION, parts=["audit_reports"], reason="缺2024年度", by=desks.officer, at=clock.now()
    )
    assert fresh(application).return_to == QUALIFICATION
    assert correction.document.issuer == desks.office


def test_a_return_that_names_another_desk_is_refused_at_the_door(desks):
    application = desks.application(QUALIFICATION)
    for facts in ({}, {"return_to": State.RECOMMENDATION_REVIEW}):
        with pytest.raises(StepRefused, match="只能回到退回的环节"):
            move(application.pk, "return_by_office", by=desks.officer, at=clock.now(), facts=facts)


def test_u13_disqualified_only_on_a_prohibitive_condition_with_a_ground(desks):
    application = desks.application(State.DOCUMENT_REVIEW)
    with pytest.raises(StepRefused, match="属于禁止性规定"):
        disqualify(application, condition="party_line", ground="查实", by=desks.officer, at=clock.now())
    with pytest.raises(StepRefused, match="事实和理由"):
        disqualify(application, condition="clean_record", ground=" ", by=desks.officer, at=clock.now())
    with pytest.raises(StepRefused, match="应由办公室办理"):
        disqualify(application, condition="clean_record", ground="查实", by=desks.examiner, at=clock.now())
    document = disqualify(
        application, condition="clean_record", ground="查实发生重大事故", by=desks.officer, at=clock.now()
    )
    assert fresh(application).state == State.DISQUALIFIED
    assert "第九条第（三）项" in document.content["cite"]
    assert fresh(application).steps.get().facts["finding"] == "clean_record"


def test_u13_nothing_disqualifies_but_a_prohibition_or_an_upheld_objection(desks):
    application = desks.application(State.DEFENSE)
    for facts in ({}, {"objection": "none"}, {"objection": str(uuid.uuid4())}, {"finding": "made_up"}):
        with pytest.raises(StepRefused, match="查证属实"):
            move(application.pk, "disqualify", by=desks.officer, at=clock.now(), facts=facts)
    assert fresh(application).state == State.DEFENSE


def test_the_intake_register_holds_exactly_what_was_recommended(desks):
    one, two = desks.application(State.RECOMMENDATION), desks.application(State.RECOMMENDATION)
    letter = issue_opinion([one], opinion="同意", publicity_result="无异议", by=desks.examiner, at=clock.now())
    rows = intake_rows(desks.officer)
    assert [(row.application, row.opinion_number, row.dossier_version) for row in rows] == [(one, letter.number, 1)]
    assert rows[0].dossier_sha256 == one.current_dossier.sha256
    assert intake_rows(desks.stranger) == []
    assert two.state == State.RECOMMENDATION


def test_the_office_sees_how_many_stand_where_and_what_is_due(desks):
    desks.application(QUALIFICATION)
    desks.application(QUALIFICATION)
    desks.application(State.NOT_ACCEPTED)
    assert [(one.state, one.number, one.ended) for one in stage_counts(desks.officer)] == [
        ("qualification", 2, False),
        ("not_accepted", 1, True),
    ]
    assert stage_counts(desks.stranger) == []
    assert office_due(desks.stranger, at=clock.now()) == []


def test_a_stage_is_planned_from_the_beijing_day_of_arrival(desks, frozen):
    # half past midnight in Beijing is still the day before by the clock of the database
    frozen.travel_to(clock.at(date(2026, 3, 3), 0, 30))
    application = desks.application(QUALIFICATION)
    (row,) = queue_rows(office_applications(desks.officer), at=clock.now())
    assert row.application == application
    assert (row.due_on, row.days_left) == (date(2026, 3, 24), 15)


def test_what_an_applicant_typed_never_becomes_a_formula():
    content = workbook("名单", ["名称"], [["=1+1"], ["+cmd"], ["@x"]])
    sheet = ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "=1+1" in ZipFile(io.BytesIO(content)).read("xl/sharedStrings.xml").decode()
