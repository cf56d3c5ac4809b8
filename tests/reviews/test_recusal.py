"""Recusal three ways (U23): access ends with the decision, the sheet is void but kept, a replacement reads at once."""

from __future__ import annotations

import pytest

from applications.desk_rules import DeskRefused
from applications.reading import readable_dossier
from award_portal.lib import clock
from organizations.files import store_upload
from organizations.models import AuditRecord
from reviews.conflicts import conflicts_of
from reviews.models import Recusal, ScoreSheet
from reviews.recusal import ask_recusal, decide_recusal, order_recusal, recuse_oneself
from reviews.scoring import save_sheet
from tests.factories import made_up_upload, make_user

from .panel_builders import build_review, full_items, score

pytestmark = pytest.mark.django_db


@pytest.fixture
def review(frozen, calendars):
    review = build_review()
    review.assigned()
    return review


def own(review, place: int = 0):
    return review.readers(review.applications[0])[place]


def proof(by):
    return store_upload(made_up_upload("证明材料"), purpose="recusal", by=by, at=clock.now())


def test_u23_stepping_back_cuts_access_voids_the_sheet_and_draws_a_replacement(review):
    assignment = own(review)
    application, expert = assignment.application, assignment.expert
    score(assignment)
    recusal = recuse_oneself(assignment, ground="kinship", reason="与负责人系亲属", by=expert.user, at=clock.now())
    assert readable_dossier(application, user=expert.user, at=clock.now()) is None
    sheet = ScoreSheet.objects.get(assignment=assignment)
    assert sheet.voided_at == clock.now()
    assert sheet.items
    readers = review.readers(application)
    assert len(readers) == 3
    assert recusal.replacement in [one.expert for one in readers]
    assert expert not in [one.expert for one in readers]
    assert readable_dossier(application, user=recusal.replacement.user, at=clock.now()) is not None
    assert [one.kind for one in conflicts_of(expert, application)] == ["kinship"]


def test_u23_who_stepped_back_writes_nothing_more(review):
    assignment = own(review)
    user = assignment.expert.user
    recuse_oneself(assignment, ground="kinship", reason="亲属", by=user, at=clock.now())
    with pytest.raises(DeskRefused, match="已经结束"):
        save_sheet(assignment, items=full_items(assignment), by=user, at=clock.now())
    with pytest.raises(DeskRefused, match="已经结束"):
        recuse_oneself(assignment, ground="kinship", reason="亲属", by=user, at=clock.now())


def test_nobody_steps_back_for_another_and_only_the_office_orders(review):
    assignment = own(review)
    with pytest.raises(DeskRefused, match="本人"):
        recuse_oneself(assignment, ground="kinship", reason="亲属", by=own(review, 1).expert.user, at=clock.now())
    with pytest.raises(DeskRefused, match="办公室办理"):
        order_recusal(assignment, ground="kinship", reason="亲属", by=make_user(), at=clock.now())
    assert len(review.readers(review.applications[0])) == 3


def test_an_unknown_ground_or_no_reason_changes_nothing(review):
    assignment = own(review)
    for ground, reason in (("whim", "不便"), ("kinship", "  ")):
        with pytest.raises(DeskRefused):
            recuse_oneself(assignment, ground=ground, reason=reason, by=assignment.expert.user, at=clock.now())
    assert not Recusal.objects.exists()
    assert own(review).pk == assignment.pk


def test_b20_an_applicant_asks_with_evidence_and_the_office_grants(review):
    assignment = own(review)
    application = assignment.application
    applicant = application.created_by
    with pytest.raises(DeskRefused, match="证明材料"):
        ask_recusal(
            application, named="某专家", ground="adviser", reason="曾咨询", proof=None, by=applicant, at=clock.now()
        )
    recusal = ask_recusal(
        application, named=str(assignment.expert), ground="adviser", reason="近三年为本组织竞争对手提供咨询",
        proof=proof(applicant), by=applicant, at=clock.now(),
    )  # fmt: skip
    assert len(review.readers(application)) == 3
    decided = decide_recusal(recusal, assignment=assignment, decision="查证属实", by=review.officer, at=clock.now())
    assert decided.state == "granted"
    assert assignment.expert not in [one.expert for one in review.readers(application)]
    with pytest.raises(DeskRefused, match="已经决定"):
        decide_recusal(recusal, assignment=None, decision="不属实", by=review.officer, at=clock.now())


def test_b20_a_refused_request_leaves_the_expert_in_place(review):
    assignment = own(review)
    applicant = assignment.application.created_by
    recusal = ask_recusal(
        assignment.application, named="某专家", ground="adviser", reason="曾咨询", proof=proof(applicant), by=applicant,
        at=clock.now(),
    )  # fmt: skip
    decided = decide_recusal(recusal, assignment=None, decision="经核实不存在", by=review.officer, at=clock.now())
    assert decided.state == "refused"
    assert readable_dossier(assignment.application, user=assignment.expert.user, at=clock.now()) is not None


def test_a_stranger_cannot_ask_for_anothers_application(review):
    stranger = make_user()
    with pytest.raises(DeskRefused, match="只有申报组织"):
        ask_recusal(
            review.applications[0], named="某专家", ground="adviser", reason="曾咨询", proof=proof(stranger),
            by=stranger, at=clock.now(),
        )  # fmt: skip


def test_a_recusal_is_on_the_rounds_record_without_names(review):
    assignment = own(review)
    order_recusal(assignment, ground="interest", reason="持有股份", by=review.officer, at=clock.now(), seed="s")
    link = AuditRecord.objects.get(verb="recusal.grant", chain=review.round.chain)
    assert link.data["expert"] == str(assignment.expert.public_id)
    assert str(assignment.expert) not in str(link.data)
    assert "持有股份" not in str(link.data)


def test_after_the_opinion_is_concluded_the_readers_stay_on_record(review):
    review.conclude(review.applications[0])
    with pytest.raises(DeskRefused, match="评审意见已经形成"):
        order_recusal(own(review), ground="interest", reason="持有股份", by=review.officer, at=clock.now())


def test_with_nobody_left_the_recusal_still_stands(frozen, calendars):
    review = build_review(experts=5)
    review.assigned()
    application = review.applications[0]
    for _ in range(3):
        order_recusal(
            review.readers(application)[0], ground="interest", reason="持有股份", by=review.officer, at=clock.now()
        )
    assert len(review.readers(application)) == 2
    assert Recusal.objects.filter(replacement=None, state="granted").count() == 1
