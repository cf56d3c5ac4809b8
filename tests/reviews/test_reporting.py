"""Sessions and the review report (U11.6–U11.8): lots in the order of signing in; the composite, frozen at issue."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from applications.desk_rules import DeskRefused
from applications.pipeline import State
from award_portal.lib import clock
from documents.access import may_read
from documents.rendering import render_document
from reviews.cutting import decide_cut
from reviews.drawing import hand_out_turns
from reviews.models import ReviewReport
from reviews.reporting import candidates, composite_of, issue_report, save_report
from reviews.sessions import draw_lots, schedule_session, sign_in, write_minutes
from tests.factories import make_unit, make_user

from .panel_builders import WITNESS, build_review

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
            change(review.round, narrative="改写", by=review.officer, at=clock.now())


def test_u11_8_no_report_while_somebody_is_still_under_review(review):
    with pytest.raises(DeskRefused, match="还有申报组织处于现场评审"):
        issue_report(review.round, narrative="评审情况", by=review.officer, at=clock.now())
    assert not ReviewReport.objects.exists()
    deliberating(review)
    assert [one.rank for one in candidates(review.round)] == [1, 2]


def test_a_report_needs_words_and_the_office(review):
    deliberating(review)
    with pytest.raises(DeskRefused, match="请填写评审工作情况"):
        issue_report(review.round, narrative=" ", by=review.officer, at=clock.now())
    with pytest.raises(DeskRefused, match="办公室办理"):
        issue_report(review.round, narrative="评审情况", by=make_user(), at=clock.now())


def test_a_stale_draft_is_not_written_over(review):
    report = save_report(review.round, narrative="初稿", by=review.officer, at=clock.now())
    save_report(review.round, narrative="二稿", by=review.officer, at=clock.now(), version=report.version)
    with pytest.raises(DeskRefused, match="别处保存过"):
        save_report(review.round, narrative="旧稿", by=review.officer, at=clock.now(), version=report.version)
    assert ReviewReport.objects.get().narrative == "二稿"


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


def test_u11_7_an_onsite_visit_follows_its_schedule_without_lots(frozen, calendars):
    review = build_review(stage=State.ONSITE_REVIEW)
    session = schedule_session(
        review.panel(), applications=review.applications, starts_at=clock.now() + timedelta(days=1), place="厂区",
        by=review.officer, at=clock.now(),
    )  # fmt: skip
    sign_in(session, review.applications[0], by=review.officer, at=clock.now())
    with pytest.raises(DeskRefused, match="不抽签"):
        draw_lots(session, witness=WITNESS, by=review.officer, at=clock.now())
    write_minutes(session, minutes="查阅记录、访谈、现场观察。", by=session.leader.user, at=clock.now())
    session.refresh_from_db()
    assert session.minuted_at == clock.now()


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
