"""The government's decision (U11.9, U15): each name approved or refused; commendation, ledger, certificates."""

from __future__ import annotations

from datetime import timedelta

import pytest

from applications.models import Application
from applications.pipeline import State
from award_portal.lib import clock
from award_portal.lib.sweeping import sweep
from awards.models import Award
from documents.models import IssuedDocument
from publicity.models import Notice
from publicity.opening import open_publicity
from reviews.approving import record_approval
from reviews.deciding import carry_decision

from .meeting_builders import build_deliberation, verdicts_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def deliberation(frozen, calendars):
    return build_deliberation(applications=5)


def publish_awards(deliberation, frozen):
    """The shortlist is published and its window runs out."""
    names = list(Application.objects.filter(round=deliberation.round, state=State.AWARD_PUBLICITY))
    notice = open_publicity(
        deliberation.round, kind="award_publicity", applications=names, issuer=deliberation.office,
        by=deliberation.officer, at=clock.now(),
    )  # fmt: skip
    frozen.travel_to(notice.close_due_at + timedelta(minutes=1))
    sweep()
    return names


def test_the_whole_way_from_the_meeting_to_the_certificates(deliberation, frozen):
    meeting = deliberation.meeting()
    deliberation.elect(meeting, "main", 9, 8, 7, 3, 0)
    deliberation.elect(meeting, "nominee", 6, 3)
    minutes = carry_decision(meeting, by=deliberation.officer, at=clock.now())
    assert minutes.kind == "meeting_minutes"
    names = publish_awards(deliberation, frozen)
    assert len(names) == 4
    approval = record_approval(
        deliberation.round, meeting_number="市政府第12次常务会议", document_number="样政发〔2026〕8号",
        decided_on=clock.today(), verdicts=verdicts_for(names), by=deliberation.clerk, at=clock.now(),
    )  # fmt: skip
    assert approval.commendation.kind == "commendation"
    assert Award.objects.filter(round=deliberation.round).count() == 4
    assert IssuedDocument.objects.filter(kind="certificate").count() == 4
    assert Notice.objects.filter(kind="commendation").count() == 1
