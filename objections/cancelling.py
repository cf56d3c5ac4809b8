"""An objection upheld on a proposed winner: the office asks the leading body to cancel, which decides (B16)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from applications.aftermath import after
from applications.gates import Attempt
from applications.models import Application, Hold
from award_portal.lib import clock
from awards.models import Round
from awards.workdays import date_zh
from organizations.messages import people_of, send_message
from organizations.models import StoredFile, Unit, User
from reviews.body_decisions import Held, record_body_decision
from reviews.models import BodyDecision

from .casework import HandlingRefused, issue_letter, record_act, tell_recommender
from .models import Objection, Outcome
from .outcome_papers import issue_cancellation_request
from .pipeline import State
from .putting_out import put_out

# whatever an objection stops, nothing goes on to the government while its list is in question
STOPPED = ("close_publicity", "approve")


def ask_to_cancel(objection: Objection, *, by: User, at: datetime) -> Outcome:
    """提请取消授奖资格: the leading body is asked in writing, and the name waits for its decision (B16)."""
    application = objection.application
    book, round = application.rulebook, application.round
    cite = book.ground(book.objections.upheld_on_list)
    outcome = Outcome(objection=objection, kind=Outcome.Kind.CANCELLATION, cite=cite[:300], opened_at=at)
    outcome.document = issue_cancellation_request(objection, cite=cite, by=by, at=at)
    outcome.save()
    Hold.objects.create(
        application=application, kind=Hold.Kind.CONFIRMED, source=outcome.hold_source,
        reason=f"异议（{objection.number}）查证属实，已提请{book.bodies.leading_body.short}取消授奖资格",
        cite=cite, steps=sorted({*book.held_steps, *STOPPED}), placed_at=at,
    )  # fmt: skip
    bodies = Unit.objects.active().of_scheme(round.scheme.key).of_kind("leading_body")
    send_message(
        [one for unit in bodies for one in people_of(unit)], subject=f"提请审议：取消授奖资格（{round.title}）"[:120],
        body=f"{application.listed_name}，请查阅提请文件。", at=at,
    )  # fmt: skip
    record_act(objection, "ask_to_cancel", by=by, at=at)
    return outcome


@transaction.atomic
def record_cancellation(
    outcome: Outcome, *, held: Held, ground: str, proof: StoredFile | None, by: User, at: datetime
) -> BodyDecision:
    """Enter what the leading body decided: cancelled, the name leaves the list; not carried, it goes on (B16)."""
    application = outcome.objection.application
    Round.objects.select_for_update(of=("self",)).get(pk=application.round_id)
    Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
    outcome = Outcome.objects.select_for_update(of=("self",)).get(pk=outcome.pk)
    objection = Objection.objects.select_for_update(of=("self",)).get(pk=outcome.objection_id)
    if outcome.kind != Outcome.Kind.CANCELLATION or outcome.done_at is not None:
        raise HandlingRefused("该事项已经作出决定，不能重复登记。")
    decision = record_body_decision(
        objection.application, kind=BodyDecision.Kind.CANCEL, held=held, ground=ground, cite=outcome.cite,
        proof=proof, by=by, at=at,
    )  # fmt: skip
    body = objection.application.rulebook.bodies.leading_body.short
    outcome.decision, outcome.done_at = decision, at
    outcome.result = f"{body}决定取消其授奖资格。" if decision.is_carried else f"{body}审议后未取消其授奖资格。"
    outcome.save(update_fields=["decision", "done_at", "result"])
    Hold.objects.open().filter(application=objection.application, source=outcome.hold_source).update(
        released_at=at, released_because=outcome.result[:200]
    )
    is_out = decision.is_carried and objection.application.is_active
    if is_out:
        objection.disqualified = True
        objection.save()
        objection.followers.update(disqualified=True)
        put_out(
            objection, words="", ground=f"异议（{objection.number}）查证属实，{outcome.result}", cite=outcome.cite,
            facts={"decision": str(decision.public_id)}, by=by, at=at,
        )  # fmt: skip
    tell_of_outcome(objection, result=outcome.result, cite=outcome.cite, by=by, at=at)
    record_act(objection, "cancellation", by=by, at=at, carried=decision.is_carried)
    return decision


@after("withdraw", "disqualify", "refuse")
def end_what_is_moot(application: Application, attempt: Attempt, left: str) -> None:
    """The name has left the round by another way: the leading body has nothing to cancel any more, and all are told."""
    asked = Outcome.objects.outstanding().filter(
        objection__application=application, kind=Outcome.Kind.CANCELLATION
    )  # fmt: skip
    for outcome in asked.select_for_update(of=("self",)).order_by("pk"):
        outcome.done_at = attempt.at
        outcome.result = f"该申报已经结束（{application.state_label}），不再提请取消授奖资格。"
        outcome.save(update_fields=["done_at", "result"])
        Hold.objects.open().filter(application=application, source=outcome.hold_source).update(
            released_at=attempt.at, released_because=outcome.result[:200]
        )
        lead = Objection.objects.get(pk=outcome.objection_id)
        tell_of_outcome(lead, result=outcome.result, cite=outcome.cite, by=attempt.by, at=attempt.at)
        record_act(lead, "cancellation_moot", by=attempt.by, at=attempt.at)


def tell_of_outcome(lead: Objection, *, result: str, cite: str, by: User | None, at: datetime) -> None:
    """What was decided after the answer went out is told to every objector of the case, and to the recommender (U13).

    Whoever is not answered yet learns it with the answer.
    """
    for one in (lead, *lead.followers.order_by("pk")):
        if one.state != State.TOLD:
            continue
        assert one.told_at is not None
        issue_letter(
            one, "objection_outcome", by=by, at=at, outcome=result, cite=cite,
            told_on=date_zh(clock.day_of(one.told_at)), joins=lead.number if one.lead_id else "",
        )  # fmt: skip
    if lead.state == State.TOLD:
        tell_recommender(lead, how=result, at=at)
        lead.save(update_fields=["recommender_told_at"])
