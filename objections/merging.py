"""并案: several objectors to one application are handled together under one case, and each is told for itself (U13)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from organizations.messages import people_of, send_message
from organizations.models import User

from .casework import HandlingRefused, issue_letter, record_act, take
from .filing import last_day_zh
from .holding import confirm_hold
from .models import Objection
from .pipeline import WITH_INVESTIGATOR, State

# what the investigation and the finding of the leading case say of those joined to it
SHARED = (
    "investigator_id", "forwarded_at", "investigating_at", "report_text", "report_paper_id", "reported_at", "finding",
    "finding_text", "found_about", "found_condition", "disqualified", "decided_at", "leg_started_at", "due_at",
    "warn_at", "warned_at", "escalated_at",
)  # fmt: skip


@dataclass(frozen=True)
class Offer:
    """Another open case on the same application: which would be joined to which, or why not yet."""

    other: Objection
    is_same_ground: bool
    follower: Objection | None = None
    lead: Objection | None = None

    @property
    def why_not(self) -> str:
        if self.follower is not None:
            return ""
        if self.other.state in WITH_INVESTIGATOR:
            return "两件均已转入调查，分别办理"
        return "受理并转送其中一件后，可以将另一件并入"


def offers_for(case: Objection) -> list[Offer]:
    """The open cases on the same application beside this one, those on the same ground first; nothing is joined by
    itself, and what the recommender handles or is accused of stays apart.
    """
    if case.lead_id or case.state not in (State.RECEIVED, State.ACCEPTED, *WITH_INVESTIGATOR):
        return []
    found = Objection.objects.filter(
        application=case.application_id, lead=None, handler=case.handler_id,
        accuses_recommender=case.accuses_recommender,
        state__in=(State.RECEIVED, State.ACCEPTED, *WITH_INVESTIGATOR),
    ).exclude(pk=case.pk)  # fmt: skip
    offers = [_offer(case, one) for one in found.order_by("filed_at", "pk")]
    return sorted(offers, key=lambda one: not one.is_same_ground)


def _offer(case: Objection, other: Objection) -> Offer:
    same = bool(case.condition) and case.condition == other.condition
    if (case.state in WITH_INVESTIGATOR) == (other.state in WITH_INVESTIGATOR):
        return Offer(other, same)
    lead, follower = (case, other) if case.state in WITH_INVESTIGATOR else (other, case)
    return Offer(other, same, follower, lead)


@transaction.atomic
def merge_case(objection: Objection, *, into: Objection, by: User, at: datetime) -> Objection:
    """Handle one case together with another of the same application that is under investigation."""
    lead = take(into, "report", by=by, office=True)
    objection = take(objection, "accept", "forward", by=by, office=True)
    if lead.application_id != objection.application_id or lead.lead_id or lead.pk == objection.pk:
        raise HandlingRefused("只能并入同一申报正在调查、没有并入他案的异议。")
    if lead.handler_id != objection.handler_id or lead.accuses_recommender != objection.accuses_recommender:
        raise HandlingRefused("两件异议的受理单位不同，或者其中一件涉及审核推荐单位，不能并案。")
    if objection.followers.exists():
        raise HandlingRefused("已有异议并入本件，本件不能再并入他案。")
    if lead.state not in WITH_INVESTIGATOR:
        raise HandlingRefused("所并入的异议已不在调查中。")
    if objection.state == State.RECEIVED:
        from .handling import accept_form  # handling reads who follows a case

        accept_form(objection, by=by, at=at)
    objection.lead = lead
    objection.forward()
    confirm_hold(objection)
    follow(objection, lead, at=at)
    objection.forwarded_at = at
    assert lead.investigator is not None
    objection.forwarding = issue_letter(
        objection,
        "objection_forwarding",
        by=by,
        at=at,
        investigator=lead.investigator.name,
        joins=lead.number,
        text=objection.text,
        due_on=last_day_zh(lead.due_at),
        cite=objection.application.rulebook.ground(objection.application.rulebook.objections.clocks.report.days),
    )
    objection.save()
    subject, body = f"异议材料转送：{objection.number}", f"与{lead.number}并案调查。"
    url = lead.get_absolute_url()
    send_message(people_of(lead.investigator), subject=subject, body=body, url=url, at=at)
    record_act(objection, "merge", by=by, at=at, into=lead.number)
    return objection


def follow_lead(lead: Objection, *, at: datetime) -> int:
    """Those joined to a case come to where it stands; called within the transaction of each step of the lead."""
    count = 0
    for one in Objection.objects.select_for_update(of=("self",)).filter(lead=lead).order_by("pk"):
        if one.state in (State.FORWARDED, State.INVESTIGATING, State.REPORTED):
            follow(one, lead, at=at)
            one.save()
            count += 1
    return count


def follow(objection: Objection, lead: Objection, *, at: datetime) -> None:
    """Copy what is shared and take the steps the lead took. Does not save."""
    for name in SHARED:
        setattr(objection, name, getattr(lead, name))
    order = [State.FORWARDED, State.INVESTIGATING, State.REPORTED, State.DECIDED]
    for target in order[1:]:
        if State(lead.state) in order and order.index(State(lead.state)) >= order.index(target):
            if target == State.INVESTIGATING and objection.state == State.FORWARDED:
                objection.begin()
            elif target == State.REPORTED and objection.state in WITH_INVESTIGATOR:
                objection.report()
            elif target == State.DECIDED and objection.state == State.REPORTED:
                objection.decide()


def hand_on_the_lead(lead: Objection, *, at: datetime) -> None:
    """The leading objector took its objection back: the first of the others leads on, nothing is lost."""
    others = list(Objection.objects.select_for_update(of=("self",)).filter(lead=lead).order_by("pk"))
    for one in others:
        one.lead = None if one is others[0] else others[0]
        one.save()
        record_act(one, "lead_on", by=None, at=at, after=lead.number)
