"""The government's decision (U11.9, U15): each name approved or refused; commendation, ledger, certificates."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from applications.desk_rules import DeskRefused
from applications.models import Application, Hold
from applications.moves import StepRefused, move
from applications.pipeline import State
from award_portal.lib import clock
from awards.models import Award
from documents.models import IssuedDocument, NumberCounter
from publicity.closing import close_due
from publicity.models import Notice
from publicity.opening import open_publicity
from reviews.approving import record_approval
from reviews.deciding import carry_decision
from reviews.decision_registers import approval_register, meeting_register
from reviews.models import Approval, ApprovalItem, Meeting, ShortlistEntry
from tests.factories import make_round

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
    close_due(clock.now())
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
    deliberation.round.refresh_from_db()
    assert deliberation.round.closed_at == clock.now()
    assert Notice.objects.filter(kind="commendation").count() == 1


@pytest.fixture
def proposed(deliberation, frozen):
    """Three names for 质量奖 and one for 提名奖 before the government."""
    meeting = deliberation.meeting()
    deliberation.elect(meeting, "main", 9, 8, 7, 3, 0)
    deliberation.elect(meeting, "nominee", 6, 3)
    carry_decision(meeting, by=deliberation.officer, at=clock.now())
    return publish_awards(deliberation, frozen)


def approve(deliberation, verdicts, *, by=None, **given):
    values = {
        "meeting_number": "市政府第12次常务会议", "document_number": "样政发〔2026〕8号", "decided_on": clock.today(),
    } | given  # fmt: skip
    return record_approval(deliberation.round, **values, verdicts=verdicts, by=by or deliberation.clerk, at=clock.now())


def nothing_was_decided(deliberation) -> bool:
    waiting = Application.objects.filter(round=deliberation.round, state=State.APPROVAL).count()
    return waiting == 4 and not Award.objects.exists() and not Approval.objects.exists()


def test_u11_9_the_approved_enter_the_ledger_with_gapless_certificates(deliberation, proposed):
    approval = approve(deliberation, verdicts_for(proposed))
    awards = list(Award.objects.order_by("pk"))
    assert [one.certificate_number for one in awards] == [f"URUMQI-ZS-2026-{n:03d}" for n in range(1, 5)]
    assert [one.tier_name for one in awards] == ["质量奖"] * 3 + ["质量奖提名奖"]
    assert {one.decision_number for one in awards} == {"样政发〔2026〕8号"}
    assert [one.name for one in awards] == [one.organization.name for one in proposed]
    tiers = approval.commendation.content["tiers"]
    assert tiers[0]["winners"] == [one.organization.name for one in proposed[:3]]
    numbers = [one.content["certificate_number"] for one in IssuedDocument.objects.filter(kind="certificate")]
    assert sorted(numbers) == [one.certificate_number for one in awards]
    assert {one.state for one in Application.objects.filter(pk__in=[one.pk for one in proposed])} == {State.AWARDED}


def test_u11_9_every_name_needs_a_verdict(deliberation, proposed):
    verdicts = verdicts_for(proposed[1:])
    with pytest.raises(DeskRefused, match=r"还有1个.*第十一条第（九）项"):
        approve(deliberation, verdicts)
    assert nothing_was_decided(deliberation)


def test_u11_9_a_refusal_needs_its_ground(deliberation, proposed):
    with pytest.raises(DeskRefused, match="不予批准的，请写明理由"):
        approve(deliberation, verdicts_for(proposed, refused={proposed[0].pk: "  "}))
    assert nothing_was_decided(deliberation)


def test_u11_9_a_refused_name_has_no_award_and_no_way_back(deliberation, proposed):
    gone = proposed[1]
    approval = approve(deliberation, verdicts_for(proposed, refused={gone.pk: "发生重大质量事故（虚构）"}))
    gone = Application.objects.get(pk=gone.pk)
    assert gone.state == State.NOT_APPROVED
    assert not Award.objects.filter(organization=gone.organization).exists()
    assert str(gone.organization) not in str(approval.commendation.content)
    assert [one.certificate_number[-3:] for one in Award.objects.order_by("pk")] == ["001", "002", "003"]
    item = ApprovalItem.objects.get(application=gone)
    assert (item.is_approved, item.ground) == (False, "发生重大质量事故（虚构）")
    with pytest.raises(DeskRefused, match="没有待审定的申报组织"):
        approve(deliberation, {gone.pk: (True, "")})
    with pytest.raises(StepRefused):
        move(gone.pk, "approve", by=deliberation.clerk, at=clock.now(), facts={"approval": str(approval.public_id)})


def test_when_all_are_refused_nothing_is_commended(deliberation, proposed):
    approval = approve(deliberation, verdicts_for(proposed, refused={one.pk: "不予批准" for one in proposed}))
    assert approval.commendation is None
    assert not Award.objects.exists()
    assert not Notice.objects.filter(kind="commendation").exists()


def test_a_decision_of_tomorrow_cannot_be_recorded_today(deliberation, proposed):
    with pytest.raises(DeskRefused, match="审定日期不能晚于今天"):
        approve(deliberation, verdicts_for(proposed), decided_on=clock.today() + timedelta(days=1))
    assert nothing_was_decided(deliberation)


@pytest.mark.parametrize("missing", ["meeting_number", "document_number"])
def test_v9_the_meeting_and_the_document_number_are_on_record(deliberation, proposed, missing):
    with pytest.raises(DeskRefused, match="请填写审定会议和文号"):
        approve(deliberation, verdicts_for(proposed), **{missing: " "})
    assert nothing_was_decided(deliberation)


def test_only_the_government_or_the_office_records_it(deliberation, proposed):
    for by in (deliberation.members[0], proposed[0].created_by):
        with pytest.raises(DeskRefused, match="登记"):
            approve(deliberation, verdicts_for(proposed), by=by)
    assert nothing_was_decided(deliberation)
    assert approve(deliberation, verdicts_for(proposed), by=deliberation.officer).recorded_by == deliberation.officer


def test_a_list_that_changed_meanwhile_is_looked_at_again(deliberation, proposed):
    verdicts = verdicts_for(proposed)
    gone = proposed[0]
    move(gone.pk, "withdraw", by=gone.created_by, at=clock.now(), ground="自愿撤回")
    with pytest.raises(DeskRefused, match="名单已有变化"):
        approve(deliberation, verdicts)
    assert not Award.objects.exists()
    del verdicts[gone.pk]
    approve(deliberation, verdicts)
    assert Award.objects.count() == 3


@pytest.mark.parametrize("step", ["approve", "refuse"])
def test_u11_9_the_door_opens_only_for_what_was_decided(deliberation, proposed, step):
    one = proposed[0]
    for facts in ({}, {"approval": "00000000-0000-4000-8000-000000000000"}):
        with pytest.raises(StepRefused, match="人民政府尚未作出该结论"):
            move(one.pk, step, by=deliberation.clerk, at=clock.now(), facts=facts)
    assert nothing_was_decided(deliberation)


def test_o5_a_name_under_objection_waits_and_is_decided_later(deliberation, frozen):
    """The others are decided; the held one stays in its publicity, and a second decision follows."""
    meeting = deliberation.meeting()
    deliberation.elect(meeting, "main", 9, 8, 7, 3, 0)
    deliberation.elect(meeting, "nominee", 6, 3)
    carry_decision(meeting, by=deliberation.officer, at=clock.now())
    held = Application.objects.filter(round=deliberation.round, state=State.AWARD_PUBLICITY).first()
    hold = Hold.objects.create(
        application=held,
        reason="异议处理中",
        kind="confirmed",
        source="objection:sample",
        steps=["close_publicity"],
        placed_at=clock.now(),
    )
    publish_awards(deliberation, frozen)
    waiting = list(Application.objects.filter(round=deliberation.round, state=State.APPROVAL))
    assert held not in waiting
    assert len(waiting) == 3
    approve(deliberation, verdicts_for(waiting))
    deliberation.round.refresh_from_db()
    assert deliberation.round.closed_at is None
    hold.released_at = clock.now()
    hold.save()
    close_due(clock.now())
    approve(deliberation, verdicts_for([held]), document_number="样政发〔2026〕9号")
    assert [one.certificate_number[-3:] for one in Award.objects.order_by("pk")] == ["001", "002", "003", "004"]


def test_v9_an_award_has_its_place_in_the_quota_of_its_tier(deliberation, proposed):
    ShortlistEntry.objects.filter(application=proposed[1]).update(outside_quota=True)
    approve(deliberation, verdicts_for(proposed, refused={proposed[0].pk: "不予批准"}))
    places = [(one.tier, one.quota_place, one.outside_quota) for one in Award.objects.order_by("pk")]
    assert places == [("main", None, True), ("main", 1, False), ("nominee", 1, False)]


def test_v9_a_name_put_off_waits_for_a_decision_of_its_own(deliberation, proposed):
    later = proposed[0]
    verdicts = {pk: given for pk, given in verdicts_for(proposed).items() if pk != later.pk}
    with pytest.raises(DeskRefused, match="暂缓的，请写明理由"):
        approve(deliberation, verdicts, deferred={later.pk: " "})
    approval = approve(deliberation, verdicts, deferred={later.pk: "有关情况需进一步核实（虚构）"})
    assert [one["ground"] for one in approval.deferred] == ["有关情况需进一步核实（虚构）"]
    assert approval.items.count() == 3
    assert Application.objects.get(pk=later.pk).state == State.APPROVAL
    deliberation.round.refresh_from_db()
    assert deliberation.round.closed_at is None
    with pytest.raises(DeskRefused, match="已经登记于"):
        approve(deliberation, verdicts_for([later]))
    second = approve(deliberation, verdicts_for([later]), document_number="样政发〔2026〕9号")
    assert second.commendation != approval.commendation
    # the place it was listed for is given in the order of the decisions
    assert Award.objects.get(organization=later.organization).quota_place == 3
    deliberation.round.refresh_from_db()
    assert deliberation.round.closed_at is not None


def test_v9_all_put_off_is_no_decision(deliberation, proposed):
    with pytest.raises(DeskRefused, match="全部暂缓的"):
        approve(deliberation, {}, deferred={one.pk: "待核实" for one in proposed})
    assert nothing_was_decided(deliberation)


@pytest.mark.parametrize("typed", ["样政发〔2026〕8号", "样政发[2026]8号", " 样政发（２０２６）8号 "])
def test_v9_a_document_number_is_recorded_once_however_it_is_typed(deliberation, proposed, typed):
    Approval.objects.create(
        round=make_round(), meeting_number="第1次", document_number="样政发〔2026〕8号", decided_on=clock.today(),
        recorded_at=clock.now(), recorded_by=deliberation.clerk,
    )  # fmt: skip
    with pytest.raises(DeskRefused, match=r"文号.*已经登记"):
        approve(deliberation, verdicts_for(proposed), document_number=typed)
    assert not Award.objects.exists()


def test_u11_9_nothing_is_approved_before_the_meeting_or_while_the_publicity_runs(deliberation, proposed):
    last = Notice.objects.get(kind=State.AWARD_PUBLICITY).last_on
    with pytest.raises(DeskRefused, match=r"公示期满.*之后"):
        approve(deliberation, verdicts_for(proposed), decided_on=last)
    held = Meeting.objects.get().held_on
    with pytest.raises(DeskRefused, match="不能早于审议会议日期"):
        approve(deliberation, verdicts_for(proposed), decided_on=held - timedelta(days=1))
    assert nothing_was_decided(deliberation)
    assert approve(deliberation, verdicts_for(proposed), decided_on=last + timedelta(days=1)).items.count() == 4


def test_v9_the_register_of_decisions_has_places_certificates_and_grounds(deliberation, proposed):
    refused, later = proposed[0], proposed[3]
    verdicts = verdicts_for(proposed[:3], refused={refused.pk: "发生事故（虚构）"})
    approval = approve(deliberation, verdicts, deferred={later.pk: "待核实（虚构）"})
    rows = {row[6]: row[8:] for row in approval_register([approval]).rows}
    assert rows[str(refused.organization)][:3] == ["不予批准", "发生事故（虚构）", ""]
    assert rows[str(later.organization)][:2] == ["暂缓", "待核实（虚构）"]
    assert rows[str(proposed[2].organization)][2:4] == ["2", "URUMQI-ZS-2026-002"]
    assert meeting_register(Meeting.objects.all()).rows[0][-2:] == [9, 9]


def test_what_fails_at_the_end_leaves_nothing_behind(deliberation, proposed):
    """The certificate number that is already taken stops the last award: no award, no number, no step stays."""
    Award.objects.create(
        scheme=deliberation.round.scheme, name="旧获奖组织（虚构）", code="", tier="main", tier_name="质量奖",
        year=2026,
        awarded_on=clock.today(), certificate_number="URUMQI-ZS-2026-004",
    )  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        approve(deliberation, verdicts_for(proposed))
    assert Award.objects.count() == 1
    assert not Approval.objects.exists()
    assert not NumberCounter.objects.filter(name__startswith="certificate:").exists()
    assert Application.objects.filter(state=State.APPROVAL).count() == 4
