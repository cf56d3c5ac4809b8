"""The pages of meetings without secret ballots in a real browser: axe, a phone, large text (B15, Y11)."""

from __future__ import annotations

import pytest

from award_portal.lib import clock
from reviews.deciding import carry_decision
from reviews.lists import Hands, candidates_before
from reviews.ranking import confirm_ranking
from reviews.resolving import Resolved, propose_list, record_resolution
from tests.reviews.meeting_builders import build_deliberation, edition_with, setting
from tests.reviews.test_list_decisions import call, won_before

from .test_meetings import at, frozen, look  # noqa: F401

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("calendars")]


def built(mode: str, *scores: str, **changes):
    return build_deliberation(members=5, scores=scores, edition_text=edition_with(mode, **changes))


def test_a_list_is_passed_on_axe_clean_pages(frozen, open_page, axe_faults) -> None:  # noqa: F811
    deliberation = built("resolution", "92.5", "88", "80", "80", "75", "66")
    meeting, officer = deliberation.meeting(), deliberation.officer
    tiers = {one.pk: one.tier for one in candidates_before(meeting)}
    third = deliberation.applications[2].pk
    propose_list(
        meeting, tiers=tiers | {third: "main"}, reasons={third: "现场评审得分较高"}, by=officer, at=clock.now()
    )
    key = meeting.public_id
    look(open_page, axe_faults, officer, {"proposal": at("proposal", key), "resolution": at("resolution", key)}, "list")
    results = {pk: Resolved(tier) for pk, tier in (tiers | {third: "main"}).items()}
    results[third] = Resolved("main", hands=Hands(4, 1))
    record_resolution(meeting, results=results, by=officer, at=clock.now())
    look(open_page, axe_faults, officer, {"meeting": at("meeting", key), "decision": at("decision", key)}, "list")
    carry_decision(meeting, by=officer, at=clock.now())
    look(open_page, axe_faults, deliberation.members[0], {"meeting": at("meeting", key)}, "list-member")


def test_a_ranking_is_confirmed_on_axe_clean_pages(frozen, open_page, axe_faults) -> None:  # noqa: F811
    changes = {
        "main": setting(repeat_winner="honour_only_outside_quota", quota=1),
        "decision": setting(floor_percent=60),
    }
    deliberation = built("rank", "95", "90", "90", "70", "59", **changes)
    won_before(deliberation, 0)
    meeting, officer = deliberation.meeting(), deliberation.officer
    key, names = meeting.public_id, [one.pk for one in deliberation.applications]
    look(open_page, axe_faults, officer, {"ranking": at("ranking", key)}, "rank")
    hands = {"main": {names[1]: Hands(3, 2), names[2]: Hands(2, 3)}}
    confirm_ranking(meeting, hands=hands, by=officer, at=clock.now())
    look(open_page, axe_faults, officer, {"meeting": at("meeting", key)}, "rank")


def test_a_vote_by_name_is_recorded_on_axe_clean_pages(frozen, open_page, axe_faults) -> None:  # noqa: F811
    deliberation = built("roll_call", "90", "80", "70", main=setting(quota=1))
    meeting, officer = deliberation.meeting(), deliberation.officer
    key = meeting.public_id
    look(open_page, axe_faults, officer, {"roll_call": at("roll_call", key, "main")}, "named")
    call(deliberation, meeting, "main", 4, 0, 0)
    look(open_page, axe_faults, officer, {"meeting": at("meeting", key)}, "named")
