"""The pages of meetings, ballots and approval: whose they are, what they refuse, what they never keep."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from applications.models import Application
from reviews.models import Ballot

from .meeting_builders import Deliberation, build_deliberation

pytestmark = pytest.mark.django_db


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def at(name: str, *args) -> str:
    return reverse(f"reviews:{name}", args=args)


def text(response) -> str:
    return response.content.decode()


def choose(ballot: Ballot, *chosen: Application, other: str = "against", step: str = "cast") -> dict[str, str]:
    """A paper as the browser posts it: 同意 for the names given, `other` for the rest."""
    wanted = {one.pk for one in chosen}
    names = ballot.candidates.select_related("application")
    return {"step": step} | {
        f"choice-{one.application.public_id}": "for" if one.application_id in wanted else other for one in names
    }


@pytest.fixture
def deliberation(frozen, calendars) -> Deliberation:
    return build_deliberation(members=5)


def test_the_pages_open_at_every_step(deliberation):
    office, member = signed_in(deliberation.officer), signed_in(deliberation.members[0])
    assert office.get(at("convene", deliberation.round.public_id)).status_code == 200
    one = deliberation.meeting()
    for name in ("meeting", "attendance", "member_recusal", "decision"):
        assert office.get(at(name, one.public_id)).status_code == 200, name
    assert office.get(at("ballot_opening", one.public_id, "main")).status_code == 200
    ballot, passphrase = deliberation.open(one)
    for name in ("ballot_closing", "ballot_voiding"):
        assert office.get(at(name, ballot.public_id)).status_code == 200, name
    for client in (office, member):
        assert client.get(at("meetings")).status_code == 200
        assert client.get(at("meeting", one.public_id)).status_code == 200
    assert member.get(at("paper", ballot.public_id)).status_code == 200
    deliberation.cast(ballot, 4, 4, 4, 1)
    assert "已投票" in text(member.get(at("paper", ballot.public_id)))
    deliberation.close(ballot, passphrase)
    assert "计票基数" in text(member.get(at("meeting", one.public_id)))
