"""A member leaves a panel against the office's plan: declined, suspended, disqualified (U7.4, U22)."""

from __future__ import annotations

from datetime import datetime

from django.db import models, transaction

from applications.desk_rules import DeskRefused, require_text
from applications.models import Application, DossierGrant
from awards.models import Round
from organizations import evidence
from organizations.messages import people_of, send_message
from organizations.models import User

from .drawing import fresh_seed
from .invitations import lock_own_invitation, record_answer
from .models import Assignment, Expert, Invitation, Panel, PanelOpinion
from .readers import open_assignment
from .reserve import draw_replacement, end_assignment, replace_member


@transaction.atomic
def decline_invitation(invitation: Invitation, *, reason: str, by: User, at: datetime) -> Invitation:
    """The expert cannot come: the next in reserve takes the place and what they were to read, the office is told."""
    panel, expert = invitation.member.panel, invitation.member.expert
    lock_work(panel, expert)
    locked = lock_own_invitation(invitation, by=by)
    if locked.state == Invitation.State.ACCEPTED:
        raise DeskRefused.because("您已接受邀请。确实不能参加的，请联系办公室；应当回避的，请申请回避。")
    locked.state, locked.reason, locked.answered_at = (
        Invitation.State.DECLINED, require_text(reason, "不能参加的理由"), at,
    )  # fmt: skip
    locked.save(update_fields=["state", "reason", "answered_at"])
    record_answer("invitation.decline", locked, by=by, at=at)
    replace_member(panel, expert, ground="未接受评审邀请", by=by, at=at)
    send_message(people_of(panel.round.office), subject=f"{panel.label}：{expert}未接受评审邀请", at=at)
    return locked


@transaction.atomic
def take_off(panel: Panel, expert: Expert, *, because: str, void_submitted: bool, by: User, at: datetime) -> None:
    """The office takes a barred member off: what is not in is void, and with `void_submitted` what is in as well.

    Where the panel's opinion is concluded nothing changes any more.
    """
    lock_work(panel, expert)
    submitted = list(_work(panel, expert).exclude(sheet__submitted_at=None)) if void_submitted else []
    replace_member(panel, expert, ground=because, by=by, at=at)
    for one in submitted:
        DossierGrant.objects.filter(pk=one.grant_id, revoked_at=None).update(revoked_at=at, revoked_because=because)
        end_assignment(one, because, at=at)
        found: Expert | None = draw_replacement(
            panel, one.application, seed=fresh_seed(), replaced=expert, ground=because, by=by, at=at
        )
        if found is not None:
            open_assignment(panel, one.application, found, by=by, at=at, replaces=one)
    evidence.record(
        "panel.take_off", chain=panel.round.chain, by=by, subject=f"panel:{panel.public_id}", at=at,
        data={"stage": panel.stage, "expert": str(expert.public_id), "voided": len(submitted)},
    )  # fmt: skip


def lock_work(panel: Panel, expert: Expert) -> None:
    """The round and the applications the expert still has to judge on this panel, in the order of all locks."""
    Round.objects.select_for_update(of=("self",)).get(pk=panel.round_id)
    keys = list(_work(panel, expert).values_list("application_id", flat=True))
    list(Application.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk"))


def _work(panel: Panel, expert: Expert) -> models.QuerySet[Assignment]:
    concluded = PanelOpinion.objects.filter(stage=panel.stage).values("application")
    rows = Assignment.objects.active().filter(panel=panel, expert=expert).exclude(application__in=concluded)
    return rows.select_related("application").order_by("application_id")
