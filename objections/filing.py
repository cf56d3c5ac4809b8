"""Filing an objection: taken complete, taken incomplete, joined to an open case, or refused with nothing kept (U12)."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction

from applications.models import Application
from award_portal.lib import clock
from award_portal.lib.crypto import digest_secret, pseudonym
from award_portal.lib.sealed import seal
from awards.rulebook import Rulebook
from awards.workdays import date_zh, end_of
from documents.issuing import next_case_number
from organizations import evidence
from organizations.files import store_upload
from organizations.messages import people_of, send_message
from organizations.models import StoredFile, User

from .casework import HandlingRefused, begin_leg, days_after, issue_letter, leg_due
from .form_check import (
    EVIDENCE,
    SIGNATURE,
    FilingRefused,
    Uploads,
    anonymity,
    files_refusal,
    filing_lacks,
    form_asked,
    listed,
    text_lacks,
)
from .holding import place_hold
from .models import JoinedFiling, Objection, ObjectionFile
from .pipeline import OPEN, State
from .receiving import handler_of
from .windows import running_notice, window_refusal

TELLS_IDENTITY = ("identity", SIGNATURE, "sealed_letter", "letter")


@transaction.atomic
def file_objection(
    application: Application,
    *,
    form: str,
    fields: Mapping[str, str],
    files: Mapping[str, Uploads],
    text: str,
    condition: str = "",
    accuses_recommender: bool = False,
    incomplete_ok: bool = False,
    at: datetime,
) -> tuple[Objection, str]:
    """Take an objection in the form the rulebook asks, place its provisional hold, start its clock (U12, U13).

    With `incomplete_ok` one that lacks something but says who files and what is taken as incomplete: it is told what
    lacks, it holds nothing and no clock runs until it is complete. A second filing of the same objector on the same
    ground is joined to the open case. Returns the case and the secret of this filing's receipt. Raises FilingRefused
    naming everything that lacks, and then nothing was kept: neither a row nor a file.
    """
    application = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
    book = application.rulebook
    lacks = filing_lacks(book, form=form, fields=fields, files=files, text=text)
    _refuse_what_cannot_be_taken(application, lacks, form, fields, text, incomplete_ok=incomplete_ok, at=at)
    key = objector_key(application, form=form, fields=fields)
    joined = open_case_of(application, key=key, condition=condition, accuses_recommender=accuses_recommender)
    if joined is not None:
        from .joining import join_filing  # it completes a case, and completing asks this file what lacks

        return joined, join_filing(joined, fields=fields, files=files, text=text, lacks=lacks, at=at)
    secret, notice = secrets.token_urlsafe(24), running_notice(application, at)
    objection = Objection(
        application=application,
        notice=notice,
        handler=handler_of(application, notice, accuses_recommender=accuses_recommender),
        form=form,
        text=text.strip(),
        condition=condition,
        accuses_recommender=accuses_recommender,
        objector_key=key,
        secret_digest=digest_secret(secret),
        filed_at=at,
        number=number_of_case(application, "YY", at=at),
        lacks=[list(one) for one in lacks],
    )
    seal_identity(objection, {one: (fields.get(one) or "").strip() for one in _named_fields(book, form)})
    if lacks:
        objection.return_form()
        begin_leg(objection, due=completion_due(book, at=at), at=at)
    else:
        begin_leg(objection, due=first_due(book, at=at), at=at)
    objection.save()
    keep_files(objection, files, at=at)
    if not lacks and book.objections.hold_at_receipt.value:
        place_hold(objection, at=at)
    write_receipt(objection, at=at)
    if lacks:
        write_completion_notice(objection, by=None, at=at)
    return objection, secret


def _refuse_what_cannot_be_taken(
    application: Application,
    lacks: list[tuple[str, str]],
    form: str,
    fields: Mapping[str, str],
    text: str,
    *,
    incomplete_ok: bool,
    at: datetime,
) -> None:
    """Raise FilingRefused for what is late, anonymous, without a word, or lacks something nobody asked to add later."""
    book, late = application.rulebook, window_refusal(application, at=at)
    if late:
        raise FilingRefused([*lacks, ("", late)])
    if not lacks:
        return
    if not incomplete_ok or form_asked(book, form) is None:
        raise FilingRefused(lacks)
    nameless = anonymity(book, form=form, fields=fields)
    wanting = [*text_lacks(text), *([("name", nameless)] if nameless else [])]
    if wanting:
        raise FilingRefused(wanting)


def objector_key(application: Application, *, form: str, fields: Mapping[str, str]) -> str:
    """A keyed pseudonym of who files, good for this application only; "" where the form does not tell."""
    name = re.sub(r"\s", "", fields.get("name") or "")
    phone = re.sub(r"\D", "", fields.get("phone") or "")
    if not name or not phone:
        return ""
    return pseudonym(f"{application.public_id}|{form}|{name}|{phone}", purpose="objector")


def open_case_of(
    application: Application, *, key: str, condition: str, accuses_recommender: bool = False
) -> Objection | None:
    """The open case of the same objector on the same ground, locked.

    What accuses the recommender is no supplement to a case that the recommender looks into.
    """
    if not key:
        return None
    found = Objection.objects.select_for_update(of=("self",)).filter(application=application, objector_key=key)
    if accuses_recommender:
        found = found.filter(accuses_recommender=True)
    return found.filter(condition=condition, state__in=OPEN).order_by("pk").first()


def first_due(book: Rulebook, *, at: datetime) -> datetime | None:
    """When the form is to be checked; an unpublished calendar keeps nothing out, the sweep sets the day later."""
    try:
        return leg_due(book, "form_check", at)
    except HandlingRefused:
        return None


def completion_due(book: Rulebook, *, at: datetime) -> datetime:
    """Until when an incomplete filing may be completed; calendar days where the working calendar is wanting."""
    days = book.objections.said("completion_days").value
    try:
        return days_after(at, days)
    except HandlingRefused:
        return end_of(clock.day_of(at) + timedelta(days=days + 2))


def number_of_case(application: Application, letters: str, *, at: datetime) -> str:
    """YY of an objection, QK of a tip."""
    year = at.astimezone(clock.SHANGHAI).year
    return next_case_number(letters, scheme_key=application.round.scheme.key, year=year)


def seal_identity(objection: Objection, known: Mapping[str, str]) -> None:
    """Seal who files to this row (U12). Does not save."""
    seal(objection, "identity", json.dumps(dict(known), ensure_ascii=False))


def keep_files(
    objection: Objection, files: Mapping[str, Uploads], *, at: datetime, joined: JoinedFiling | None = None
) -> list[StoredFile]:
    """Keep the papers under the names of what they are: a file's own name may tell who filed it."""
    asked = form_asked(objection.application.rulebook, objection.form)
    assert asked is not None
    labels = {one.key: one.label for one in asked.requires if one.kind == "file"}
    labels.setdefault(EVIDENCE, "证明材料")
    kept = []
    for key, label in labels.items():
        uploads = listed(files.get(key))
        if not uploads or files_refusal(uploads):
            continue
        for number, upload in enumerate(uploads, start=1):
            name = label if len(uploads) == 1 else f"{label}{number}"
            upload.name = f"{name}.{(upload.name or '').rpartition('.')[2].lower()}"
            upload.seek(0)
            stored = store_upload(upload, purpose="objection", by=None, at=at, sealed=key in TELLS_IDENTITY)
            kept.append(stored)
            ObjectionFile.objects.create(
                objection=objection, joined=joined, key=key, label=label, file=stored,
                tells_identity=key in TELLS_IDENTITY,
            )  # fmt: skip
    return kept


def write_receipt(objection: Objection, *, at: datetime, joined: JoinedFiling | None = None) -> None:
    """The receipt of a filing, and the word to the unit that handles it."""
    round, filed = objection.application.round, at.astimezone(clock.SHANGHAI)
    number = joined.number if joined else objection.number
    book = objection.application.rulebook
    issue_letter(
        objection,
        "objection_receipt",
        by=None,
        at=at,
        number=number,
        joins=objection.number if joined else "",
        filed_at=f"{date_zh(filed.date())}{filed:%H:%M}",
        due_on=last_day_zh(objection.due_at) if objection.state == State.RECEIVED else "",
        due_ground=book.ground(book.objections.clocks.form_check.days),
        incomplete=objection.state == State.INCOMPLETE,
    )
    told = people_of(objection.handled_by) + (people_of(objection.investigator) if objection.investigator else [])
    subject = f"异议人补充材料 {objection.number}" if joined else f"收到异议 {objection.number}"
    send_message(told, subject=subject, url=objection.get_absolute_url(), at=at)
    evidence.record(
        "objection.join" if joined else "objection.file",
        chain=round.chain,
        by=None,
        subject=objection.hold_source,
        at=at,
        data={"application": str(objection.application.public_id), "number": number},
    )


def write_completion_notice(objection: Objection, *, by: User | None, at: datetime) -> None:
    """补正通知书: exactly what lacks and until when; the days of U13 have not begun."""
    book = objection.application.rulebook
    issue_letter(
        objection,
        "objection_completion",
        by=by,
        at=at,
        lacks=[text for _, text in objection.lacks],
        due_on=last_day_zh(objection.due_at),
        days=book.objections.said("completion_days").value,
        days_ground=book.ground(book.objections.said("completion_days")),
        cite=book.ground(form_asked(book, objection.form)),
    )


def last_day_zh(due_at: datetime | None) -> str:
    """The last day of a leg, in words; "" where no calendar told it."""
    return date_zh(clock.day_of(due_at - timedelta(days=1))) if due_at else ""


def _named_fields(book: Rulebook, form: str) -> list[str]:
    asked = form_asked(book, form)
    assert asked is not None
    return [one.key for one in asked.requires if one.kind != "file"]
