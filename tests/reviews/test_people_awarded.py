"""From the list to the certificate, a person stands with name and employer, and with no number anywhere (Y2, Y19)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.template.loader import render_to_string
from django.urls import reverse

from applications.filling import start_blockers
from applications.models import Application
from applications.pipeline import State
from award_portal.lib import clock
from awards.models import Award
from documents.models import IssuedDocument
from organizations.models import AuditRecord
from publicity.closing import close_due
from publicity.opening import open_publicity
from reviews.approving import record_approval
from reviews.deciding import carry_decision
from tests.factories import make_claim
from tests.people_admitted import become_person, text_with_people

from .meeting_builders import build_deliberation, verdicts_for

LISTED = "样例个人1（样例精工有限公司（虚构））"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calendars")]


def printed(paper: IssuedDocument) -> str:
    return render_to_string(f"documents/{paper.template}", {**paper.content, "document": paper})


@pytest.fixture
def awarded(frozen):
    """A person who won 质量奖 beside an organisation."""
    deliberation = build_deliberation(applications=2, edition_text=text_with_people())
    person = become_person(deliberation.applications[0])
    meeting = deliberation.meeting()
    deliberation.elect(meeting, "main", 9, 3)
    deliberation.elect(meeting, "nominee", 8)
    carry_decision(meeting, by=deliberation.officer, at=clock.now())
    names = list(Application.objects.with_names().filter(state=State.AWARD_PUBLICITY))
    notice = open_publicity(
        deliberation.round, kind="award_publicity", applications=names, issuer=deliberation.office,
        by=deliberation.officer, at=clock.now(),
    )  # fmt: skip
    frozen.travel_to(notice.close_due_at + timedelta(minutes=1))
    close_due(clock.now())
    record_approval(
        deliberation.round, meeting_number="第12次会议", document_number="样政发〔2026〕8号", decided_on=clock.today(),
        verdicts=verdicts_for(names), by=deliberation.clerk, at=clock.now(),
    )  # fmt: skip
    return deliberation, Application.objects.with_names().get(pk=person.pk), notice


def test_the_public_list_names_a_person_by_name_and_employer(client, awarded):
    _, person, notice = awarded
    page = client.get(reverse("publicity:notice", args=[notice.public_id])).content.decode()
    assert LISTED in page
    assert person.organization.code not in page
    assert [one["code"] for one in notice.document.content["names"] if one["name"] == LISTED] == [""]


def test_the_certificate_is_given_to_a_person(awarded):
    paper = IssuedDocument.objects.get(kind="certificate", title__startswith="样例个人1")
    html = printed(paper)
    assert "授予" in html
    assert "样例个人1同志" in html
    assert "你单位" not in html
    other = IssuedDocument.objects.filter(kind="certificate").exclude(pk=paper.pk).get()
    assert "你单位荣获" in printed(other)
    assert "同志" not in printed(other)


def test_register_certificate_check_and_decision_tell_no_number(client, awarded):
    _, person, _ = awarded
    award = Award.objects.get(code=person.organization.code)
    assert award.name == LISTED
    for page in (
        client.get(reverse("publicity:register")),
        client.get(reverse("publicity:certificate", args=[award.certificate_number])),
    ):
        assert LISTED in page.content.decode()
        assert person.organization.code not in page.content.decode()
    decision = IssuedDocument.objects.get(kind="commendation").content
    assert LISTED in [name for tier in decision["tiers"] for name in tier["winners"]]
    assert decision["honoured"] == "组织和个人"


def test_no_paper_and_no_record_holds_the_key_of_a_person(awarded):
    _, person, _ = awarded
    for content in IssuedDocument.objects.values_list("content", flat=True):
        assert person.organization.code not in str(content)
    assert person.organization.code not in str(list(AuditRecord.objects.values_list()))


def test_y4_the_bar_holds_for_the_person_who_won(awarded):
    deliberation, person, _ = awarded
    by = make_claim(person.organization)
    Application.objects.filter(pk=person.pk).update(state=State.WITHDRAWN)
    deliberation.round.closes_at = clock.now() + timedelta(days=9)
    deliberation.round.save()
    found = start_blockers(deliberation.round, organization=person.organization, by=by, at=clock.now())
    assert any("不得重复申报" in str(one) or "获" in str(one) for one in found)
