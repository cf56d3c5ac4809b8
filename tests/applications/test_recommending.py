"""The recommender's review, return, refusal and opinion, as article 11 item (三) has them."""

from __future__ import annotations

from datetime import date

import pytest

from applications import checklists
from applications.checking import check_by_machine
from applications.checklists import ChecklistStale, save_checklist, sign_checklist, unsign_checklist
from applications.corrections import return_for_correction
from applications.models import Correction, Finding, Hold, RecommendationOpinion
from applications.moves import StepRefused, blockers, move
from applications.pipeline import State
from applications.recommending import clear_review, decline, issue_opinion
from applications.settling import record_credit_check, settle_finding
from award_portal.lib import clock
from awards.models import CalendarYear, ListedEntity
from awards.workdays import CalendarMissing
from documents.models import IssuedDocument
from organizations.models import AuditRecord

from .desk_builders import Desks, build_desks, freeze

REVIEW = State.RECOMMENDATION_REVIEW
pytestmark = pytest.mark.django_db


@pytest.fixture
def desks(frozen, calendars) -> Desks:
    return build_desks()


def texts(refused: pytest.ExceptionInfo[StepRefused]) -> str:
    return "\n".join(str(one) for one in refused.value.blockers)


def test_u11_3_review_passes_only_with_checklist_consultation_and_findings(desks):
    application = desks.application()
    with pytest.raises(StepRefused) as refused:
        clear_review(application, by=desks.examiner, at=clock.now())
    said = texts(refused)
    assert "审核表尚未签署" in said
    assert "尚未征求相关部门意见" in said
    assert "尚未对现有材料进行系统核查" in said
    assert "第十一条第（三）项" in said

    desks.ready_to_pass(application)
    step = clear_review(application, by=desks.examiner, at=clock.now())
    assert step.to_state == State.RECOMMENDATION_PUBLICITY


def test_a_doubt_of_the_machine_stands_until_a_person_settles_it_with_a_note(desks):
    application = desks.application()
    desks.consult_and_clear(application, REVIEW, desks.examiner)
    desks.sign(application, REVIEW, desks.examiner)
    findings = check_by_machine(application, stage=REVIEW, by=desks.examiner, at=clock.now())
    doubt = next(one for one in findings if one.result != Finding.Result.CLEAR)
    assert any(
        doubt.text in one.text for one in blockers(application, "clear_review", by=desks.examiner, at=clock.now())
    )

    with pytest.raises(StepRefused, match="核实说明"):
        settle_finding(doubt, settled_as="clear", note="  ", by=desks.examiner, at=clock.now())
    for finding in findings:
        settle_finding(finding, settled_as="clear", note="查阅执照原件", by=desks.examiner, at=clock.now())
    assert blockers(application, "clear_review", by=desks.examiner, at=clock.now()) == []

    settle_finding(doubt, settled_as="stop", note="成立不足五年", by=desks.examiner, at=clock.now())
    assert "核实结论为不符合" in blockers(application, "clear_review", by=desks.examiner, at=clock.now())[0].text


def test_a_later_run_of_the_machine_asks_again_only_about_what_changed(desks, frozen):
    application = desks.application()
    desks.ready_to_pass(application)
    frozen.travel_to(clock.at(date(2026, 3, 3), 9))
    check_by_machine(application, stage=REVIEW, by=desks.examiner, at=clock.now())
    assert blockers(application, "clear_review", by=desks.examiner, at=clock.now()) == []
    ListedEntity.objects.create(
        scheme=desks.round.scheme, listing=ListedEntity.List.SERIOUS, name=application.organization.name,
        code=application.organization.code, imported_at=clock.now(),
    )  # fmt: skip
    check_by_machine(application, stage=REVIEW, by=desks.examiner, at=clock.now())
    said = blockers(application, "clear_review", by=desks.examiner, at=clock.now())
    assert ["严重违法失信企业名单" in one.text for one in said] == [True]


def test_u11_3_an_item_that_fails_keeps_the_review_shut(desks):
    application = desks.application()
    desks.clear_findings(application, REVIEW, desks.examiner)
    desks.consult_and_clear(application, REVIEW, desks.examiner)
    desks.sign(application, REVIEW, desks.examiner, truth="fails")
    said = blockers(application, "clear_review", by=desks.examiner, at=clock.now())
    assert [one.text for one in said] == ["审核表认定“申报材料真实”不符合，不能通过。"]
    assert "第十一条第（三）项" in said[0].citation


def test_the_checklist_is_signed_when_every_item_has_its_verdict_and_three_names_stand(desks):
    application = desks.application()
    items = {"truth": {"verdict": "meets", "note": ""}, "accuracy": {"verdict": "noted", "note": ""}}
    save_checklist(application, stage=REVIEW, items=items, by=desks.examiner, at=clock.now())
    with pytest.raises(StepRefused) as refused:
        sign_checklist(
            application, stage=REVIEW, examiner="甲", reviewer="", approver="丙", opinion="", by=desks.examiner,
            at=clock.now(),
        )  # fmt: skip
    said = texts(refused)
    assert "“申报材料完整”尚未填写意见" in said
    assert "“申报材料准确”选择了“基本符合，见说明”，请写明说明" in said
    assert "请填写复核人" in said
    assert "请填写审核意见" in said
    assert "请填写审核人" not in said
    assert checklists.checklist_of(application, REVIEW).signed_at is None


def test_a_signed_checklist_stands_until_its_signature_is_taken_back(desks):
    application = desks.application()
    desks.sign(application, REVIEW, desks.examiner)
    with pytest.raises(StepRefused, match="已经签署"):
        save_checklist(application, stage=REVIEW, items={}, by=desks.examiner, at=clock.now())
    assert checklists.checklist_of(application, REVIEW).items["truth"]["verdict"] == "meets"
    unsign_checklist(application, stage=REVIEW, by=desks.examiner, at=clock.now())
    save_checklist(application, stage=REVIEW, items={}, by=desks.examiner, at=clock.now())
    verbs = list(AuditRecord.objects.filter(verb__startswith="checklist.").values_list("verb", flat=True))
    assert verbs == ["checklist.sign", "checklist.unsign"]


def test_a_stale_page_never_overwrites_a_colleagues_checklist(desks):
    application = desks.application()
    first = save_checklist(
        application, stage=REVIEW, items={"truth": {"verdict": "meets"}}, version=0, by=desks.examiner, at=clock.now()
    )
    assert first.version == 1
    with pytest.raises(ChecklistStale):
        save_checklist(
            application, stage=REVIEW, items={"truth": {"verdict": "fails", "note": "假"}}, version=0,
            by=desks.examiner, at=clock.now(),
        )  # fmt: skip
    assert checklists.checklist_of(application, REVIEW).items["truth"]["verdict"] == "meets"


def test_r9_after_a_correction_the_new_dossier_is_examined_and_signed_again(desks, frozen):
    application = desks.application()
    desks.ready_to_pass(application)
    frozen.travel_to(clock.at(date(2026, 3, 4), 9))
    freeze(application)
    said = "\n".join(str(one) for one in blockers(application, "clear_review", by=desks.examiner, at=clock.now()))
    assert "材料已补正为第2版，请重新审核并签署" in said
    assert "尚未对现有材料进行系统核查" in said
    check_by_machine(application, stage=REVIEW, by=desks.examiner, at=clock.now())
    desks.sign(application, REVIEW, desks.examiner)
    assert blockers(application, "clear_review", by=desks.examiner, at=clock.now()) == []


def test_another_recommender_can_do_nothing_with_it(desks):
    application = desks.application()
    desks.ready_to_pass(application)
    for attempt in (
        lambda: clear_review(application, by=desks.stranger, at=clock.now()),
        lambda: decline(application, ground="不符合", by=desks.stranger, at=clock.now()),
        lambda: unsign_checklist(application, stage=REVIEW, by=desks.stranger, at=clock.now()),
        lambda: return_for_correction(
            application, stage=REVIEW, parts=["profile"], reason="补", by=desks.stranger, at=clock.now()
        ),
    ):
        with pytest.raises(StepRefused):
            attempt()
    application = type(application).objects.get(pk=application.pk)
    assert application.state == REVIEW
    assert not IssuedDocument.objects.filter(kind__in=["declined_notice", "correction_notice"]).exists()


def test_returned_once_a_stage_for_five_working_days_with_a_paper_and_only_the_named_parts(desks):
    application = desks.application()
    correction = return_for_correction(
        application, stage=REVIEW, parts=["licence", "profile", "not_a_part"], reason="执照副本不清晰",
        by=desks.examiner, at=clock.now(),
    )  # fmt: skip
    application = type(application).objects.get(pk=application.pk)
    assert (application.state, application.return_to) == (State.CORRECTION, REVIEW)
    assert correction.parts == ["profile", "licence"]
    # Monday 2 March, the day itself not counted: the fifth working day is Monday 9 March, to midnight
    assert correction.due_at == clock.at(date(2026, 3, 10))
    assert correction.document.content["due"] == "2026年3月9日"
    assert correction.document.content["parts"] == ["组织概况", "附件：营业执照或者法人登记证书"]
    assert correction.document.content["draft_note"]

    again = desks.application()
    Correction.objects.create(
        application=again, stage=REVIEW, parts=["profile"], reason="前次", due_at=clock.now(), asked_at=clock.now(),
        asked_by=desks.examiner,
    )  # fmt: skip
    with pytest.raises(StepRefused, match="已退回补正1次"):
        return_for_correction(again, stage=REVIEW, parts=["profile"], reason="再补", by=desks.examiner, at=clock.now())
    assert IssuedDocument.objects.filter(kind="correction_notice").count() == 1


def test_a_return_names_a_part_and_a_reason(desks):
    application = desks.application()
    for parts, reason, said in (([], "缺", "请至少选择一个"), (["profile"], " ", "需要补正的具体内容")):
        with pytest.raises(StepRefused, match=said):
            return_for_correction(
                application, stage=REVIEW, parts=parts, reason=reason, by=desks.examiner, at=clock.now()
            )


def test_e1_a_return_whose_due_day_falls_in_an_unpublished_year_stops_with_a_message(desks, frozen):
    application = desks.application()
    frozen.travel_to(clock.at(date(2026, 12, 29), 9))
    CalendarYear.objects.filter(year__gt=2026).delete()
    with pytest.raises(CalendarMissing, match="2027年的工作日历尚未录入"):
        return_for_correction(
            application, stage=REVIEW, parts=["profile"], reason="补", by=desks.examiner, at=clock.now()
        )
    assert type(application).objects.get(pk=application.pk).state == REVIEW
    assert not IssuedDocument.objects.exists()


def test_declined_with_ground_and_article_in_writing(desks):
    application = desks.application()
    cite = application.rulebook.cite("9.3")
    with pytest.raises(StepRefused, match="不予推荐的理由"):
        decline(application, ground="", cite=cite, by=desks.examiner, at=clock.now())
    document = decline(application, ground="近三年有安全事故", cite=cite, by=desks.examiner, at=clock.now())
    application = type(application).objects.get(pk=application.pk)
    assert application.state == State.NOT_RECOMMENDED
    step = application.steps.get()
    assert (step.ground, step.cite) == ("近三年有安全事故", cite)
    assert (document.kind, document.content["cite"]) == ("declined_notice", cite)
    assert document.subject == f"application:{application.public_id}"


def test_u11_3_one_opinion_for_all_candidates_follows_the_publicity(desks):
    one, two = desks.application(State.RECOMMENDATION), desks.application(State.RECOMMENDATION)
    with pytest.raises(StepRefused, match="尚未出具书面审核推荐意见"):
        move(one.pk, "recommend", by=desks.examiner, at=clock.now())
    letter = issue_opinion(
        [two, one], opinion="同意推荐。", publicity_result="公示5个工作日，无异议。", by=desks.examiner, at=clock.now()
    )
    assert [row["name"] for row in letter.content["names"]] == [str(one.organization), str(two.organization)]
    assert letter.content["publicity_result"] == "公示5个工作日，无异议。"
    assert IssuedDocument.objects.get(kind="recommendation_summary").content["letter_number"] == letter.number
    for application in (one, two):
        fresh = type(application).objects.get(pk=application.pk)
        assert fresh.state == State.QUALIFICATION
        assert fresh.recommendation_opinion.document == letter


def test_o5_an_opinion_over_a_hold_goes_out_for_nobody(desks):
    free, held = desks.application(State.RECOMMENDATION), desks.application(State.RECOMMENDATION)
    Hold.objects.create(
        application=held, kind=Hold.Kind.PROVISIONAL, source="objection:made-up", reason="收到异议",
        steps=["recommend"], placed_at=clock.now(),
    )  # fmt: skip
    with pytest.raises(StepRefused) as refused:
        issue_opinion([free, held], opinion="同意", publicity_result="无异议", by=desks.examiner, at=clock.now())
    assert f"{held.organization}：收到异议" in texts(refused)
    assert type(free).objects.get(pk=free.pk).state == State.RECOMMENDATION
    assert not IssuedDocument.objects.exists()
    assert not RecommendationOpinion.objects.exists()


def test_an_opinion_before_the_publicity_is_over_is_refused(desks):
    early = desks.application(State.RECOMMENDATION_PUBLICITY)
    with pytest.raises(StepRefused, match="现处于“推荐公示”"):
        issue_opinion([early], opinion="同意", publicity_result="无", by=desks.examiner, at=clock.now())


def test_a_credit_check_says_which_site_when_who_and_what(desks):
    application = desks.application()
    check = record_credit_check(
        application, stage=REVIEW, site="信用中国", looked_at=clock.now(), is_clear=True, result="未见不良记录",
        screenshot=None, by=desks.examiner, at=clock.now(),
    )  # fmt: skip
    assert (check.site, check.recorded_by, check.is_clear) == ("信用中国", desks.examiner, True)
    with pytest.raises(StepRefused, match="查询时间不能晚于现在"):
        record_credit_check(
            application, stage=REVIEW, site="信用中国", looked_at=clock.at(date(2026, 3, 3)), is_clear=True,
            result="未见", screenshot=None, by=desks.examiner, at=clock.now(),
        )  # fmt: skip
