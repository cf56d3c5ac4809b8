"""The office's decisions up to the acceptance list: accept, refuse acceptance, disqualify (U11.4, U13)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from documents.models import IssuedDocument
from organizations.models import User

from .corrections import tell_applicant
from .desk_papers import issue_disqualification_notice, issue_rejection_notice
from .desk_rules import DeskRefused, require_text
from .models import Application, Step
from .moves import blockers, move
from .pipeline import State


@transaction.atomic
def accept(application: Application, *, by: User, at: datetime) -> Step:
    """The qualification review is passed; the name waits for the acceptance list (U11.4)."""
    book = application.rulebook
    passed = f"{book.label(State.QUALIFICATION)}通过"
    step = move(
        application.pk, "accept", by=by, at=at, ground=passed, cite=book.ground(book.stage(State.QUALIFICATION))
    )
    following = book.label(step.to_state)
    tell_applicant(application, subject=f"{passed}，转入{following}", at=at)
    return step


@transaction.atomic
def reject(application: Application, *, ground: str, cite: str = "", by: User, at: datetime) -> IssuedDocument:
    """Not accepted, with the ground and its article, told in writing by a 不予受理告知书."""
    ground = require_text(ground, "不予受理的理由")
    locked = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
    cite = cite.strip() or locked.rulebook.ground(locked.rulebook.stage(State.QUALIFICATION))
    refused = blockers(locked, "reject", by=by, at=at)
    if refused:
        raise DeskRefused(refused)
    document = issue_rejection_notice(locked, ground=ground, cite=cite, by=by, at=at)
    move(locked.pk, "reject", by=by, at=at, ground=ground, cite=cite, facts={"document": str(document.public_id)})
    tell_applicant(locked, subject="办公室决定不予受理，请查看不予受理告知书", at=at)
    return document


@transaction.atomic
def disqualify(application: Application, *, condition: str, ground: str, by: User, at: datetime) -> IssuedDocument:
    """Out of the round on a prohibitive condition the office found breached (U13, E2); told in writing.

    `condition` is the key of one of the rulebook's conditions that is 禁止性规定. An upheld objection comes through the
    objections' own desk instead, which names the objection.
    """
    ground = require_text(ground, "取消参评资格的事实和理由")
    locked = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
    facts = {"finding": condition}
    refused = blockers(locked, "disqualify", by=by, at=at, **facts)
    if refused:
        raise DeskRefused(refused)
    rule = locked.rulebook.condition(condition)
    cite = locked.rulebook.ground(rule)
    document = issue_disqualification_notice(locked, condition=rule.text, ground=ground, cite=cite, by=by, at=at)
    move(
        locked.pk, "disqualify", by=by, at=at, ground=ground, cite=cite,
        facts={**facts, "document": str(document.public_id)},
    )  # fmt: skip
    tell_applicant(locked, subject="办公室决定取消参评资格，请查看告知书", at=at)
    return document


def prohibitive_conditions(application: Application) -> dict[str, str]:
    """The conditions whose breach disqualifies: key → text."""
    conditions = application.rulebook.conditions_for(application.subject)
    return {one.key: one.text for one in conditions if one.prohibitive.value}
