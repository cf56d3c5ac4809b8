"""Sessions and the review report (U11.6–U11.8): lots in the order of signing in; the composite, frozen at issue."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from applications.desk_rules import DeskRefused
from applications.models import Application, Step
from applications.pipeline import State
from award_portal.lib import clock
from documents.access import may_read
from documents.rendering import render_document
from reviews.cutting import decide_cut
from reviews.drawing import hand_out_turns
from reviews.models import ReviewReport
from reviews.report_words import PARTS
from reviews.reporting import (
    StaleReport,
    candidates,
    composite_of,
    drop_correction,
    issue_report,
    preview_report,
    report_figures,
    save_report,
    standing_report,
    start_correction,
)
from reviews.sessions import draw_lots, schedule_session, sign_in
from tests.factories import make_unit, make_user

from .panel_builders import WITNESS, build_review, score

pytestmark = pytest.mark.django_db


@pytest.fixture
def review(frozen, calendars):
    """Two candidates who passed the on-site review and stand before the leading body."""
    review = build_review(applications=2, stage=State.ONSITE_REVIEW)
    review.assigned()
    for one, share in zip(review.applications, ("0.7", "0.9"), strict=True):
        review.conclude(one, share=share)
    return review


def deliberating(review):
    decide_cut(
        review.round, stage=review.stage, passing=review.applications, reasons={}, by=review.officer, at=clock.now()
    )
    return review


def test_the_composite_weighs_each_stage_in_percent_of_its_total(review):
    book = review.applications[0].rulebook

    class Opinion:
        def __init__(self, score, total):
            self.score, self.total = Decimal(score), Decimal(total)

    opinions = {"document_review": Opinion(800, 1000), "defense": Opinion(90, 100), "onsite_review": Opinion(700, 1000)}
    assert composite_of(book, opinions) == Decimal("79.00")
    # 80 × 30/70 + 70 × 40/70: over the stages there were
    opinions.pop("defense")
    assert composite_of(book, opinions) == Decimal("74.29")


def test_u11_8_the_report_ranks_the_candidates_and_is_frozen_at_issue(review):
    deliberating(review)
    report = issue_report(review.round, narrative="本届评审共收到申报2家。", by=review.officer, at=clock.now())
    first, second = report.table
    assert (first["name"], first["rank"], first["composite"]) == (str(review.applications[1].organization), 1, "90.00")
    assert second["composite"] == "70.00"
    assert report.document.content["rows"] == report.table
    assert list(ReviewReport.objects.issued().filter(round=review.round)) == [report]
    for change in (save_report, issue_report):
        with pytest.raises(DeskRefused, match="已经签发"):
            change(review.round, sections={"overview": "改写"}, by=review.officer, at=clock.now())


def test_u11_8_no_report_while_somebody_is_still_under_review(review):
    with pytest.raises(DeskRefused, match="还有申报组织处于现场评审"):
        issue_report(review.round, narrative="评审情况", by=review.officer, at=clock.now())
    assert not ReviewReport.objects.exists()
    deliberating(review)
    assert [one.rank for one in candidates(review.round)] == [1, 2]


def test_a_report_needs_words_and_the_office(review):
    deliberating(review)
    with pytest.raises(DeskRefused, match="请填写评审工作概况"):
        issue_report(review.round, narrative=" ", by=review.officer, at=clock.now())
    with pytest.raises(DeskRefused, match="办公室办理"):
        issue_report(review.round, narrative="评审情况", by=make_user(), at=clock.now())


def test_a_stale_draft_is_not_written_over(review):
    def save(text: str, **given):
        return save_report(review.round, sections={"overview": text}, by=review.officer, at=clock.now(), **given)

    report = save("初稿")
    save("二稿", version=report.version)
    with pytest.raises(StaleReport, match="别处保存过") as stale:
        save("旧稿", version=report.version)
    assert stale.value.theirs == {"overview": "二稿"}
    assert ReviewReport.objects.get().sections == {"overview": "二稿"}
    # the same text again is no change, whatever the page saw
    assert save("二稿", version=report.version).version == report.version + 1


# -- figures -----------------------------------------------------------------------------------------------------------


def test_v7_the_figures_count_who_was_left_at_each_step(review):
    deliberating(review)
    gone = review.application(state=State.WITHDRAWN)
    Step.objects.create(
        application=gone, step="withdraw", from_state=State.DOCUMENT_REVIEW, to_state=State.WITHDRAWN, by_label="",
        at=clock.now(), recorded_at=clock.now(),
    )  # fmt: skip
    review.application(state=State.NOT_RECOMMENDED)
    counts = {row["label"]: row["count"] for row in report_figures(review.round)["funnel"]}
    assert counts == {
        "申报": 4, "推荐": 3, "受理": 3, "进入材料评审": 3, "进入陈述答辩": 2, "进入现场评审": 2, "候选": 2,
    }  # fmt: skip


def test_v7_the_figures_tell_how_the_stage_was_organised_and_how_scores_lie(review):
    deliberating(review)
    figures = report_figures(review.round)
    onsite = next(one for one in figures["stages"] if one["key"] == State.ONSITE_REVIEW)
    assert (onsite["opinions"], onsite["sheets"], onsite["passed"], onsite["stayed"]) == (2, 6, 2, 0)
    assert onsite["members"] == onsite["drawn"] == review.round.panels.get().members.count()
    (spread,) = figures["distribution"]
    assert (spread["lowest"], spread["median"], spread["highest"]) == ("70.00", "80.00", "90.00")
    assert [one["label"] for one in spread["columns"] if one["count"]] == ["70–75", "90–95"]
    assert sum(one["count"] for one in spread["columns"]) == 2
    assert figures["districts"] == [{"label": "天山区", "all": 2, "some": 2}]


def test_v7_each_candidates_items_stand_beside_the_median_of_the_round(review):
    deliberating(review)
    best, _ = report_figures(review.round)["profiles"]
    (stage,) = best["stages"]
    assert best["name"] == str(review.applications[1].organization)
    row = stage["rows"][0]
    assert (row["percent"], row["median"]) == ("90.00", "80.00")


def test_no_figure_of_a_stage_shows_before_its_opinion_is_concluded(frozen, calendars):
    review = build_review(stage=State.ONSITE_REVIEW)
    before = report_figures(review.round)
    for one in review.assigned():
        score(one)
    after = report_figures(review.round)
    assert before["distribution"] == after["distribution"] == []
    assert before["profiles"] == after["profiles"] == []


def test_the_words_are_drafted_from_the_data_and_the_rulebook(review):
    deliberating(review)
    report = issue_report(review.round, by=review.officer, at=clock.now())
    assert "共收到申报2个" in report.sections["overview"]
    assert "现场评审（" in report.sections["procedure"]
    assert "2个进入下一环节" in report.sections["procedure"]
    assert "最高90.00%" in report.sections["findings"]
    assert "质量奖不超过3个" in report.sections["recommendation"]
    assert [one["key"] for one in report.document.content["parts"]] == list(PARTS)


# -- correction --------------------------------------------------------------------------------------------------------


def test_v7_a_correction_is_a_new_version_with_its_ground_and_the_old_one_stays(review):
    deliberating(review)
    first = issue_report(review.round, narrative="原文有误", by=review.officer, at=clock.now())
    with pytest.raises(DeskRefused, match="更正理由"):
        start_correction(review.round, ground=" ", by=review.officer, at=clock.now())
    start_correction(review.round, ground="概况中数字有误", by=review.officer, at=clock.now())
    assert standing_report(review.round) == first
    save_report(review.round, sections={"overview": "已更正"}, by=review.officer, at=clock.now())
    second = issue_report(review.round, by=review.officer, at=clock.now())
    first.refresh_from_db()
    assert (first.superseded_at, first.sections["overview"]) == (clock.now(), "原文有误")
    assert standing_report(review.round) == second
    assert second.document.content["correction"] == {"ground": "概况中数字有误", "replaces": first.document.number}
    assert second.document.content_sha256 != first.document.content_sha256
    assert second.document.title.endswith("（第2版）")


def test_a_correction_given_up_leaves_the_issued_report(review):
    deliberating(review)
    first = issue_report(review.round, narrative="概况", by=review.officer, at=clock.now())
    with pytest.raises(DeskRefused, match="没有在办的更正稿"):
        drop_correction(review.round, by=review.officer, at=clock.now())
    start_correction(review.round, ground="误", by=review.officer, at=clock.now())
    with pytest.raises(DeskRefused, match="已经在办"):
        start_correction(review.round, ground="误", by=review.officer, at=clock.now())
    drop_correction(review.round, by=review.officer, at=clock.now())
    assert list(ReviewReport.objects.all()) == [first]


def test_a_report_is_not_corrected_once_the_leading_body_has_decided(review):
    deliberating(review)
    issue_report(review.round, narrative="概况", by=review.officer, at=clock.now())
    Application.objects.filter(round=review.round).update(state=State.AWARD_PUBLICITY)
    with pytest.raises(DeskRefused, match="已经作出决定"):
        start_correction(review.round, ground="误", by=review.officer, at=clock.now())


def test_nothing_is_corrected_before_it_is_issued(review):
    with pytest.raises(DeskRefused, match="尚未签发"):
        start_correction(review.round, ground="误", by=review.officer, at=clock.now())


# -- pages -------------------------------------------------------------------------------------------------------------


def test_the_report_is_drafted_saved_previewed_issued_and_corrected_at_its_page(review):
    office = Client()
    office.force_login(review.officer, backend="django.contrib.auth.backends.ModelBackend")
    url = reverse("reviews:report", args=[review.round.public_id])
    refused = office.post(url, {"overview": "本届评审情况", "then": "issue"}).content.decode()
    assert "还有申报组织处于现场评审" in refused
    assert "本届评审情况" in refused
    deliberating(review)
    save = reverse("reviews:report_autosave", args=[review.round.public_id])
    assert Client().post(save, {"version": "1", "overview": "甲"}).status_code == 401
    kept = office.post(save, {"version": "1", "overview": "甲"}).json()
    assert kept["ok"]
    stale = office.post(save, {"version": "1", "overview": "乙"})
    assert (stale.status_code, stale.json()["theirs"]) == (409, {"overview": "甲"})
    page = office.get(url).content.decode()
    # the funnel, one stage's spread, districts, industries, two profiles
    assert page.count('class="plot"') == 6
    assert "系统按现有数据草拟的文字" in page
    preview = preview_report(review.round, at=clock.now())
    assert (preview.pk, preview.content["rehearsal_note"]) == (None, "预览稿，未签发")
    typed = {"version": str(kept["version"]), "overview": "本届评审情况", "then": "issue"}
    assert office.post(url, typed).status_code == 302
    assert office.post(save, {"overview": "改"}).status_code == 400
    assert office.post(url, {"then": "correct", "ground": "数字有误"}).status_code == 302
    assert "正在更正" in office.get(url).content.decode()
    assert office.post(url, {"then": "drop"}).status_code == 302
    assert standing_report(review.round).sections["overview"] == "本届评审情况"


# -- sessions ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def defense(frozen, calendars):
    review = build_review(applications=3, stage=State.DEFENSE)
    panel = review.panel()
    return review, schedule_session(
        panel, applications=review.applications, starts_at=clock.now() + timedelta(days=3), place="一号会议室",
        by=review.officer, at=clock.now(),
    )  # fmt: skip


def test_u11_6_turns_are_drawn_in_the_order_of_signing_in_and_can_be_replayed(defense):
    review, session = defense
    third, first, _absent = review.applications
    for one in (first, third):
        sign_in(session, one, by=review.officer, at=clock.now())
    slots = draw_lots(session, witness=WITNESS, by=review.officer, at=clock.now(), seed="抽签")
    assert [one.application for one in slots] == [first, third]
    expected = hand_out_turns([str(first.public_id), str(third.public_id)], seed="抽签")
    assert {str(one.application.public_id): one.turn for one in slots} == expected
    assert session.slots.filter(turn=None).count() == 1


def test_u11_6_lots_are_drawn_once_and_nobody_signs_in_afterwards(defense):
    review, session = defense
    with pytest.raises(DeskRefused, match="尚无申报组织签到"):
        draw_lots(session, witness=WITNESS, by=review.officer, at=clock.now())
    sign_in(session, review.applications[0], by=review.officer, at=clock.now())
    draw_lots(session, witness=WITNESS, by=review.officer, at=clock.now())
    with pytest.raises(DeskRefused, match="已经抽签"):
        draw_lots(session, witness=WITNESS, by=review.officer, at=clock.now())
    with pytest.raises(DeskRefused, match="不能再签到"):
        sign_in(session, review.applications[1], by=review.officer, at=clock.now())


def test_an_application_has_one_session_a_stage_in_the_future(defense):
    review, session = defense
    with pytest.raises(DeskRefused, match="已经安排"):
        schedule_session(
            session.panel, applications=review.applications[:1], starts_at=clock.now() + timedelta(days=4), place="二",
            by=review.officer, at=clock.now(),
        )  # fmt: skip
    with pytest.raises(DeskRefused, match="晚于现在"):
        schedule_session(
            session.panel, applications=review.applications[:1], starts_at=clock.now(), place="二号", by=review.officer,
            at=clock.now(),
        )  # fmt: skip


# -- papers ------------------------------------------------------------------------------------------------------------


def test_the_leading_body_reads_the_report_and_nobody_reads_what_is_not_theirs(review):
    deliberating(review)
    report = issue_report(review.round, narrative="本届评审情况", by=review.officer, at=clock.now())
    opinion = review.applications[0].panel_opinions.get()
    member = make_user(make_unit("leading_body"))
    assert may_read(member, report.document)
    assert not may_read(member, opinion.document)
    assert may_read(opinion.panel.chair.user, opinion.document)
    for stranger in (make_user(), review.applications[0].created_by):
        assert not may_read(stranger, report.document)
        assert not may_read(stranger, opinion.document)


def test_the_papers_of_the_review_are_rendered(review):
    deliberating(review)
    report = issue_report(review.round, narrative="本届评审情况", by=review.officer, at=clock.now())
    for document in (report.document, review.applications[0].panel_opinions.get().document):
        assert render_document(document).pages >= 1
