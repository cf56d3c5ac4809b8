"""What every step of a case does alike: lock and ask who may, set the leg's clock, write a letter, leave a record."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django_fsm import can_proceed

from applications.rules import works_in
from award_portal.lib import clock
from awards.calendars import current_calendar
from awards.rounds import draft_note
from awards.rulebook import Rulebook
from awards.workdays import CalendarMissing, date_zh
from documents.issuing import issue_document
from documents.models import IssuedDocument
from organizations import evidence
from organizations.models import User

from .models import Objection


class HandlingRefused(Exception):
    """A step of an objection that cannot be taken; the text is for people and names what to do."""


def take(objection: Objection, *steps: str, by: User, office: bool) -> Objection:
    """Lock the case and ask who may and whether one of the steps can be taken; everything else is read afterwards.

    `office`: the unit that handles the case; otherwise the unit that investigates.
    """
    locked = Objection.objects.select_for_update(of=("self",)).get(pk=objection.pk)
    unit = locked.handled_by if office else locked.investigator
    if unit is None or not works_in(by, unit):
        raise HandlingRefused("该异议不由本单位办理。")
    if not any(can_proceed(getattr(locked, step)) for step in steps):
        raise HandlingRefused(
            f"该异议现为“{locked.get_state_display()}”，不能办理本步骤。页面可能已过时，请刷新后再办。"
        )
    return locked


def leg_due(book: Rulebook, leg: str, at: datetime) -> datetime:
    """The end of a leg begun at `at`, or a refusal that says which year's calendar is missing (E1)."""
    days = getattr(book.objections.clocks, leg).days.value
    try:
        return current_calendar().due_at(at.astimezone(clock.SHANGHAI).date(), days)
    except CalendarMissing as missing:
        raise HandlingRefused(str(missing)) from missing


def begin_leg(objection: Objection, *, due: datetime | None, at: datetime) -> None:
    """A new leg runs from now: warned at its half, told when it is overdue (U13, O2). Does not save."""
    objection.leg_started_at, objection.due_at = at, due
    objection.warn_at = at + (due - at) / 2 if due else None
    objection.warned_at = objection.escalated_at = None


def end_legs(objection: Objection) -> None:
    """Nothing is due any more. Does not save."""
    objection.due_at = objection.warn_at = objection.warned_at = objection.escalated_at = None


def issue_letter(
    objection: Objection,
    kind: str,
    *,
    by: User | None,
    at: datetime,
    template: str = "objection_letter.html",
    **content: Any,
) -> IssuedDocument:
    """One of the letters of a case, titled in the rulebook's words; nobody's identity stands in it."""
    round, book = objection.application.round, objection.application.rulebook
    title = book.instrument(kind)
    issuer = objection.handled_by
    return issue_document(
        kind,
        title=title,
        template=template,
        content={
            "title": title,
            "kind": kind,
            "issuer": issuer.name,
            "number": objection.number,
            "round_title": round.title,
            "organization": objection.application.listed_name,
            "noun": objection.application.noun,
            "date": date_zh(at.astimezone(clock.SHANGHAI).date()),
            "draft_note": draft_note(round),
            **content,
        },
        scheme_key=round.scheme.key,
        chain=round.chain,
        subject=objection.hold_source,
        issuer=issuer,
        by=by,
        at=at,
    )


def record_act(objection: Objection, verb: str, *, by: User | None, at: datetime, **data: Any) -> None:
    """The act on the round's record, by number only."""
    evidence.record(
        f"objection.{verb}",
        chain=objection.application.round.chain,
        by=by,
        subject=objection.hold_source,
        at=at,
        data={"number": objection.number, **data},
    )
