"""Whom a scheme admits, for the room below that registers applicants."""

from __future__ import annotations

from organizations.identity import ask_whether_admitted

from .models import Edition
from .schemes import rulebook_of


def admits_individuals(scheme_key: str) -> bool:
    """Whether the newest edition of a scheme lets people apply (Y2)."""
    edition = Edition.objects.filter(scheme__key=scheme_key).order_by("-loaded_at", "-pk").first()
    return edition is not None and rulebook_of(edition).admits_individuals


ask_whether_admitted(admits_individuals)
