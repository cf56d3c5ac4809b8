"""Who may: the people of a desk, and the steps and pages that are theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awards.rulebook import Rulebook
from organizations.models import Claim, Membership, Unit, UnitKind, User

from .duty_guards import is_barred_from
from .pipeline import Owner

if TYPE_CHECKING:
    from awards.models import Round

    from .models import Application


def works_in(user: User, unit: Unit | None) -> bool:
    """Whether the person works in the unit today; nobody works in no unit."""
    return unit is not None and Membership.objects.current().filter(user=user, unit=unit).exists()


def on_duty(user: User, unit: Unit | None, round: Round) -> bool:
    """Whether the person works in the unit today and was not removed from the duties of the round (Z27, Y22)."""
    return works_in(user, unit) and not is_barred_from(user, round)


def works_for(user: User, scheme_key: str, kind: str) -> bool:
    """Whether the person works in some unit of that kind in the scheme today."""
    return Membership.objects.current().filter(user=user, unit__scheme_key=scheme_key, unit__kind=kind).exists()


def acts_for(user: User, application: Application) -> bool:
    """Whether the person's claim on the applying organisation is verified."""
    return Claim.objects.filter(
        user=user, organization_id=application.organization_id, state=Claim.State.VERIFIED
    ).exists()


def approver_kind(book: Rulebook) -> str:
    """The kind of unit that has the last word on the list: the government, or the leading body (U11.9, Y5)."""
    return UnitKind.LEADING_BODY if book.approver == book.bodies.leading_body else UnitKind.GOVERNMENT


def may_take(user: User | None, owner: str, application: Application) -> bool:
    """Whether this person (or the clock: None) may take a step that belongs to `owner`.

    The decisions of the leading body and of the government are recorded by the office (V8, V9): the people of those
    bodies decide in meetings, the office carries the decision through the door.
    """
    if user is None:
        return owner == Owner.CLOCK
    if not user.is_active:
        return False
    if owner != Owner.APPLICANT and is_barred_from(user, application.round):
        return False
    match owner:
        case Owner.APPLICANT:
            return acts_for(user, application)
        case Owner.RECOMMENDER:
            return works_in(user, application.recommender)
        case Owner.OFFICE:
            return works_in(user, application.round.office)
        case Owner.LEADING_BODY | Owner.GOVERNMENT:
            scheme_key, book = application.round.scheme.key, application.rulebook
            kind = approver_kind(book) if owner == Owner.GOVERNMENT else UnitKind.LEADING_BODY
            return works_in(user, application.round.office) or works_for(user, scheme_key, kind)
    return False


def desk_label(user: User | None, application: Application) -> str:
    """The desk a step was taken from, in words for the timeline; never a person's name."""
    if user is None:
        return "系统（到期）"
    if acts_for(user, application):
        return application.noun
    if application.recommender is not None and works_in(user, application.recommender):
        return application.recommender.name
    kinds = dict(UnitKind.choices)
    membership = (
        Membership.objects.current()
        .filter(user=user, unit__scheme_key=application.round.scheme.key)
        .select_related("unit")
        .order_by("pk")
        .first()
    )
    return str(kinds[membership.unit.kind]) if membership else "系统"
