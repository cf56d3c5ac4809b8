"""Handling an objection: form check, forwarding, the report, the finding, the written answer (U13, U14)."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.db import transaction
from django_fsm import can_proceed

from applications.corrections import tell_applicant
from applications.desk_papers import issue_disqualification_notice
from applications.models import Application
from applications.moves import move
from applications.rules import works_in
from award_portal.lib import clock
from award_portal.lib.crypto import decrypt
from awards.calendars import current_calendar
from awards.rounds import draft_note
from awards.rulebook import Rulebook
from awards.workdays import CalendarMissing, date_zh
from documents.issuing import issue_document
from documents.models import IssuedDocument
from organizations import evidence
from organizations.messages import people_of, send_message
from organizations.models import User

from .filing import confirm_hold, last_day_zh, release_hold
from .models import IdentityOpening, Objection


class HandlingRefused(Exception):
    """A step of an objection that cannot be taken; the text is for people and names what to do."""


@transaction.atomic
def refuse_form(objection: Objection, *, because: str, by: User, at: datetime) -> Objection:
    """The form lacks what U12 asks: the objection is not accepted, its provisional hold goes."""
    objection = take(objection, "refuse_form", by=by, office=True)
    if not because.strip():
        raise HandlingRefused("请写明不符合形式要求之处，以便告知异议人补充。")
    objection.refused_because, objection.due_at = because.strip(), None
    objection.refuse_form()
    objection.save()
    release_hold(objection, because="形式审查不合格", at=at)
    _record(objection, "refuse_form", by=by, at=at)
    return objection


@transaction.atomic
def forward(objection: Objection, *, by: User, at: datetime) -> Objection:
    """Forward to the recommender within 3 working days (U13); to the office where the recommender is the accused."""
    objection = take(objection, "forward", by=by, office=True)
    book, round = objection.application.rulebook, objection.application.round
    recommender = objection.application.recommender
    own = objection.accuses_recommender or book.objections.investigator.value == "office"
    investigator = round.office if own or recommender is None else recommender
    objection.investigator = investigator
    objection.forwarded_at = at
    objection.due_at = _due(book, "report", at)
    objection.escalated_at = None
    objection.forward()
    objection.forwarding = _paper(
        objection,
        "objection_forwarding",
        by=by,
        at=at,
        investigator=investigator.name,
        text=objection.text,
        due_on=last_day_zh(objection.due_at),
        cite=book.ground(book.objections.clocks.report.days),
    )
    objection.save()
    confirm_hold(objection)
    send_message(
        people_of(investigator),
        subject=f"异议材料转送：{objection.number}",
        body="请在期限内调查并书面报告。",
        url=objection.get_absolute_url(),
        at=at,
    )
    _record(objection, "forward", by=by, at=at)
    return objection


@transaction.atomic
def report(objection: Objection, *, text: str, by: User, at: datetime) -> Objection:
    """The investigator's written report, within 5 working days (U13). Late is still taken and stays visible."""
    objection = take(objection, "report", by=by, office=False)
    if len(text.strip()) < 10:
        raise HandlingRefused("请写明调查经过、查明的事实和意见。")
    objection.report_text, objection.reported_at = text.strip(), at
    objection.due_at, objection.escalated_at = _due(objection.application.rulebook, "decide", at), None
    objection.report()
    objection.save()
    send_message(
        people_of(objection.application.round.office),
        subject=f"异议调查情况已报告：{objection.number}",
        url=objection.get_absolute_url(),
        at=at,
    )
    _record(objection, "report", by=by, at=at)
    return objection


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
    objection.due_at, objection.escalated_at = _due(book, "tell", at), None
    objection.disqualified = disqualifies(objection) and objection.application.is_active
    objection.decide()
    objection.save()
    release_hold(objection, because=f"异议已认定：{objection.get_finding_display()}", at=at)
    _paper(objection, "objection_finding", by=by, at=at, finding=objection.get_finding_display(), text=text.strip())
    if objection.disqualified:
        _disqualify(objection, book, by=by, at=at)
    _record(objection, "decide", by=by, at=at, finding=finding)
    return objection


def disqualifies(objection: Objection) -> bool:
    """Upheld, and on a condition the regulation prohibits (U13)."""
    book = objection.application.rulebook
    return bool(
        objection.finding == Objection.Finding.UPHELD
        and objection.condition
        and book.condition(objection.condition).prohibitive.value
    )


@transaction.atomic
def tell(objection: Objection, *, by: User, at: datetime) -> Objection:
    """Answer the objector in writing and tell the recommender (U13)."""
    objection = take(objection, "tell", by=by, office=True)
    objection.reply = _paper(
        objection,
        "objection_reply",
        by=by,
        at=at,
        finding=objection.get_finding_display(),
        text=objection.finding_text,
        outcome=outcome_zh(objection),
    )
    objection.told_at, objection.due_at, objection.escalated_at = at, None, None
    objection.tell()
    objection.save()
    recommender = objection.application.recommender
    if recommender is not None:
        send_message(
            people_of(recommender),
            subject=f"异议处理结果通报：{objection.number}",
            body=f"认定：{objection.get_finding_display()}",
            at=at,
        )
    _record(objection, "tell", by=by, at=at)
    return objection


@transaction.atomic
def withdraw(objection: Objection, *, because: str, at: datetime) -> Objection:
    """The objector takes the objection back with its receipt, until the finding; what it held goes on."""
    objection = Objection.objects.select_for_update(of=("self",)).get(pk=objection.pk)
    if not can_proceed(objection.withdraw):
        raise HandlingRefused(f"该异议现为“{objection.get_state_display()}”，不能撤回。")
    if not because.strip():
        raise HandlingRefused("请写明撤回异议的理由。")
    objection.withdrawn_because, objection.due_at = because.strip()[:500], None
    objection.withdraw()
    objection.save()
    release_hold(objection, because="异议人撤回异议", at=at)
    told = people_of(objection.application.round.office)
    told += people_of(objection.investigator) if objection.investigator else []
    send_message(
        told, subject=f"异议人撤回异议：{objection.number}", url=objection.get_absolute_url(), at=at
    )  # fmt: skip
    _record(objection, "withdraw", by=None, at=at)
    return objection


@transaction.atomic
def open_identity(objection: Objection, *, by: User, at: datetime) -> dict[str, str]:
    """Who the objector is, for those of the office who handle the case; each opening is on record."""
    if not works_in(by, objection.application.round.office):
        raise HandlingRefused("异议人信息只对办理该异议的办公室人员开放。")
    IdentityOpening.objects.create(objection=objection, user=by, opened_at=at)
    _record(objection, "open_identity", by=by, at=at)
    return json.loads(decrypt(objection.identity, bound_to=objection.identity_binding))


def outcome_zh(objection: Objection) -> str:
    """What the finding did to the application, in the words of the answer."""
    if objection.disqualified:
        return f"依照规定取消该{objection.application.noun}参评资格。"
    if not objection.application.is_active:
        return f"该申报此前已经结束（{objection.application.state_label}），本认定记入办理档案。"
    return "该申报按程序继续办理。"


def take(objection: Objection, step: str, *, by: User, office: bool) -> Objection:
    """Lock the case and ask who may and whether it can; everything else is read afterwards."""
    locked = Objection.objects.select_for_update(of=("self",)).get(pk=objection.pk)
    unit = locked.application.round.office if office else locked.investigator
    if unit is None or not works_in(by, unit):
        raise HandlingRefused("该异议不由本单位办理。")
    if not can_proceed(getattr(locked, step)):
        raise HandlingRefused(
            f"该异议现为“{locked.get_state_display()}”，不能办理本步骤。页面可能已过时，请刷新后再办。"
        )
    return locked


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


def _due(book: Rulebook, leg: str, at: datetime) -> datetime:
    """The end of the next leg, or a refusal that says which year's calendar is missing (E1)."""
    days = getattr(book.objections.clocks, leg).days.value
    try:
        return current_calendar().due_at(at.astimezone(clock.SHANGHAI).date(), days)
    except CalendarMissing as missing:
        raise HandlingRefused(str(missing)) from missing


def _paper(objection: Objection, kind: str, *, by: User, at: datetime, **content: Any) -> IssuedDocument:
    round, book = objection.application.round, objection.application.rulebook
    title = book.instrument(kind)
    return issue_document(
        kind,
        title=title,
        template="objection_letter.html",
        content={
            "title": title,
            "kind": kind,
            "issuer": round.office.name,
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
        issuer=round.office,
        by=by,
        at=at,
    )


def _record(objection: Objection, verb: str, *, by: User | None, at: datetime, **data: Any) -> None:
    evidence.record(
        f"objection.{verb}",
        chain=objection.application.round.chain,
        by=by,
        subject=objection.hold_source,
        at=at,
        data={"number": objection.number, **data},
    )
