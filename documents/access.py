"""Who may download a paper: public ones anybody, others whom a room names; nobody else by default."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.models import AnonymousUser

from organizations.models import Membership, User

from .models import IssuedDocument

Reader = Callable[[User, IssuedDocument], bool]
_readers: list[Reader] = []


def document_reader(reader: Reader) -> Reader:
    """Register a room's rule; called from a module its `AppConfig.ready()` imports."""
    _readers.append(reader)
    return reader


def may_read(user: User | AnonymousUser, document: IssuedDocument) -> bool:
    if document.is_public:
        return True
    if not isinstance(user, User) or not user.is_active:
        return False
    return any(reader(user, document) for reader in _readers)


@document_reader
def works_at_the_issuers(user: User, document: IssuedDocument) -> bool:
    """The unit that issued a paper, and the office of its scheme."""
    places = Membership.objects.current().filter(user=user)
    if document.issuer_id and places.filter(unit=document.issuer_id).exists():
        return True
    return places.filter(unit__scheme_key=document.scheme_key, unit__kind__in=("office", "supervisor")).exists() and (
        not document.subject.startswith("objection:") or places.filter(unit__kind="office").exists()
    )
