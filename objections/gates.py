"""The door of an objection's consequence: who is put out because of one (U13)."""

from __future__ import annotations

from applications.gates import Attempt, Blocker, gate
from applications.models import Application

from .models import Objection
from .outcomes import disqualifies


@gate("objection_upheld")
def objection_upheld(application: Application, attempt: Attempt) -> list[Blocker]:
    """An objection named as the ground is one to this application, upheld on a condition that is 禁止性规定 (U13)."""
    if "objection" not in attempt.facts:
        return []
    found = Objection.objects.filter(public_id=attempt.id_of("objection"), application=application).first()
    if found is not None and disqualifies(found):
        return []
    book = application.rulebook
    return [Blocker("该异议没有查证属实、属于禁止性规定的认定。", book.ground(book.objections.upheld_on_prohibition))]
