"""Who receives an objection: the unit the rulebook names for its publicity, the office where that one is accused (O6).

What is filed while a recommender's own list is public is the recommender's to handle; it ends there with a refusal to
recommend. What comes to concern the recommender itself, or is left over when the application has gone on to the
office, is handed to the office with its ground.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from applications.models import Application
from applications.pipeline import State as Stage
from awards.rulebook import Rulebook
from awards.rulebook.values import Ruled
from organizations.messages import people_of, send_message
from organizations.models import Unit, User
from publicity.models import Notice

from .casework import HandlingRefused, issue_letter, record_act, take
from .models import Objection
from .pipeline import OPEN, WITH_INVESTIGATOR

# the recommender has the application before it: it may still refuse to recommend
ON_ITS_DESK = (Stage.RECOMMENDATION_PUBLICITY, Stage.RECOMMENDATION)
STEPS_BEFORE_FINDING = ("accept", "forward", "report", "decide")


def receiving_rule(book: Rulebook, stage: str) -> Ruled | None:
    """What the rulebook says of who takes objections to a publicity; None where the scheme has no such stage."""
    return book.publicity(stage).objections_to if book.has_stage(stage) else None


def handler_of(application: Application, notice: Notice | None, *, accuses_recommender: bool) -> Unit | None:
    """The unit beside the office that receives an objection filed now, or None: then it is the office (O6)."""
    recommender = application.recommender
    if notice is None or recommender is None or accuses_recommender or notice.issuer_id != recommender.pk:
        return None
    rule = receiving_rule(application.rulebook, notice.kind)
    return recommender if rule is not None and rule.value == "recommender" else None


def is_on_its_desk(application: Application) -> bool:
    """Whether the recommender that handles an objection can still refuse to recommend."""
    return application.state in ON_ITS_DESK


def hand_over_refusal(objection: Objection, *, accuses: bool) -> str:
    """Why the case stays with the recommender, or ""."""
    book = objection.application.rulebook
    if objection.handler_id is None:
        return f"该异议已由{objection.application.round.office.name}受理，不需要移送。"
    if accuses or not is_on_its_desk(objection.application):
        return ""
    rule = receiving_rule(book, Stage.RECOMMENDATION_PUBLICITY)
    return f"该公示的异议由本单位受理（{book.ground(rule)}）；只有涉及本单位的，才移送{book.role('office')}。"


@transaction.atomic
def hand_to_office(objection: Objection, *, accuses: bool, because: str, by: User, at: datetime) -> Objection:
    """The recommender gives a case to the office, because it is itself concerned or the application has gone on (O6).

    The days run on; what was gathered stays in the register, and the office looks into it from there.
    """
    objection = take(objection, *STEPS_BEFORE_FINDING, by=by, office=True)
    if refused := hand_over_refusal(objection, accuses=accuses):
        raise HandlingRefused(refused)
    if len(because.strip()) < 5:
        raise HandlingRefused("请写明移送的理由，以便书面告知异议人。")
    book, office = objection.application.rulebook, objection.application.round.office
    rule = book.objections.accused_recommender if accuses else book.objections
    given_up = objection.handled_by
    # those handled together with it go with it
    followers = Objection.objects.select_for_update(of=("self",)).filter(lead=objection).order_by("pk")
    for one in (objection, *followers):
        one.handler = None
        one.accuses_recommender = one.accuses_recommender or accuses
        if one.investigator_id and (accuses or one.state in WITH_INVESTIGATOR):
            one.investigator = office  # the accused reads on no more
        one.save()
        issue_letter(
            one, "objection_handover", by=by, at=at, issuer=given_up, to=office.name, because=because.strip()[:500],
            cite=book.ground(rule), to_contact={"phone": office.phone, "address": office.address},
        )  # fmt: skip
    send_message(
        people_of(office), subject=f"异议移送：{objection.number}", body=f"{given_up.name}移送，请接续办理，期限不变。",
        url=objection.get_absolute_url(), at=at,
    )  # fmt: skip
    record_act(objection, "hand_over", by=by, at=at, accuses=accuses)
    return objection


def may_hand_over(objection: Objection) -> bool:
    """Whether the page offers it: a recommender's own case, before the finding."""
    return bool(objection.handler_id and not objection.lead_id and objection.state in OPEN and objection.leg)


def receiving_ground(objection: Objection) -> str:
    """The article by which a unit beside the office handles the case; "" where the office does."""
    book, notice = objection.application.rulebook, objection.notice
    rule = receiving_rule(book, notice.kind) if objection.handler_id and notice is not None else None
    return book.ground(rule) if rule is not None else ""
