"""One application's way through the pages, from registering to the certificate, each step as the person sees it."""

from __future__ import annotations

import pytest

from applications.pipeline import State
from award_portal.lib import clock
from award_portal.rehearsal import opening_moves
from award_portal.rehearsal.opening_moves import Player
from award_portal.rehearsal.whole_round import FIRST_DAY
from award_portal.rehearsal.world import build_world

from . import deciding, entering, examining, reviewing
from .entering import Journey

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def journey(calendars):
    with clock.frozen(clock.at(FIRST_DAY, 9)) as stood:
        world = build_world("urumqi", at=clock.now())
        round = opening_moves.open_round(world, year=2026, ordinal=1, title=f"第一届{world.book.name}")
        yield Journey(Player(world, round, stood.travel_to, seed=7))


def test_one_application_goes_through_the_pages_from_registering_to_the_certificate(journey):
    entering.walk(journey)
    assert journey.application.state == State.RECOMMENDATION_REVIEW
    examining.walk(journey)
    assert journey.application.state == State.DOCUMENT_REVIEW
    reviewing.walk(journey)
    assert journey.application.state == State.DELIBERATION
    deciding.walk(journey)
    assert journey.application.state == State.AWARDED
