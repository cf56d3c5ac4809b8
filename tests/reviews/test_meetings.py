"""The leading body meets (V8): called after the review report, quorate at two thirds, the recused out of the count."""

from __future__ import annotations

import pytest

from applications.desk_rules import DeskRefused
from applications.models import Application
from award_portal.lib import clock
from awards.workdays import date_zh
from organizations.models import AuditRecord, Membership, OutboxItem
from reviews.ballots import open_ballot
from reviews.meetings import electorate_of, mark_attendance, recuse_member
from reviews.member_conflicts import recuse_all_found
from reviews.models import Ballot, Meeting, MemberRecusal, ReviewReport
from tests.factories import make_user

from .meeting_builders import build_deliberation
from .panel_builders import build_review

pytestmark = pytest.mark.django_db


@pytest.fixture
def deliberation(frozen, calendars):
    return build_deliberation()


def recuse(deliberation, meeting, position, application, *, ground="曾任该组织顾问（虚构）", by=None):
    recuse_member(
        deliberation.member(meeting, position), application=application, ground=ground,
        by=by or deliberation.officer, at=clock.now(),
    )  # fmt: skip


def test_u11_8_everybody_who_works_in_the_leading_body_is_called(deliberation):
    gone = deliberation.members[-1]
    gone.memberships.update(ended_at=clock.now())
    meeting = deliberation.convene()
    called = [one.user for one in meeting.members.all()]
    assert called == deliberation.members[:-1] == electorate_of(deliberation.round)
    told = OutboxItem.objects.filter(kind="inbox_message", payload__subject__startswith="会议通知")
    assert {one.payload["body"] for one in told} == {f"{date_zh(meeting.held_on)}，{meeting.place}"}
    assert {one.payload["user"] for one in told} == {one.pk for one in called}


def test_u11_8_no_meeting_before_the_review_report_is_issued(deliberation):
    ReviewReport.objects.update(issued_at=None)
    with pytest.raises(DeskRefused, match=r"评审报告尚未签发.*第十一条第（八）项"):
        deliberation.convene()
    assert not Meeting.objects.exists()


def test_only_the_office_calls_a_meeting_and_one_at_a_time(deliberation):
    deliberation.officer, officer = deliberation.members[0], deliberation.officer
    with pytest.raises(DeskRefused, match="由办公室筹备"):
        deliberation.convene()
    deliberation.officer = officer
    deliberation.convene()
    with pytest.raises(DeskRefused, match="已有一次会议"):
        deliberation.convene()
    assert Meeting.objects.count() == 1


def test_a_meeting_needs_a_teller_and_a_counter(deliberation):
    for missing in ("teller", "counter"):
        with pytest.raises(DeskRefused, match="监票人和计票人"):
            deliberation.convene(**{missing: "  "})


def test_a_leading_body_without_people_cannot_be_called(deliberation):
    deliberation.leading_body.memberships.update(ended_at=clock.now())
    with pytest.raises(DeskRefused, match="没有登记成员"):
        deliberation.convene()


def test_six_of_nine_may_vote_and_five_may_not(deliberation):
    meeting = deliberation.meeting(present=5)
    with pytest.raises(DeskRefused, match=r"应到9人，实到5人，未达到应到成员的2/3"):
        deliberation.open(meeting)
    assert not Ballot.objects.exists()
    here = {one.pk for one in meeting.members.all()[:6]}
    mark_attendance(meeting, present=here, by=deliberation.officer, at=clock.now())
    assert deliberation.open(meeting)[0].present_count == 6


def test_nobody_votes_before_attendance_is_taken(deliberation):
    meeting = deliberation.convene()
    with pytest.raises(DeskRefused, match="先登记到会"):
        deliberation.open(meeting)


def test_attendance_counts_only_who_was_called_and_stands_still_while_a_ballot_is_open(deliberation):
    meeting = deliberation.meeting()
    outsider = 10**6
    mark_attendance(
        meeting, present={*meeting.members.values_list("pk", flat=True), outsider}, by=deliberation.officer,
        at=clock.now(),
    )  # fmt: skip
    assert AuditRecord.objects.filter(verb="meeting.attendance").last().data == {"present": 9}
    deliberation.open(meeting)
    with pytest.raises(DeskRefused, match="正在投票，不能变更到会情况"):
        mark_attendance(meeting, present=set(), by=deliberation.officer, at=clock.now())
    assert meeting.members.filter(is_present=True).count() == 9


def test_meeting_matters_are_the_offices(deliberation):
    meeting = deliberation.meeting()
    member, stranger = deliberation.members[0], make_user()
    for by in (member, stranger):
        with pytest.raises(DeskRefused, match="由办公室办理"):
            mark_attendance(meeting, present=set(), by=by, at=clock.now())
        with pytest.raises(DeskRefused, match="由办公室办理"):
            open_ballot(meeting, tier="main", by=by, at=clock.now())
        with pytest.raises(DeskRefused, match="由办公室办理"):
            recuse(deliberation, meeting, 0, deliberation.applications[0], by=by)
    assert meeting.members.filter(is_present=True).count() == 9


def test_u23_a_recusal_needs_its_ground_and_a_name_of_this_round(deliberation):
    meeting = deliberation.meeting()
    with pytest.raises(DeskRefused, match=r"请写明回避理由.*第二十三条"):
        recuse(deliberation, meeting, 0, deliberation.applications[0], ground=" ")
    elsewhere = build_review(applications=1, experts=0).applications[0]
    with pytest.raises(DeskRefused, match="不属于本届"):
        recuse(deliberation, meeting, 0, elsewhere)
    assert not MemberRecusal.objects.exists()


def test_u23_a_recusal_while_the_ballot_is_open_annuls_it(deliberation):
    meeting = deliberation.meeting()
    ballot, _ = deliberation.open(meeting)
    deliberation.cast(ballot, 9, 9, 9, 0)
    recuse(deliberation, meeting, 3, deliberation.applications[0])
    ballot.refresh_from_db()
    assert (ballot.state, bytes(ballot.wrapped_key)) == (Ballot.State.ANNULLED, b"")
    assert not ballot.papers.exists()
    assert not ballot.voters.exists()
    again, _ = deliberation.open(meeting)
    assert again.number == 1
    bases = list(again.candidates.order_by("position").values_list("base", flat=True))
    assert bases == [8, 9, 9, 9]


def test_u23_a_recusal_of_somebody_who_had_no_part_in_a_counted_ballot_leaves_all_as_it_is(deliberation):
    meeting = deliberation.meeting(present=8)
    deliberation.elect(meeting, "main", 8, 8, 0, 0)
    ballot, _ = deliberation.open(meeting, "nominee")
    recuse(deliberation, meeting, 8, deliberation.applications[0])
    ballot.refresh_from_db()
    assert ballot.state == Ballot.State.OPEN
    assert meeting.ballots.filter(state=Ballot.State.CLOSED).count() == 1


def test_u23_a_recusal_after_a_tier_was_counted_annuls_it_and_what_rests_on_it(deliberation):
    meeting = deliberation.meeting()
    counted = deliberation.elect(meeting, "main", 9, 9, 0, 0)
    running, _ = deliberation.open(meeting, "nominee")
    recuse(deliberation, meeting, 0, deliberation.applications[0])
    for one in (counted, running):
        one.refresh_from_db()
        assert one.state == Ballot.State.ANNULLED
        assert (one.annulled_ground, one.annulled_by) == ("成员回避，计票基数变更", deliberation.officer)
    # nothing that could be held against the ballot run again
    assert set(counted.candidates.values_list("votes_for", "is_elected")) == {(None, False)}
    again, _ = deliberation.open(meeting, "main")
    assert list(again.candidates.order_by("position").values_list("base", flat=True)) == [8, 9, 9, 9]
    assert AuditRecord.objects.get(verb="meeting.recuse").data["annulled"] == 2


def test_u23_nothing_is_voted_on_a_name_while_a_member_tied_to_it_counts(deliberation):
    meeting, application = deliberation.meeting(), deliberation.applications[0]
    tied = deliberation.members[2]
    Membership.objects.create(user=tied, unit=deliberation.recommender, started_at=clock.now())
    Application.objects.exclude(pk=application.pk).update(recommender=None)
    with pytest.raises(DeskRefused, match=rf"{tied}与.*应当先登记回避：为推荐单位"):
        deliberation.open(meeting)
    assert recuse_all_found(meeting, by=deliberation.officer, at=clock.now()) == 1
    ballot, _ = deliberation.open(meeting)
    assert ballot.candidates.get(application=application).base == 8


def test_what_is_on_record_names_the_meeting_and_no_member(deliberation):
    meeting = deliberation.meeting()
    recuse(deliberation, meeting, 0, deliberation.applications[0])
    records = AuditRecord.objects.filter(subject=f"meeting:{meeting.public_id}")
    assert list(records.order_by("seq").values_list("verb", flat=True)) == [
        "meeting.convene", "meeting.attendance", "meeting.recuse",
    ]  # fmt: skip
    text = str(list(records.values_list("data", flat=True)))
    for one in deliberation.members:
        assert one.display_name not in text
        assert str(one.public_id) not in text
