"""The leading body's decision (U11.8): carried as voted, whole or not at all, once, with its minutes."""

from __future__ import annotations

import pytest

from applications.models import Application, Step
from applications.moves import StepRefused, move
from applications.pipeline import State
from award_portal.lib import clock
from documents.access import may_read
from documents.models import IssuedDocument
from organizations.models import AuditRecord
from reviews.ballots import void_ballot
from reviews.deciding import carry_decision
from reviews.models import Meeting, ShortlistEntry
from tests.factories import make_user

from .meeting_builders import build_deliberation

pytestmark = pytest.mark.django_db


@pytest.fixture
def deliberation(frozen, calendars):
    return build_deliberation(applications=6)


@pytest.fixture
def voted(deliberation):
    """Three elected to 质量奖, two to 提名奖, one to nothing."""
    meeting = deliberation.meeting()
    deliberation.elect(meeting, "main", 9, 8, 7, 2, 1, 0)
    deliberation.elect(meeting, "nominee", 9, 8, 1)
    return meeting


def states(deliberation) -> list[str]:
    return list(Application.objects.filter(round=deliberation.round).order_by("pk").values_list("state", flat=True))


def carry(deliberation, meeting, *, by=None):
    return carry_decision(meeting, by=by or deliberation.officer, at=clock.now())


def test_u11_8_the_elected_go_on_the_list_and_the_others_are_told(deliberation, voted):
    carry(deliberation, voted)
    assert states(deliberation) == [State.AWARD_PUBLICITY] * 5 + [State.NOT_SELECTED]
    entries = ShortlistEntry.objects.order_by("application_id").values_list("tier", flat=True)
    assert list(entries) == ["main"] * 3 + ["nominee"] * 2
    steps = Step.objects.filter(step="shortlist").order_by("pk")
    assert {one.facts["tier_name"] for one in steps} == {"质量奖", "质量奖提名奖"}
    assert all("第十一条第（八）项" in one.cite for one in steps)
    assert AuditRecord.objects.get(verb="meeting.decide").data == {"shortlisted": 5}


def test_u4_no_more_names_than_the_quota_of_each_tier(deliberation, voted):
    carry(deliberation, voted)
    quotas = {one.key: one.quota.value for one in deliberation.applications[0].rulebook.tiers}
    assert (
        {key: ShortlistEntry.objects.filter(tier=key).count() for key in quotas} == quotas == {"main": 3, "nominee": 2}
    )


def test_u4_a_second_meeting_gives_only_the_places_the_first_left(deliberation):
    first = deliberation.meeting()
    deliberation.elect(first, "main", 9, 8, 7, 2, 1, 0)
    deliberation.elect(first, "nominee", 9, 2, 1)
    carry(deliberation, first)
    late = [deliberation.application(State.DELIBERATION) for _ in range(2)]
    second = deliberation.meeting()
    with pytest.raises(StepRefused, match="质量奖名额为3个，已经用完"):
        deliberation.open(second, "main")
    ballot = deliberation.elect(second, "nominee", 9, 0)
    assert ballot.seats == 1
    carry(deliberation, second)
    assert [Application.objects.get(pk=one.pk).state for one in late] == [State.AWARD_PUBLICITY, State.NOT_SELECTED]
    assert ShortlistEntry.objects.filter(tier="nominee").count() == 2


def test_v8_nobody_is_passed_over_by_a_meeting_it_was_not_before(deliberation):
    meeting = deliberation.meeting()
    deliberation.elect(meeting, "main", 9, 8, 7, 2, 1, 0)
    deliberation.elect(meeting, "nominee", 9, 2, 1)
    late = deliberation.application(State.DELIBERATION)
    carry(deliberation, meeting)
    assert Application.objects.get(pk=late.pk).state == State.DELIBERATION
    with pytest.raises(StepRefused, match="该次会议没有就该申报作出决定"):
        move(late.pk, "pass_over", by=deliberation.officer, at=clock.now(), facts={"meeting": str(meeting.public_id)})


def test_u4_where_no_place_is_left_a_later_meeting_decides_without_a_ballot(deliberation, voted):
    carry(deliberation, voted)
    late = deliberation.application(State.DELIBERATION)
    carry(deliberation, deliberation.meeting())
    assert Application.objects.get(pk=late.pk).state == State.NOT_SELECTED


def test_u4_a_place_may_stay_vacant(deliberation):
    meeting = deliberation.meeting()
    deliberation.elect(meeting, "main", 9, 4, 4, 4, 0, 0)
    deliberation.elect(meeting, "nominee", 4, 4, 4, 4, 0)
    carry(deliberation, meeting)
    assert states(deliberation) == [State.AWARD_PUBLICITY] + [State.NOT_SELECTED] * 5


def test_a_place_tied_twice_stays_vacant_and_is_not_filled_from_below(deliberation):
    meeting = deliberation.meeting()
    deliberation.elect(meeting, "main", 9, 8, 5, 5, 0, 0)
    deliberation.elect(meeting, "main", 4, 4)
    deliberation.elect(meeting, "nominee", 0, 0, 6, 6)
    carry(deliberation, meeting)
    assert dict(ShortlistEntry.objects.values_list("application_id", "tier")) == {
        one.pk: tier
        for one, tier in zip(
            [deliberation.applications[place] for place in (0, 1, 4, 5)], ["main", "main", "nominee", "nominee"],
            strict=True,
        )
    }  # fmt: skip


def test_no_decision_while_a_tier_is_not_voted_or_a_tie_not_settled(deliberation):
    meeting = deliberation.meeting()
    with pytest.raises(StepRefused, match=r"质量奖尚未表决.*质量奖提名奖尚未表决"):
        carry(deliberation, meeting)
    ballot, _ = deliberation.open(meeting)
    with pytest.raises(StepRefused, match="还有一次表决正在进行"):
        carry(deliberation, meeting)
    void_ballot(ballot, reason="演练", by=deliberation.officer, at=clock.now())
    deliberation.elect(meeting, "main", 9, 8, 5, 5, 0, 0)
    with pytest.raises(StepRefused, match="质量奖末位票数相同，须再投一次"):
        carry(deliberation, meeting)
    assert states(deliberation) == [State.DELIBERATION] * 6
    assert not IssuedDocument.objects.filter(kind="meeting_minutes").exists()


def test_a_tier_needs_no_ballot_when_no_name_is_left_for_it(frozen, calendars):
    deliberation = build_deliberation(applications=3)
    meeting = deliberation.meeting()
    deliberation.elect(meeting, "main", 9, 8, 7)
    carry(deliberation, meeting)
    assert states(deliberation) == [State.AWARD_PUBLICITY] * 3


def test_a_decision_is_carried_once(deliberation, voted):
    carry(deliberation, voted)
    with pytest.raises(StepRefused, match="会议不在进行中"):
        carry(deliberation, voted)
    assert IssuedDocument.objects.filter(kind="meeting_minutes").count() == 1
    assert ShortlistEntry.objects.count() == 5
    with pytest.raises(StepRefused):
        deliberation.open(voted)


def test_only_the_office_carries_it(deliberation, voted):
    for by in (deliberation.members[0], deliberation.clerk, make_user()):
        with pytest.raises(StepRefused, match="由办公室办理"):
            carry(deliberation, voted, by=by)
    assert states(deliberation) == [State.DELIBERATION] * 6


@pytest.mark.parametrize("step", ["shortlist", "pass_over"])
def test_v8_the_door_takes_nobody_on_or_off_the_list_without_a_decision(deliberation, voted, step):
    one = deliberation.applications[0]
    for facts in ({}, {"meeting": str(voted.public_id), "tier": "main"}):
        with pytest.raises(StepRefused, match="尚未就该申报形成决定"):
            move(one.pk, step, by=deliberation.officer, at=clock.now(), facts=facts)


def test_v8_the_door_carries_a_decision_only_as_it_was_voted(deliberation, voted):
    Meeting.objects.filter(pk=voted.pk).update(state=Meeting.State.DECIDED)
    facts = {"meeting": str(voted.public_id), "tier": "main"}

    def try_to(step, place, **other):
        move(deliberation.applications[place].pk, step, by=deliberation.officer, at=clock.now(), facts=facts | other)

    with pytest.raises(StepRefused, match="与领导小组的决定不一致"):
        try_to("pass_over", 0)
    with pytest.raises(StepRefused, match="与领导小组的决定不一致"):
        try_to("shortlist", 5)
    with pytest.raises(StepRefused, match="奖项等次与会议决定不一致"):
        try_to("shortlist", 3)
    for place in (0, 1, 2, 5):
        ShortlistEntry.objects.create(application=deliberation.applications[place], meeting=voted, tier="main")
    with pytest.raises(StepRefused, match=r"质量奖名额为3个，已经用完.*第四条"):
        try_to("shortlist", 0)


def test_section_7_nobody_moves_up_into_a_vacant_place(deliberation, voted):
    carry(deliberation, voted)
    with pytest.raises(StepRefused, match="名额空缺不递补"):
        move(deliberation.applications[5].pk, "promote", by=deliberation.officer, at=clock.now())


def test_who_withdrew_after_being_elected_is_in_the_count_and_not_on_the_list(deliberation, voted):
    gone = deliberation.applications[1]
    move(gone.pk, "withdraw", by=gone.created_by, at=clock.now(), ground="自愿撤回")
    minutes = carry(deliberation, voted)
    assert not ShortlistEntry.objects.filter(application=gone).exists()
    assert ShortlistEntry.objects.count() == 4
    rows = minutes.content["ballots"][0]["rows"]
    assert [row["name"] for row in rows][1] == str(gone.organization)
    assert str(gone.organization) not in [one["name"] for one in minutes.content["elected"]]


def test_the_minutes_hold_every_count_and_no_members_vote(deliberation):
    meeting = deliberation.meeting(present=8)
    ballot, _ = deliberation.open(meeting)
    void_ballot(ballot, reason="口令遗失", by=deliberation.officer, at=clock.now())
    deliberation.elect(meeting, "main", 8, 8, 5, 2, 1, 0)
    deliberation.elect(meeting, "nominee", 8, 0, 0)
    content = carry(deliberation, meeting).content
    assert (content["electorate"], content["present"], content["teller"]) == (9, 8, meeting.teller)
    assert [(one["tier"], one["state"], one["cast"]) for one in content["ballots"]] == [
        ("质量奖", "作废", 0), ("质量奖", "已计票", 8), ("质量奖提名奖", "已计票", 8),
    ]  # fmt: skip
    first = content["ballots"][1]["rows"][2]
    assert (first["base"], first["for"], first["against"], first["abstain"]) == (8, 5, 3, 0)
    assert [one["tier"] for one in content["elected"]] == ["质量奖"] * 3 + ["质量奖提名奖"]
    assert not any(one.display_name in str(content["ballots"]) for one in deliberation.members)
    assert content["absent"] == [{"name": str(meeting.members.get(is_present=False).user), "reason": "未说明事由"}]


def test_the_leading_body_and_the_government_read_the_minutes_and_an_applicant_does_not(deliberation, voted):
    minutes = carry(deliberation, voted)
    readers = [deliberation.members[0], deliberation.clerk, deliberation.officer]
    assert [may_read(one, minutes) for one in readers] == [True] * 3
    assert not may_read(deliberation.applications[0].created_by, minutes)
