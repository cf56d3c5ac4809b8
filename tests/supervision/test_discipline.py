"""Reports on staff and experts: inquiry, finding, what follows; nobody handles a report on himself (U22, Z27, Y22)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from applications.desk_rules import DeskRefused
from applications.moves import StepRefused, move
from award_portal.lib import clock
from documents.models import IssuedDocument
from organizations.models import AuditRecord
from publicity.models import Notice
from publicity.opening import opening_refusals
from reviews.flagged_readers import flagged_columns, flagged_in_stage
from reviews.meetings import convening_refusals
from reviews.models import Expert, ScoreSheet
from reviews.panels import require_office
from supervision.case_escalating import escalate_overdue
from supervision.discipline import (
    begin_inquiry,
    close_discipline,
    disqualify,
    find_in_discipline,
    publish_discipline,
    record_referral_result,
    refer,
    remove_from_duties,
    report_person,
)
from supervision.models import DisciplineCase, DutyRemoval
from tests.factories import make_unit, make_user
from tests.reviews.panel_builders import Review, build_review, score

FACTS = "收受申报组织礼品卡。（虚构）"


@pytest.fixture
def review(db, frozen, calendars) -> Review:
    return build_review()


@pytest.fixture
def supervisor(review):
    return make_user(make_unit("supervisor"))


def upheld(review: Review, person, role: str, by) -> DisciplineCase:
    at = clock.now()
    case = report_person(
        review.round.scheme, person=person, role=role, source="report", text=FACTS, round=review.round, by=by, at=at
    )
    case = begin_inquiry(case, by=by, at=at)
    return find_in_discipline(case, is_upheld=True, text=FACTS, statement="承认。（虚构）", by=by, at=at)


def test_u22_an_expert_is_disqualified_on_the_finding_and_past_sheets_are_flagged_not_erased(review, supervisor):
    application = review.applications[0]
    readers = review.assigned()
    for one in readers:
        score(one)
    sheets = ScoreSheet.objects.count()
    review.conclude(application)
    expert = readers[0].expert
    case = disqualify(upheld(review, expert.user, "expert", review.officer), by=review.officer, at=clock.now())
    assert Expert.objects.get(pk=expert.pk).state == "disqualified"
    assert case.sanction.expert == expert
    assert ScoreSheet.objects.count() == sheets, "what was scored before stays"
    (told,) = flagged_columns(application, review.stage)
    assert "专家" in told
    assert "第二十二条" in told
    assert str(expert.user) not in told, "a column of the matrix names nobody"
    assert str(expert) in flagged_in_stage(review.round, review.stage)[0]


def test_who_is_reported_sees_nothing_and_handles_nothing(client, review, supervisor):
    accused = make_user(review.office)
    case = report_person(
        review.round.scheme, person=accused, role="office", source="supervisor", text=FACTS, round=review.round,
        by=supervisor, at=clock.now(),
    )  # fmt: skip
    assert list(DisciplineCase.objects.visible_to(review.officer)) == [case]
    assert not DisciplineCase.objects.visible_to(accused).exists()
    with pytest.raises(DeskRefused, match="被反映人不得办理"):
        begin_inquiry(case, by=accused, at=clock.now())
    client.force_login(accused)
    assert client.get(case.get_absolute_url()).status_code == 404
    with pytest.raises(DeskRefused, match="不能登记对本人的反映"):
        report_person(
            review.round.scheme, person=accused, role="office", source="office", text=FACTS, by=accused, at=clock.now()
        )


def test_z27_removed_staff_takes_no_further_step_of_the_round_and_keeps_other_rounds(review, supervisor):
    accused = make_user(review.office)
    application = review.application("qualification")
    case = upheld(review, accused, "office", supervisor)
    removal = remove_from_duties(case, by=supervisor, at=clock.now())
    assert removal.round == review.round
    with pytest.raises(StepRefused, match="应由"):
        move(application.pk, "disqualify", by=accused, at=clock.now(), ground="试办")
    with pytest.raises(DeskRefused, match="应由办公室办理"):
        require_office(review.round, accused)
    assert "办公室筹备" in str(convening_refusals(review.round, by=accused)[0])
    asked = {"kind": "acceptance_publicity", "applications": [application], "issuer": review.office}
    assert "不由本单位发布" in str(opening_refusals(review.round, **asked, by=accused)[0])
    other = build_review().application("qualification")
    with pytest.raises(StepRefused) as refused:
        move(other.pk, "disqualify", by=accused, at=clock.now(), ground="试办")
    assert "应由" not in str(refused.value), "another round's door asks for other things"
    with pytest.raises(DeskRefused, match="未重复办理"):
        remove_from_duties(case, by=supervisor, at=clock.now())


def test_u22_a_breach_of_law_is_referred_with_a_letter_and_its_result_may_come_late(review, supervisor):
    case = upheld(review, make_user(review.office), "office", supervisor)
    case = refer(case, to="样例市纪委监委（虚构）", text="涉嫌违纪违法。", by=supervisor, at=clock.now())
    letter = IssuedDocument.objects.get(kind="discipline_referral")
    assert letter.content["to"] == "样例市纪委监委（虚构）"
    assert "第二十二条" in " ".join(letter.content["lines"])
    assert not letter.is_public
    case = close_discipline(case, because="", by=supervisor, at=clock.now())
    case = record_referral_result(case, text="给予警告处分。（虚构）", by=supervisor, at=clock.now())
    assert case.referral_result


def test_u22_the_public_reads_what_the_office_writes_and_nothing_of_the_inquiry(review, supervisor):
    case = upheld(review, make_user(review.office), "office", supervisor)
    case = publish_discipline(case, text="对一名工作人员违规问题作出处理。", by=review.officer, at=clock.now())
    notice = Notice.objects.get(kind="discipline")
    assert FACTS not in notice.body
    assert case.notice == notice


def test_a_finding_without_consequence_closes_with_its_reason_and_an_unfounded_one_by_itself(review, supervisor):
    case = upheld(review, make_user(review.office), "office", supervisor)
    with pytest.raises(DeskRefused, match="未作处理的理由"):
        close_discipline(case, because=" ", by=supervisor, at=clock.now())
    assert close_discipline(case, because="情节轻微，批评教育。", by=supervisor, at=clock.now()).state == "closed"
    case = report_person(
        review.round.scheme, person=make_user(review.office), role="office", source="report", text=FACTS,
        by=supervisor, at=clock.now(),
    )  # fmt: skip
    case = begin_inquiry(case, by=supervisor, at=clock.now())
    case = find_in_discipline(case, is_upheld=False, text="查无实据。", by=supervisor, at=clock.now())
    assert (case.state, case.due_at) == ("unfounded", None)


def test_only_people_of_the_scheme_are_reported_under_the_role_they_have(review, supervisor):
    for person, role, said in (
        (make_user(), "expert", "专家库"), (make_user(), "office", "任职的记录"), (make_user(), "dance", "请选择身份"),
    ):  # fmt: skip
        with pytest.raises(DeskRefused, match=said):
            report_person(
                review.round.scheme, person=person, role=role, source="report", text=FACTS, by=supervisor,
                at=clock.now(),
            )  # fmt: skip
    assert not DisciplineCase.objects.exists()


def test_an_overdue_inquiry_is_told_to_the_watchers_and_not_to_who_it_is_about(review, supervisor):
    accused = make_user(review.office)
    case = report_person(
        review.round.scheme, person=accused, role="office", source="report", text=FACTS, by=supervisor, at=clock.now()
    )
    assert escalate_overdue(case.due_at - timedelta(seconds=1)) == 0
    assert escalate_overdue(case.due_at) == 1
    assert AuditRecord.objects.filter(verb="discipline.overdue").count() == 1


def test_a_report_goes_from_its_entry_to_its_end_by_the_pages(client, review, supervisor):
    accused = make_user(review.office)
    client.force_login(supervisor)
    where = reverse("supervision:report_person", args=["urumqi"])
    wrong = client.post(where, {"person": accused.pk, "role": "expert", "source": "report", "text": FACTS})
    assert wrong.status_code == 422
    assert FACTS in wrong.content.decode()
    told = {"person": accused.pk, "role": "office", "round": review.round.pk, "source": "report", "text": FACTS}
    assert client.post(where, told).status_code == 302
    case = DisciplineCase.objects.get()

    def act(step: str, **data) -> int:
        return client.post(reverse("supervision:act_on_discipline", args=[case.public_id, step]), data).status_code

    assert act("find", is_upheld="yes", text=FACTS) == 409
    assert act("inquire") == 302
    assert act("find", text="") == 422
    assert act("find", is_upheld="yes", text=FACTS) == 302
    assert act("remove") == 302
    assert act("refer", to="样例市纪委监委（虚构）", text="涉嫌违纪。") == 302
    page = client.get(case.get_absolute_url()).content.decode()
    assert "退出评审工作" in page
    assert "样例市纪委监委（虚构）" in page
    assert act("close") == 302
    assert DutyRemoval.objects.count() == 1
    assert client.get(reverse("supervision:discipline_cases")).status_code == 200
