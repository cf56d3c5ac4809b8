"""Form check, forwarding, report, finding, answer: who may, by when, and what each brings about (U13, U14)."""

from __future__ import annotations

import pytest

from applications.models import Step
from awards.models import Round, RoundParameter
from documents.models import IssuedDocument
from objections import completing, handling, investigating, outcomes
from objections.casework import HandlingRefused
from objections.models import Objection
from organizations.models import OutboxItem
from tests.factories import make_unit, make_user
from tests.publicity.builders import at

from .builders import POSITIVE, PROHIBITED, SECRETS, TEXT

REPORT = "经现场核实并调阅资料，形成调查情况。"
FINDING = "经审议，依据调查情况作出本认定。"


def fresh(objection: Objection) -> Objection:
    return Objection.objects.get(pk=objection.pk)


def forwarded(case, objection: Objection) -> Objection:
    return handling.forward(objection, by=case.officer, at=at(3, 3))


def reported(case, objection: Objection) -> Objection:
    forwarded(case, objection)
    return investigating.report(objection, text=REPORT, by=case.clerk, at=at(3, 5))


def decided(case, objection: Objection, finding: str, *, on: int = 6) -> Objection:
    reported(case, objection)
    return outcomes.decide(objection, finding=finding, text=FINDING, by=case.officer, at=at(3, on))


def subjects(user) -> list[str]:
    return list(OutboxItem.objects.filter(payload__user=user.pk).values_list("payload__subject", flat=True))


# --- clocks -----------------------------------------------------------------------------------------------------------


def test_u13_three_working_days_to_forward_and_five_to_report(case):
    """Monday 2 March: forwarded by Thursday the 5th, 24:00; forwarded Tuesday the 3rd: reported by Tuesday the 10th."""
    objection = case.object_to()
    assert objection.due_at == at(3, 6, 0)
    objection = forwarded(case, objection)
    assert objection.due_at == at(3, 11, 0)


def test_the_rounds_own_days_count(case):
    """An office that set four days for the finding before it published the call has four."""
    path = "objections.clocks.decide.days"
    RoundParameter.objects.create(
        round=case.round, path=path, value=4, ground="加快办理", by=case.officer, at=at(3, 2)
    )  # fmt: skip
    Round.objects.filter(pk=case.round.pk).update(published_at=at(3, 2, 9, 1))
    assert reported(case, case.object_to()).due_at == at(3, 12, 0)


def test_the_finding_has_ten_days_and_the_answer_three(case):
    objection = reported(case, case.object_to())
    assert objection.due_at == at(3, 20, 0)
    objection = outcomes.decide(objection, finding="dismissed", text=FINDING, by=case.officer, at=at(3, 6))
    assert objection.due_at == at(3, 12, 0)
    assert handling.tell(objection, by=case.officer, at=at(3, 6)).due_at is None


def test_e1_a_leg_into_an_unpublished_year_is_refused_with_the_year(case, frozen):
    type(case.application).objects.filter(pk=case.application.pk).update(state="defense")
    objection = case.object_to(at=at(12, 28))
    with pytest.raises(HandlingRefused, match="2027"):
        handling.forward(objection, by=case.officer, at=at(12, 29))
    assert fresh(objection).state == "received"


# --- the way of a case ------------------------------------------------------------------------------------------------


def test_u13_the_recommender_investigates_and_is_sent_the_papers(case):
    objection = forwarded(case, case.object_to())
    assert (objection.state, objection.investigator) == ("forwarded", case.recommender)
    letter = objection.forwarding
    assert letter.content["investigator"] == case.recommender.name
    assert letter.content["due_on"] == "2026年3月10日"
    assert TEXT in letter.content["text"]
    assert not [secret for secret in SECRETS if secret in str(letter.content)]
    assert f"异议材料转送：{objection.number}" in subjects(case.clerk)


def test_where_the_recommender_is_the_accused_the_office_investigates(case):
    objection = forwarded(case, case.object_to(accuses_recommender=True))
    assert objection.investigator == case.office
    with pytest.raises(HandlingRefused, match="不由本单位办理"):
        investigating.report(objection, text=REPORT, by=case.clerk, at=at(3, 4))
    assert investigating.report(objection, text=REPORT, by=case.officer, at=at(3, 4)).state == "reported"


def test_u13_upheld_on_a_prohibition_disqualifies_strikes_and_tells(case):
    objection = decided(case, case.object_to(condition=PROHIBITED), "upheld")
    assert objection.disqualified
    assert case.state == "disqualified"
    step = Step.objects.get(application=case.application, step="disqualify")
    assert step.facts == {"objection": str(objection.public_id)}
    assert "第十三条" in step.cite
    line = case.notice.items.get()
    assert (line.struck_at, line.struck_because) == (at(3, 6), "取消参评资格")
    paper = IssuedDocument.objects.get(kind="disqualification_notice")
    assert paper.subject == f"application:{case.application.public_id}"
    assert any("取消参评资格" in one for one in subjects(case.applicant))
    answered = handling.tell(objection, by=case.officer, at=at(3, 9))
    assert "取消该申报组织参评资格" in answered.reply.content["outcome"]


@pytest.mark.parametrize("condition", [POSITIVE, ""])
def test_u13_upheld_on_no_prohibition_does_not_disqualify(case, condition):
    objection = decided(case, case.object_to(condition=condition), "upheld")
    assert not objection.disqualified
    assert case.state == "acceptance_publicity"
    assert not case.holds.exists()
    assert handling.tell(objection, by=case.officer, at=at(3, 9)).reply.content["outcome"] == "该申报按程序继续办理。"


def test_u13_dismissed_lets_the_application_go_on(case):
    objection = decided(case, case.object_to(condition=PROHIBITED), "dismissed")
    assert (objection.state, case.state) == ("decided", "acceptance_publicity")
    assert not case.holds.exists()
    assert case.notice.items.get().struck_at is None


def test_u13_the_objector_is_answered_in_writing_and_the_recommender_told(case):
    objection = handling.tell(decided(case, case.object_to(), "dismissed"), by=case.officer, at=at(3, 9))
    assert (objection.state, objection.told_at) == ("told", at(3, 9))
    assert objection.reply.content["finding"] == "不属实"
    assert f"异议处理结果通报：{objection.number}" in subjects(case.clerk)
    assert not [secret for secret in SECRETS if secret in str(objection.reply.content)]


def test_two_objections_upheld_disqualify_once(case):
    one, two = case.object_to(condition=PROHIBITED), case.object_to(condition=PROHIBITED)
    decided(case, one, "upheld")
    second = decided(case, two, "upheld", on=9)
    assert (second.state, second.disqualified) == ("decided", False)
    assert Step.objects.filter(application=case.application, step="disqualify").count() == 1
    reply = handling.tell(second, by=case.officer, at=at(3, 10)).reply
    assert "此前已经结束（取消参评资格）" in reply.content["outcome"]


def test_u20_a_withdrawal_of_the_application_does_not_end_the_case(case):
    objection = reported(case, case.object_to(condition=PROHIBITED))
    type(case.application).objects.filter(pk=case.application.pk).update(state="withdrawn")
    objection = outcomes.decide(objection, finding="upheld", text=FINDING, by=case.officer, at=at(3, 6))
    assert (objection.finding, objection.disqualified, case.state) == ("upheld", False, "withdrawn")


# --- refusals ---------------------------------------------------------------------------------------------------------


def test_only_the_office_of_the_round_forwards_decides_and_answers(case):
    objection = case.object_to()
    for stranger in (case.clerk, case.applicant, case.supervisor, make_user(make_unit("recommender"))):
        with pytest.raises(HandlingRefused, match="不由本单位办理"):
            handling.forward(objection, by=stranger, at=at(3, 3))
    reported(case, objection)
    with pytest.raises(HandlingRefused, match="不由本单位办理"):
        outcomes.decide(objection, finding="dismissed", text=FINDING, by=case.clerk, at=at(3, 6))


def test_each_step_is_taken_once_and_in_its_order(case):
    objection = case.object_to()
    with pytest.raises(HandlingRefused, match="不能办理本步骤"):
        outcomes.decide(objection, finding="dismissed", text=FINDING, by=case.officer, at=at(3, 3))
    forwarded(case, objection)
    with pytest.raises(HandlingRefused, match="现为“已转送”"):
        handling.forward(objection, by=case.officer, at=at(3, 3))
    with pytest.raises(HandlingRefused):
        completing.refuse_form(objection, because="迟了", by=case.officer, at=at(3, 4))


def test_words_are_wanted_where_somebody_must_read_them(case):
    objection = case.object_to()
    with pytest.raises(HandlingRefused, match="不符合形式要求之处"):
        completing.refuse_form(objection, because=" ", by=case.officer, at=at(3, 3))
    forwarded(case, objection)
    with pytest.raises(HandlingRefused, match="调查经过"):
        investigating.report(objection, text="已查", by=case.clerk, at=at(3, 4))
    investigating.report(objection, text=REPORT, by=case.clerk, at=at(3, 4))
    with pytest.raises(HandlingRefused, match="请选择认定结论"):
        outcomes.decide(objection, finding="maybe", text=FINDING, by=case.officer, at=at(3, 5))
    with pytest.raises(HandlingRefused, match="认定的事实"):
        outcomes.decide(objection, finding="upheld", text="属实", by=case.officer, at=at(3, 5))


def test_a_report_that_comes_late_is_taken_and_stays_late(case):
    objection = forwarded(case, case.object_to())
    objection = investigating.report(objection, text=REPORT, by=case.clerk, at=at(3, 20))
    assert objection.reported_at == at(3, 20)


# --- taken back -------------------------------------------------------------------------------------------------------


def test_an_objection_may_be_taken_back_until_the_finding(case):
    objection = forwarded(case, case.object_to())
    objection = handling.withdraw(objection, because="经核实系误会", at=at(3, 4))
    assert (objection.state, objection.due_at, objection.withdrawn_because) == ("withdrawn", None, "经核实系误会")
    assert f"异议人撤回异议：{objection.number}" in subjects(case.clerk)
    assert f"异议人撤回异议：{objection.number}" in subjects(case.officer)
    with pytest.raises(HandlingRefused):
        investigating.report(objection, text=REPORT, by=case.clerk, at=at(3, 5))


def test_after_the_finding_it_is_not_taken_back(case):
    objection = decided(case, case.object_to(), "dismissed")
    with pytest.raises(HandlingRefused, match="不能撤回"):
        handling.withdraw(objection, because="不想提了", at=at(3, 9))
    assert fresh(objection).state == "decided"
