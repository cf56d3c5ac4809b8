"""Criteria the office drew up are approved by the leading body before the call goes out with them (U5).

The approval is given in a meeting outside the portal; what is kept here is where and when, and by whom it was recorded.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from organizations import evidence
from organizations.models import User

from .models import Round
from .parameters import rulebook_for
from .rulebook import Rubric


class ApprovalRefused(Exception):
    """The approval cannot be recorded so; the text is for people."""


def office_made(round: Round) -> list[Rubric]:
    """The round's criteria that the regulation wants approved by the leading body."""
    return [one for one in rulebook_for(round).rubrics if one.approval is not None]


def approval_refusal(round: Round) -> str:
    """Why the call must wait for the criteria; empty when it need not."""
    criteria = office_made(round)
    if not criteria or round.criteria_approved_on is not None:
        return ""
    book = rulebook_for(round)
    titles = "、".join(f"《{one.title}》" for one in criteria)
    body, ground = book.bodies.leading_body.name, book.ground(criteria[0].approval)
    return f"{titles}由办公室制订，须经{body}审定后执行，尚未登记审定情况（{ground}）。"


@transaction.atomic
def record_approval(round: Round, *, meeting: str, approved_on: date, by: User, at: datetime) -> None:
    """Where and when the leading body approved the criteria; until the call is out it may be put right."""
    locked = Round.objects.select_for_update(of=("self",)).get(pk=round.pk)
    if locked.published_at is not None:
        raise ApprovalRefused("申报通知已经发布，评价标准的审定情况不再变更。")
    if not office_made(locked):
        raise ApprovalRefused("本届的评价标准不需要审定。")
    if not meeting.strip():
        raise ApprovalRefused("请填写审定的会议或者文号。")
    if approved_on > at.date():
        raise ApprovalRefused("审定日期不能晚于今天。")
    locked.criteria_approval, locked.criteria_approved_on = meeting.strip(), approved_on
    locked.save(update_fields=["criteria_approval", "criteria_approved_on"])
    round.criteria_approval, round.criteria_approved_on = locked.criteria_approval, approved_on
    evidence.record(
        "round.approve_criteria", chain=locked.chain, by=by, subject=f"round:{locked.public_id}", at=at,
        data={"meeting": meeting.strip(), "approved_on": approved_on.isoformat(),
              "criteria": [one.key for one in office_made(locked)], "edition": locked.edition.sha256},
    )  # fmt: skip
