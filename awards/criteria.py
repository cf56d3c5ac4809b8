"""Criteria the office drew up are approved by the leading body before the call goes out with them (U5).

The approval may be given in a meeting outside the portal; what is kept then is where and when, and by whom it was
recorded. A version drawn up for one round stands among the round's values, whole, under the path of its rubric.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from organizations import evidence
from organizations.models import User

from .models import Round, RoundParameter
from .parameters import rulebook_for
from .rulebook import Rubric, Rulebook


class ApprovalRefused(Exception):
    """The approval cannot be recorded so; the text is for people."""


def office_made(round: Round) -> list[Rubric]:
    """The round's criteria that the regulation wants approved by the leading body."""
    return [one for one in rulebook_for(round).rubrics if one.approval is not None]


def stages_of(book: Rulebook, key: str) -> list[str]:
    """The panel stages that judge some applicant by these criteria."""
    found = []
    for state in book.review_states:
        rule = book.review(state)
        if key == rule.rubric.value or key in (rule.rubrics.value if rule.rubrics else ()):
            found.append(state)
    return found


def is_outline(book: Rulebook, key: str) -> bool:
    """Whether applicants assess themselves by the items of these criteria: they are those of the first panel stage."""
    return book.review_states[0] in stages_of(book, key)


def unapproved(round: Round, criteria: Collection[Rubric]) -> list[Rubric]:
    """Those of the criteria that wait for the leading body."""
    asked = [one for one in criteria if one.approval is not None]
    if not asked or round.criteria_approved_on is not None:
        return []
    done = set(round.parameters.values_list("path", flat=True))
    return [one for one in asked if f"rubrics.{one.key}" not in done]


def approval_refusal(round: Round, stage: str = "") -> str:
    """Why the call, or the panel of a stage, must wait for the criteria; empty when it need not."""
    book = rulebook_for(round)
    waiting = unapproved(round, [one for one in book.rubrics if not stage or stage in stages_of(book, one.key)])
    if not waiting:
        return ""
    titles = "、".join(f"《{one.title}》" for one in waiting)
    body, ground = book.bodies.leading_body.name, book.ground(waiting[0].approval)
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


def put_in_force(round: Round, content: dict[str, Any], *, ground: str, by: User, at: datetime) -> None:
    """The approved content is what the round's rules read from now on; the caller holds the round's lock."""
    RoundParameter.objects.update_or_create(
        round=round, path=f"rubrics.{content['key']}",
        defaults={"value": content, "ground": ground[:300], "by": by, "at": at},
    )  # fmt: skip
    Round.objects.filter(pk=round.pk).update(criteria_revision=F("criteria_revision") + 1)
    round.refresh_from_db(fields=["criteria_revision"])
    getattr(round, "_prefetched_objects_cache", {}).pop("parameters", None)
