"""Who reads the papers about an application: its applicant, its recommender, and a department its own letters."""

from __future__ import annotations

import uuid

from documents.access import document_reader
from documents.models import IssuedDocument
from organizations.models import User

from .models import Application, Consultation, LegConsent
from .rules import acts_for, works_in


@document_reader
def reads_papers_of_an_application(user: User, document: IssuedDocument) -> bool:
    """A paper addressed to one application: the organisation it tells, and the unit that recommended it."""
    kind, _, public_id = document.subject.partition(":")
    if kind != "application" or not _is_uuid(public_id):
        return False
    application = Application.objects.filter(public_id=public_id).select_related("recommender").first()
    if application is None:
        return False
    own = application.recommender is not None and works_in(user, application.recommender)
    return own or acts_for(user, application)


@document_reader
def reads_letters_to_the_own_department(user: User, document: IssuedDocument) -> bool:
    """A consultation letter, for the department it was sent to."""
    return Consultation.objects.of_department(user).filter(document=document).exists()


@document_reader
def reads_letters_to_be_sealed(user: User, document: IssuedDocument) -> bool:
    """The paper a consenting unit is asked to seal, for that unit (Z17.3)."""
    return LegConsent.objects.of_unit(user).filter(letter=document).exists()


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
