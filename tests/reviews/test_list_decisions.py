"""Meetings that decide on a list or by name: by resolution (B15), by rank (Y11), by roll call; the tiers' own rules."""

from __future__ import annotations

from datetime import date

import pytest

from applications.models import Application
from applications.moves import StepRefused, move
from applications.pipeline import State
from award_portal.lib import clock
from awards.models import Award
from reviews.ballots import cast_paper, open_ballot
from reviews.deciding import carry_decision
from reviews.lists import Hands, candidates_before
from reviews.meetings import mark_attendance, recuse_member
from reviews.models import BallotCandidate, ListLine, NamedVote, ShortlistEntry
from reviews.ranking import confirm_ranking
from reviews.resolving import Resolved, propose_list, record_resolution
from reviews.roll_calls import record_roll_call
from reviews.tiers import listed_in

from .meeting_builders import build_deliberation, edition_with, setting

pytestmark = pytest.mark.django_db

REPEATS = setting(repeat_winner="honour_only_outside_quota")
SME = {"key": "sme", "label": "中小型企业", "of": {"sme": True}, "assumed": "样例设定"}


def built(frozen, calendars, mode, *scores, **changes):
    return build_deliberation(members=5, scores=scores, edition_text=edition_with(mode, **changes))


def entries() -> dict[int, str]:
    return dict(ShortlistEntry.objects.values_list("application_id", "tier"))


def keys(deliberation) -> list[int]:
    return [one.pk for one in deliberation.applications]


def carry(deliberation, meeting):
    return carry_decision(meeting, by=deliberation.officer, at=clock.now())


def won_before(deliberation, place, *, tier="main", state=Award.State.GRANTED) -> None:
    one = deliberation.applications[place].organization
    Award.objects.create(
        scheme=deliberation.round.scheme, name=one.name, code=one.code, tier=tier, tier_name="质量奖", year=2018,
        awarded_on=date(2018, 5, 1), certificate_number=f"YL-{one.pk}", state=state,
    )  # fmt: skip


# -- by resolution -----------------------------------------------------------------------------------------------------


def propose(deliberation, meeting, reasons=None, **other):
    """As the scores suggest, but for `other`: n{place} → tier."""
    tiers = {one.pk: one.tier for one in candidates_before(meeting)}
    tiers |= {keys(deliberation)[int(place[1:])]: tier for place, tier in other.items()}
    return propose_list(meeting, tiers=tiers, reasons=reasons or {}, by=deliberation.officer, at=clock.now())


def resolve(deliberation, meeting, results=None):
    """Passed as proposed, but for `results`: place → Resolved."""
    passed = {one.application_id: Resolved(one.proposed_tier) for one in meeting.lines.all()}
    passed |= {keys(deliberation)[place]: one for place, one in (results or {}).items()}
    return record_resolution(meeting, results=passed, by=deliberation.officer, at=clock.now())


@pytest.fixture
def by_resolution(frozen, calendars):
    return built(frozen, calendars, "resolution", "90", "85", "80", "75", "70", "65")


def test_b15_the_meeting_passes_the_proposed_list(by_resolution):
    meeting = by_resolution.meeting()
    propose(by_resolution, meeting)
    with pytest.raises(StepRefused, match="拟订名单尚未审议"):
        carry(by_resolution, meeting)
    resolve(by_resolution, meeting, {0: Resolved("main", hands=Hands(3, 1, 1))})
    paper = carry(by_resolution, meeting)
    names = keys(by_resolution)
    assert entries() == dict.fromkeys(names[:3], "main") | dict.fromkeys(names[3:5], "nominee")
    assert Application.objects.get(pk=names[5]).state == State.NOT_SELECTED
    assert paper.template == "list_decision.html"
    row = paper.content["lines"][0]
    assert (row["decided"], row["for"], row["against"], row["abstain"], row["base"]) == ("质量奖", 3, 1, 1, 5)
    assert not any(one.display_name in str(paper.content["lines"]) for one in by_resolution.members)


def test_b15_what_departs_from_the_scores_carries_its_reason(by_resolution):
    meeting = by_resolution.meeting()
    with pytest.raises(StepRefused, match="与得分排序不一致，请写明理由"):
        propose(by_resolution, meeting, n2="", n3="main")
    reasons = {keys(by_resolution)[2]: "行业代表性", keys(by_resolution)[3]: "行业代表性"}
    lines = propose(by_resolution, meeting, reasons, n2="", n3="main")
    assert {one.reason for one in lines if one.reason} == {"行业代表性"}
    assert [one.proposed_tier for one in lines] == ["main", "main", "", "main", "nominee", ""]


def test_u4_no_list_over_the_quota(by_resolution):
    meeting = by_resolution.meeting()
    reasons = dict.fromkeys(keys(by_resolution), "样例")
    with pytest.raises(StepRefused, match=r"质量奖名额为3个，已经用完.*第四条"):
        propose(by_resolution, meeting, reasons, n3="main")
    propose(by_resolution, meeting)
    with pytest.raises(StepRefused, match="质量奖名额为3个，已经用完"):
        resolve(by_resolution, meeting, {3: Resolved("main", "改列")})
    assert not ListLine.objects.filter(is_decided=True).exists()


def test_the_meeting_amends_and_rejects_with_its_grounds(by_resolution):
    meeting = by_resolution.meeting()
    propose(by_resolution, meeting)
    with pytest.raises(StepRefused, match="与拟订名单不一致，请写明理由"):
        resolve(by_resolution, meeting, {2: Resolved("")})
    resolve(by_resolution, meeting, {2: Resolved("", "存在未了结的投诉"), 3: Resolved("main", "递进")})
    carry(by_resolution, meeting)
    names = keys(by_resolution)
    assert entries() == {names[0]: "main", names[1]: "main", names[3]: "main", names[4]: "nominee"}


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (Resolved("main", hands=Hands(3, 1, 0)), "合计应为5人"),
        (Resolved("main", hands=Hands(-1, 6)), "合计应为5人"),
        (Resolved("main", hands=Hands(2, 3)), "未超过5人的1/2，不能列入名单"),
        (Resolved("", "不同意", hands=Hands(3, 2)), "已超过5人的1/2，不能登记为不列入"),
        (Resolved("gold"), "没有这个奖项等次"),
    ],
)
def test_v8_hands_add_up_and_carry_what_is_recorded(by_resolution, result, words):
    meeting = by_resolution.meeting()
    propose(by_resolution, meeting)
    with pytest.raises(StepRefused, match=words):
        resolve(by_resolution, meeting, {0: result})


def test_u23_who_is_recused_on_a_name_leaves_its_count_and_undoes_what_was_resolved(by_resolution):
    meeting = by_resolution.meeting()
    propose(by_resolution, meeting)
    resolve(by_resolution, meeting)
    recuse_member(
        by_resolution.member(meeting, 0), application=by_resolution.applications[0], ground="亲属", at=clock.now(),
        by=by_resolution.officer,
    )  # fmt: skip
    with pytest.raises(StepRefused, match="尚未审议"):
        carry(by_resolution, meeting)
    with pytest.raises(StepRefused, match="合计应为4人"):
        resolve(by_resolution, meeting, {0: Resolved("main", hands=Hands(5))})
    resolve(by_resolution, meeting, {0: Resolved("main", hands=Hands(4))})
    assert ListLine.objects.get(application=keys(by_resolution)[0]).base == 4
    carry(by_resolution, meeting)


def test_no_resolution_without_attendance_or_a_quorum(by_resolution):
    meeting = by_resolution.convene()
    propose(by_resolution, meeting)
    with pytest.raises(StepRefused, match="请先登记到会情况"):
        resolve(by_resolution, meeting)
    few = {one.pk for one in list(meeting.members.all())[:3]}
    mark_attendance(meeting, present=few, by=by_resolution.officer, at=clock.now())
    with pytest.raises(StepRefused, match="应到5人，实到3人"):
        resolve(by_resolution, meeting)


def test_who_withdrew_after_the_proposal_is_on_no_list_and_nobody_moves_up(by_resolution):
    meeting = by_resolution.meeting()
    propose(by_resolution, meeting)
    gone = by_resolution.applications[1]
    move(gone.pk, "withdraw", by=gone.created_by, at=clock.now(), ground="自愿撤回")
    record_resolution(
        meeting, by=by_resolution.officer, at=clock.now(),
        results={one.application_id: Resolved(one.proposed_tier) for one in meeting.lines.exclude(application=gone)},
    )  # fmt: skip
    carry(by_resolution, meeting)
    assert sorted(entries().values()) == ["main", "main", "nominee", "nominee"]


def test_who_comes_after_the_proposal_waits_for_the_next_meeting(by_resolution):
    meeting = by_resolution.meeting()
    propose(by_resolution, meeting)
    late = by_resolution.application(State.DELIBERATION)
    resolve(by_resolution, meeting)
    carry(by_resolution, meeting)
    assert Application.objects.get(pk=late.pk).state == State.DELIBERATION
    with pytest.raises(StepRefused, match="没有就该申报作出决定"):
        move(late.pk, "pass_over", by=by_resolution.officer, at=clock.now(), facts={"meeting": str(meeting.public_id)})


def test_only_the_office_records_and_only_in_the_schemes_own_way(by_resolution):
    meeting = by_resolution.meeting()
    by_resolution.officer, officer = by_resolution.members[0], by_resolution.officer
    for act in (propose, resolve):
        with pytest.raises(StepRefused, match="由办公室办理"):
            act(by_resolution, meeting)
    by_resolution.officer = officer
    with pytest.raises(StepRefused, match="不采用无记名投票"):
        open_ballot(meeting, tier="main", by=officer, at=clock.now())
    with pytest.raises(StepRefused, match="不采用这种审议方式"):
        confirm_ranking(meeting, by=officer, at=clock.now())
    with pytest.raises(StepRefused, match="不采用记名表决"):
        record_roll_call(meeting, tier="main", choices={}, by=officer, at=clock.now())


def test_b18_a_repeat_winner_is_outside_the_quota_from_the_list_to_the_door(frozen, calendars):
    deliberation = built(frozen, calendars, "resolution", "90", "85", "80", "75", main=REPEATS)
    won_before(deliberation, 0)
    won_before(deliberation, 1, tier="nominee")
    won_before(deliberation, 2, state=Award.State.REVOKED)
    meeting = deliberation.meeting()
    lines = propose(deliberation, meeting)
    assert [(one.proposed_tier, one.outside_quota) for one in lines] == [
        ("main", True), ("main", False), ("main", False), ("main", False),
    ]  # fmt: skip
    resolve(deliberation, meeting)
    carry(deliberation, meeting)
    assert list(ShortlistEntry.objects.order_by("application").values_list("tier", "outside_quota")) == [
        ("main", True), ("main", False), ("main", False), ("main", False),
    ]  # fmt: skip


# -- by rank -----------------------------------------------------------------------------------------------------------


def confirm(deliberation, meeting, **given):
    return confirm_ranking(meeting, by=deliberation.officer, at=clock.now(), **given)


def test_y11_the_list_follows_from_the_scores_and_a_place_under_the_floor_stays_vacant(frozen, calendars):
    scores = ("59.9", "70", "95", "61", "88")
    deliberation = built(frozen, calendars, "rank", *scores, decision=setting(floor_percent=60))
    meeting = deliberation.meeting()
    with pytest.raises(StepRefused, match="得分排序尚未确认"):
        carry(deliberation, meeting)
    confirm(deliberation, meeting)
    paper = carry(deliberation, meeting)
    names = keys(deliberation)
    assert entries() == {names[2]: "main", names[4]: "main", names[1]: "main", names[3]: "nominee"}
    assert Application.objects.get(pk=names[0]).state == State.NOT_SELECTED
    assert [row["percent"] for row in paper.content["lines"]] == ["95.00", "88.00", "70.00", "61.00", "59.90"]


def test_y11_no_other_order_can_be_recorded(frozen, calendars):
    deliberation = built(frozen, calendars, "rank", "90", "80", "70", "60")
    meeting = deliberation.meeting()
    last = keys(deliberation)[3]
    with pytest.raises(StepRefused, match="不能登记其他顺序"):
        confirm(deliberation, meeting, hands={"main": {last: Hands(5)}})
    with pytest.raises(StepRefused, match="不能登记其他顺序"):
        confirm(deliberation, meeting, refused={keys(deliberation)[0]: "不宜"})
    with pytest.raises(StepRefused, match="不采用这种审议方式"):
        propose_list(meeting, tiers={}, reasons={}, by=deliberation.officer, at=clock.now())


def test_y11_a_tie_at_the_last_place_is_settled_by_hands_or_leaves_it_vacant(frozen, calendars):
    deliberation = built(frozen, calendars, "rank", "90", "85", "80", "80", "50")
    meeting, (_, _, third, fourth, last) = deliberation.meeting(), keys(deliberation)
    with pytest.raises(StepRefused, match=r"末位得分相同.*请就每个举手表决"):
        confirm(deliberation, meeting)
    with pytest.raises(StepRefused, match="合计应为5人"):
        confirm(deliberation, meeting, hands={"main": {third: Hands(1), fourth: Hands(4, 1)}})
    confirm(deliberation, meeting, hands={"main": {third: Hands(2, 3), fourth: Hands(3, 2)}})
    assert {pk: one.tier for pk, one in listed_in(meeting).items()} == {
        keys(deliberation)[0]: "main", keys(deliberation)[1]: "main", fourth: "main", third: "nominee", last: "nominee",
    }  # fmt: skip
    confirm(deliberation, meeting, hands={"main": {third: Hands(3, 2), fourth: Hands(3, 2)}})
    tiers = {pk: one.tier for pk, one in listed_in(meeting).items()}
    assert (tiers[third], tiers[fourth], last in tiers) == ("nominee", "nominee", False)


def test_who_withdraws_before_the_decision_drops_out_and_the_next_moves_up(frozen, calendars):
    deliberation = built(frozen, calendars, "rank", "90", "80", "70", "60", main=setting(quota=1))
    meeting, gone = deliberation.meeting(), deliberation.applications[0]
    confirm(deliberation, meeting)
    move(gone.pk, "withdraw", by=gone.created_by, at=clock.now(), ground="自愿撤回")
    with pytest.raises(StepRefused, match="得分排序尚未确认"):
        carry(deliberation, meeting)
    confirm(deliberation, meeting)
    carry(deliberation, meeting)
    names = keys(deliberation)
    assert entries() == {names[1]: "main", names[2]: "nominee", names[3]: "nominee"}


def test_y23_a_repeat_winner_is_decided_by_itself_and_takes_no_place(frozen, calendars):
    deliberation = built(frozen, calendars, "rank", "90", "85", "80", "75", "70", main=REPEATS)
    won_before(deliberation, 1, state=Award.State.EXPIRED)
    meeting, names = deliberation.meeting(), keys(deliberation)
    confirm(deliberation, meeting)
    assert [listed_in(meeting)[pk].tier for pk in names] == ["main", "main", "main", "main", "nominee"]
    assert [pk for pk, one in listed_in(meeting).items() if one.outside_quota] == [names[1]]
    with pytest.raises(StepRefused, match="不列入名单的，请写明理由"):
        confirm(deliberation, meeting, refused={names[1]: " "})
    confirm(deliberation, meeting, refused={names[1]: "会议不同意"})
    carry(deliberation, meeting)
    assert Application.objects.get(pk=names[1]).state == State.NOT_SELECTED
    assert set(entries()) == set(names) - {names[1]}


# -- by name -----------------------------------------------------------------------------------------------------------


def call(deliberation, meeting, tier, *counts):
    """The n-th name gets `counts[n]` votes for it, from the first members on."""
    rows = list(meeting.members.filter(is_present=True).order_by("pk"))
    first = meeting.ballots.filter(tier=tier).first()
    tied = first.candidates.filter(is_tied=True) if first else None
    listed = listed_in(meeting)
    names = [one.application_id for one in tied] if tied else [pk for pk in keys(deliberation) if pk not in listed]
    choices = {
        row.pk: {name: "for" if place < count else "against" for name, count in zip(names, counts, strict=True)}
        for place, row in enumerate(rows)
    }
    return record_roll_call(meeting, tier=tier, choices=choices, by=deliberation.officer, at=clock.now())


def test_v8_a_roll_call_keeps_who_said_what_and_counts_like_a_ballot(frozen, calendars):
    deliberation = built(frozen, calendars, "roll_call", "90", "80", "70", "60")
    meeting = deliberation.meeting()
    call(deliberation, meeting, "main", 5, 4, 0, 0)
    call(deliberation, meeting, "nominee", 3, 2)
    said = NamedVote.objects.filter(candidate__application=keys(deliberation)[1], candidate__ballot__tier="main")
    assert [one.choice for one in said.order_by("member")] == ["for"] * 4 + ["against"]
    paper = carry(deliberation, meeting)
    names = keys(deliberation)
    assert entries() == {names[0]: "main", names[1]: "main", names[2]: "nominee"}
    assert f"{deliberation.members[0]}（同意）" in str(paper.content["ballots"])


def test_v8_a_roll_call_asks_everybody_present_within_the_seats(frozen, calendars):
    deliberation = built(frozen, calendars, "roll_call", "90", "80", "70", "60")
    meeting = deliberation.meeting()
    with pytest.raises(StepRefused, match="还有4个申报组织没有登记意见"):
        record_roll_call(meeting, tier="main", choices={}, by=deliberation.officer, at=clock.now())
    with pytest.raises(StepRefused, match="“同意”不能超过名额3个，现为4个"):
        call(deliberation, meeting, "main", 5, 5, 5, 5)
    assert not NamedVote.objects.exists()
    call(deliberation, meeting, "main", 5, 4, 3, 0)
    with pytest.raises(StepRefused, match="表决已经结束"):
        record_roll_call(meeting, tier="main", choices={}, by=deliberation.officer, at=clock.now())


def test_v8_a_tied_roll_call_is_called_again_for_the_tied(frozen, calendars):
    deliberation = built(frozen, calendars, "roll_call", "90", "80", main=setting(quota=1))
    meeting = deliberation.meeting(present=4)
    rows = list(meeting.members.filter(is_present=True).order_by("pk"))
    first, second = keys(deliberation)
    split = {row.pk: {first: "abstain", second: "abstain"} for row in rows}
    record_roll_call(meeting, tier="main", choices=split, by=deliberation.officer, at=clock.now())
    assert not listed_in(meeting)


# -- the tiers' own rules, in a secret ballot --------------------------------------------------------------------------


def test_y23_a_repeat_winner_stands_on_the_same_paper_and_takes_no_seat(frozen, calendars):
    deliberation = built(frozen, calendars, "secret_vote", "9", "8", "7", "6", "5", main=REPEATS)
    won_before(deliberation, 0)
    meeting = deliberation.meeting()
    ballot, passphrase = deliberation.open(meeting)
    assert list(ballot.candidates.order_by("position").values_list("outside_quota", flat=True)) == [True] + [False] * 4
    voters = [one.member.user for one in ballot.voters.select_related("member__user")]
    names = [one.application_id for one in ballot.candidates.order_by("position")]
    with pytest.raises(StepRefused, match="“同意”不能超过名额3个，现为4个"):
        cast_paper(ballot, by=voters[0], choices=dict.fromkeys(names, "for"))
    for voter in voters:
        cast_paper(ballot, by=voter, choices=dict.fromkeys(names[:4], "for") | {names[4]: "against"})
    deliberation.close(ballot, passphrase)
    assert set(BallotCandidate.objects.filter(is_elected=True).values_list("application", flat=True)) == set(names[:4])
    deliberation.elect(meeting, "nominee", 5)
    carry(deliberation, meeting)
    assert ShortlistEntry.objects.filter(outside_quota=True).get().application_id == names[0]
    assert ShortlistEntry.objects.filter(tier="main", outside_quota=False).count() == 3


def test_a_place_kept_for_small_firms_is_given_to_nobody_else(frozen, calendars):
    rule = SME | {"at_least": {"value": 1, "assumed": "样例设定"}}
    change = setting(sub_quotas=[rule])
    deliberation = built(frozen, calendars, "secret_vote", "9", "8", "7", "6", main=change)
    meeting = deliberation.meeting()
    deliberation.elect(meeting, "main", 5, 4, 3, 0)
    names = keys(deliberation)
    assert list(listed_in(meeting)) == names[:2], "the third place stays vacant: none of the four is a small firm"
    deliberation.elect(meeting, "nominee", 5, 0)
    carry(deliberation, meeting)


def test_of_a_group_no_more_than_its_share(frozen, calendars):
    rule = SME | {"at_most": {"value": 1, "assumed": "样例设定"}}
    deliberation = built(
        frozen, calendars, "resolution", "9", "8", "7", "6", main=setting(sub_quotas=[rule], quota=2)
    )  # fmt: skip
    Application.objects.filter(pk__in=keys(deliberation)[:2]).update(is_sme=True)
    meeting = deliberation.meeting()
    lines = propose(deliberation, meeting)
    assert [one.proposed_tier for one in lines] == ["main", "nominee", "main", "nominee"]
    with pytest.raises(StepRefused, match="质量奖中中小型企业不超过1个"):
        propose(deliberation, meeting, dict.fromkeys(keys(deliberation), "样例"), n1="main", n2="")


def test_winners_are_chosen_from_the_nominee_list_and_stand_in_the_higher_tier_only(frozen, calendars):
    deliberation = built(
        frozen, calendars, "secret_vote", "9", "8", "7", main=setting(chosen_from="nominee", quota=1)
    )  # fmt: skip
    meeting = deliberation.meeting()
    with pytest.raises(StepRefused, match="质量奖提名奖尚未表决"):
        deliberation.open(meeting, "main")
    deliberation.elect(meeting, "nominee", 5, 4, 1)
    first = deliberation.elect(meeting, "main", 1, 4)
    names = keys(deliberation)
    assert [one.application_id for one in first.candidates.order_by("position")] == names[:2]
    carry(deliberation, meeting)
    assert entries() == {names[0]: "nominee", names[1]: "main"}
    second = deliberation.application(State.DELIBERATION)
    later = deliberation.meeting()
    with pytest.raises(StepRefused, match="质量奖提名奖名额为2个，已经用完"):
        deliberation.open(later, "nominee")
    carry(deliberation, later)
    assert Application.objects.get(pk=second.pk).state == State.NOT_SELECTED


def test_a_tiers_own_floor_keeps_names_off_its_ballot(frozen, calendars):
    deliberation = built(frozen, calendars, "secret_vote", "90", "70", main=setting(floor_percent=80))
    meeting = deliberation.meeting()
    ballot = deliberation.elect(meeting, "main", 5)
    assert [one.application_id for one in ballot.candidates.all()] == keys(deliberation)[:1]


def test_a_tiers_own_floor_keeps_names_out_of_its_list(frozen, calendars):
    by_list = built(frozen, calendars, "resolution", "90", "70", main=setting(floor_percent=80))
    meeting = by_list.meeting()
    with pytest.raises(StepRefused, match=r"综合得分70\.00，低于80%，不能列入质量奖"):
        propose(by_list, meeting, dict.fromkeys(keys(by_list), "样例"), n1="main")


def test_the_door_keeps_the_quota_whatever_a_meeting_is_said_to_have_decided(frozen, calendars):
    deliberation = built(frozen, calendars, "rank", "90", "80", "70", "60")
    meeting = deliberation.meeting()
    confirm(deliberation, meeting)
    ListLine.objects.update(tier="main")
    with pytest.raises(StepRefused, match=r"质量奖名额为3个，已经用完.*第四条"):
        carry(deliberation, meeting)
    assert entries() == {}
