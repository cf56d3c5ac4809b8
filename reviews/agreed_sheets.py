"""The sheets as the consensus left them: the submitted ones with the scores their own experts changed (U11.5, B14)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from award_portal.lib.crypto import pseudonym

from .models import Assignment, ConsensusChange


class ScoredSheet(Protocol):
    """A sheet as it was submitted, or as the consensus left it."""

    items: dict[str, dict[str, str]]
    comments: str


@dataclass
class AgreedSheet:
    """A sheet with the scores its own expert changed in the consensus; the stored one keeps the first ones."""

    items: dict[str, dict[str, str]]
    comments: str


def in_lot_order(assignments: Iterable[Assignment]) -> list[Assignment]:
    """专家1, 专家2, …: an order that stays and that nobody can lay beside a list of names."""
    return sorted(assignments, key=lambda one: pseudonym(str(one.public_id), purpose="sheet order"))


def agreed_scores(assignments: Collection[int]) -> dict[int, dict[str, str]]:
    """Assignment → item → the score its expert came to in the consensus, the last one of each."""
    found: dict[int, dict[str, str]] = {}
    for one in ConsensusChange.objects.in_force().filter(assignment__in=assignments).order_by("confirmed_at", "pk"):
        found.setdefault(one.assignment_id, {})[one.item] = one.new
    return found


def agreed_sheet(sheet: ScoredSheet, scores: Mapping[str, str]) -> AgreedSheet:
    items = {key: row | ({"score": scores[key]} if key in scores else {}) for key, row in sheet.items.items()}
    return AgreedSheet(items, sheet.comments)
