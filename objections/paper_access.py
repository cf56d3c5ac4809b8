"""Who reads the papers of an objection beside the office: the unit it was forwarded to, its forwarding letter."""

from __future__ import annotations

from documents.access import document_reader
from documents.models import IssuedDocument
from organizations.models import Membership, Unit, User

from .models import CaseLetter, Objection


@document_reader
def reads_the_letter_forwarded_to_it(user: User, document: IssuedDocument) -> bool:
    return Objection.objects.filter(forwarding=document, investigator__in=Unit.objects.of_user(user)).exists()


@document_reader
def leading_body_reads_what_it_is_asked(user: User, document: IssuedDocument) -> bool:
    """The request to cancel, and the decisions on single names, are the leading body's own business (B16)."""
    if document.kind not in ("cancellation_request", "body_decision"):
        return False
    places = Membership.objects.current().filter(user=user, unit__scheme_key=document.scheme_key)
    return places.filter(unit__kind="leading_body").exists()


@document_reader
def handles_the_case_it_is_of(user: User, document: IssuedDocument) -> bool:
    """The unit that handles a case reads its letters, whoever issued them (O6)."""
    units = Unit.objects.of_user(user)
    return CaseLetter.objects.filter(document=document, objection__handler__in=units).exists()
