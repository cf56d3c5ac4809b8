"""Who goes on (U11.5–U11.7): after every opinion, under the ceiling, with a reason and a letter for each other."""

from __future__ import annotations

import uuid

import pytest

from applications.desk_rules import DeskRefused
from applications.models import Application, DossierGrant
from applications.moves import StepRefused, move
from applications.pipeline import State
from award_portal.lib import clock
from documents.models import IssuedDocument
from reviews.cutting import ceiling_of, decide_cut, places_left, ranked_table
from reviews.models import CutDecision
from tests.factories import make_user

from .panel_builders import build_review

pytestmark = pytest.mark.django_db


def concluded(applications: int, stage: str = State.DEFENSE):
    review = build_review(applications=applications, experts=6, stage=stage)
    review.assigned()
    for place, one in enumerate(review.applications):
        review.conclude(one, share=f"{0.95 - place * 0.05:.2f}")
    return review


def decide(review, passing, reason="综合得分靠后", **given):
    others = {one.pk: reason for one in review.applications if one not in passing}
    values = {"stage": review.stage, "by": review.officer, "at": clock.now()} | given
    return decide_cut(review.round, passing=passing, reasons=others, **values)


def test_u11_5_the_ceiling_is_the_rulebooks_times_the_quota_of_all_tiers(frozen, calendars):
    book = build_review(experts=0).applications[0].rulebook
    assert ceiling_of(book, "document_review") == 20
    assert ceiling_of(book, "defense") == 12
    assert ceiling_of(book, "onsite_review") is None


def test_those_who_go_on_move_and_the_others_are_told_in_writing(frozen, calendars):
    review = concluded(3)
    first, second, third = review.applications
    decision = decide(review, [first, second])
    states = dict(Application.objects.values_list("pk", "state"))
    assert states == {first.pk: "onsite_review", second.pk: "onsite_review", third.pk: "eliminated"}
    letter = IssuedDocument.objects.get(kind="not_advanced_notice")
    assert letter.subject == f"application:{third.public_id}"
    assert letter.content["reason"] == "综合得分靠后"
    step = third.steps.get()
    assert step.facts == {"cut": str(decision.public_id)}
    assert step.ground == "综合得分靠后"
    assert [one.rank for one in decision.lines.all()] == [1, 2, 3]


def test_the_readers_access_ends_with_the_decision(frozen, calendars):
    review = concluded(2)
    assert DossierGrant.objects.in_force(clock.now()).exists()
    decide(review, review.applications[:1])
    assert not DossierGrant.objects.in_force(clock.now()).exists()


def test_more_than_the_ceiling_is_refused_and_nothing_moves(frozen, calendars):
    review = concluded(13)
    with pytest.raises(DeskRefused, match="不超过12家，所选13家超过上限"):
        decide(review, review.applications)
    assert not CutDecision.objects.exists()
    assert set(Application.objects.values_list("state", flat=True)) == {"defense"}
    decide(review, review.applications[:12])
    assert places_left(review.round, "defense") == 0


def test_later_decisions_of_a_stage_share_its_ceiling(frozen, calendars):
    review = concluded(12)
    decide(review, review.applications)
    late = review.application()
    review.applications = [late]
    from reviews.models import Panel
    from reviews.readers import assign_readers

    assign_readers(Panel.objects.get(), by=review.officer, at=clock.now())
    review.conclude(late, share="0.9")
    with pytest.raises(DeskRefused, match="不超过0家"):
        decide(review, [late])


def test_a_tie_at_the_line_is_shown(frozen, calendars):
    review = build_review(applications=13, stage=State.DEFENSE)
    review.assigned()
    for place, one in enumerate(review.applications):
        review.conclude(one, share="0.8" if place in (11, 12) else "0.9")
    table = ranked_table(review.round, "defense")
    assert [one.on_line for one in table] == [False] * 11 + [True, True]
    assert [one.rank for one in table][-2:] == [12, 12]


def test_each_who_does_not_go_on_needs_a_reason(frozen, calendars):
    review = concluded(2)
    with pytest.raises(DeskRefused, match="请填写未进入下一环节的理由"):
        decide(review, review.applications[:1], reason="  ")
    assert not CutDecision.objects.exists()


def test_the_decision_waits_for_every_opinion(frozen, calendars):
    review = concluded(2)
    late = review.application()
    with pytest.raises(DeskRefused, match="尚未形成评审意见") as refused:
        decide(review, review.applications[:2])
    assert late.organization.name in str(refused.value)


def test_from_the_onsite_review_all_go_on_to_the_leading_body(frozen, calendars):
    review = concluded(2, stage=State.ONSITE_REVIEW)
    with pytest.raises(DeskRefused, match="全部进入"):
        decide(review, review.applications[:1])
    decide(review, review.applications)
    assert set(Application.objects.values_list("state", flat=True)) == {"deliberation"}


def test_only_the_office_decides(frozen, calendars):
    review = concluded(1)
    with pytest.raises(DeskRefused, match="办公室办理"):
        decide(review, review.applications, by=make_user())


def test_the_door_stays_shut_without_a_decision_of_this_stage_that_says_so(frozen, calendars):
    review = concluded(2)
    first, second = review.applications
    for facts in ({}, {"cut": "不是编号"}, {"cut": str(uuid.uuid4())}):
        with pytest.raises(StepRefused, match="尚未作出"):
            move(first.pk, "pass_review", by=review.officer, at=clock.now(), facts=facts)
    decision = CutDecision.objects.create(
        round=review.round, stage="defense", ceiling=12, decided_at=clock.now(), decided_by=review.officer
    )
    decision.lines.create(application=second, passing=False, reason="靠后", score=1, rank=1)
    with pytest.raises(StepRefused, match="不一致"):
        move(second.pk, "pass_review", by=review.officer, at=clock.now(), facts={"cut": str(decision.public_id)})
    CutDecision.objects.update(stage="document_review")
    with pytest.raises(StepRefused, match="尚未作出"):
        move(second.pk, "eliminate", by=review.officer, at=clock.now(), facts={"cut": str(decision.public_id)})
