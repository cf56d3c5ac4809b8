"""Where 下一个节点 stops beside what falls due: windows, own publicity, sheets, sessions, meetings."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from applications.moments import next_self_publicity_end
from award_portal.lib import clock
from award_portal.lib.sweeping import next_due
from awards.moments import next_window_edge
from reviews.models import Meeting
from reviews.moments import next_meeting, next_session, next_sheets_due
from reviews.sessions import schedule_session
from tests.reviews.panel_builders import build_review, score

pytestmark = pytest.mark.django_db


def test_sheets_are_due_until_the_last_is_in(frozen, calendars):
    review = build_review()
    panel = review.panel()
    assignments = review.assigned(panel)
    end = clock.day_start(panel.due_on + timedelta(days=1))
    assert next_sheets_due(clock.now()) == end
    assert next_sheets_due(end) is None
    for one in assignments:
        score(one)
    assert next_sheets_due(clock.now()) is None


def test_a_session_and_a_meeting_are_stops(frozen, calendars):
    review = build_review()
    panel, now = review.panel(), clock.now()
    starts_at = now + timedelta(days=1)
    schedule_session(
        panel, applications=review.applications, starts_at=starts_at, place="样例会议室", by=review.officer, at=now
    )
    assert next_session(now) == starts_at
    assert next_session(starts_at) is None
    day = date(now.year, now.month, now.day) + timedelta(days=3)
    meeting = Meeting.objects.create(
        round=review.round, title="审议会议", held_on=day, place="样例会议室", convened_at=now
    )
    assert next_meeting(now) == clock.at(day, 9)
    assert next_meeting(clock.at(day, 9)) is None
    Meeting.objects.filter(pk=meeting.pk).update(state=Meeting.State.DECIDED)
    assert next_meeting(now) is None


def test_the_application_window_is_a_stop(frozen):
    review = build_review()
    round, now = review.round, clock.now()
    edges = sorted(one for one in (round.opens_at, round.closes_at) if one > now)
    assert next_window_edge(now) == edges[0]
    assert next_window_edge(round.closes_at) is None
    assert next_due(now) == edges[0]
    assert next_self_publicity_end(now) is None
