"""V8, section 8: leaders may not log in. 表决票 are printed, counted by two people apart, decided by the same rules."""

from __future__ import annotations

import pytest

from applications.desk_rules import DeskRefused
from award_portal.lib import clock
from organizations.models import AuditRecord
from reviews.ballot_export import export_ballots
from reviews.ballots import cast_paper, close_ballot, void_ballot
from reviews.meeting_registers import tally_register
from reviews.meetings import recuse_member
from reviews.models import Ballot, CountSheet, Paper, PaperBallot, Slip
from reviews.paper_ballots import (
    attach_count_scan,
    close_paper_ballot,
    differences,
    enter_count,
    open_paper_ballot,
)
from reviews.paper_printing import _content, void_rules
from reviews.recounting import recount
from tests.factories import make_user

from .meeting_builders import be_of, build_deliberation, edition_with, setting

pytestmark = pytest.mark.django_db


@pytest.fixture
def deliberation(frozen, calendars):
    return build_deliberation()


@pytest.fixture
def meeting(deliberation):
    return deliberation.meeting()


@pytest.fixture
def paper(deliberation, meeting):
    return on_paper(deliberation, meeting)


def on_paper(deliberation, meeting, tier="main") -> PaperBallot:
    return deliberation.open_paper(
        meeting, tier, teller=deliberation.members[0], counter=deliberation.members[1]
    )  # fmt: skip


def close(deliberation, paper) -> Ballot:
    return close_paper_ballot(paper.ballot, by=deliberation.officer, at=clock.now())


def elected(ballot) -> list[bool]:
    return list(ballot.candidates.order_by("position").values_list("is_elected", flat=True))


def test_v8_a_ballot_on_paper_is_counted_twice_scanned_and_decided_like_any_other(deliberation, meeting, paper):
    with pytest.raises(DeskRefused, match=r"计票人尚未录入.*监票人尚未录入.*扫描件"):
        close(deliberation, paper)
    deliberation.enter(paper, deliberation.count(paper, 8, 8, 5, 2, void=1))
    with pytest.raises(DeskRefused, match="扫描件"):
        close(deliberation, paper)
    deliberation.scan(paper)
    ballot = close(deliberation, paper)
    assert (ballot.state, ballot.cast_count) == (Ballot.State.CLOSED, 9)
    assert elected(ballot) == [True, True, True, False]
    paper.refresh_from_db()
    assert (paper.issued, paper.collected, paper.valid, paper.void) == (9, 9, 8, 1)
    # more than half of the nine in the room, void papers counted with the base
    assert list(ballot.candidates.values_list("base", flat=True)) == [9] * 4


def test_v8_paper_leaves_no_paper_and_no_slip_of_a_person(deliberation, meeting, paper):
    deliberation.enter(paper, deliberation.count(paper, 9, 9, 5, 0))
    deliberation.scan(paper)
    ballot = close(deliberation, paper)
    assert not Paper.objects.exists()
    assert not Slip.objects.exists()
    assert not ballot.voters.filter(has_voted=True).exists()
    with pytest.raises(DeskRefused, match="已经结束"):
        cast_paper(ballot, by=deliberation.members[0], choices={})


def test_v8_nobody_casts_in_the_system_while_the_ballot_is_on_paper(deliberation, paper):
    with pytest.raises(DeskRefused, match="不在系统投票"):
        cast_paper(paper.ballot, by=deliberation.members[0], choices={})
    with pytest.raises(DeskRefused, match="不在系统投票"):
        close_ballot(paper.ballot, passphrase="AAAA-AAAA-AAAA-AAAA", by=deliberation.officer, at=clock.now())


def test_the_two_entries_must_be_equal_and_both_are_kept(deliberation, paper):
    right, wrong = deliberation.count(paper, 9, 8, 5, 0), deliberation.count(paper, 9, 7, 5, 0)
    enter_count(paper.ballot, count=right, by=paper.counter, at=clock.now())
    assert differences(paper) == []
    enter_count(paper.ballot, count=wrong, by=paper.teller, at=clock.now())
    deliberation.scan(paper)
    second = paper.ballot.candidates.get(position=2).application.organization
    assert differences(paper) == [(f"{second}：同意", 8, 7), (f"{second}：不同意", 1, 2)]
    with pytest.raises(DeskRefused, match="有2处不一致"):
        close(deliberation, paper)
    enter_count(paper.ballot, count=right, by=paper.teller, at=clock.now())
    assert close(deliberation, paper).state == Ballot.State.CLOSED
    kept = CountSheet.objects.filter(role="teller").order_by("pk")
    assert [one.superseded_at is None for one in kept] == [False, True]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"issued": 10}, "发出10张，多于到会的9人"),
        ({"valid": 8}, "有效8张与无效0张合计应为收回的9张"),
        ({"collected": 8}, "合计应为收回的8张"),
    ],
)
def test_the_four_numbers_must_add_up(deliberation, paper, given, words):
    count = _with(deliberation.count(paper, 9, 9, 5, 0), given)
    with pytest.raises(DeskRefused, match=words):
        enter_count(paper.ballot, count=count, by=paper.counter, at=clock.now())
    assert not CountSheet.objects.exists()


def _with(count, given):
    return type(count)(**(vars(count) | given))


def test_the_totals_of_a_name_make_up_the_valid_papers(deliberation, paper):
    count = deliberation.count(paper, 9, 9, 5, 0)
    first = next(iter(count.totals))
    wrong = _with(count, {"totals": dict(count.totals) | {first: (8, 0, 0)}})
    with pytest.raises(DeskRefused, match="合计应为有效票9张，现为8张"):
        enter_count(paper.ballot, count=wrong, by=paper.counter, at=clock.now())


def test_u4_no_more_votes_for_than_the_valid_papers_have_places(deliberation, paper):
    with pytest.raises(DeskRefused, match=r"同意合计不应多于27，现为36.*第四条"):
        enter_count(paper.ballot, count=deliberation.count(paper, 9, 9, 9, 9), by=paper.counter, at=clock.now())


def test_more_papers_back_than_went_out_make_the_ballot_void_with_its_figures_kept(deliberation, meeting, paper):
    deliberation.enter(paper, deliberation.count(paper, 9, 9, 5, 0, collected=9, issued=8))
    deliberation.scan(paper)
    ballot = close(deliberation, paper)
    assert ballot.state == Ballot.State.ANNULLED
    assert ballot.annulled_ground == "收回9张，多于发出的8张，本次表决无效"
    paper.refresh_from_db()
    assert (paper.issued, paper.collected) == (8, 9)
    assert on_paper(deliberation, meeting).ballot.number == 1


def test_u23_the_recused_leave_the_name_unmarked_and_are_out_of_its_count(deliberation, meeting):
    recuse_member(
        deliberation.member(meeting, 3), application=deliberation.applications[0], ground="曾任顾问（虚构）",
        by=deliberation.officer, at=clock.now(),
    )  # fmt: skip
    paper = on_paper(deliberation, meeting)
    count = deliberation.count(paper, 5, 9, 0, 0)
    wrong = _with(count, {"totals": dict(count.totals) | {next(iter(count.totals)): (5, 4, 0)}})
    with pytest.raises(DeskRefused, match=r"弃权不应少于1张，现为0张.*第二十三条"):
        enter_count(paper.ballot, count=wrong, by=paper.counter, at=clock.now())
    deliberation.enter(paper, count)
    deliberation.scan(paper)
    ballot = close(deliberation, paper)
    first = ballot.candidates.get(position=1)
    # five of the eight who could vote on it; the totals are those of the eight
    assert (first.votes_for, first.votes_against, first.votes_abstain, first.base) == (5, 3, 0, 8)
    assert first.is_elected


def test_a_tie_on_paper_is_voted_again_among_the_tied(deliberation, meeting, paper):
    deliberation.enter(paper, deliberation.count(paper, 9, 8, 5, 5))
    deliberation.scan(paper)
    assert elected(close(deliberation, paper)) == [True, True, False, False]
    again = on_paper(deliberation, meeting)
    assert (again.ballot.number, again.ballot.candidates.count()) == (2, 2)


def test_teller_and_counter_are_two_people_and_nobody_of_a_candidates(deliberation, meeting):
    one, other = deliberation.members[0], deliberation.members[1]
    with pytest.raises(DeskRefused, match="应当是两个人"):
        deliberation.open_paper(meeting, teller=one, counter=one)
    with pytest.raises(DeskRefused, match="监票人应当从办公室、监督机构或者审议机构人员中指定"):
        deliberation.open_paper(meeting, teller=make_user(), counter=other)
    candidate = deliberation.applications[0].organization
    be_of(one, candidate, deliberation)
    with pytest.raises(DeskRefused, match=f"监票人与{candidate}有利害关系"):
        deliberation.open_paper(meeting, teller=one, counter=other)
    assert not Ballot.objects.exists()


def test_only_the_two_enter_and_only_the_office_opens_and_closes(deliberation, meeting, paper):
    count = deliberation.count(paper, 9, 9, 5, 0)
    for by in (deliberation.officer, deliberation.members[4]):
        with pytest.raises(DeskRefused, match="由本次表决的监票人和计票人各自录入"):
            enter_count(paper.ballot, count=count, by=by, at=clock.now())
    with pytest.raises(DeskRefused, match="由办公室"):
        close_paper_ballot(paper.ballot, by=paper.teller, at=clock.now())
    with pytest.raises(DeskRefused, match="由办公室或者监票人、计票人上传"):
        attach_count_scan(paper.ballot, scan=deliberation.upload("单"), by=deliberation.members[4], at=clock.now())


def test_where_the_rulebook_has_no_paper_there_is_none(frozen, calendars):
    deliberation = build_deliberation(2, edition_text=edition_with(decision=setting(on_paper=False)))
    with pytest.raises(DeskRefused, match="不采用纸质表决票"):
        open_paper_ballot(
            deliberation.meeting(), tier="main", teller=deliberation.members[0], counter=deliberation.members[1],
            by=deliberation.officer, at=clock.now(),
        )  # fmt: skip


def test_a_void_ballot_on_paper_keeps_its_ground_and_is_voted_again(deliberation, meeting, paper):
    void_ballot(paper.ballot, reason="票箱启封时破损（虚构）", by=deliberation.officer, at=clock.now())
    ballot = Ballot.objects.get(pk=paper.ballot.pk)
    assert (ballot.state, ballot.annulled_ground) == (Ballot.State.ANNULLED, "票箱启封时破损（虚构）")
    assert on_paper(deliberation, meeting).ballot.number == 1


def test_the_evidence_tells_who_entered_and_not_what(deliberation, paper):
    deliberation.enter(paper, deliberation.count(paper, 9, 8, 5, 0))
    records = AuditRecord.objects.filter(verb="ballot.count").order_by("seq")
    assert [one.data for one in records] == [
        {"tier": "main", "number": 1, "role": "counter"}, {"tier": "main", "number": 1, "role": "teller"},
    ]  # fmt: skip


def test_every_paper_is_the_same_and_says_what_makes_it_void(paper):
    content = _content(paper.ballot)
    assert str(paper.ballot.public_id) not in str(content)
    assert [one["position"] for one in content["names"]] == [1, 2, 3, 4]
    assert any("不得超过名额3个，超过的整张票无效" in one for one in void_rules(paper.ballot))
    assert any("不划的，该名单计作弃权" in one for one in void_rules(paper.ballot))


def test_a_recount_adds_up_what_the_teller_entered(deliberation, paper):
    deliberation.enter(paper, deliberation.count(paper, 9, 8, 5, 0))
    deliberation.scan(paper)
    export = export_ballots(close(deliberation, paper).meeting)
    assert export["ballots"][0]["how"] == "无记名投票（纸质表决票）"
    assert recount(export)[0].faults == []


def test_the_export_says_in_which_way_each_ballot_was_taken(deliberation, meeting, paper):
    deliberation.enter(paper, deliberation.count(paper, 9, 8, 5, 0, void=0))
    deliberation.scan(paper)
    close(deliberation, paper)
    deliberation.elect(meeting, "nominee", 9)
    rows = tally_register(meeting).rows
    assert [row[2] for row in rows] == ["无记名投票（纸质表决票）"] * 4 + ["无记名投票（系统投票）"]
    assert rows[1][6:10] == [9, 9, 9, 0]
    assert rows[1][11:] == [9, 8, 1, 0, "当选"]
