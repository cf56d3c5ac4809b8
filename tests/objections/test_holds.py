"""What an unsettled objection stops, and what it does not: 无异议 gates the step, the review goes on (U11.3–5, U13)."""

from __future__ import annotations

import pytest

from applications.models import Hold, RecommendationOpinion, Step
from applications.moves import StepRefused, blockers, move
from award_portal.lib import clock
from documents.issuing import issue_document
from objections import completing, handling, investigating, outcomes
from objections.holding import place_hold
from objections.models import Objection
from publicity.closing import close_due
from tests.changed_schemes import changed, nothing_held
from tests.publicity.builders import at, make_lists

from .builders import POSITIVE, PROHIBITED, make_case
from .test_handling import decided


def after_the_window(case) -> int:
    return close_due(at(3, 10, 0, 5))


def test_u11_4_the_hold_is_placed_at_receipt_with_its_ground(case):
    objection = case.object_to()
    hold = case.holds.get()
    assert (hold.kind, hold.source, hold.steps) == (
        "provisional", f"objection:{objection.public_id}", ["close_publicity", "recommend", "approve"],
    )  # fmt: skip
    assert objection.number in hold.reason
    assert "办公室设定" in hold.cite


def test_u11_4_a_name_objected_to_does_not_pass_when_its_window_closes(case):
    objection = case.object_to(at=at(3, 9, 23, 59))
    after_the_window(case)
    case.notice.refresh_from_db()
    assert case.notice.closed_at is not None
    assert case.state == "acceptance_publicity"
    with pytest.raises(StepRefused) as refused:
        move(case.application.pk, "close_publicity", by=None, at=at(3, 20))
    assert objection.number in str(refused.value)
    assert "处理完毕前不能办理" in str(refused.value)


def test_u13_a_form_in_order_confirms_the_hold_and_a_finding_dismissed_lifts_it(case):
    objection = case.object_to()
    handling.forward(objection, by=case.officer, at=at(3, 3))
    assert case.holds.get().kind == "confirmed"
    investigating.report(objection, text="经现场核实，反映的问题不属实。", by=case.clerk, at=at(3, 5))
    after_the_window(case)
    assert case.state == "acceptance_publicity"
    outcomes.decide(
        objection, finding="dismissed", text="经审议，异议不属实，予以驳回。", by=case.officer, at=at(3, 11)
    )
    hold = Hold.objects.get()
    assert (hold.released_at, hold.released_because) == (at(3, 11), "异议已认定：不属实")
    assert close_due(at(3, 11, 9)) == 1
    assert case.state == "document_review"


def test_u11_3_a_recommendation_is_refused_at_the_door_while_an_objection_is_open(db, frozen, calendars):
    case = make_case("recommendation_publicity")
    case.object_to()
    letter = issue_document(
        "recommendation_opinion", title="意见（虚构）", template="rejection.html", content={}, scheme_key="urumqi",
        by=case.clerk, at=at(3, 2),
    )  # fmt: skip
    RecommendationOpinion.objects.create(
        application=case.application, opinion="同意推荐", publicity_result="公示无异议", document=letter,
        signed_at=at(3, 2), signed_by=case.clerk,
    )  # fmt: skip
    close_due(at(3, 10, 1))
    assert case.state == "recommendation_publicity"
    # even had the clock carried it on before the objection was entered: the door of the recommendation asks again
    type(case.application).objects.filter(pk=case.application.pk).update(state="recommendation")
    with pytest.raises(StepRefused, match="有异议正在处理"):
        move(case.application.pk, "recommend", by=case.clerk, at=at(3, 10, 2))
    case.holds.update(released_at=at(3, 11), released_because="不属实")
    assert move(case.application.pk, "recommend", by=case.clerk, at=at(3, 11)).to_state == "qualification"


def test_u13_the_review_goes_on_while_the_objection_is_examined(case):
    type(case.application).objects.filter(pk=case.application.pk).update(state="document_review")
    case.object_to()
    told = [str(one) for one in blockers(case.fresh(), "pass_review", by=case.officer, at=at(3, 3))]
    assert told  # the panel's opinion is wanting
    assert not [one for one in told if "异议" in one]


def test_u11_9_an_objection_from_the_review_stops_the_proposal_to_the_government(db, frozen, calendars):
    case = make_case("award_publicity")
    case.object_to(condition=POSITIVE)
    close_due(at(3, 10, 1))
    assert case.state == "award_publicity"
    assert not Step.objects.filter(application=case.application, step="close_publicity").exists()


def test_two_objections_hold_until_both_are_settled(case):
    one, two = case.object_to(), case.object_to(form="unit")
    assert case.holds.count() == 2
    decided(case, one, "dismissed")
    after_the_window(case)
    assert case.state == "acceptance_publicity"
    decided(case, two, "dismissed", on=11)
    close_due(at(3, 12))
    assert case.state == "document_review"


def test_an_objection_to_one_name_leaves_the_others_alone(case):
    other = case.name("acceptance_publicity")
    case.publish(other, at=at(3, 2))
    case.object_to()
    after_the_window(case)
    assert type(other).objects.get(pk=other.pk).state == "document_review"
    assert case.state == "acceptance_publicity"


def test_a_form_not_in_order_lets_go_what_it_held(case):
    objection = case.object_to()
    completing.refuse_form(objection, because="异议书未经本人签名", by=case.officer, at=at(3, 4))
    assert not case.holds.exists()
    after_the_window(case)
    assert case.state == "document_review"


def test_an_objection_taken_back_lets_go_what_it_held(case):
    objection = case.object_to()
    handling.withdraw(objection, because="经核实系误会", at=at(3, 4))
    assert Hold.objects.get().released_because == "异议人撤回异议"
    after_the_window(case)
    assert case.state == "document_review"


def test_u13_upheld_on_a_prohibition_after_the_list_closed_strikes_the_held_name(case):
    objection = case.object_to(condition=PROHIBITED)
    after_the_window(case)
    decided(case, objection, "upheld", on=11)
    line = case.notice.items.get()
    assert (line.struck_at, line.struck_because) == (at(3, 11), "取消参评资格")


def test_an_objection_stops_only_the_steps_the_scheme_names(frozen, calendars):
    """B16: what is objected to goes on to the decision; the approval waits."""
    lists = make_lists(changed(nothing_held))
    objection = Objection.objects.create(
        number="YY-2026-0099", application=lists.name(), form="person", identity="x", text="虚构",
        secret_digest="s", filed_at=clock.now(),
    )  # fmt: skip
    assert place_hold(objection, at=clock.now()).steps == ["approve"]
