"""The finding on an objection and what follows from it for the application (U13, B16, Z17.8)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from applications.corrections import tell_applicant
from applications.desk_papers import issue_disqualification_notice
from applications.models import Application
from applications.moves import move
from awards.rulebook import Rulebook
from organizations.models import User

from .casework import HandlingRefused, begin_leg, issue_letter, leg_due, record_act, take
from .filing import release_hold
from .models import Objection


@transaction.atomic
def decide(objection: Objection, *, finding: str, text: str, by: User, at: datetime) -> Objection:
    """The office's finding. Upheld on a prohibited condition disqualifies (U13); the hold goes either way."""
    Application.objects.select_for_update(of=("self",)).get(pk=objection.application_id)
    objection = take(objection, "decide", by=by, office=True)
    if finding not in Objection.Finding.values:
        raise HandlingRefused("请选择认定结论。")
    if len(text.strip()) < 10:
        raise HandlingRefused("请写明认定的事实、依据和结论。")
    book = objection.application.rulebook
    objection.finding, objection.finding_text, objection.decided_at = finding, text.strip(), at
    begin_leg(objection, due=leg_due(book, "tell", at), at=at)
    objection.disqualified = disqualifies(objection) and objection.application.is_active
    objection.decide()
    objection.save()
    release_hold(objection, because=f"异议已认定：{objection.get_finding_display()}", at=at)
    finding_zh = objection.get_finding_display()
    issue_letter(objection, "objection_finding", by=by, at=at, finding=finding_zh, text=text.strip())
    if objection.disqualified:
        _disqualify(objection, book, by=by, at=at)
    record_act(objection, "decide", by=by, at=at, finding=finding)
    return objection


def disqualifies(objection: Objection) -> bool:
    """Upheld, and on a condition the regulation prohibits (U13)."""
    book = objection.application.rulebook
    return bool(
        objection.finding == Objection.Finding.UPHELD
        and objection.condition
        and book.condition(objection.condition).prohibitive.value
    )


def outcome_zh(objection: Objection) -> str:
    """What the finding did to the application, in the words of the answer."""
    if objection.disqualified:
        return f"依照规定取消该{objection.application.noun}参评资格。"
    if not objection.application.is_active:
        return f"该申报此前已经结束（{objection.application.state_label}），本认定记入办理档案。"
    return "该申报按程序继续办理。"


def _disqualify(objection: Objection, book: Rulebook, *, by: User, at: datetime) -> None:
    """Out of the round, told in writing; the notice that names it is struck by the door itself (U13)."""
    condition, application = book.condition(objection.condition), objection.application
    ground = f"异议（{objection.number}）查证属实，不符合“{condition.text}”"
    cite = book.ground(book.objections.upheld_on_prohibition)
    issue_disqualification_notice(application, condition=condition.text, ground=ground, cite=cite, by=by, at=at)
    facts = {"objection": str(objection.public_id)}
    moved = move(application.pk, "disqualify", by=by, at=at, ground=ground, cite=cite, facts=facts).application
    tell_applicant(moved, subject="异议查证属实，取消参评资格，请查看告知书", body=f"依据{cite}。", at=at)
    objection.application = moved
