"""A window only grows longer, and openly (E1)."""

from __future__ import annotations

from datetime import date

import pytest

from awards.workdays import CalendarMissing
from publicity.closing import close_due
from publicity.correcting import publish_correction
from publicity.extending import extend_publicity
from publicity.models import Notice
from publicity.opening import PublicityRefused
from tests.factories import make_unit, make_user
from tests.publicity.builders import at


def test_an_extension_is_published_with_both_last_days(lists):
    name = lists.name()
    notice = lists.publish(name, at=at(3, 2))
    correction = extend_publicity(notice, days=7, ground="系统停机半日", by=lists.officer, at=at(3, 9, 17))
    notice.refresh_from_db()
    assert (notice.last_on, notice.days, notice.close_due_at) == (date(2026, 3, 11), 7, at(3, 12, 0, 5))
    assert correction.kind == Notice.Kind.EXTENSION
    assert correction.amends == notice
    assert "原截止日2026年3月9日，现截止日2026年3月11日" in correction.body
    assert correction.document.is_public
    assert close_due(at(3, 10, 1)) == 0
    assert close_due(at(3, 12, 0, 5)) == 2


@pytest.mark.parametrize("days", [3, 5])
def test_a_window_is_never_shortened(lists, days):
    notice = lists.publish(lists.name(), at=at(3, 2))
    with pytest.raises(PublicityRefused, match="只能延长"):
        extend_publicity(notice, days=days, ground="样例", by=lists.officer, at=at(3, 3))
    notice.refresh_from_db()
    assert notice.last_on == date(2026, 3, 9)
    assert Notice.objects.count() == 1


def test_a_window_that_ran_out_is_not_reopened(lists):
    notice = lists.publish(lists.name(), at=at(3, 2))
    with pytest.raises(PublicityRefused, match="已经期满"):
        extend_publicity(notice, days=9, ground="样例", by=lists.officer, at=at(3, 10, 0))


def test_an_extension_needs_its_ground_and_its_issuer(lists):
    notice = lists.publish(lists.name(), at=at(3, 2))
    with pytest.raises(PublicityRefused, match="理由"):
        extend_publicity(notice, days=7, ground="  ", by=lists.officer, at=at(3, 3))
    with pytest.raises(PublicityRefused, match="发布单位"):
        extend_publicity(notice, days=7, ground="样例", by=make_user(make_unit("office")), at=at(3, 3))


def test_an_extension_into_an_unpublished_year_changes_nothing(lists):
    notice = lists.publish(lists.name(), at=at(12, 21))
    before = notice.last_on
    with pytest.raises(CalendarMissing):
        extend_publicity(notice, days=15, ground="样例", by=lists.officer, at=at(12, 22))
    notice.refresh_from_db()
    assert notice.last_on == before
    assert Notice.objects.count() == 1


def test_a_correction_says_what_was_wrong_and_what_is_right_and_leaves_the_notice_as_it_was(lists, client):
    notice = lists.publish(lists.name(), at=at(3, 2))
    before = Notice.objects.filter(pk=notice.pk).values().get()
    correction = publish_correction(
        notice, wrong="0991-5550000", right="0991-5550001", by=lists.officer, at=at(3, 3)
    )  # fmt: skip
    assert correction.amends == notice
    assert "“0991-5550000”更正为“0991-5550001”" in correction.body
    assert Notice.objects.filter(pk=notice.pk).values().get() == before
    original = client.get(notice.get_absolute_url()).content.decode()
    assert correction.get_absolute_url() in original
    page = client.get(correction.get_absolute_url()).content.decode()
    assert notice.get_absolute_url() in page
    assert "更正为：0991-5550001" in page


@pytest.mark.parametrize(
    ("wrong", "right", "said"), [("", "乙", "有误的内容"), ("甲", " ", "更正后的内容"), ("甲", "甲", "相同")]
)
def test_a_correction_without_both_texts_is_refused(lists, wrong, right, said):
    notice = lists.publish(lists.name(), at=at(3, 2))
    with pytest.raises(PublicityRefused, match=said):
        publish_correction(notice, wrong=wrong, right=right, by=lists.officer, at=at(3, 3))
    assert Notice.objects.count() == 1


def test_a_correction_is_not_itself_corrected(lists):
    notice = lists.publish(lists.name(), at=at(3, 2))
    correction = publish_correction(notice, wrong="甲", right="乙", by=lists.officer, at=at(3, 3))
    with pytest.raises(PublicityRefused, match="就原公告另行发布"):
        publish_correction(correction, wrong="乙", right="丙", by=lists.officer, at=at(3, 3))
