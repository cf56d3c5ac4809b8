"""Filing an objection: what U12 asks of its form, the window it must fall in, and the hold it places at receipt."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from applications.form_answers import PHONE
from applications.models import Application, Hold
from applications.pipeline import PUBLICITIES
from award_portal.lib import clock
from award_portal.lib.sealed import seal
from award_portal.lib.uploads import inspect
from awards.calendars import current_calendar
from awards.rounds import draft_note
from awards.rulebook import Rulebook
from awards.rulebook.process import FilingField
from awards.workdays import CalendarMissing, date_zh
from documents.issuing import issue_document, next_number
from organizations import evidence
from organizations.files import UploadRefused, store_upload
from organizations.messages import people_of, send_message
from publicity.models import Notice
from publicity.opening import running_item

from .casework import begin_leg
from .models import Objection, ObjectionFile

TELLS_IDENTITY = ("identity", "signature", "sealed_letter")
TEXT_LIMIT = 5000


class FilingRefused(Exception):
    """An objection that cannot be accepted; `lacks` names each thing that is missing. Nothing was kept."""

    def __init__(self, lacks: list[tuple[str, str]]) -> None:
        self.lacks = lacks  # (field key or "", Chinese text)
        super().__init__("；".join(text for _, text in lacks))


@transaction.atomic
def file_objection(
    application: Application,
    *,
    form: str,
    fields: Mapping[str, str],
    files: Mapping[str, UploadedFile],
    text: str,
    condition: str = "",
    accuses_recommender: bool = False,
    at: datetime,
) -> tuple[Objection, str]:
    """Take an objection in the form the rulebook asks, place its provisional hold, start its clock (U12, U13).

    Returns the objection and the secret of its receipt. Raises FilingRefused naming everything that lacks, and then
    nothing was kept: neither a row nor a file.
    """
    application = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
    book = application.rulebook
    lacks = filing_lacks(book, form=form, fields=fields, files=files, text=text)
    refused = window_refusal(application, at=at)
    if refused:
        lacks.append(("", refused))
    if lacks:
        raise FilingRefused(lacks)
    secret = secrets.token_urlsafe(24)
    objection = Objection(
        application=application,
        notice=running_notice(application, at),
        form=form,
        text=text.strip(),
        condition=condition,
        accuses_recommender=accuses_recommender,
        secret_digest=digest_secret(secret),
        filed_at=at,
    )
    begin_leg(objection, due=first_due(book, at=at), at=at)
    year = at.astimezone(clock.SHANGHAI).year
    objection.number = f"YY-{year}-{next_number(f'objection:{application.round.scheme.key}:{year}'):04d}"
    told = {one.key: (fields.get(one.key) or "").strip() for one in _asked(book, form) if one.kind != "file"}
    seal(objection, "identity", json.dumps(told, ensure_ascii=False))
    objection.save()
    _keep_files(objection, book, files, at=at)
    if book.objections.hold_at_receipt.value:
        place_hold(objection, at=at)
    _write_receipt(objection, book, at=at)
    return objection, secret


def filing_lacks(
    book: Rulebook, *, form: str, fields: Mapping[str, str], files: Mapping[str, UploadedFile], text: str
) -> list[tuple[str, str]]:
    """Each thing the form lacks, with the article that asks for it; anonymous objections lack everything."""
    asked = next((one for one in book.objections.filing if one.kind == form), None)
    if asked is None:
        return [("form", "请选择以个人还是单位名义提出异议。")]
    ground = book.ground(asked)
    lacks = [] if text.strip() else [("text", "请写明异议的事实和理由。")]
    if len(text.strip()) > TEXT_LIMIT:
        lacks = [("text", f"异议的事实和理由不超过{TEXT_LIMIT}个字，详细情况请写入证明材料。")]
    for field in asked.requires:
        upload, value = files.get(field.key), (fields.get(field.key) or "").strip()
        if field.kind == "file":
            refused = _upload_refusal(upload) if upload else f"缺少{field.label}（{ground}）。"
        elif field.kind == "phone" and value and not PHONE.match(value):
            refused = f"{field.label}应为可以联系到的电话号码（{ground}）。"
        else:
            refused = "" if value else f"缺少{field.label}（{ground}）。"
        if refused:
            lacks.append((field.key, refused))
    return lacks


def first_due(book: Rulebook, *, at: datetime) -> datetime | None:
    """When the form is to be checked; an unpublished calendar keeps nothing out, the leg then has no due moment."""
    try:
        days = book.objections.clocks.form_check.days.value
        return current_calendar().due_at(at.astimezone(clock.SHANGHAI).date(), days)
    except CalendarMissing:
        return None


def window_refusal(application: Application, *, at: datetime) -> str:
    """Why no objection is taken now, or "": during a publicity, and during acceptance and review (U12)."""
    book = application.rulebook
    if not application.is_active:
        return f"该申报已结束（{application.state_label}），有关情况可以书面向办公室反映。"
    order = (*book.states, "awarded")
    here = application.state if application.state in order else application.return_to
    first, last = order.index(book.objections.open_from), order.index(book.objections.open_through)
    item = running_item(application) if application.state in PUBLICITIES else None
    if item and item.notice.is_running(at):
        return ""
    in_time = here in order and first <= order.index(here) <= last
    if item and (here == book.objections.open_through or not in_time):
        assert item.notice.last_on is not None
        over = f"公示期至{date_zh(item.notice.last_on)}24:00止，已经期满"
        return f"{over}，不再受理异议；有关情况可以书面向办公室反映。"
    return "" if in_time else f"现阶段不受理异议（{book.ground(book.objections)}）。"


def place_hold(objection: Objection, *, at: datetime, kind: str = Hold.Kind.PROVISIONAL) -> Hold:
    """Stop what 无异议 gates in this scheme, under the application's row lock: Friday 23:59 is not lost to midnight."""
    book = objection.application.rulebook
    return Hold.objects.create(
        application=objection.application,
        kind=kind,
        source=objection.hold_source,
        reason=f"有异议正在处理（收件编号{objection.number}）",
        cite=book.ground(book.objections.hold_at_receipt),
        steps=list(book.held_steps),
        placed_at=at,
    )


def confirm_hold(objection: Objection) -> None:
    """The form is in order: what was held provisionally is held until the finding."""
    Hold.objects.open().filter(application=objection.application, source=objection.hold_source).update(
        kind=Hold.Kind.CONFIRMED
    )


def release_hold(objection: Objection, *, because: str, at: datetime) -> int:
    """Let go what the objection held."""
    return (
        Hold.objects.open()
        .filter(application=objection.application, source=objection.hold_source)
        .update(released_at=at, released_because=because)
    )


def digest_secret(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _asked(book: Rulebook, form: str) -> tuple[FilingField, ...]:
    return next(one.requires for one in book.objections.filing if one.kind == form)


def _upload_refusal(upload: UploadedFile) -> str:
    """Why a file cannot be kept, asked of every file before the first is written."""
    try:
        inspect(
            upload.file,  # type: ignore[arg-type]
            name=upload.name or "",
            max_bytes=settings.UPLOAD_MAX_BYTES,
            allowed=settings.UPLOAD_ALLOWED,
        )
    except UploadRefused as refused:
        return refused.message
    return ""


def _keep_files(objection: Objection, book: Rulebook, files: Mapping[str, UploadedFile], *, at: datetime) -> None:
    """Keep the papers under the names of what they are: a file's own name may tell who filed it."""
    for field in _asked(book, objection.form):
        if field.kind != "file":
            continue
        upload = files[field.key]
        upload.name = f"{field.label}.{(upload.name or '').rpartition('.')[2].lower()}"
        stored = store_upload(upload, purpose="objection", by=None, at=at, sealed=field.key in TELLS_IDENTITY)
        ObjectionFile.objects.create(
            objection=objection,
            key=field.key,
            label=field.label,
            file=stored,
            tells_identity=field.key in TELLS_IDENTITY,
        )


def _write_receipt(objection: Objection, book: Rulebook, *, at: datetime) -> None:
    round, filed = objection.application.round, at.astimezone(clock.SHANGHAI)
    issue_document(
        "objection_receipt",
        title=book.instrument("objection_receipt"),
        template="objection_receipt.html",
        content={
            "title": book.instrument("objection_receipt"),
            "issuer": round.office.name,
            "number": objection.number,
            "round_title": round.title,
            "filed_at": f"{date_zh(filed.date())}{filed:%H:%M}",
            "due_on": last_day_zh(objection.due_at),
            "date": date_zh(filed.date()),
            "draft_note": draft_note(round),
        },
        scheme_key=round.scheme.key,
        chain=round.chain,
        subject=objection.hold_source,
        issuer=round.office,
        by=None,
        at=at,
    )
    evidence.record(
        "objection.file",
        chain=round.chain,
        by=None,
        subject=objection.hold_source,
        at=at,
        data={"application": str(objection.application.public_id), "number": objection.number},
    )
    send_message(
        people_of(round.office),
        subject=f"收到异议 {objection.number}",
        body="请在期限内完成形式审查并转送调查。",
        url=objection.get_absolute_url(),
        at=at,
    )


def last_day_zh(due_at: datetime | None) -> str:
    """The last day of a leg, in words; "" where no calendar told it."""
    return date_zh((due_at - timedelta(days=1)).astimezone(clock.SHANGHAI).date()) if due_at else ""


def running_notice(application: Application, at: datetime) -> Notice | None:
    """The publicity an objection filed now falls into."""
    item = running_item(application) if application.state in PUBLICITIES else None
    return item.notice if item and item.notice.is_running(at) else None
