"""评审通知 of a hearing and of a visit: to each applicant and to the panel, void once issued again (U11.6)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from applications.desk_rules import DeskRefused
from award_portal.lib import clock
from documents.access import may_read
from documents.models import IssuedDocument
from organizations.models import OutboxItem
from reviews.panels import current_members
from reviews.review_notices import (
    issue_session_notices,
    issue_visit_notices,
    notice_to,
    notice_to_panel,
    notices_of,
)
from reviews.sessions import cancel_session, move_session
from reviews.visits import team_of
from tests.factories import make_user

from .visit_builders import build_hearing, build_site, confirmed_visit, planned_visit

pytestmark = pytest.mark.django_db


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_u11_6_each_applicant_and_the_panel_are_told_time_place_order_and_materials(frozen, calendars):
    review, session = build_hearing()
    made = issue_session_notices(session, by=review.officer, at=clock.now())
    first, second = review.applications
    assert len(made) == 3
    content = notice_to(first, session).content
    assert content["name"] == str(first.organization)
    assert dict(content["facts"])["地点"] == "一号会议室"
    assert "抽签" in dict(content["facts"])["次序"]
    assert any("陈述材料请于" in line for line in content["asked"])
    # nobody is told of the others, and the panel of all
    assert str(second.organization) not in str(content)
    assert [row[1] for row in notice_to_panel(session).content["rows"]] == [first.listed_name, second.listed_name]
    assert notice_to(first, session).title == "陈述答辩通知"
    member = current_members(session.panel)[0]
    told = [one.payload["user"] for one in OutboxItem.objects.filter(kind="inbox_message") if one.payload["url"] ==
            notice_to_panel(session).get_absolute_url()]  # fmt: skip
    assert member.user_id in told


def test_a_notice_is_read_by_whom_it_is_addressed_to(frozen, calendars):
    review, session = build_hearing()
    issue_session_notices(session, by=review.officer, at=clock.now())
    first, second = review.applications
    member = current_members(session.panel)[0].user
    own, panels = notice_to(first, session), notice_to_panel(session)
    assert [may_read(one, own) for one in (first.created_by, second.created_by, member)] == [True, False, False]
    assert [may_read(one, panels) for one in (first.created_by, member, make_user())] == [False, True, False]


def test_another_time_makes_the_earlier_notices_void(frozen, calendars):
    review, session = build_hearing()
    before = issue_session_notices(session, by=review.officer, at=clock.now())
    move_session(
        session, starts_at=session.starts_at + timedelta(days=1), place="二号会议室", reason="会场调整",
        by=review.officer, at=clock.now(),
    )  # fmt: skip
    issue_session_notices(session, by=review.officer, at=clock.now())
    assert {one.pk for one in IssuedDocument.objects.exclude(voided_at=None)} == {one.pk for one in before}
    assert {dict(one.content["facts"])["地点"] for one in notices_of(session)} == {"二号会议室"}
    session.refresh_from_db()
    cancel_session(session, reason="改期", by=review.officer, at=clock.now())
    with pytest.raises(DeskRefused, match="不再发出通知"):
        issue_session_notices(session, by=review.officer, at=clock.now())
    with pytest.raises(DeskRefused, match="办公室办理"):
        issue_session_notices(session, by=make_user(), at=clock.now())


def test_u11_7_a_visit_is_notified_once_its_days_are_agreed(frozen, calendars):
    review, panel = build_site()
    with pytest.raises(DeskRefused, match="尚未确认日程"):
        issue_visit_notices(planned_visit(review, panel), by=review.officer, at=clock.now())


def test_u11_7_applicant_and_team_get_their_notices_at_the_pages(frozen, calendars):
    review, panel = build_site()
    visit = confirmed_visit(review, panel)
    url = reverse("reviews:visit", args=[visit.public_id])
    office = signed_in(review.officer)
    assert "发出通知" in office.get(url).content.decode()
    office.post(url, {"action": "notify"})
    own, teams = notice_to(visit.application, visit), notice_to_panel(visit)
    assert [row[0] for row in own.content["facts"]] == ["时间", "地点", "评审组", "次序"]
    assert own.content["rows"] == teams.content["rows"]
    assert "0000-1234567" not in str(teams.content)
    applicant = signed_in(visit.application.created_by)
    page = applicant.get(reverse("reviews:own_visit", args=[visit.application.public_id])).content.decode()
    assert own.number in page
    member = team_of(visit)[1]
    assert teams.number in signed_in(member.user).get(url).content.decode()
    assert may_read(member.user, teams)
    assert not may_read(review.experts[5].user, teams)


def test_the_office_notifies_a_hearing_at_its_page(frozen, calendars):
    review, session = build_hearing(applications=1)
    office, url = signed_in(review.officer), reverse("reviews:session", args=[session.public_id])
    office.post(url, {"action": "notify"})
    assert notices_of(session).count() == 2
    page = office.get(url).content.decode()
    assert all(one.number in page for one in notices_of(session))
    own = signed_in(review.applications[0].created_by)
    page = own.get(reverse("reviews:own_session", args=[review.applications[0].public_id])).content.decode()
    assert notice_to(review.applications[0], session).number in page
