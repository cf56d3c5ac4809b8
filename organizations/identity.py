"""身份证号 of the people who apply: sealed to its row, shown masked, opened whole only on record (R4).

Everywhere else a person stands under a pseudonymous key of the number, so that one application a round, the ledger,
bars and bans hold for people as for organisations. Neither the number nor the key is in an address, a log, a paper or
an export.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from award_portal.lib import crypto
from award_portal.lib.sealed import is_erased, seal, unseal

from . import evidence
from .models import Organization, User

_admitting: list[Callable[[str], bool]] = []


def admits_individuals(scheme_key: str) -> bool:
    """Whether people may apply under the scheme; its rulebook says so, in a higher room that registers the answer."""
    return any(admits(scheme_key) for admits in _admitting)


def ask_whether_admitted(admits: Callable[[str], bool]) -> None:
    """Register who knows which schemes admit people."""
    _admitting.append(admits)


def person_key(number: str) -> str:
    """What stands in the place of a code for the person with this (clean) number: P and 17 hex digits, for ever."""
    return "P" + crypto.pseudonym(number, purpose="identity")[:17]


@transaction.atomic
def register_person(number: str, *, name: str, at: datetime) -> Organization:
    """The applicant this person is; what is already registered is kept as it stands. The number is clean already."""
    key = person_key(number)
    found = Organization.objects.filter(code=key).first()
    if found is not None:
        if is_erased(found, "identity_sealed"):  # back after the term was over
            seal(found, "identity_sealed", number)
            found.save(update_fields=["identity_sealed"])
        return found
    person = Organization(
        subject=Organization.Subject.INDIVIDUAL, code=key, name=name, kind="individual", registered_at=at
    )
    seal(person, "identity_sealed", number)
    person.save()
    return person


def masked_identity(person: Organization) -> str:
    """`1101**********1234`, for the person and for whoever verifies; empty for an organisation."""
    if not person.is_person:
        return ""
    if is_erased(person, "identity_sealed"):
        return "已按期清除"
    return crypto.mask_id_number(unseal(person, "identity_sealed"))


@transaction.atomic
def open_identity(person: Organization, *, by: User, at: datetime) -> str:
    """The whole number, to hold against the card; that it was opened, by whom and when goes on record."""
    number = unseal(person, "identity_sealed") or "已按期清除"
    evidence.record("identity.open", by=by, subject=f"organization:{person.public_id}", at=at)
    return number
