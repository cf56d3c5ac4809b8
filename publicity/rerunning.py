"""Whether a list that was changed in its publicity must be published again before it counts (R12)."""

from __future__ import annotations

from django.db.models import F

from applications.gates import Blocker
from applications.pipeline import State
from awards.rulebook import Rulebook

from .models import Notice


def rerun_wanted(book: Rulebook, kind: str) -> bool:
    """Whether a changed list is published again; by default it runs on without the name (section 7)."""
    rule = book.publicity(kind).rerun_after_change
    return rule is not None and rule.value


def rerun_blockers(notice: Notice, book: Rulebook) -> list[Blocker]:
    """A changed list that must run again does not close before it did (R12)."""
    if not rerun_wanted(book, notice.kind):
        return []
    changed = notice.items.filter(struck_at__gt=F("notice__published_at"), application__state=State.DISQUALIFIED)
    if not changed.exists():
        return []
    rule = book.publicity(notice.kind).rerun_after_change
    return [Blocker("名单在公示中有变更，须发布名单变更公告并重新公示。", book.ground(rule))]
