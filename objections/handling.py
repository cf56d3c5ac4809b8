"""The desk that handles an objection: acceptance, forwarding, the written answer, who objected (U12, U13)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django_fsm import can_proceed

from organizations.messages import people_of, send_message
from organizations.models import Unit, User

from .casework import (
    HandlingRefused,
    begin_leg,
    end_legs,
    issue_letter,
    leg_due,
    record_act,
    take,
    tell_recommender,
)
from .filing import last_day_zh
from .form_check import form_asked
from .holding import confirm_hold, release_hold
from .merging import hand_on_the_lead
from .models import Objection
from .outcomes import outcome_zh
from .pipeline import State


@transaction.atomic
def accept(objection: Objection, *, by: User, at: datetime) -> Objection:
    """The form is in order: the case is open and what it holds is held until the finding (U12)."""
    objection = take(objection, "accept", by=by, office=True)
    accept_form(objection, by=by, at=at)
    objection.save()
    return objection


@transaction.atomic
def forward(objection: Objection, *, by: User, at: datetime) -> Objection:
    """Forward to the recommender within 3 working days (U13); to the office where the recommender is the accused.

    One whose form is not yet checked is accepted by the same act. A desk that investigates itself writes no letter
    to itself.
    """
    objection = take(objection, "accept", "forward", by=by, office=True)
    book = objection.application.rulebook
    if objection.state == State.RECEIVED:
        accept_form(objection, by=by, at=at)
    investigator = investigator_of(objection)
    objection.investigator, objection.forwarded_at = investigator, at
    begin_leg(objection, due=leg_due(book, "report", at), at=at)
    objection.forward()
    if investigator != objection.handled_by:
        objection.forwarding = issue_letter(
            objection,
            "objection_forwarding",
            by=by,
            at=at,
            investigator=investigator.name,
            text=objection.text,
            papers=[one.label for one in objection.files.filter(tells_identity=False)],
            due_on=last_day_zh(objection.due_at),
            cite=book.ground(book.objections.clocks.report.days),
        )
    objection.save()
    send_message(
        people_of(investigator),
        subject=f"异议材料转送：{objection.number}",
        body=f"请于{last_day_zh(objection.due_at)}前调查并书面报告。",
        url=objection.get_absolute_url(),
        at=at,
    )
    record_act(objection, "forward", by=by, at=at)
    return objection


def investigator_of(objection: Objection) -> Unit:
    """Who investigates: the recommender (U13), the office where the scheme says so or the recommender is accused."""
    application = objection.application
    rule = application.rulebook.objections.investigator.value
    if objection.handler is not None:
        return objection.handler  # who received it in its own publicity looks into it itself (O6)
    if objection.accuses_recommender or rule == "office" or application.recommender is None:
        return application.round.office
    return application.recommender


@transaction.atomic
def tell(objection: Objection, *, by: User, at: datetime) -> Objection:
    """Answer the objector in writing and tell the recommender (U13)."""
    objection = take(objection, "tell", by=by, office=True)
    book = objection.application.rulebook
    objection.reply = issue_letter(
        objection,
        "objection_reply",
        by=by,
        at=at,
        finding=objection.get_finding_display(),
        text=objection.finding_text,
        outcome=outcome_zh(objection.lead or objection),
        cite=book.ground(book.objections.clocks.tell.days),
        joins=objection.lead.number if objection.lead else "",
    )
    objection.told_at = at
    end_legs(objection)
    objection.tell()
    tell_recommender(objection, how=f"认定：{objection.get_finding_display()}。", at=at)
    objection.save()
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
    objection.told_at = at  # it is the objector's own act, and the receipt says so
    tell_recommender(objection, how="异议人已经撤回。", at=at)
    objection.save()
    hand_on_the_lead(objection, at=at)
    release_hold(objection, because="异议人撤回异议", at=at)
    told = people_of(objection.handled_by)
    told += people_of(objection.investigator) if objection.investigator else []
    send_message(
        told, subject=f"异议人撤回异议：{objection.number}", url=objection.get_absolute_url(), at=at
    )  # fmt: skip
    record_act(objection, "withdraw", by=None, at=at)
    return objection


def accept_form(objection: Objection, *, by: User, at: datetime) -> None:
    """Accepted, told in writing, its days to the forwarding counted from receipt (U13). Does not save."""
    book = objection.application.rulebook
    rule = book.objections.clocks.forward
    from_when = objection.clock_started_at if rule.from_what.value == "receipt" else at
    objection.accepted_at = at
    objection.accept()
    begin_leg(objection, due=leg_due(book, "forward", from_when), at=at)
    confirm_hold(objection)
    clocks = book.objections.clocks
    issue_letter(
        objection,
        "objection_acceptance",
        by=by,
        at=at,
        cite=book.ground(form_asked(book, objection.form)),
        legs=[
            {"name": name, "days": clock.days.value, "ground": book.ground(clock.days)}
            for name, clock in (("转送调查", clocks.forward), ("调查并报告", clocks.report),
                                ("作出认定", clocks.decide), ("书面告知", clocks.tell))
        ],
        goes_on=book.objections.review_goes_on.value,
        goes_on_ground=book.ground(book.objections.review_goes_on),
    )  # fmt: skip
    record_act(objection, "accept", by=by, at=at)
