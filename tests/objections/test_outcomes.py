"""What an upheld objection brings about: out, struck, cancelled by the leading body, or taken up elsewhere (O4)."""

from __future__ import annotations

import pytest
from django.urls import reverse

from applications.models import Hold, Step
from applications.moves import StepRefused, move
from award_portal.lib import clock
from awards.models import Award
from documents.access import may_read
from objections import after_award, handling, investigating, merging
from objections.cancelling import record_cancellation
from objections.casework import HandlingRefused
from objections.models import Objection, Outcome
from objections.outcomes import decide
from organizations.desks import desks_for
from organizations.models import OutboxItem, StoredFile
from publicity.closing import close_due
from publicity.list_changes import publish_list_change
from reviews.body_decisions import Held
from reviews.models import BodyDecision
from tests.changed_schemes import Data, changed
from tests.factories import make_unit, make_user
from tests.publicity.builders import at

from .builders import NAME, POSITIVE, PROHIBITED, SECRETS, TEXT, files_of, make_case
from .test_handling import FINDING, REPORT, reported
from .test_investigating import paper


def the_body_cancels(data: Data) -> None:
    """B16: 经调查属实的，提请审议机构取消其授奖资格."""
    data["objections"]["upheld_on_list"] = {"value": "leading_body_cancels", "cite": "13"}


def the_list_is_struck(data: Data) -> None:
    """Z17.8: 候选组织若被举报并经查实有违法违规情形的，取消候选资格."""
    data["objections"]["upheld_on_list"] = {"value": "strike", "cite": "13"}


@pytest.fixture
def on_list(frozen, calendars):
    """A proposed winner in publicity, in a scheme whose leading body of five cancels (B16)."""
    case = make_case("award_publicity", edition_text=changed(the_body_cancels))
    body = make_unit("leading_body")
    case.members = [make_user(body) for _ in range(5)]
    return case


def upheld(case, objection: Objection | None = None, **given) -> Objection:
    objection = reported(case, objection or case.object_to(condition=POSITIVE))
    return decide(objection, **{"finding": "upheld", "text": FINDING, "by": case.officer, "at": at(3, 6)} | given)


def enter_decision(case, outcome: Outcome, votes: tuple[int, int, int] = (5, 0, 0), **given) -> BodyDecision:
    held = Held(
        form="meeting", name="领导小组第3次会议（样例）", held_on=clock.today(), present=sum(votes),
        votes_for=votes[0], votes_against=votes[1], votes_abstain=votes[2],
    )  # fmt: skip
    values = {"ground": "异议查证属实。", "proof": paper(case), "by": case.officer, "at": at(3, 9)} | given
    return record_cancellation(outcome, held=held, **values)


def subjects(user) -> list[str]:
    return list(OutboxItem.objects.filter(payload__user=user.pk).values_list("payload__subject", flat=True))


# --- the leading body cancels (B16) -----------------------------------------------------------------------------------


def test_b16_the_office_asks_the_leading_body_and_the_name_waits_for_its_decision(on_list, frozen):
    objection = upheld(on_list)
    outcome = objection.outcomes.get()
    assert (outcome.kind, outcome.done_at, objection.disqualified) == ("cancellation", None, False)
    assert on_list.state == "award_publicity"
    hold = on_list.holds.get()
    assert {"close_publicity", "approve"} <= set(hold.steps)
    assert "已提请" in hold.reason
    close_due(at(3, 10, 1))
    assert on_list.state == "award_publicity"
    assert may_read(on_list.members[0], outcome.document)
    assert not may_read(on_list.applicant, outcome.document)
    assert any("取消授奖资格" in one for one in subjects(on_list.members[0]))
    answered = handling.tell(objection, by=on_list.officer, at=at(3, 9)).reply
    assert "已提请领导小组取消其授奖资格" in answered.content["outcome"]


def test_b16_the_decision_that_carries_takes_the_name_off_the_list(on_list, frozen):
    outcome = upheld(on_list).outcomes.get()
    frozen.travel_to(at(3, 9))
    decision = enter_decision(on_list, outcome, (4, 1, 0))
    assert on_list.state == "disqualified"
    step = Step.objects.get(application=on_list.application, step="disqualify")
    assert step.facts["decision"] == str(decision.public_id)
    assert on_list.notice.items.get().struck_because == "取消参评资格"
    assert not on_list.holds.exists()
    outcome.refresh_from_db()
    assert "决定取消其授奖资格" in outcome.result
    assert outcome.objection.disqualified
    with pytest.raises(HandlingRefused, match="已经作出决定"):
        enter_decision(on_list, outcome)


@pytest.mark.parametrize(("votes", "result"), [((5, 0, 0), "决定取消"), ((1, 4, 0), "审议后未取消")])
def test_b16_every_objector_handled_together_learns_the_decision_that_came_after_the_answer(
    on_list, frozen, client, votes, result
):
    lead = handling.forward(on_list.object_to(condition=POSITIVE), by=on_list.officer, at=at(3, 3))
    told, secret = on_list.object_with_receipt(condition=POSITIVE)
    told = merging.merge_case(told, into=lead, by=on_list.officer, at=at(3, 3))
    late = merging.merge_case(on_list.object_to(condition=POSITIVE), into=lead, by=on_list.officer, at=at(3, 3))
    investigating.report(lead, text=REPORT, by=on_list.clerk, at=at(3, 5))
    decide(lead, finding="upheld", text=FINDING, by=on_list.officer, at=at(3, 6))
    for one in (lead, told):
        handling.tell(Objection.objects.get(pk=one.pk), by=on_list.officer, at=at(3, 6))
    frozen.travel_to(at(3, 9))
    enter_decision(on_list, lead.outcomes.get(), votes)

    is_out = votes[0] == 5
    assert set(Objection.objects.values_list("disqualified", flat=True)) == {is_out}
    for one in (lead, told):
        letter = one.letters.get(document__kind="objection_outcome").document
        assert result in letter.content["outcome"]
        assert letter.content["number"] == one.number
    assert not late.letters.filter(document__kind="objection_outcome").exists()
    answer = handling.tell(Objection.objects.get(pk=late.pk), by=on_list.officer, at=at(3, 9)).reply
    assert result in answer.content["outcome"]
    assert f"异议处理结果通报：{lead.number}" in subjects(on_list.clerk)
    page = client.get(reverse("objections:receipt", args=[secret])).content.decode()
    assert result in page
    assert "后续处理办结，已书面告知" in page
    client.force_login(on_list.officer)
    assert result in client.get(told.get_absolute_url()).content.decode()


def test_a_name_that_leaves_by_another_way_leaves_nothing_to_cancel(on_list, frozen):
    objection = upheld(on_list)
    handling.tell(objection, by=on_list.officer, at=at(3, 6))
    move(on_list.application.pk, "withdraw", by=on_list.applicant, at=at(3, 9), ground="撤回申报")
    outcome = objection.outcomes.get()
    assert (outcome.done_at, outcome.decision) == (at(3, 9), None)
    assert "该申报已经结束（撤回申报）" in outcome.result
    assert not on_list.holds.exists()
    letter = objection.letters.get(document__kind="objection_outcome").document
    assert letter.content["outcome"] == outcome.result


def test_b16_a_decision_that_does_not_carry_lets_the_name_go_on(on_list, frozen):
    outcome = upheld(on_list).outcomes.get()
    frozen.travel_to(at(3, 9))
    enter_decision(on_list, outcome, (2, 3, 0))
    assert (on_list.state, on_list.holds.count()) == ("award_publicity", 0)
    assert "未取消" in Hold.objects.order_by("-pk").first().released_because
    close_due(at(3, 10, 1))
    assert on_list.state == "approval"


def test_b16_the_office_takes_no_proposed_winner_out_by_itself(on_list, frozen):
    objection = upheld(on_list, on_list.object_to(condition=PROHIBITED))
    assert not objection.disqualified
    facts = {"objection": str(objection.public_id)}
    with pytest.raises(StepRefused, match="取消授奖资格的决定"):
        move(on_list.application.pk, "disqualify", by=on_list.officer, at=at(3, 6), facts=facts)


def test_v8_a_decision_without_quorum_or_record_is_none(on_list, frozen):
    outcome = upheld(on_list).outcomes.get()
    frozen.travel_to(at(3, 9))
    with pytest.raises(StepRefused, match="未达到应到成员"):
        enter_decision(on_list, outcome, (3, 0, 0))
    with pytest.raises(StepRefused, match="请上传签字的会议记录"):
        enter_decision(on_list, outcome, proof=None)
    assert outcome.objection.outcomes.outstanding().exists()


def test_b16_the_page_takes_the_decision_and_keeps_what_was_typed(on_list, frozen, client):
    outcome = upheld(on_list).outcomes.get()
    frozen.travel_to(at(3, 9))
    client.force_login(on_list.officer)
    assert "登记审议机构的决定" in client.get(outcome.objection.get_absolute_url()).content.decode()
    url = f"/objections/outcomes/{outcome.public_id}/"
    sent = {
        "form": "meeting", "name": "第3次会议（样例）", "held_on": "2026-03-09", "present": 5, "recused": 0,
        "votes_for": 4, "votes_against": 0, "votes_abstain": 0, "ground": "异议查证属实。",
    }  # fmt: skip
    proof = paper_upload()
    refused = client.post(url, sent | {"proof": proof})
    assert refused.status_code == 422
    assert "合计应为5人" in refused.content.decode()
    assert "第3次会议（样例）" in refused.content.decode()
    assert not StoredFile.objects.filter(purpose="body_decision").exists()
    done = client.post(url, sent | {"votes_for": 5, "proof": paper_upload()}, follow=True).content.decode()
    assert "该名称已移出名单" in done
    client.force_login(on_list.clerk)
    assert client.get(url).status_code == 404


def paper_upload():
    return files_of()["evidence"]


# --- struck by the office (Z17.8), and elsewhere ----------------------------------------------------------------------


def test_z17_8_a_candidate_upheld_on_any_ground_is_struck(frozen, calendars):
    case = make_case("award_publicity", edition_text=changed(the_list_is_struck))
    objection = upheld(case)
    assert (objection.disqualified, case.state) == (True, "disqualified")
    assert objection.outcomes.get().kind == "disqualified"


def test_z17_8_before_the_list_only_a_prohibition_counts(frozen, calendars):
    case = make_case(edition_text=changed(the_list_is_struck))
    assert not upheld(case).disqualified
    assert case.state == "acceptance_publicity"


def test_u13_the_finding_may_fall_under_another_condition_than_was_named(case):
    objection = upheld(case, case.object_to(condition=POSITIVE), condition=PROHIBITED)
    assert (objection.found_condition, case.state) == (PROHIBITED, "disqualified")


def test_u13_the_finding_may_fall_under_none(case):
    assert not upheld(case, case.object_to(condition=PROHIBITED), condition="").disqualified
    assert case.state == "acceptance_publicity"


def test_no_finding_quotes_who_objected(case):
    objection = reported(case, case.object_to())
    with pytest.raises(HandlingRefused, match="不得写入异议人"):
        decide(objection, finding="dismissed", text=f"{NAME}反映的情况不属实。", by=case.officer, at=at(3, 6))


# --- the recommender, the award ---------------------------------------------------------------------------------------


def test_upheld_against_the_recommender_is_reported_and_the_application_judged_on_its_merits(case):
    objection = case.object_to(accuses_recommender=True)
    objection = handling.forward(objection, by=case.officer, at=at(3, 3))
    objection = investigating.report(objection, text="经核实，形成调查情况。", by=case.officer, at=at(3, 5))
    objection = decide(objection, finding="upheld", text=FINDING, by=case.officer, at=at(3, 6))
    outcome = objection.outcomes.get()
    assert (outcome.kind, objection.found_about) == ("recommender", "recommender")
    assert (objection.disqualified, case.state, case.holds.count()) == (False, "acceptance_publicity", 0)
    assert may_read(case.supervisor, outcome.document)
    assert any("审核推荐单位有关情况" in one for one in subjects(case.supervisor))
    assert any("涉及本单位的异议查证属实" in one for one in subjects(case.clerk))


def test_no_finding_on_a_recommender_nobody_accused(case):
    objection = reported(case, case.object_to())
    with pytest.raises(HandlingRefused, match="没有涉及审核推荐单位"):
        decide(objection, finding="upheld", text=FINDING, about="both", by=case.officer, at=at(3, 6))


def test_s5_upheld_after_the_award_goes_to_supervision(case, monkeypatch):
    objection = reported(case, case.object_to(condition=PROHIBITED))
    award = Award.objects.create(
        scheme=case.round.scheme, round=case.round, application_number=case.application.number, name="样例（虚构）",
        tier="main", tier_name="质量奖", year=2026, awarded_on=clock.today(),
    )  # fmt: skip
    type(case.application).objects.filter(pk=case.application.pk).update(state="awarded")
    taken = []
    monkeypatch.setattr(after_award, "_handlers", [])
    after_award.on_upheld_after_award(lambda objection, award, **given: taken.append((objection, award, given)))
    objection = decide(objection, finding="upheld", text=FINDING, by=case.officer, at=at(3, 6))
    ((told, line, given),) = taken
    assert (told, line, given["by"], given["at"]) == (objection, award, case.officer, at(3, 6))
    assert objection.number in given["ground_text"]
    assert objection.outcomes.get().result == "已转获奖后监督"
    assert case.state == "awarded"


def test_two_open_objections_hold_until_the_last_is_decided(case):
    one, two = case.object_to(), case.object_to(form="unit")
    upheld(case, one)
    assert case.holds.count() == 1
    close_due(at(3, 10, 1))
    assert case.state == "acceptance_publicity"
    decide(reported(case, two), finding="dismissed", text=FINDING, by=case.officer, at=at(3, 11))
    close_due(at(3, 12))
    assert case.state == "document_review"


# --- at the desks -----------------------------------------------------------------------------------------------------


def test_the_applicant_reads_in_neutral_words_what_keeps_its_application(case, client):
    objection = case.object_to()
    case.object_to(form="unit")
    client.force_login(case.applicant)
    overview = reverse("applications:overview", args=[case.application.public_id])
    shown = client.get(overview).content.decode()
    assert shown.count("收到对本申报的异议，正在依规定办理") == 1
    assert "办结前暂停：公示期满、出具审核推荐意见、批准授奖" in shown
    assert not [one for one in (objection.number, *SECRETS, TEXT) if one in shown]
    client.force_login(case.officer)
    assert objection.number in client.get(reverse("applications:office")).content.decode()
    case.holds.update(released_at=at(3, 3), released_because="不属实")
    assert "暂停中的申报" not in client.get(reverse("applications:office")).content.decode()
    client.force_login(case.applicant)
    assert "正在依规定办理" not in client.get(overview).content.decode()


def test_the_office_finds_what_is_outstanding_until_it_is_done(on_list, frozen, client):
    outcome = upheld(on_list).outcomes.get()
    client.force_login(on_list.officer)
    page = reverse("objections:outstanding")
    assert [one.count for one in desks_for(on_list.officer) if one.label == "异议后续处理"] == [1]
    assert "提请取消授奖资格：登记决定" in client.get(page).content.decode()
    frozen.travel_to(at(3, 9))
    enter_decision(on_list, outcome)
    shown = client.get(page).content.decode()
    assert "发布名单变更公告" in shown
    assert "登记决定" not in shown
    publish_list_change(on_list.notice, because="经查证取消授奖资格。", by=on_list.officer, at=at(3, 9))
    assert "没有待办的后续处理" in client.get(page).content.decode()
    assert not [one for one in desks_for(on_list.officer) if one.label == "异议后续处理"]
