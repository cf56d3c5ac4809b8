"""The public site in a real browser: at a desk, on a phone, in large text; what was struck stays to be read."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from applications.submitting import withdraw
from award_portal.lib import clock
from tests.factories import make_claim
from tests.publicity.builders import at, make_lists
from tests.supervision.builders import make_award

from .test_meetings import look

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("calendars")]


@pytest.fixture
def frozen():
    with clock.frozen(clock.at(date(2026, 3, 2), 9)) as stood:
        yield stood


def test_every_public_page_is_axe_clean_and_holds_its_width(frozen, calendars, open_page, axe_faults) -> None:
    lists = make_lists()
    leaving = lists.name()
    notice = lists.publish(leaving, lists.name(), at=at(3, 2))
    withdraw(leaving, ground="经营调整（虚构）", by=make_claim(leaving.organization), at=at(3, 2))
    award, _ = make_award(lists.round)
    revoked, _ = make_award(lists.round, state="revoked", revoked_on=date(2026, 2, 20), tier_name="质量奖提名奖")
    pages = {
        "home": "/",
        "calls": reverse("publicity:calls"),
        "notices": reverse("publicity:notices"),
        "notice": notice.get_absolute_url(),
        "how_to_object": reverse("publicity:how_to_object"),
        "register": reverse("publicity:register"),
        "check": reverse("publicity:certificate_check"),
        "certificate": reverse("publicity:certificate", args=[award.certificate_number]),
        "revoked": reverse("publicity:certificate", args=[revoked.certificate_number]),
    }
    look(open_page, axe_faults, None, pages, "public")
    page = open_page(width=390, large_text=True)
    page.goto(notice.get_absolute_url())
    assert page.locator("s").inner_text() == str(leaving.organization)
    assert page.get_by_text("2026年3月2日，撤回申报").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
