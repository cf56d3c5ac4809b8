"""A member's paper: filled in, read over, cast once; what it refuses, and that nothing keeps how one voted (V8)."""

from __future__ import annotations

import re
import uuid

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext

from award_portal.lib import clock
from organizations.models import OnceKey
from reviews.meetings import recuse_member
from reviews.models import Ballot, Meeting, Paper

from .meeting_builders import Deliberation, build_deliberation
from .test_meeting_pages import at, fill, said, signed_in, text

pytestmark = pytest.mark.django_db
WRITES = re.compile(r'^(?:INSERT INTO|UPDATE|DELETE FROM) "(\w+)"')


@pytest.fixture
def deliberation(frozen, calendars) -> Deliberation:
    return build_deliberation(members=5)


@pytest.fixture
def meeting(deliberation) -> Meeting:
    return deliberation.meeting()


@pytest.fixture
def ballot(deliberation, meeting) -> Ballot:
    return deliberation.open(meeting)[0]


def test_a_member_fills_in_reads_over_and_casts(deliberation, ballot):
    member = signed_in(deliberation.members[0])
    url = at("paper", ballot.public_id)
    checked = text(member.post(url, fill(ballot, 2, step="check")))
    assert "请核对，投出后不能更改" in checked
    assert not Paper.objects.exists()
    back = text(member.post(url, fill(ballot, 2, step="edit")))
    assert len(re.findall(r'value="for"[^>]*checked', back)) == 2
    voted = said(member, url, fill(ballot, 2))
    assert "已投票" in voted
    assert "同意" not in voted
    assert deliberation.applications[0].organization.name not in voted
    assert Paper.objects.count() == 1


@pytest.mark.parametrize("step", ["check", "cast"])
def test_more_names_than_places_are_refused_and_every_choice_is_kept(deliberation, ballot, step):
    refused = signed_in(deliberation.members[0]).post(at("paper", ballot.public_id), fill(ballot, 4, step=step))
    assert "“同意”不能超过名额3个，现为4个" in text(refused)
    assert len(re.findall(r'value="for"[^>]*checked', text(refused))) == 4
    assert not Paper.objects.exists()


def test_a_name_without_a_choice_is_pointed_to_and_the_others_are_kept(deliberation, ballot):
    form = fill(ballot, 3, step="check")
    form.popitem()
    refused = text(signed_in(deliberation.members[0]).post(at("paper", ballot.public_id), form))
    assert "请选择同意、不同意或者弃权" in refused
    assert len(re.findall(r"\schecked", refused)) == 3


def test_a_second_paper_is_refused_and_the_first_stands(deliberation, ballot):
    member = signed_in(deliberation.members[0])
    url = at("paper", ballot.public_id)
    member.post(url, fill(ballot, 1))
    sealed = bytes(Paper.objects.get().sealed)
    for step in ("cast", "check"):
        answer = text(member.post(url, fill(ballot, 3, step=step)))
        assert "每人只能投一次" in answer
        assert "checked" not in answer
    assert bytes(Paper.objects.get().sealed) == sealed


def test_u23_a_recused_member_has_no_choice_on_that_name_and_cannot_force_one(deliberation, meeting):
    name = deliberation.applications[0]
    recuse_member(
        deliberation.member(meeting, 0), application=name, ground="近亲属", by=deliberation.officer, at=clock.now()
    )
    ballot, _ = deliberation.open(meeting)
    member, url = signed_in(deliberation.members[0]), at("paper", ballot.public_id)
    page = text(member.get(url))
    assert f"choice-{name.public_id}" not in page
    assert "回避" in page
    refused = text(member.post(url, fill(ballot, 1)))
    assert f"您对{name.organization}已经回避，不能就其表决" in refused
    assert "第二十三条" in refused
    assert not Paper.objects.exists()
    form = fill(ballot)
    form.pop(f"choice-{name.public_id}")
    assert "已投票" in said(member, url, form)


def test_a_paper_for_a_counted_ballot_is_refused_with_the_choices_kept(deliberation, meeting):
    ballot, passphrase = deliberation.open(meeting)
    for user in deliberation.members[:4]:
        signed_in(user).post(at("paper", ballot.public_id), fill(ballot, 1))
    deliberation.close(ballot, passphrase)
    late = signed_in(deliberation.members[4])
    answer = text(late.post(at("paper", ballot.public_id), fill(ballot, 2)))
    assert "本次表决已经结束，表决票没有投出" in answer
    assert len(re.findall(r'value="for"[^>]*checked', answer)) == 2
    assert "本次投票已经结束" in text(late.get(at("paper", ballot.public_id)))


def test_who_is_not_in_the_room_has_no_paper(deliberation):
    one = deliberation.meeting(present=4)
    ballot, _ = deliberation.open(one)
    away = signed_in(deliberation.members[4])
    for answer in (away.get(at("paper", ballot.public_id)), away.post(at("paper", ballot.public_id), fill(ballot, 1))):
        assert "您没有到会登记" in text(answer)
    assert not Paper.objects.exists()


def test_reading_a_paper_over_writes_nothing_and_casting_it_only_paper_and_ledger(deliberation, ballot):
    """V8: no session, message, form key, log or audit line tells that or how somebody voted."""
    member, url = signed_in(deliberation.members[0]), at("paper", ballot.public_id)
    member.get(url)
    before = (list(Session.objects.values_list()), OnceKey.objects.count())
    key = {"form_key": str(uuid.uuid4())}

    def written(step: str) -> set[str]:
        with CaptureQueriesContext(connection) as captured:
            answer = member.post(url, fill(ballot, 2, step=step) | key)
        assert "no-store" in answer["Cache-Control"]
        assert answer.wsgi_request.sensitive_post_parameters == "__ALL__", "an error report would print the paper"
        assert "choice" not in answer.get("Location", "")
        assert "?" not in answer.get("Location", "")
        assert not answer.cookies or set(answer.cookies) == {"csrftoken"}
        return {found[1] for one in captured.captured_queries if (found := WRITES.match(one["sql"]))}

    assert written("check") == set()
    assert written("edit") == set()
    assert written("cast") == {"reviews_paper", "reviews_voter"}
    assert (list(Session.objects.values_list()), OnceKey.objects.count()) == before
