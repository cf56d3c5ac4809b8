"""The doors of the recommender's and the office's desks: what each wants before it opens (U11.3, U11.4, U13)."""

from __future__ import annotations

import uuid

from .checklists import signature_missing
from .consents import consents_missing
from .consulting import unanswered
from .corrections import none_left
from .gates import Attempt, Blocker, gate
from .models import Application, RecommendationOpinion
from .qualifying import prohibitive_conditions
from .settling import unsettled


@gate("checklist_signed")
def checklist_signed(application: Application, attempt: Attempt) -> list[Blocker]:
    """The stage's checklist is signed for the dossier as it stands, and no item fails (U11.3, U11.4)."""
    return signature_missing(application, application.state)


@gate("consultation_answered")
def consultation_answered(application: Application, attempt: Attempt) -> list[Blocker]:
    """Departments were asked; each answered clear, or a signed note says why the desk goes on (U11.3, U11.4)."""
    return unanswered(application, application.state, at=attempt.at)


@gate("findings_settled")
def findings_settled(application: Application, attempt: Attempt) -> list[Blocker]:
    """The machine checks were run for this dossier, and a person settled what they doubted (U11.3)."""
    return unsettled(application, application.state)


@gate("legs_consented")
def legs_consented(application: Application, attempt: Attempt) -> list[Blocker]:
    """Whoever else must consent to a recommendation has done so, for the dossier as it stands (Z17.3)."""
    return consents_missing(application)


@gate("opinion_issued")
def opinion_issued(application: Application, attempt: Attempt) -> list[Blocker]:
    """The recommendation rests on a written opinion that follows the publicity (U11.3)."""
    if RecommendationOpinion.objects.filter(application=application).exists():
        return []
    book = application.rulebook
    return [Blocker("尚未出具书面审核推荐意见。", book.ground(book.stage("recommendation")))]


@gate("correction_left")
def correction_left(application: Application, attempt: Attempt) -> list[Blocker]:
    """A desk returns an application once a stage, to itself (section 7)."""
    if attempt.facts.get("return_to") != application.state:
        return [Blocker("退回补正的材料只能回到退回的环节。")]
    return none_left(application, application.state)


@gate("disqualifying_finding")
def disqualifying_finding(application: Application, attempt: Attempt) -> list[Blocker]:
    """Only an upheld objection, or a breach of a condition that is 禁止性规定, disqualifies (U13)."""
    objection, condition = attempt.facts.get("objection"), attempt.facts.get("finding")
    if objection is not None and _is_uuid(objection):
        return []
    if condition in prohibitive_conditions(application):
        return []
    book = application.rulebook
    return [
        Blocker(
            "取消参评资格须有查证属实、属于禁止性规定的情形，请选择所违反的条款。",
            book.ground(book.objections.upheld_on_prohibition),
        )
    ]


def _is_uuid(value: object) -> bool:
    try:
        uuid.UUID(str(value))
    except ValueError:
        return False
    return True
