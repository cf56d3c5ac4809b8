"""The door of an objection's consequence: who is put out because of one (U13)."""

from __future__ import annotations

from applications.gates import Attempt, Blocker, gate
from applications.models import Application

from .finding_rules import puts_out
from .models import Objection, Outcome


@gate("objection_upheld")
def objection_upheld(application: Application, attempt: Attempt) -> list[Blocker]:
    """An objection named as the ground is one to this application, upheld so that it puts it out (U13, B16, Z17.8)."""
    if "objection" not in attempt.facts:
        return []
    found = Objection.objects.filter(public_id=attempt.id_of("objection"), application=application).first()
    if found is not None and (puts_out(found) or _is_cancelled(found, attempt)):
        return []
    book = application.rulebook
    ground = book.ground(book.objections.upheld_on_list or book.objections.upheld_on_prohibition)
    return [Blocker("该异议没有查证属实、属于禁止性规定的认定，或者取消授奖资格的决定。", ground)]


def _is_cancelled(objection: Objection, attempt: Attempt) -> bool:
    """The leading body decided, by the decision the step names, to cancel on this objection (B16)."""
    return Outcome.objects.filter(
        objection=objection, kind=Outcome.Kind.CANCELLATION, decision__public_id=attempt.id_of("decision"),
        decision__is_carried=True,
    ).exists()  # fmt: skip
