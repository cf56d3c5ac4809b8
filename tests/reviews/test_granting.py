"""Publicity before approval or after it, and who has the last word: what an award is made of, whenever it is made."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from applications.desk_rules import DeskRefused
from applications.models import Application
from applications.moves import move
from applications.pipeline import State
from award_portal.lib import clock
from award_portal.lib.sweeping import sweep
from awards.models import Award, Round
from documents.models import IssuedDocument
from objections.holding import place_hold
from objections.models import Objection
from publicity.models import Notice
from publicity.opening import open_publicity
from reviews.approving import record_approval
from reviews.deciding import carry_decision
from reviews.models import Approval
from tests.changed_schemes import approval_first, changed, leading_body_approves

from .meeting_builders import build_deliberation, verdicts_for

pytestmark = pytest.mark.django_db


def decided(text: str):
    """A round whose leading body has put three names on the list."""
    deliberation = build_deliberation(applications=3, members=3, edition_text=text)
    meeting = deliberation.meeting()
    deliberation.elect(meeting, "main", 3, 3, 3)
    carry_decision(meeting, by=deliberation.officer, at=clock.now())
    return deliberation


def approve(deliberation, *, by=None, refused=None) -> Approval:
    waiting = list(Application.objects.filter(round=deliberation.round, state=State.APPROVAL))
    return record_approval(
        deliberation.round, meeting_number="第1次会议（样例）", document_number="样政发〔2026〕8号",
        decided_on=clock.today(), verdicts=verdicts_for(waiting, refused=refused), by=by or deliberation.clerk,
        at=clock.now(),
    )  # fmt: skip


def publish(deliberation) -> Notice:
    names = list(Application.objects.filter(round=deliberation.round, state=State.AWARD_PUBLICITY))
    return open_publicity(
        deliberation.round, kind="award_publicity", applications=names, issuer=deliberation.office,
        by=deliberation.officer, at=clock.now(),
    )  # fmt: skip


def object_to(application: Application) -> Objection:
    objection = Objection.objects.create(
        number="YY-2026-0001", application=application, form="person", identity="x", text="虚构", secret_digest="s",
        filed_at=clock.now(),
    )  # fmt: skip
    place_hold(objection, at=clock.now())
    return objection


@pytest.fixture
def approved_first(frozen, calendars):
    return decided(changed(approval_first))


def test_approval_before_publicity_grants_nothing_until_the_window_is_over(approved_first, frozen):
    assert {one.state for one in Application.objects.filter(round=approved_first.round)} == {State.APPROVAL}
    approval = approve(approved_first)
    assert approval.commendation is None
    assert not Award.objects.exists()
    notice = publish(approved_first)
    assert [one.tier_name for one in notice.items.all()] == ["质量奖"] * 3
    frozen.travel_to(notice.ends_at - timedelta(seconds=1))
    sweep(clock.now())
    assert not Award.objects.exists()
    frozen.travel_to(notice.close_due_at)
    sweep(clock.now())
    assert Award.objects.filter(awarded_on=clock.today()).count() == 3
    assert IssuedDocument.objects.filter(kind="certificate").count() == 3
    commendation = Approval.objects.get().commendation
    assert [len(tier["winners"]) for tier in commendation.content["tiers"]] == [3, 0]
    assert Notice.objects.filter(kind="commendation").count() == 1
    assert Round.objects.get(pk=approved_first.round.pk).closed_at == clock.now()


def test_one_that_is_objected_to_holds_the_decision_back_and_not_the_others_award(approved_first, frozen):
    approve(approved_first)
    notice = publish(approved_first)
    accused = Application.objects.filter(round=approved_first.round).first()
    objection = object_to(accused)
    frozen.travel_to(notice.close_due_at)
    sweep(clock.now())
    assert Award.objects.count() == 2
    assert Approval.objects.get().commendation is None
    move(
        accused.pk, "disqualify", by=approved_first.officer, at=clock.now(), ground="查证属实（虚构）",
        facts={"finding": "clean_record"},
    )  # fmt: skip
    assert objection.pk
    sweep(clock.now())
    [main, _] = Approval.objects.get().commendation.content["tiers"]
    assert len(main["winners"]) == 2
    assert Award.objects.count() == 2
    assert Round.objects.get(pk=approved_first.round.pk).closed_at is not None


def test_what_is_refused_at_approval_is_never_published(approved_first):
    refused = Application.objects.filter(round=approved_first.round).first()
    approve(approved_first, refused={refused.pk: "发生事故（虚构）"})
    assert Application.objects.get(pk=refused.pk).state == State.NOT_APPROVED
    assert publish(approved_first).items.count() == 2


def test_the_pages_say_that_the_award_waits_for_the_publicity(approved_first, frozen):
    client = Client()
    client.force_login(approved_first.officer, backend="django.contrib.auth.backends.ModelBackend")
    page = reverse("reviews:approve", args=[approved_first.round.public_id])
    typed = {"step": "check", "meeting_number": "第1次会议（样例）", "document_number": "样政发〔2026〕8号",
             "decided_on": clock.today().isoformat()}  # fmt: skip
    for one in Application.objects.filter(round=approved_first.round):
        typed |= {f"verdict-{one.public_id}": "approve", f"ground-{one.public_id}": ""}
    assert "批准的3家转入“获奖建议名单公示”" in client.post(page, typed).content.decode()
    answer = client.post(page, typed | {"step": "record"}, follow=True)
    assert "经“获奖建议名单公示”无异议后授奖" in answer.content.decode()


def test_y5_the_leading_body_approves_where_the_scheme_says_so(frozen, calendars):
    deliberation = decided(changed(approval_first, leading_body_approves))
    with pytest.raises(DeskRefused, match="领导小组或者办公室登记"):
        approve(deliberation, by=deliberation.clerk)
    member = deliberation.members[0]
    client = Client()
    client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(reverse("reviews:approvals")).status_code == 200
    page = client.get(reverse("reviews:approve", args=[deliberation.round.public_id])).content.decode()
    assert "领导小组审定" in page
    approval = approve(deliberation, by=member)
    assert client.get(reverse("reviews:approval", args=[approval.public_id])).status_code == 200
    notice = publish(deliberation)
    frozen.travel_to(notice.close_due_at)
    sweep(clock.now())
    assert Approval.objects.get().commendation.title == "关于2026年乌鲁木齐市政府质量奖的通报"


def test_u11_9_the_leading_body_does_not_approve_where_the_government_does(frozen, calendars):
    deliberation = build_deliberation(applications=1, members=1)
    client = Client()
    client.force_login(deliberation.members[0], backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(reverse("reviews:approvals")).status_code == 404
