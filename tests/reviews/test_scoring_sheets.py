"""Independent sheets (U11.5–U11.7): an expert's own only, whole when in, and no number before the last one."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace

import pytest

from applications.desk_rules import DeskRefused
from applications.moves import blockers
from award_portal.lib import clock
from documents.models import IssuedDocument
from reviews.aggregating import stage_score
from reviews.combining import aggregate
from reviews.models import PanelOpinion
from reviews.opinions import conclude_opinion, opinion_blockers
from reviews.recusal import order_recusal
from reviews.scoring import StaleSheet, read_score, save_sheet, submit_sheet

from .panel_builders import build_review, full_items, score

pytestmark = pytest.mark.django_db


@pytest.fixture
def review(frozen, calendars):
    review = build_review()
    review.assigned()
    return review


def readers(review):
    return review.readers(review.applications[0])


@pytest.mark.parametrize(("text", "kept"), [("80", "80"), (" 79.5 ", "79.5"), ("0", "0"), ("", ""), ("8.0", "8")])
def test_a_score_is_kept_plainly(text, kept):
    assert read_score(text, 80) == kept


@pytest.mark.parametrize("text", ["80.5", "-1", "7.3", "十", "NaN", "Infinity", "1e999", "0x10"])
def test_a_score_outside_its_points_or_between_the_steps_is_refused(text):
    with pytest.raises(ValueError):
        read_score(text, 80)


def test_a_refused_score_keeps_what_was_stored(review):
    one = readers(review)[0]
    by = one.expert.user
    save_sheet(one, items={"strategy": {"score": "60"}}, by=by, at=clock.now())
    with pytest.raises(DeskRefused, match="应在0至80分之间"):
        save_sheet(one, items={"strategy": {"score": "81"}, "system": {"score": "50"}}, by=by, at=clock.now())
    one.sheet.refresh_from_db()
    assert one.sheet.items == {"strategy": {"score": "60"}}


def test_only_named_words_change_and_saving_nothing_keeps_the_version(review):
    one = readers(review)[0]
    by = one.expert.user
    save_sheet(one, items={"strategy": {"score": "60", "strengths": "部署系统"}}, by=by, at=clock.now())
    sheet = save_sheet(one, items={"strategy": {"improvements": "补数据"}}, by=by, at=clock.now())
    assert sheet.items["strategy"] == {"score": "60", "strengths": "部署系统", "improvements": "补数据"}
    assert (
        save_sheet(one, items={"strategy": {"score": "60"}}, by=by, at=clock.now(), version=1).version == sheet.version
    )


def test_a_stale_tab_is_told_and_writes_nothing_over(review):
    one = readers(review)[0]
    by = one.expert.user
    save_sheet(one, items={"strategy": {"score": "60"}}, by=by, at=clock.now(), version=1)
    with pytest.raises(StaleSheet) as stale:
        save_sheet(one, items={"strategy": {"score": "40"}}, by=by, at=clock.now(), version=1)
    assert stale.value.theirs == {"score-strategy": "60"}


def test_nobody_writes_anothers_sheet(review):
    one, other = readers(review)[:2]
    for person in (other.expert.user, review.officer, review.applications[0].created_by):
        with pytest.raises(DeskRefused, match="本人"):
            save_sheet(one, items={"strategy": {"score": "60"}}, by=person, at=clock.now())


def test_a_sheet_goes_in_whole_or_not_at_all(review):
    one = readers(review)[0]
    by = one.expert.user
    items = full_items(one)
    items.pop("diffusion")
    save_sheet(one, items=items, by=by, at=clock.now())
    with pytest.raises(DeskRefused) as refused:
        submit_sheet(one, by=by, at=clock.now())
    assert "还有1项未评分：示范带动与可持续发展" in str(refused.value)
    assert "总体评价" in str(refused.value)


def test_a_sheet_that_is_in_is_final(review):
    one = readers(review)[0]
    score(one)
    with pytest.raises(DeskRefused, match="已经提交"):
        save_sheet(one, items={"strategy": {"score": "1"}}, by=one.expert.user, at=clock.now())


def test_after_the_last_day_what_was_typed_stays_and_nothing_is_added(review, frozen):
    one = readers(review)[0]
    save_sheet(one, items={"strategy": {"score": "60"}}, by=one.expert.user, at=clock.now())
    frozen.travel_to(one.grant.until)
    with pytest.raises(DeskRefused, match="已填写的内容均已保存"):
        save_sheet(one, items={"strategy": {"score": "61"}}, by=one.expert.user, at=clock.now())


# -- no number before all are in ---------------------------------------------------------------------------------------


def test_u11_5_there_is_no_figure_before_the_last_sheet_is_in(review):
    application = review.applications[0]
    for one in readers(review):
        assert stage_score(application, review.stage) is None
        score(one)
    figures = stage_score(application, review.stage)
    assert figures is not None
    assert figures.score == Decimal("800.00")


def test_a_voided_sheet_counts_for_nothing(review):
    application = review.applications[0]
    for one in readers(review):
        score(one, "0.5")
    order_recusal(readers(review)[0], ground="interest", reason="持股", by=review.officer, at=clock.now())
    assert stage_score(application, review.stage) is None
    score(readers(review)[-1], "0.8")
    figures = stage_score(application, review.stage)
    assert figures is not None
    assert sorted(figures.raw) == [Decimal(500), Decimal(500), Decimal(800)]
    assert figures.score == Decimal("600.00")


@pytest.mark.parametrize(("method", "mean"), [("mean", "64.00"), ("trimmed_mean", "66.67")])
def test_scores_are_aggregated_as_the_rulebook_says(method, mean):
    totals = [Decimal(one) for one in (20, 60, 70, 70, 100)]
    assert aggregate(totals, method) == Decimal(mean)


# -- the panel's opinion -----------------------------------------------------------------------------------------------


def test_the_opinion_waits_for_every_sheet_and_says_how_many_are_out(review):
    score(readers(review)[0])
    found = opinion_blockers(review.applications[0], review.stage)
    assert [one.text for one in found] == ["还有2名专家未提交评分表。"]
    with pytest.raises(DeskRefused, match="还有2名"):
        conclude_opinion(review.applications[0], stage=review.stage, text="同意", by=review.officer, at=clock.now())


def test_scores_too_far_apart_need_a_consensus_in_words(review):
    first, *rest = readers(review)
    score(first, "0.8", strategy="0.3")
    for one in rest:
        score(one, "0.8")
    with pytest.raises(DeskRefused, match="合议情况：质量发展战略与质量文化"):
        review.conclude(review.applications[0], consensus=" ")
    opinion = review.conclude(review.applications[0], consensus="经合议，认为部署证据充分。")
    assert [one["key"] for one in opinion.discrepancies] == ["strategy"]


def test_a_difference_of_just_the_percentage_is_not_flagged(review):
    # 15 % of 80 points are 12
    first, *rest = readers(review)
    score(first, "0.8", strategy="0.65")
    for one in rest:
        score(one, "0.8")
    assert review.conclude(review.applications[0], consensus="").discrepancies == []


def test_the_leader_or_the_office_concludes_and_nobody_else(review):
    for one in readers(review):
        score(one)
    panel = one.panel
    outsider = next(one for one in readers(review) if one.expert_id != panel.chair_id)
    with pytest.raises(DeskRefused, match="组长或者办公室"):
        conclude_opinion(
            review.applications[0], stage=review.stage, text="同意", by=outsider.expert.user, at=clock.now()
        )
    opinion = conclude_opinion(
        review.applications[0], stage=review.stage, text="同意", by=panel.chair.user, at=clock.now()
    )
    assert opinion.document.content["score"] == "800.00"
    assert opinion.document.content["text"] == "同意"


def test_the_opinion_opens_its_gate_and_is_issued_once(review):
    application = review.applications[0]
    before = blockers(application, "pass_review", by=review.officer, at=clock.now())
    assert any("尚未形成本环节的评审意见" in one.text for one in before)
    review.conclude(application)
    after = blockers(application, "pass_review", by=review.officer, at=clock.now())
    assert not any("评审意见" in one.text for one in after)
    with pytest.raises(DeskRefused, match="已经形成"):
        review.conclude(application)
    assert PanelOpinion.objects.count() == 1
    assert IssuedDocument.objects.filter(kind="review_opinion").count() == 1


def test_the_opinion_carries_no_experts_score_with_a_name(review):
    opinion = review.conclude(review.applications[0])
    text = str({key: words for key, words in opinion.document.content.items() if key != "chair"})
    others = [str(one.expert) for one in readers(review) if one.expert_id != opinion.panel.chair_id]
    assert others
    assert not [name for name in others if name in text]
    assert SimpleNamespace(**opinion.document.content).raw == ["800", "800", "800"]
