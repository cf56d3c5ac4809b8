"""Inspections of how a bonus is used: what was found, by when it is to be put right, and that it was (Z24, B19)."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from applications.desk_rules import DeskRefused, require_text
from award_portal.lib import clock
from awards.models import Award
from organizations import evidence
from organizations.messages import send_message
from organizations.models import Claim, StoredFile, User

from .models import BonusInspection, BonusPayment
from .spending import purposes_of
from .watching import require_office


@transaction.atomic
def record_inspection(
    award: Award,
    *,
    inspected_on: date,
    inspectors: str,
    finding: str,
    is_proper: bool,
    rectify_by: date | None,
    proof: StoredFile | None,
    by: User,
    at: datetime,
) -> BonusInspection:
    """What the office or finance found; improper use gets a day by which it is put right, and the winner is told."""
    require_office(by, award, "奖金使用检查")
    ground = purposes_of(award)[1]
    today = clock.day_of(at)
    if not BonusPayment.objects.standing().filter(award=award).exists():
        raise DeskRefused.because("尚未拨付奖金，没有可检查的使用情况。", ground)
    if not award.awarded_on <= inspected_on <= today:
        raise DeskRefused.because("检查日期应在授奖之后，且不晚于今天。已填内容已保留。", ground, field="inspected_on")
    if not is_proper and (rectify_by is None or rectify_by <= inspected_on):
        raise DeskRefused.because(
            "使用不当的，请填写检查日期之后的整改期限。已填内容已保留。", ground, field="rectify_by"
        )
    found = BonusInspection.objects.create(
        award=award, inspected_on=inspected_on, inspectors=require_text(inspectors, "检查单位和人员"),
        finding=require_text(finding, "检查情况"), is_proper=is_proper, rectify_by=None if is_proper else rectify_by,
        proof=proof, recorded_by=by, recorded_at=at, closed_at=at if is_proper else None,
        closed_by=by if is_proper else None,
    )  # fmt: skip
    _record("bonus.inspect", found, by=by, at=at)
    if not is_proper:
        winners = Claim.objects.filter(organization=award.organization, state=Claim.State.VERIFIED)
        send_message(
            [one.user for one in winners.select_related("user")], subject="奖金使用检查发现问题，请按期整改",
            body=f"整改期限：{rectify_by}。{found.finding[:500]}", at=at,
        )  # fmt: skip
    return found


@transaction.atomic
def close_inspection(inspection: BonusInspection, *, note: str, by: User, at: datetime) -> BonusInspection:
    """What was found is put right, once, with how."""
    require_office(by, inspection.award, "整改销号")
    note = require_text(note, "整改情况")
    found = BonusInspection.objects.select_for_update(of=("self",)).select_related("award__round").get(pk=inspection.pk)
    if found.closed_at is not None:
        raise DeskRefused.because("该检查已经销号。")
    found.closed_at, found.closed_by, found.closing_note = at, by, note[:500]
    found.save(update_fields=["closed_at", "closed_by", "closing_note"])
    _record("bonus.inspect_close", found, by=by, at=at)
    return found


def _record(verb: str, inspection: BonusInspection, *, by: User, at: datetime) -> None:
    award = inspection.award
    chain = award.round.chain if award.round else evidence.SYSTEM_CHAIN
    data = {"inspection": str(inspection.public_id), "is_proper": inspection.is_proper}
    evidence.record(verb, chain=chain, by=by, subject=f"award:{award.public_id}", at=at, data=data)
