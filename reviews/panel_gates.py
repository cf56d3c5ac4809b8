"""The doors of a review stage: the panel's opinion, and the decision who goes on (U11.5–U11.7)."""

from __future__ import annotations

from applications.gates import Attempt, Blocker, gate
from applications.models import Application

from .models import CutLine, PanelOpinion


@gate("panel_opinion")
def panel_opinion(application: Application, attempt: Attempt) -> list[Blocker]:
    """The panel has concluded its opinion on this application at this stage."""
    if PanelOpinion.objects.filter(application=application, stage=application.state).exists():
        return []
    return [Blocker("评审组尚未形成本环节的评审意见。", _cite(application))]


@gate("cut_decision")
def cut_decision(application: Application, attempt: Attempt) -> list[Blocker]:
    """The step carries out a recorded decision of this round and stage that says just this of the application."""
    line = CutLine.objects.filter(
        decision__public_id=attempt.id_of("cut"), decision__round=application.round_id,
        decision__stage=application.state, application=application,
    ).first()  # fmt: skip
    if line is None:
        return [Blocker("尚未作出本环节的进入下一环节决定。", _cite(application))]
    if line.passing != (attempt.step == "pass_review"):
        return [Blocker("与进入下一环节的决定不一致。", _cite(application))]
    return []


def _cite(application: Application) -> str:
    book = application.rulebook
    return book.ground(book.stage(application.state)) if book.has_stage(application.state) else ""
