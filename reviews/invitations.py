"""Asking the members of a panel to come, and what they answer (U7.4). Declining is in `leaving`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.urls import reverse

from applications.desk_rules import DeskRefused
from awards.parameters import rulebook_for
from organizations import evidence
from organizations.messages import send_message
from organizations.models import User

from .models import Expert, Invitation, Panel


def invite(panel: Panel, experts: Iterable[Expert], *, at: datetime) -> None:
    """An invitation to each of the experts who are members now and have none; inside the caller's transaction."""
    keys = [one.pk for one in experts]
    seats = panel.members.filter(expert__in=keys, left_at=None, invitation=None).select_related("expert__user")
    members = list(seats.order_by("pk"))
    Invitation.objects.bulk_create(Invitation(member=one, sent_at=at) for one in members)
    send_message(
        [one.expert.user for one in members],
        subject=f"邀请您参加{panel.round.title}{panel.label}，请答复",
        url=reverse("reviews:mine"),
        at=at,
    )


@transaction.atomic
def accept_invitation(invitation: Invitation, *, by: User, at: datetime) -> Invitation:
    """The expert comes; accepted again it stands as it was."""
    locked = lock_own_invitation(invitation, by=by)
    if locked.state == Invitation.State.ACCEPTED:
        return locked
    locked.state, locked.answered_at = Invitation.State.ACCEPTED, at
    locked.save(update_fields=["state", "answered_at"])
    record_answer("invitation.accept", locked, by=by, at=at)
    return locked


@transaction.atomic
def remind_invited(panel: Panel, *, by: User, at: datetime) -> int:
    """Everybody who has not answered is asked again; how many."""
    from .panels import require_office  # panels invite: the office's rule is theirs

    require_office(panel.round, by)
    waiting = list(Invitation.objects.waiting().filter(member__panel=panel).select_related("member__expert__user"))
    if not waiting:
        raise DeskRefused.because("没有待答复的邀请。")
    subject = f"请尽快答复{panel.round.title}{panel.label}的评审邀请"
    send_message([one.member.expert.user for one in waiting], subject=subject, url=reverse("reviews:mine"), at=at)
    return len(waiting)


def lock_own_invitation(invitation: Invitation, *, by: User) -> Invitation:
    """The expert's own invitation, locked; refused when it was declined or the seat is another's by now."""
    locked = Invitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)
    member = locked.member
    book = rulebook_for(member.panel.round)
    ground = book.ground(book.stage(member.panel.stage))
    if member.expert.user_id != by.pk:
        raise DeskRefused.because("只能答复给本人的邀请。", ground)
    if member.left_at is not None or locked.state == Invitation.State.DECLINED:
        raise DeskRefused.because("您已不是该评审组成员，不需要答复。", ground)
    return locked


def record_answer(verb: str, invitation: Invitation, *, by: User, at: datetime) -> None:
    member = invitation.member
    evidence.record(
        verb, chain=member.panel.round.chain, by=by, subject=f"panel:{member.panel.public_id}", at=at,
        data={"stage": member.panel.stage, "expert": str(member.expert.public_id)},
    )  # fmt: skip
