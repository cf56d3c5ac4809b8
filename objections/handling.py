"""The desk that handles an objection: form check, acceptance, forwarding, the written answer (U12, U13)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django_fsm import can_proceed

from organizations.messages import people_of, send_message
from organizations.models import User

from .casework import HandlingRefused, begin_leg, end_legs, issue_letter, leg_due, record_act, take
from .filing import confirm_hold, last_day_zh, release_hold
from .models import Objection
from .outcomes import outcome_zh
from .pipeline import State


@transaction.atomic
def refuse_form(objection: Objection, *, because: str, by: User, at: datetime) -> Objection:
    """The form lacks what U12 asks: the objection is not accepted, its provisional hold goes."""
    objection = take(objection, "refuse_form", by=by, office=True)
    if not because.strip():
        raise HandlingRefused("请写明不符合形式要求之处，以便告知异议人补充。")
    objection.refused_because = because.strip()
    end_legs(objection)
    objection.refuse_form()
    objection.save()
    release_hold(objection, because="形式审查不合格", at=at)
    record_act(objection, "refuse_form", by=by, at=at)
    return objection


@transaction.atomic
def accept(objection: Objection, *, by: User, at: datetime) -> Objection:
    """The form is in order: the case is open and what it holds is held until the finding (U12)."""
    objection = take(objection, "accept", by=by, office=True)
    _accept(objection, by=by, at=at)
    objection.save()
    return objection


@transaction.atomic
def forward(objection: Objection, *, by: User, at: datetime) -> Objection:
    """Forward to the recommender within 3 working days (U13); to the office where the recommender is the accused.

    One whose form is not yet checked is accepted by the same act.
    """
    objection = take(objection, "accept", "forward", by=by, office=True)
    book, round = objection.application.rulebook, objection.application.round
    if objection.state == State.RECEIVED:
        _accept(objection, by=by, at=at)
    recommender = objection.application.recommender
    own = objection.accuses_recommender or book.objections.investigator.value == "office"
    investigator = round.office if own or recommender is None else recommender
    objection.investigator = investigator
    objection.forwarded_at = at
    begin_leg(objection, due=leg_due(book, "report", at), at=at)
    objection.forward()
    objection.forwarding = issue_letter(
        objection,
        "objection_forwarding",
        by=by,
        at=at,
        investigator=investigator.name,
        text=objection.text,
        due_on=last_day_zh(objection.due_at),
        cite=book.ground(book.objections.clocks.report.days),
    )
    objection.save()
    send_message(
        people_of(investigator),
        subject=f"异议材料转送：{objection.number}",
        body="请在期限内调查并书面报告。",
        url=objection.get_absolute_url(),
        at=at,
    )
    record_act(objection, "forward", by=by, at=at)
    return objection


@transaction.atomic
def tell(objection: Objection, *, by: User, at: datetime) -> Objection:
    """Answer the objector in writing and tell the recommender (U13)."""
    objection = take(objection, "tell", by=by, office=True)
    objection.reply = issue_letter(
        objection,
        "objection_reply",
        by=by,
        at=at,
        finding=objection.get_finding_display(),
        text=objection.finding_text,
        outcome=outcome_zh(objection),
    )
    objection.told_at = at
    end_legs(objection)
    objection.tell()
    objection.save()
    recommender = objection.application.recommender
    if recommender is not None:
        send_message(
            people_of(recommender),
            subject=f"异议处理结果通报：{objection.number}",
            body=f"认定：{objection.get_finding_display()}",
            at=at,
        )
    record_act(objection, "tell", by=by, at=at)
    return objection


@transaction.atomic
def withdraw(objection: Objection, *, because: str, at: datetime) -> Objection:
    """The objector takes the objection back with its receipt, until the finding; what it held goes on."""
    objection = Objection.objects.select_for_update(of=("self",)).get(pk=objection.pk)
    if not can_proceed(objection.withdraw):
        raise HandlingRefused(f"该异议现为“{objection.get_state_display()}”，不能撤回。")
    if not because.strip():
        raise HandlingRefused("请写明撤回异议的理由。")
    objection.withdrawn_because = because.strip()[:500]
    end_legs(objection)
    objection.withdraw()
    objection.save()
    release_hold(objection, because="异议人撤回异议", at=at)
    told = people_of(objection.handled_by)
    told += people_of(objection.investigator) if objection.investigator else []
    send_message(
        told, subject=f"异议人撤回异议：{objection.number}", url=objection.get_absolute_url(), at=at
    )  # fmt: skip
    record_act(objection, "withdraw", by=None, at=at)
    return objection


def _accept(objection: Objection, *, by: User, at: datetime) -> None:
    """Accepted, with its days to the forwarding counted from receipt (U13). Does not save."""
    objection.accepted_at = at
    objection.accept()
    confirm_hold(objection)
    record_act(objection, "accept", by=by, at=at)
