"""Which bodies an applicant belongs to: the room that keeps the register of groups answers (U20, R6)."""

from __future__ import annotations

from collections.abc import Callable

from organizations.models import Organization

ParentCodes = Callable[[str, Organization], set[str]]
_providers: list[ParentCodes] = []


def knows_parents(provider: ParentCodes) -> ParentCodes:
    """Register who knows the parents of a body; called from a module the room's `ready()` imports."""
    _providers.append(provider)
    return provider


def parent_codes(scheme_key: str, organization: Organization) -> set[str]:
    """The codes of every parent, and of parents of parents, that some room knows of."""
    return {code for provider in _providers for code in provider(scheme_key, organization)}
