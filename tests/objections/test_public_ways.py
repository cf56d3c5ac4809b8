"""From each name's public line: an objection while one is taken, a tip where it is too late, or till when (U12)."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.models import Application
from award_portal.lib import clock
from publicity.models import Notice
from tests.changed_schemes import changed
from tests.publicity.builders import at

from .builders import Case, make_case


def page_of(client, notice: Notice) -> str:
    answer = client.get(notice.get_absolute_url())
    assert answer.status_code == 200
    return answer.content.decode()


def way_to(name: str, notice: Notice, application: Application) -> str:
    return f"{reverse(f'objections:{name}', args=[notice.public_id])}?name={application.public_id}"


def test_u12_each_name_of_a_running_list_leads_to_an_objection_to_it(case, client):
    second = case.name()
    notice = case.publish(second, at=clock.now())
    page = page_of(client, notice)
    assert way_to("file", notice, second) in page
    filing = client.get(way_to("file", notice, second)).content.decode()
    assert f'<option value="{second.public_id}" selected>' in filing


def test_a_name_struck_off_leads_nowhere(case, client):
    case.notice.items.update(struck_at=clock.now())
    assert "?name=" not in page_of(client, case.notice)


def test_u12_while_the_review_goes_on_an_objection_is_still_offered_after_the_window(case, client, frozen):
    frozen.travel_to(at(3, 10, 0))
    page = page_of(client, case.notice)
    assert way_to("file", case.notice, case.application) in page
    assert "公示期至2026年3月9日24:00止；评审期间，可以继续" in page


@pytest.fixture
def listed(db, frozen, calendars) -> Case:
    """A proposed winner whose list has run out."""
    case = make_case("award_publicity")
    frozen.travel_to(at(3, 10, 0))
    return case


def test_what_comes_too_late_is_taken_as_a_tip(listed, client):
    page = page_of(client, listed.notice)
    assert way_to("tell_situation", listed.notice, listed.application) in page
    assert "提出异议" not in page.replace("怎样提出异议", "")
    assert "已不受理异议" in page
    tip = client.get(way_to("tell_situation", listed.notice, listed.application)).content.decode()
    assert f'<option value="{listed.application.public_id}" selected>' in tip


def test_where_late_ones_are_refused_the_page_says_till_when_it_was_possible(db, frozen, calendars, client):
    def late_ones_are_refused(data) -> None:
        data["objections"]["late"] = {"value": "refuse", "cite": "12"}

    listed = make_case("award_publicity", edition_text=changed(late_ones_are_refused))
    frozen.travel_to(at(3, 10, 0))
    page = page_of(client, listed.notice)
    assert "?name=" not in page
    assert "公示期至2026年3月9日24:00止，期满不再受理异议。" in page
    assert "第十二条" in page.split("期满不再受理异议。")[1][:200]


def test_the_page_costs_the_same_for_one_name_and_for_many(case, client, frozen):
    many = case.publish(*(case.name() for _ in range(6)), at=clock.now())
    frozen.travel_to(at(3, 10, 0))
    counts = []
    for notice in (case.notice, many):
        page_of(client, notice)
        with CaptureQueriesContext(connection) as caught:
            page_of(client, notice)
        counts.append(len(caught))
    assert counts[0] == counts[1]
