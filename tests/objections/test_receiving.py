"""O6: who receives an objection. In the recommendation publicity the recommender does, unless it is itself accused."""

from __future__ import annotations

import pytest
from django.urls import reverse

from applications.models import Step
from objections import completing, expert_inquiries, handling, investigating, merging, outcomes, receiving
from objections.casework import HandlingRefused
from objections.escalating import sweep_cases
from objections.identity import may_open, open_identity, openings_for
from objections.models import Objection, Outcome
from organizations.models import OutboxItem
from tests.factories import make_unit, make_user
from tests.publicity.builders import at

from .builders import POSITIVE, PROHIBITED, Case, fields_of, files_of, make_case, posted

REPORT, FINDING = "经现场核实并调阅资料，形成调查情况。", "经审议，依据调查情况作出本认定。"


@pytest.fixture
def case(db, frozen, calendars) -> Case:
    """A name on the recommender's own list, in publicity from Monday 2026-03-02 to 2026-03-09."""
    return make_case("recommendation_publicity")


def subjects(user) -> list[str]:
    return list(OutboxItem.objects.filter(payload__user=user.pk).values_list("payload__subject", flat=True))


def fresh(objection: Objection) -> Objection:
    return Objection.objects.get(pk=objection.pk)


def reported(case: Case, **given) -> Objection:
    objection = handling.forward(case.object_to(**given), by=case.clerk, at=at(3, 3))
    return investigating.report(objection, text=REPORT, by=case.clerk, at=at(3, 4))


# --- who receives -----------------------------------------------------------------------------------------------------


def test_o6_in_the_recommendation_publicity_the_recommender_receives_handles_and_investigates(case):
    objection = case.object_to()
    assert objection.handled_by == case.recommender
    assert subjects(case.clerk) == [f"收到异议 {objection.number}"]
    assert not subjects(case.officer)
    with pytest.raises(HandlingRefused, match="不由本单位办理"):
        handling.accept(objection, by=case.officer, at=at(3, 2))
    objection = handling.forward(objection, by=case.clerk, at=at(3, 3))
    assert (objection.investigator, objection.forwarding) == (case.recommender, None)
    receipt, acceptance = [one.document for one in objection.letters.select_related("document")]
    assert {receipt.content["issuer"], acceptance.content["issuer"]} == {case.recommender.name}


@pytest.mark.parametrize("state", ["acceptance_publicity", "award_publicity"])
def test_u12_in_the_offices_own_publicity_the_office_receives(db, frozen, calendars, state):
    assert make_case(state).object_to().handler is None


def test_o6_where_the_recommender_is_accused_the_office_handles_and_the_accused_reads_nothing(case, client):
    objection = case.object_to(accuses_recommender=True)
    assert objection.handled_by == case.office
    assert handling.forward(objection, by=case.officer, at=at(3, 3)).investigator == case.office
    client.force_login(case.clerk)
    assert client.get(objection.get_absolute_url()).status_code == 404
    assert not subjects(case.clerk)


def test_an_accusation_of_the_recommender_is_not_joined_to_the_case_it_handles(case):
    first = case.object_to(fields=fields_of())
    second = case.object_to(fields=fields_of(), accuses_recommender=True)
    assert first.handled_by == case.recommender
    assert second.pk != first.pk
    assert second.handled_by == case.office
    handling.forward(second, by=case.officer, at=at(3, 3))
    with pytest.raises(HandlingRefused):
        merging.merge_case(first, into=second, by=case.officer, at=at(3, 3))


def test_what_is_completed_once_the_application_has_gone_on_is_the_offices(case):
    objection = case.object_to(files={}, incomplete_ok=True)
    assert objection.handled_by == case.recommender
    type(case.application).objects.filter(pk=case.application.pk).update(state="qualification")
    objection = completing.complete_filing(objection, fields=fields_of(), files=files_of(), at=at(3, 5))
    assert objection.handled_by == case.office


# --- how it ends ------------------------------------------------------------------------------------------------------


def test_u11_3_upheld_on_a_prohibition_the_recommender_does_not_recommend(case):
    objection = outcomes.decide(
        reported(case, condition=PROHIBITED), finding="upheld", text=FINDING, by=case.clerk, at=at(3, 5)
    )
    assert (case.state, objection.disqualified) == ("not_recommended", False)
    step = Step.objects.get(application=case.application, step="decline")
    assert objection.number in step.ground
    assert "第十一条第（三）项" in step.cite
    outcome = objection.outcomes.get()
    assert (outcome.kind, outcome.document.kind) == (Outcome.Kind.DECLINED, "declined_notice")
    assert case.notice.items.get().struck_because == "不予推荐"
    objection = handling.tell(objection, by=case.clerk, at=at(3, 6))
    assert "不予推荐" in objection.reply.content["outcome"]
    assert f"异议处理结果报告：{objection.number}" in subjects(case.officer)
    assert objection.recommender_told_at == at(3, 6)


@pytest.mark.parametrize(("finding", "condition"), [("dismissed", PROHIBITED), ("upheld", POSITIVE)])
def test_otherwise_the_publicity_goes_on(case, finding, condition):
    objection = outcomes.decide(
        reported(case, condition=condition), finding=finding, text=FINDING, by=case.clerk, at=at(3, 5)
    )
    assert (case.state, list(objection.outcomes.all())) == ("recommendation_publicity", [])
    assert not case.holds.exists()


def test_u13_an_overdue_leg_of_the_recommender_goes_up_to_the_office_and_the_supervisor(case):
    objection = case.object_to()
    sweep_cases(at(3, 6))
    for user in (case.clerk, case.officer, case.supervisor):
        assert f"异议办理逾期：{objection.number}" in subjects(user)


def test_u14_experts_are_ordered_by_the_office_only(case, client):
    objection = handling.forward(case.object_to(), by=case.clerk, at=at(3, 3))
    with pytest.raises(HandlingRefused, match="第十四条"):
        expert_inquiries.order_inquiry(
            objection, expert=None, task="核实有关情况", due_on=at(3, 9).date(), by=case.clerk, at=at(3, 3)
        )
    client.force_login(case.clerk)
    assert client.get(reverse("objections:order_expert", args=[objection.public_id])).status_code == 404


# --- handed to the office ---------------------------------------------------------------------------------------------


def test_o6_what_turns_out_to_concern_the_recommender_is_handed_to_the_office_and_the_days_run_on(case, client):
    objection = handling.forward(case.object_to(), by=case.clerk, at=at(3, 3))
    due = objection.due_at
    objection = receiving.hand_to_office(
        objection, accuses=True, because="材料反映本单位审核不严", by=case.clerk, at=at(3, 4)
    )
    assert (objection.handled_by, objection.investigator, objection.due_at) == (case.office, case.office, due)
    letter = objection.letters.get(document__kind="objection_handover").document
    assert (letter.content["to"], letter.content["issuer"]) == (case.office.name, case.recommender.name)
    assert f"异议移送：{objection.number}" in subjects(case.officer)
    client.force_login(case.clerk)
    assert client.get(objection.get_absolute_url()).status_code == 404
    objection = investigating.report(objection, text=REPORT, by=case.officer, at=at(3, 5))
    assert outcomes.decide(objection, finding="dismissed", text=FINDING, by=case.officer, at=at(3, 6)).finding


def test_a_case_is_not_handed_on_for_convenience(case):
    objection = case.object_to()
    with pytest.raises(HandlingRefused, match=r"由本单位受理（.+）；只有涉及本单位的"):
        receiving.hand_to_office(objection, accuses=False, because="工作繁忙无暇办理", by=case.clerk, at=at(3, 3))
    other = case.object_to(accuses_recommender=True)
    with pytest.raises(HandlingRefused, match="不需要移送"):
        receiving.hand_to_office(other, accuses=True, because="涉及本单位的情形", by=case.officer, at=at(3, 3))


def test_once_the_application_is_with_the_office_the_office_finds(case):
    """Only where the round's office has open objections hold nothing can an application go on over one."""
    objection = reported(case, condition=PROHIBITED)
    type(case.application).objects.filter(pk=case.application.pk).update(state="qualification")
    with pytest.raises(HandlingRefused, match="移送办公室"):
        outcomes.decide(objection, finding="upheld", text=FINDING, by=case.clerk, at=at(3, 5))
    objection = receiving.hand_to_office(
        fresh(objection), accuses=False, because="该申报已经报送办公室", by=case.clerk, at=at(3, 5)
    )
    objection = outcomes.decide(objection, finding="upheld", text=FINDING, by=case.officer, at=at(3, 6))
    assert (objection.disqualified, case.state) == (True, "disqualified")


# --- pages ------------------------------------------------------------------------------------------------------------


def test_the_recommender_works_its_case_to_the_end_by_pages_and_another_sees_nothing(case, client):
    client.post(case.filing_url, posted(case.application))
    objection = Objection.objects.get()
    client.force_login(case.clerk)
    assert objection.number in client.get(reverse("objections:cases")).content.decode()
    page = client.get(objection.get_absolute_url()).content.decode()
    assert "受理并转入调查" in page
    assert "推荐公示期间提出" in page

    def act(step: str, **data) -> None:
        url = reverse("objections:act", args=[objection.public_id, step])
        assert client.post(url, data).status_code == 302, step

    act("forward")
    act("report", text=REPORT)
    act("decide", finding="upheld", text=FINDING, condition=PROHIBITED)
    act("tell")
    assert fresh(objection).state == "told"
    page = client.get(objection.get_absolute_url()).content.decode()
    assert "处理结果告知书" in page
    assert case.notice.title in client.get(reverse("objections:outstanding")).content.decode()

    client.force_login(case.officer)  # the office watches: it reads, and has nothing to press
    page = client.get(objection.get_absolute_url()).content.decode()
    assert "处理结果告知书" in page
    assert "查看异议人信息" not in page
    assert "可以查阅办理情况" in page
    client.force_login(make_user(make_unit("recommender", "样例另一推荐单位（虚构）")))
    assert client.get(objection.get_absolute_url()).status_code == 404
    assert objection.number not in client.get(reverse("objections:cases")).content.decode()


def test_what_was_typed_stands_open_where_handing_over_is_refused(case, client):
    objection = case.object_to()
    client.force_login(case.clerk)
    url = reverse("objections:act", args=[objection.public_id, "hand_over"])
    answer = client.post(url, {"because": "工作繁忙不便办理"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "只有涉及本单位的，才移送" in page
    assert "工作繁忙不便办理</textarea>" in page
    assert '<details class="panel" open><summary>移送' in page


def test_who_objected_is_opened_by_the_recommender_that_handles_it_and_registered_with_it(case, client):
    objection = case.object_to()
    assert not may_open(case.officer, objection)
    open_identity(objection, ground="核对签名", by=case.clerk, at=at(3, 3))
    assert [one.objection for one in openings_for(case.clerk)] == [objection]
    assert not openings_for(case.officer)
    assert [one.user for one in openings_for(case.supervisor)] == [case.clerk]
    client.force_login(case.clerk)
    assert "异议人信息查阅登记" in client.get(reverse("objections:cases")).content.decode()


def test_the_filing_page_says_who_receives(case, client):
    page = client.get(case.filing_url).content.decode()
    assert f"受理单位：{case.recommender.name}" in page
    assert "不经手" in page
