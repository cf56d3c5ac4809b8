"""Independent sheets (U11.5–U11.7): an expert's own only, whole when in, and no number before the last one."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from applications.desk_rules import DeskRefused
from award_portal.lib import clock
from organizations.models import OutboxItem
from reviews.aggregating import stage_score
from reviews.combining import aggregate
from reviews.pointers import read_pages
from reviews.progress import progress_rows, remind_readers
from reviews.recusal import order_recusal
from reviews.reopening import ask_reopening, decide_reopening
from reviews.scoring import StaleSheet, changed_since, read_score, save_sheet, submit_sheet

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


# -- two pages of one sheet --------------------------------------------------------------------------------------------


def test_words_of_different_items_from_two_pages_go_in_beside_each_other(review):
    one = readers(review)[0]
    by = one.expert.user
    save_sheet(one, items={"strategy": {"score": "60"}}, by=by, at=clock.now(), version=1)
    sheet = save_sheet(one, items={"system": {"score": "50"}}, by=by, at=clock.now(), version=1)
    assert (sheet.items["strategy"]["score"], sheet.items["system"]["score"]) == ("60", "50")
    # the second page still has to learn of the first one's word
    assert changed_since(sheet, 1) == {"score-strategy": "60", "score-system": "50"}


def test_an_item_changed_elsewhere_stands_with_both_texts(review):
    one = readers(review)[0]
    by = one.expert.user
    save_sheet(
        one, items={"strategy": {"strengths": "甲"}, "system": {"score": "50"}}, by=by, at=clock.now(), version=1
    )
    with pytest.raises(StaleSheet) as stale:
        save_sheet(one, items={"strategy": {"strengths": "乙"}}, by=by, at=clock.now(), version=1)
    assert stale.value.theirs == {"strengths-strategy": "甲", "score-system": "50"}
    one.sheet.refresh_from_db()
    assert one.sheet.items["strategy"]["strengths"] == "甲"


# -- where it was found ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kept"), [("3，12—15", "3、12-15"), ("第7页", "7"), ("", ""), ("5-5", "5"), ("３ 4", "3、4")]
)
def test_pages_are_kept_plainly(text, kept):
    assert read_pages(text) == kept


@pytest.mark.parametrize("text", ["甲", "0", "9-3", "12345", "1,2,3,4,5,6,7,8,9", "-3"])
def test_pages_that_are_none_are_refused(text):
    with pytest.raises(ValueError, match="页"):
        read_pages(text)


def test_a_pointer_names_a_part_the_expert_may_read(review):
    one = readers(review)[0]
    by = one.expert.user
    pointer = {"file": "part:overview", "page": "12"}
    assert save_sheet(one, items={"strategy": pointer}, by=by, at=clock.now()).items["strategy"] == pointer
    for wrong in ("part:nothing", "file:00000000-0000-0000-0000-000000000000", "../etc"):
        with pytest.raises(DeskRefused, match="不在可以查阅的申报材料之中"):
            save_sheet(one, items={"strategy": {"file": wrong}}, by=by, at=clock.now())
    with pytest.raises(DeskRefused, match="请同时选择所在材料"):
        save_sheet(one, items={"system": {"page": "3"}}, by=by, at=clock.now())


# -- a sheet given back ------------------------------------------------------------------------------------------------


def test_before_the_last_is_in_the_office_gives_a_sheet_back_and_keeps_what_it_was(review):
    one = readers(review)[0]
    with pytest.raises(DeskRefused, match="未提交"):
        ask_reopening(one, reason="漏评", by=one.expert.user, at=clock.now())
    score(one, "0.8")
    asked = ask_reopening(one, reason="漏看一页", by=one.expert.user, at=clock.now())
    with pytest.raises(DeskRefused, match="请填写决定理由"):
        decide_reopening(asked, grant=True, ground=" ", by=review.officer, at=clock.now())
    decided = decide_reopening(asked, grant=True, ground="情况属实", by=review.officer, at=clock.now())
    assert decided.items["strategy"]["score"] == "64"
    save_sheet(one, items={"strategy": {"score": "70"}}, by=one.expert.user, at=clock.now())
    decided.refresh_from_db()
    assert decided.items["strategy"]["score"] == "64"


def test_once_all_are_in_no_sheet_goes_back(review):
    first, *rest = readers(review)
    score(first)
    asked = ask_reopening(first, reason="漏看一页", by=first.expert.user, at=clock.now())
    for one in rest:
        score(one)
    with pytest.raises(DeskRefused, match="全部评分表已经提交"):
        decide_reopening(asked, grant=True, ground="情况属实", by=review.officer, at=clock.now())
    with pytest.raises(DeskRefused, match="全部评分表已经提交"):
        ask_reopening(rest[0], reason="漏看一页", by=rest[0].expert.user, at=clock.now())
    assert stage_score(review.applications[0], review.stage) is not None


# -- how far they are --------------------------------------------------------------------------------------------------


def test_the_office_sees_who_has_begun_and_reminds_once_a_day(review, frozen):
    first, second, third = readers(review)
    score(first)
    save_sheet(second, items={"strategy": {"score": "60"}}, by=second.expert.user, at=clock.now())
    panel = second.panel
    row = progress_rows(panel)[0]
    assert [one.state for one in row.cells] == ["已提交", "填写中", "未开始"]
    assert remind_readers(panel, by=review.officer, at=clock.now()) == 2
    sent = [one.payload for one in OutboxItem.objects.all() if "份评分表未提交" in one.payload["subject"]]
    told = {one["user"] for one in sent}
    assert told == {second.expert.user.pk, third.expert.user.pk}
    with pytest.raises(DeskRefused, match="今天已经提醒过"):
        remind_readers(panel, by=review.officer, at=clock.now())
    frozen.travel_to(clock.day_start(panel.due_on + timedelta(days=1)))
    assert [one.is_overdue for one in progress_rows(panel)[0].cells] == [False, True, True]
    assert remind_readers(panel, by=review.officer, at=clock.now()) == 2
