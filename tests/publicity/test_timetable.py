"""A running round is held against its plan: who came and went when, its publicity windows, and where it is late."""

from __future__ import annotations

from datetime import date

from django.urls import reverse

from applications.models import Step
from publicity.closing import close_due
from publicity.timetable import round_timetable
from tests.publicity.builders import at


def step(application, name, from_state, to_state, when) -> None:
    Step.objects.create(
        application=application, step=name, from_state=from_state, to_state=to_state, by_label="办公室", at=when,
        recorded_at=when,
    )  # fmt: skip


def line_of(lists, state, *, when):
    return next(one for one in round_timetable(lists.round, at=when) if one.state == state)


def test_the_first_and_last_to_come_and_go_are_the_records(lists):
    one, two = lists.name("recommendation_publicity"), lists.name("recommendation_review")
    step(one, "submit", "draft", "recommendation_review", at(3, 20))
    step(two, "submit", "draft", "recommendation_review", at(3, 31))
    step(one, "clear_review", "recommendation_review", "recommendation_publicity", at(4, 3))
    line = line_of(lists, "recommendation_review", when=at(4, 3))
    assert (line.passage.first_in, line.passage.last_in) == (at(3, 20), at(3, 31))
    assert (line.passage.first_out, line.passage.here) == (at(4, 3), 1)
    assert line.is_running
    assert line.late_days == 0


def test_a_return_for_correction_is_no_leaving(lists):
    one = lists.name("recommendation_review")
    step(one, "submit", "draft", "recommendation_review", at(3, 20))
    step(one, "return_by_recommender", "recommendation_review", "correction", at(3, 23))
    step(one, "resubmit", "correction", "recommendation_review", at(3, 25))
    passage = line_of(lists, "recommendation_review", when=at(3, 26)).passage
    assert (passage.first_in, passage.last_in, passage.last_out) == (at(3, 20), at(3, 20), None)


def test_a_stage_past_its_planned_day_is_late_in_working_days(lists):
    name = lists.name("recommendation_review")
    step(name, "submit", "draft", "recommendation_review", at(3, 31))
    planned = line_of(lists, "recommendation_review", when=at(4, 1)).planned
    assert planned.ends_on == date(2026, 4, 22)  # fifteen working days after the window, around 清明节
    assert line_of(lists, "recommendation_review", when=at(4, 22)).late_days == 0
    assert line_of(lists, "recommendation_review", when=at(4, 27)).late_days == 3


def test_publicity_windows_come_from_the_notices(lists, frozen, client):
    notice = lists.publish(lists.name(), at=at(3, 2))
    line = line_of(lists, "acceptance_publicity", when=at(3, 4))
    assert line.windows == [(notice.starts_on, notice.last_on)]
    frozen.travel_to(notice.close_due_at)
    close_due(notice.close_due_at)
    assert line_of(lists, "acceptance_publicity", when=at(3, 11)).passage.last_out == notice.close_due_at
    client.force_login(lists.officer)
    page = client.get(reverse("publicity:timetable", args=[lists.round.public_id])).content.decode()
    assert notice.get_absolute_url() in page
    assert "<svg" in page
    assert "style=" not in page


def test_the_page_asks_as_many_queries_for_one_name_as_for_many(lists, client, django_assert_max_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.force_login(lists.officer)
    url = reverse("publicity:timetable", args=[lists.round.public_id])
    lists.publish(lists.name(), at=at(3, 2))
    client.get(url)
    with CaptureQueriesContext(connection) as one:
        client.get(url)
    for _ in range(3):
        name = lists.name()
        step(name, "accept", "qualification", "acceptance_publicity", at(3, 1))
        lists.publish(name, at=at(3, 2))
    with django_assert_max_num_queries(len(one)):
        client.get(url)


def test_another_offices_timetable_is_not_there(lists, client):
    client.force_login(lists.clerk)
    assert client.get(reverse("publicity:timetable", args=[lists.round.public_id])).status_code == 404
