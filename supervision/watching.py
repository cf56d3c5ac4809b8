"""Whose awards a person sees after the award: the winner's own, the office's, and those that are watched (U18, Y7)."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from applications.desk_rules import DeskRefused
from applications.models import Application
from applications.rules import works_for
from awards.models import Award
from awards.parameters import rulebook_for
from awards.rulebook import Rulebook
from organizations.models import Claim, Unit, UnitKind, User


def won_by(user: User) -> Q:
    """The awards of the organisations the person acts for."""
    return Q(organization__in=Claim.objects.filter(user=user, state=Claim.State.VERIFIED).values("organization"))


def at_units_of(user: User, *kinds: str) -> Q:
    """The awards of the schemes in which the person works in a unit of such a kind today."""
    return Q(scheme__key__in=Unit.objects.of_user(user).filter(kind__in=kinds).values("scheme_key"))


def watched_by(user: User) -> Q:
    """What a recommender watches: the winners it recommended, and those of its own district (U18)."""
    near = Unit.objects.of_user(user).of_kind(UnitKind.RECOMMENDER)
    recommended = Application.objects.filter(recommender__in=near).exclude(number="").values("number")
    districts = near.exclude(district="")
    return Q(application_number__in=recommended) | Q(
        scheme__key__in=districts.values("scheme_key"), district__in=districts.values("district")
    )


def seen_awards(user: User) -> QuerySet[Award]:
    """Every award whose duties the person may read: winner, office, supervisor, and the recommenders who watch."""
    return _with_round(won_by(user) | at_units_of(user, UnitKind.OFFICE, UnitKind.SUPERVISOR) | watched_by(user))


def office_awards(user: User) -> QuerySet[Award]:
    return _with_round(at_units_of(user, UnitKind.OFFICE))


def money_awards(user: User) -> QuerySet[Award]:
    """The awards whose money the person may look at: the office's, and the supervising unit's, which only reads."""
    return _with_round(at_units_of(user, UnitKind.OFFICE, UnitKind.SUPERVISOR))


def own_awards(user: User) -> QuerySet[Award]:
    return _with_round(won_by(user))


def watches(user: User, award: Award) -> bool:
    """Whether the person checks this winner's duties (U18); never the winner itself."""
    return Award.objects.filter(watched_by(user), pk=award.pk).exists() and not wins(user, award)


def wins(user: User, award: Award) -> bool:
    return Award.objects.filter(won_by(user), pk=award.pk).exists()


def works_at_office(user: User, award: Award) -> bool:
    return works_for(user, award.scheme.key, UnitKind.OFFICE)


def book_of(award: Award) -> Rulebook | None:
    """The rules it was won under; none for an award of an earlier regulation."""
    return rulebook_for(award.round) if award.round else None


def require_office(user: User, award: Award, what: str) -> None:
    if not works_at_office(user, award):
        raise DeskRefused.because(f"{what}由办公室办理。")


def _with_round(which: Q) -> QuerySet[Award]:
    """The awards with what a page of them needs; the edition's text is long and read once a process elsewhere."""
    beside = ("scheme", "organization", "round__scheme", "round__office", "round__edition")
    return Award.objects.filter(which).select_related(*beside).defer("round__edition__text")
