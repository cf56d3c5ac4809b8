"""The office's page of a round says what objections run in it, which are late, and what each holds (O2, O5)."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from objections import handling
from tests.factories import make_user
from tests.publicity.builders import at


@pytest.fixture
def url(case) -> str:
    return reverse("awards:round", args=[case.round.public_id])


def page_of(client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_round_without_objections_says_nothing_of_them(case, client, url):
    client.force_login(case.officer)
    assert "办理中 0 件" not in page_of(client, url)


def test_o2_open_near_and_overdue_are_counted_with_links_and_what_they_hold(case, client, url, frozen):
    late, fine = case.object_to(), handling.forward(case.object_to(), by=case.officer, at=at(3, 3))
    frozen.travel_to(at(3, 6))
    client.force_login(case.officer)
    page = page_of(client, url)
    cases = f"{reverse('objections:cases')}?round={case.round.public_id}"
    for told in ("办理中 2 件", "已逾期 1 件", late.number, fine.number, "至2026年3月5日", "公示期满"):
        assert told in page
    assert f"{cases}&amp;due=overdue" in page
    listed = page_of(client, f"{cases}&due=overdue")
    assert late.number in listed
    assert fine.number not in listed
    assert client.get(f"{reverse('objections:cases')}?round=nonsense").status_code == 200


def test_what_waits_for_the_leading_body_is_on_the_page_too(frozen, calendars, db, client):
    from .test_outcomes import changed, make_case, the_body_cancels, upheld

    case = make_case("award_publicity", edition_text=changed(the_body_cancels))
    outcome = upheld(case).outcomes.get()
    client.force_login(case.officer)
    page = page_of(client, reverse("awards:round", args=[case.round.public_id]))
    assert reverse("objections:cancellation", args=[outcome.public_id]) in page
    assert "批准授奖" in page


def test_the_page_costs_the_same_for_one_case_and_for_many(case, client, url):
    client.force_login(case.officer)
    case.object_to()
    counts = []
    for _ in range(2):
        page_of(client, url)
        with CaptureQueriesContext(connection) as caught:
            page_of(client, url)
        counts.append(len(caught))
        for _ in range(4):
            case.object_to()
    assert counts[0] == counts[1]


def test_nobody_beside_the_office_sees_it(case, client, url):
    for user in (case.clerk, case.supervisor, make_user()):
        client.force_login(user)
        assert client.get(url).status_code == 404
