"""The one way a case goes on: lock, permission, legality, transition, evidence."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django_fsm import can_proceed

from applications.desk_rules import DeskRefused
from applications.rules import works_for
from awards.models import Round
from awards.rulebook import Rulebook
from awards.rulebook.rows import value_zh
from organizations import evidence
from organizations.messages import people_of, send_message
from organizations.models import Claim, Organization, Unit, UnitKind, User

from .case_rules import book_of
from .models import Case

# what is handed over and can be handed back
THINGS = ("certificate", "plaque", "trophy")

STEPS = {edge.name: edge.custom["label"] for edge in Case._meta.get_field("state").get_all_transitions(Case)}


def round_of(case: Case) -> Round | None:
    """The round the case belongs to; none for an award of earlier years."""
    if case.award is not None and case.award.round is not None:
        return case.award.round
    return case.application.round if case.application is not None else None


def book_for(case: Case) -> Rulebook:
    return book_of(award=case.award, round=round_of(case), scheme=case.scheme)


def things_given(case: Case) -> list[tuple[str, str]]:
    """What the winner holds of the honour: (key, 证书); an award of earlier years is taken to have had the same."""
    if case.award is None:
        return []
    tier = next((one for one in book_for(case).tiers if one.key == case.award.tier), None)
    if tier is None:
        return [("certificate", value_zh("certificate"))]
    given = tier.honours_for(outside_quota=case.award.outside_quota)
    return [(one, value_zh(one)) for one in given if one in THINGS]


def things_zh(case: Case) -> str:
    """证书、奖牌: as the regulation gives them."""
    return "、".join(label for _, label in things_given(case)) or "证书"


def party_of(case: Case) -> Organization | None:
    """Whom the case is about, where the portal knows it."""
    if case.award is not None and case.award.organization is not None:
        return case.award.organization
    return case.application.organization if case.application is not None else None


def banned_name(case: Case) -> tuple[str, str]:
    """Whom a ban names: the legal person or the person, and the unit that applied under its code (U2)."""
    if case.award is not None:
        return case.award.name, case.award.unit_name
    assert case.application is not None, "case_has_a_party"
    organization = case.application.organization
    return organization.name, organization.unit_name


def people_of_party(case: Case) -> list[User]:
    """Everybody whose letter for the party is verified."""
    party = party_of(case)
    if party is None:
        return []
    claims = Claim.objects.filter(organization=party, state=Claim.State.VERIFIED).select_related("user").order_by("pk")
    return [one.user for one in claims]


def office_of(case: Case) -> Unit | None:
    round = round_of(case)
    return round.office if round else Unit.objects.active().of_scheme(case.scheme.key).of_kind("office").first()


def chain_of(case: Case) -> str:
    round = round_of(case)
    return round.chain if round else evidence.SYSTEM_CHAIN


def may_handle(user: User, case: Case) -> bool:
    """The scheme's office; never somebody who acts for the party."""
    if not works_for(user, case.scheme.key, UnitKind.OFFICE):
        return False
    party = party_of(case)
    return party is None or not Claim.objects.filter(user=user, organization=party, state=Claim.State.VERIFIED).exists()


def lock_case(case: Case) -> Case:
    """The case as it stands, locked; what hangs on it is read in a later statement."""
    # its key stays readable: an objection found true may be added beside
    Case.objects.select_for_update(of=("self",), no_key=True).get(pk=case.pk)
    return Case.objects.with_names().get(pk=case.pk)


def take(case: Case, *steps: str, by: User) -> Case:
    """Lock a case its office works on, on which one of the steps can be taken; everything else is refused in words."""
    assert transaction.get_connection().in_atomic_block
    locked = lock_case(case)
    if not may_handle(by, locked):
        raise DeskRefused.because("案件由办公室办理，与当事人有关系的人员不得办理。")
    if steps and not any(can_proceed(getattr(locked, step)) for step in steps):
        raise DeskRefused.because(
            f"该案件现为“{locked.state_label}”，不能办理“{STEPS[steps[0]]}”。页面可能已过时，请刷新后再办。"
        )
    return locked


def go(case: Case, step: str, *, by: User | None, at: datetime, due_at: datetime | None = None, **data: Any) -> Case:
    """Take the step of a locked case: its clock starts anew, its evidence is the last thing written."""
    case.due_at, case.escalated_at = due_at, None
    getattr(case, step)()
    if case.is_ended:
        case.closed_at = at
    case.save()
    note(case, step, by=by, at=at, **data)
    return case


def note(case: Case, verb: str, *, by: User | None, at: datetime, **data: Any) -> None:
    """An act on the case, on record."""
    evidence.record(
        f"case.{verb}", chain=chain_of(case), by=by, subject=case.subject, at=at, data={"number": case.number, **data}
    )


def tell_office(case: Case, subject: str, *, at: datetime) -> None:
    """A line to everybody of the office that handles the case."""
    office = office_of(case)
    if office is not None:
        send_message(people_of(office), subject=subject, url=case.get_absolute_url(), at=at)
