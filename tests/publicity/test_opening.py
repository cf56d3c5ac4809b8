"""Lists in publicity: their windows in working days, who may publish which names (U11.3, U11.4, U11.8)."""

from __future__ import annotations

from datetime import date

import pytest

from awards.calendars import set_day
from awards.workdays import CalendarMissing
from documents.models import IssuedDocument
from organizations.models import AuditRecord
from publicity.models import Notice
from publicity.opening import PublicityRefused, open_publicity
from publicity.tiers import tier_of
from tests.factories import make_round, make_unit, make_user
from tests.publicity.builders import at


def refused(call, *args, **kwargs) -> str:
    with pytest.raises(PublicityRefused) as caught:
        call(*args, **kwargs)
    return str(caught.value)


def test_u11_4_five_working_days_cross_the_national_holiday(lists):
    notice = lists.publish(lists.name(), at=at(9, 28))
    assert notice.starts_on == date(2026, 9, 29)
    assert notice.last_on == date(2026, 10, 10)  # a Saturday that is worked
    assert notice.ends_at == at(10, 11, 0)
    assert notice.close_due_at == at(10, 11, 0, 5)
    assert "2026年10月10日" in str(notice.document.content)


def test_a_window_that_ends_in_an_unpublished_year_is_refused_and_nothing_is_published(lists):
    name = lists.name()
    with pytest.raises(CalendarMissing, match="2027年的工作日历尚未录入"):
        lists.publish(name, at=at(12, 29))
    assert not Notice.objects.exists()
    assert not IssuedDocument.objects.exists()


def test_u11_4_fewer_days_than_the_article_are_refused_with_the_article(lists):
    text = refused(lists.publish, lists.name(), at=at(3, 2), days=4)
    assert "不得少于5日" in text
    assert "第十一条第（四）项" in text
    assert not Notice.objects.exists()


def test_u11_4_a_list_may_stand_longer_than_the_article_asks(lists):
    assert lists.publish(lists.name(), at=at(3, 2), days=7).last_on == date(2026, 3, 11)


def test_u11_3_recommenders_publish_their_own_names_only(lists):
    own = lists.name("recommendation_publicity")
    foreign = lists.name("recommendation_publicity", recommender=make_unit("recommender"))
    given = {"kind": "recommendation_publicity", "issuer": lists.recommender, "by": lists.clerk, "at": at(3, 2)}
    text = refused(open_publicity, lists.round, applications=[own, foreign], **given)
    assert f"{foreign.organization}不由本单位审核推荐" in text
    assert str(own.organization) not in text
    notice = open_publicity(lists.round, applications=[own], **given)
    assert [one.name for one in notice.items.all()] == [str(own.organization)]


def test_u11_3_somebody_of_another_unit_publishes_nothing(lists):
    stranger = make_user(make_unit("recommender"))
    name = lists.name("recommendation_publicity")
    text = refused(
        open_publicity, lists.round, kind="recommendation_publicity", applications=[name],
        issuer=lists.recommender, by=stranger, at=at(3, 2),
    )  # fmt: skip
    assert "不由本单位发布" in text


def test_u11_4_a_recommender_does_not_publish_the_acceptance_list(lists):
    text = refused(
        open_publicity, lists.round, kind="acceptance_publicity", applications=[lists.name()],
        issuer=lists.recommender, by=lists.clerk, at=at(3, 2),
    )  # fmt: skip
    assert "不由本单位发布" in text


def test_a_name_of_another_stage_or_round_or_list_is_refused(lists):
    early = lists.name("qualification")
    assert "现处于“资格审查”" in refused(lists.publish, early, at=at(3, 2))
    name = lists.name()
    lists.publish(name, at=at(3, 2))
    assert "已在公示中" in refused(lists.publish, name, at=at(3, 3))
    other = make_round()
    text = refused(
        open_publicity, other, kind="acceptance_publicity", applications=[lists.name()],
        issuer=lists.office, by=lists.officer, at=at(3, 2),
    )  # fmt: skip
    assert "不是本届的申报" in text


def test_u11_8_the_award_list_prints_the_tier_the_leading_body_decided(lists):
    main, nominee = lists.shortlisted("质量奖"), lists.shortlisted("质量奖提名奖")
    assert tier_of(nominee) == "质量奖提名奖"
    notice = lists.publish(main, nominee, kind="award_publicity", at=at(3, 2))
    assert {one.application_id: one.tier_name for one in notice.items.all()} == {
        main.pk: "质量奖",
        nominee.pk: "质量奖提名奖",
    }


def test_u11_8_a_name_without_a_decision_is_not_proposed_for_an_award(lists):
    undecided = lists.name("award_publicity")
    text = refused(lists.publish, undecided, kind="award_publicity", at=at(3, 2))
    assert "没有拟授奖项的审议结果" in text


def test_an_edit_of_the_calendar_does_not_move_a_published_window(lists):
    notice = lists.publish(lists.name(), at=at(3, 2))
    before = (notice.last_on, notice.calendar_version)
    set_day(date(2026, 3, 5), is_workday=False, name="样例", by=lists.officer, at=at(3, 3))
    notice.refresh_from_db()
    assert (notice.last_on, notice.calendar_version) == before
    assert lists.publish(lists.name(), at=at(3, 2)).last_on == date(2026, 3, 10)


def test_opening_leaves_a_link_in_the_rounds_chain_without_names_of_people(lists):
    notice = lists.publish(lists.name(), at=at(3, 2))
    link = AuditRecord.objects.get(chain=lists.round.chain, verb="notice.open")
    assert link.subject == f"notice:{notice.public_id}"
    assert link.data["last_on"] == "2026-03-09"
    assert lists.officer.display_name not in str(link.data)
