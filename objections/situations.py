"""情况反映: what comes too late for an objection is kept for the office's use; no clock runs and nothing is held."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from applications.models import Application
from applications.rules import on_duty
from award_portal.lib.crypto import digest_secret
from award_portal.lib.sealed import seal, unseal
from awards.rulebook import Rulebook
from organizations import evidence
from organizations.files import store_upload
from organizations.messages import people_of, send_message
from organizations.models import User

from .casework import HandlingRefused
from .filing import number_of_case
from .form_check import FilingRefused, files_refusal, text_lacks
from .models import SituationFile, SituationReport
from .windows import window_refusal


def takes_situations(book: Rulebook) -> bool:
    """Whether what comes too late is taken as 情况反映, as the rulebook says."""
    return book.objections.said("late").value == "situation_report"


@transaction.atomic
def report_situation(
    application: Application,
    *,
    text: str,
    contact: Mapping[str, str],
    files: Sequence[UploadedFile] = (),
    at: datetime,
) -> tuple[SituationReport, str]:
    """Keep a tip where no objection is taken any more; whoever gives it need not say who they are.

    Returns it with the secret of its receipt. Raises FilingRefused and keeps nothing where an objection may be filed
    (that is the way then), or where the rulebook takes no late ones.
    """
    book, late = application.rulebook, window_refusal(application, at=at)
    if not late:
        raise FilingRefused([("", "现在可以提出异议，请按异议提出。")])
    if not takes_situations(book):
        raise FilingRefused([("", f"{late}（{book.ground(book.objections.said('late'))}）")])
    refused = text_lacks(text)
    if files and (told := files_refusal(files)):
        refused.append(("evidence", told))
    if refused:
        raise FilingRefused(refused)
    secret = secrets.token_urlsafe(24)
    report = SituationReport(
        application=application,
        number=number_of_case(application, "QK", at=at),
        because=late[:300],
        text=text.strip(),
        secret_digest=digest_secret(secret),
        filed_at=at,
    )
    given = {key: value.strip()[:200] for key, value in contact.items() if value.strip()}
    seal(report, "contact", json.dumps(given, ensure_ascii=False) if given else "")
    report.save()
    for number, upload in enumerate(files, start=1):
        upload.name = f"证明材料{number}.{(upload.name or '').rpartition('.')[2].lower()}"
        upload.seek(0)
        SituationFile.objects.create(
            report=report, file=store_upload(upload, purpose="objection", by=None, at=at)
        )  # fmt: skip
    send_message(
        people_of(application.round.office),
        subject=f"收到情况反映 {report.number}",
        url=report.get_absolute_url(),
        at=at,
    )
    _record(report, "take", by=None, at=at)
    return report, secret


@transaction.atomic
def note_use(report: SituationReport, *, text: str, by: User, at: datetime) -> SituationReport:
    """The office says how it used the tip; it may say more later, each time on record."""
    report = SituationReport.objects.select_for_update(of=("self",)).get(pk=report.pk)
    if not on_duty(by, report.application.round.office, report.application.round):
        raise HandlingRefused("该情况反映不由本单位办理。")
    if len(text.strip()) < 5:
        raise HandlingRefused("请写明怎样使用或者处理了所反映的情况。")
    report.use, report.noted_by, report.noted_at = text.strip()[:2000], by, at
    report.save()
    _record(report, "note", by=by, at=at)
    return report


@transaction.atomic
def open_contact(report: SituationReport, *, by: User, at: datetime) -> dict[str, str]:
    """Who gave the tip, as far as they said; each opening is on record."""
    if not on_duty(by, report.application.round.office, report.application.round):
        raise HandlingRefused(f"联系方式只对{report.application.rulebook.role('office')}办理人员开放。")
    _record(report, "open_contact", by=by, at=at)
    return json.loads(unseal(report, "contact") or "{}")


def _record(report: SituationReport, verb: str, *, by: User | None, at: datetime) -> None:
    evidence.record(
        f"situation.{verb}",
        chain=report.application.round.chain,
        by=by,
        subject=f"situation:{report.public_id}",
        at=at,
        data={"number": report.number},
    )
