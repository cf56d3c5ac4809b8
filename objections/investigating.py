"""The investigation of an objection: taken up by the unit it was forwarded to, and its written report (U13, U14)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from award_portal.lib import clock
from awards.rounds import draft_note
from awards.workdays import date_zh
from documents.issuing import issue_document
from documents.models import IssuedDocument
from organizations.messages import people_of, send_message
from organizations.models import User

from .casework import HandlingRefused, begin_leg, leg_due, record_act, take
from .evidence_register import enter_handed_in
from .merging import follow_lead
from .models import Objection
from .pipeline import State

KIND = "investigation_report"


@transaction.atomic
def begin_investigation(objection: Objection, *, by: User, at: datetime) -> Objection:
    """The investigating unit signs for the papers; its days run on from the forwarding (U13)."""
    objection = take(objection, "begin", by=by, office=False)
    take_up(objection, at=at)
    objection.save()
    follow_lead(objection, at=at)
    record_act(objection, "begin", by=by, at=at)
    return objection


def take_up(objection: Objection, *, at: datetime) -> None:
    """The first thing the investigator does takes the case up; what came in since is in the register. Does not save."""
    if objection.state == State.FORWARDED:
        objection.investigating_at = at
        objection.begin()
    enter_handed_in(objection, at=at)


@transaction.atomic
def report(objection: Objection, *, text: str, by: User, at: datetime) -> Objection:
    """The investigator's written report, within 5 working days (U13). Late is still taken and stays visible.

    `text` is how the inquiry went and what the investigator concludes; facts, register, questions and experts'
    opinions go into the paper as they stand.
    """
    objection = take(objection, "report", by=by, office=False)
    if len(text.strip()) < 10:
        raise HandlingRefused("请写明调查经过、查明的事实和意见。")
    take_up(objection, at=at)
    objection.report_text, objection.reported_at = text.strip(), at
    begin_leg(objection, due=leg_due(objection.application.rulebook, "decide", at), at=at)
    objection.report()
    objection.report_paper = _issue_report(objection, by=by, at=at)
    objection.save()
    follow_lead(objection, at=at)
    send_message(
        people_of(objection.handled_by),
        subject=f"异议调查情况已报告：{objection.number}",
        url=objection.get_absolute_url(),
        at=at,
    )
    record_act(objection, "report", by=by, at=at, facts=objection.facts.count())
    return objection


def report_content(objection: Objection) -> dict[str, Any]:
    """What the report says beside its own words: facts on their evidence, the register, answers, experts (U13, U14)."""
    facts = objection.facts.prefetch_related("evidence")
    items = objection.evidence_items.select_related("file")
    return {
        "facts": [
            {"text": one.text, "evidence": "、".join(f"证据{item.number}" for item in one.evidence.all())}
            for one in facts
        ],
        "register": [
            {
                "number": one.number, "title": one.title, "source": one.source,
                "obtained": one.get_obtained_display(), "received_on": date_zh(one.received_on),
                "sha256": one.file.sha256,
            }
            for one in items
        ],
        "questions": [
            {
                "text": one.text, "asked_on": date_zh(clock.day_of(one.asked_at)),
                "answer": one.answer, "late": bool(one.answered_at and one.due_at and one.answered_at >= one.due_at),
            }
            for one in objection.questions.all()
        ],
        "experts": [
            {"name": str(one.expert), "task": one.task, "opinion": one.opinion}
            for one in objection.expert_inquiries.exclude(opinion_at=None).select_related("expert__user")
        ],
    }  # fmt: skip


def _issue_report(objection: Objection, *, by: User, at: datetime) -> IssuedDocument:
    round, book = objection.application.round, objection.application.rulebook
    title = book.instrument(KIND) if book.has_instrument(KIND) else "调查情况报告"
    unit = objection.investigator
    assert unit is not None
    return issue_document(
        KIND,
        title=title,
        template="investigation_report.html",
        content={
            "title": title,
            "issuer": unit.name,
            "to": objection.handled_by.name,
            "number": objection.number,
            "round_title": round.title,
            "organization": objection.application.listed_name,
            "noun": objection.application.noun,
            "text": objection.report_text,
            "cite": book.ground(book.objections.clocks.report.days),
            "date": date_zh(clock.day_of(at)),
            "draft_note": draft_note(round),
            **report_content(objection),
        },
        scheme_key=round.scheme.key,
        chain=round.chain,
        subject=objection.hold_source,
        issuer=unit,
        by=by,
        at=at,
    )
