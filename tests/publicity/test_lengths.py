"""How long a list is public is the regulation's: at least, exactly, in working or in calendar days (U11.8, B15)."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from publicity.extending import extend_publicity
from publicity.models import Notice
from publicity.opening import PublicityRefused, opening_refusals
from tests.changed_schemes import calendar_days, changed, seven_days_exactly

from .builders import at, make_lists

pytestmark = pytest.mark.django_db


@pytest.fixture
def exact(frozen, calendars):
    return make_lists(changed(seven_days_exactly))


def test_b15_seven_working_days_are_seven(exact):
    notice = exact.publish(exact.shortlisted(), kind="award_publicity", at=at(3, 2))
    assert (notice.days, notice.starts_on, notice.last_on) == (7, date(2026, 3, 3), date(2026, 3, 11))


@pytest.mark.parametrize(("days", "told"), [(6, "不得少于7日"), (8, "为7日，不得变更")])
def test_b15_neither_shorter_nor_longer(exact, days, told):
    with pytest.raises(PublicityRefused, match=told):
        exact.publish(exact.shortlisted(), kind="award_publicity", at=at(3, 2), days=days)
    assert not Notice.objects.exists()


def test_b15_an_exact_window_is_not_extended(exact):
    notice = exact.publish(exact.shortlisted(), kind="award_publicity", at=at(3, 2))
    with pytest.raises(PublicityRefused, match="不得变更.*第十一条第（八）项"):  # noqa: RUF043
        extend_publicity(notice, days=9, ground="样例", by=exact.officer, at=at(3, 4))
    assert Notice.objects.get().last_on == date(2026, 3, 11)


def test_the_desk_says_that_the_length_is_fixed(exact):
    exact.shortlisted()
    officer = Client()
    officer.force_login(exact.officer, backend="django.contrib.auth.backends.ModelBackend")
    page = reverse("publicity:open_list", args=[exact.round.public_id, "award_publicity", exact.office.public_id])
    assert "办法规定的天数，不得变更" in officer.get(page).content.decode()


def test_a_window_in_calendar_days_runs_over_the_weekend(frozen, calendars):
    lists = make_lists(changed(calendar_days))
    one = lists.shortlisted()
    notice = lists.publish(one, kind="award_publicity", at=at(3, 2))
    assert (notice.starts_on, notice.last_on, notice.day_kind) == (date(2026, 3, 3), date(2026, 3, 7), "calendar")
    assert "共5个自然日" in Client().get(notice.get_absolute_url()).content.decode()
    told = Client().get(reverse("publicity:how_to_object")).content.decode()
    assert "不少于5个自然日" in told
    assert opening_refusals(
        lists.round, kind="award_publicity", applications=[one], issuer=lists.office, by=lists.officer, tiers={}
    )  # already on a list


def test_the_public_page_says_seven_working_days_without_at_least(exact):
    told = Client().get(reverse("publicity:how_to_object")).content.decode()
    assert "获奖建议名单公示：7个工作日" in told
