"""Who reads the papers of an objection beside the office: the unit it was forwarded to, its forwarding letter."""

from __future__ import annotations

from documents.access import document_reader
from documents.models import IssuedDocument
from organizations.models import Unit, User

from .models import Objection


@document_reader
def reads_the_letter_forwarded_to_it(user: User, document: IssuedDocument) -> bool:
    return Objection.objects.filter(forwarding=document, investigator__in=Unit.objects.of_user(user)).exists()
