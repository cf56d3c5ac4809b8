"""What every step of a case does alike: lock and ask who may, set the leg's clock, write a letter, leave a record."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django_fsm import can_proceed

from applications.rules import on_duty
from award_portal.lib import clock
from awards.calendars import current_calendar
from awards.rounds import draft_note
from awards.rulebook import Rulebook
from awards.rulebook.process import Clock
from awards.workdays import CalendarMissing, DayKind, date_zh
from documents.issuing import issue_document
from documents.models import IssuedDocument
from organizations import evidence
from organizations.messages import people_of, send_message
from organizations.models import Unit, User

from .models import CaseLetter, Objection

# what each letter is called after the scheme's word for an objection, and whom it is for
LETTERS = {
    "objection_receipt": ("材料收件凭证", CaseLetter.Audience.OBJECTOR),
    "objection_completion": ("材料补正通知书", CaseLetter.Audience.OBJECTOR),
    "objection_acceptance": ("受理通知书", CaseLetter.Audience.OBJECTOR),
    "objection_refusal": ("不予受理告知书", CaseLetter.Audience.OBJECTOR),
    "objection_forwarding": ("材料转送函", CaseLetter.Audience.INVESTIGATOR),
    "objection_finding": ("认定意见", CaseLetter.Audience.OFFICE),
    "objection_reply": ("处理结果告知书", CaseLetter.Audience.OBJECTOR),
    "objection_extension": ("延长办理期限通知", CaseLetter.Audience.OBJECTOR),
    "objection_handover": ("移送告知书", CaseLetter.Audience.OBJECTOR),
    "objection_outcome": ("后续处理结果告知书", CaseLetter.Audience.OBJECTOR),
}


class HandlingRefused(Exception):
    """A step of an objection that cannot be taken; the text is for people and names what to do."""


def take(objection: Objection, *steps: str, by: User, office: bool) -> Objection:
    """Lock the case and ask who may and whether one of the steps can be taken; everything else is read afterwards.

    `office`: the unit that handles the case; otherwise the unit that investigates.
    """
    locked = Objection.objects.select_for_update(of=("self",)).get(pk=objection.pk)
    unit = locked.handled_by if office else locked.investigator
    if unit is None or not on_duty(by, unit, locked.application.round):
        raise HandlingRefused("该异议不由本单位办理。")
    if locked.lead_id and (not office or "decide" in steps[:1]):
        raise HandlingRefused(f"本件已并入{locked.lead}办理，请在该件办理。")
    if not any(can_proceed(getattr(locked, step)) for step in steps):
        raise HandlingRefused(
            f"该异议现为“{locked.get_state_display()}”，不能办理本步骤。页面可能已过时，请刷新后再办。"
        )
    return locked


def leg_due(book: Rulebook, leg: str, at: datetime) -> datetime:
    """The end of a leg counted from `at`, or a refusal that says which year's calendar is missing (E1)."""
    rule: Clock = getattr(book.objections.clocks, leg)
    return days_after(at, rule.days.value, kind=rule.day_kind)


def days_after(at: datetime, days: int, *, kind: DayKind = "working") -> datetime:
    """The exclusive end of so many days after `at`, or a refusal that names the year that is missing (E1)."""
    try:
        return current_calendar().due_at(clock.day_of(at), days, kind)
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
    issuer: Unit | None = None,
    **content: Any,
) -> IssuedDocument:
    """One of the letters of a case, titled in the rulebook's words, for whom its kind says (U13).

    Nobody's identity stands in any of them. A letter to the objector is read at the receipt's address.
    """
    round, book = objection.application.round, objection.application.rulebook
    title, audience = letter_title(book, kind), LETTERS[kind][1]
    issuer = issuer or objection.handled_by
    condition = book.condition(objection.condition).text if objection.condition else ""
    document = issue_document(
        kind,
        title=title,
        template=f"{kind}.html",
        content={
            "title": title,
            "kind": kind,
            "issuer": issuer.name,
            "number": objection.number,
            "round_title": round.title,
            "organization": objection.application.listed_name,
            "noun": objection.application.noun,
            "word": book.objection_word,
            "filed_on": date_zh(clock.day_of(objection.filed_at)),
            "condition": condition,
            "contact": {"phone": issuer.phone, "address": issuer.address},
            "date": date_zh(clock.day_of(at)),
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
    CaseLetter.objects.create(objection=objection, document=document, audience=audience, issued_at=at)
    return document


def letter_title(book: Rulebook, kind: str) -> str:
    """The rulebook's own name of a letter, or the usual one where it names none."""
    return book.instrument(kind) if book.has_instrument(kind) else book.objection_word + LETTERS[kind][0]


def tell_recommender(objection: Objection, *, how: str, at: datetime) -> None:
    """The unit that recommended is told how a case ended, by its number (U13). Does not save.

    Where that unit handled the case itself, the office is told (O6).
    """
    recommender = objection.application.recommender
    if recommender is None:
        return
    own = objection.handler_id == recommender.pk
    subject = f"异议处理结果{'报告' if own else '通报'}：{objection.number}"
    body = f"关于“{objection.application.listed_name}”的异议，{how}"
    told = objection.application.round.office if own else recommender
    send_message(people_of(told), subject=subject, body=body, at=at)
    objection.recommender_told_at = at


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
