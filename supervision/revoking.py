"""Taking an award away: the one function that does it (U20, U21, B22, B23, Y21)."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from applications.desk_rules import DeskRefused
from awards.models import Award
from documents.models import IssuedDocument
from documents.voiding import void_document
from organizations.models import User


def revoke_award(award: Award, *, revoked_on: date, ground: str, decision_number: str, by: User, at: datetime) -> Award:
    """The ledger says from which day and why the award is gone, and its certificate is void; nothing is deleted.

    Runs inside the transaction of the decision it carries out; what is bound to the award (ban, recovery, claw-back)
    is the caller's.
    """
    assert transaction.get_connection().in_atomic_block
    award = Award.objects.select_for_update(of=("self",)).get(pk=award.pk)
    if award.state == Award.State.REVOKED:
        raise DeskRefused.because("该荣誉已经取消，未重复办理。")
    if revoked_on < award.awarded_on:
        raise DeskRefused.because("取消日期早于获奖日期，请核对。")
    award.state, award.revoked_on, award.revoked_ground = Award.State.REVOKED, revoked_on, ground[:300]
    award.revocation_number = decision_number[:60]
    award.save(update_fields=["state", "revoked_on", "revoked_ground", "revocation_number"])
    papers = IssuedDocument.objects.filter(kind="certificate", subject=f"award:{award.public_id}", voided_at=None)
    for paper in papers.order_by("pk"):
        void_document(paper, because=f"荣誉已经取消（{decision_number}）", by=by, at=at)
    return award
