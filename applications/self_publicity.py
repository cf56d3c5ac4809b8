"""The organisation's own publicity before it submits: dates in working days, proof, and what was objected (U11.2)."""

from __future__ import annotations

from datetime import datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from awards.calendars import current_calendar
from awards.workdays import Window, date_zh
from organizations.files import store_upload
from organizations.models import User

from .filling import FillingRefused
from .gates import Attempt, Blocker, gate
from .models import Application, SelfPublicity
from .moves import move
from .pipeline import State
from .rules import acts_for

PROOF_FORMATS = ("pdf", "jpg", "jpeg", "png")


def propose_window(application: Application, *, at: datetime) -> Window:
    """The window if it began now. Raises CalendarMissing for an unpublished year."""
    rule = application.rulebook.publicity("self_publicity")
    return current_calendar().window(at.date(), rule.days.value, rule.day_kind.value)


def _ground(application: Application) -> str:
    return application.rulebook.ground(application.rulebook.publicity("self_publicity").days)


@transaction.atomic
def start(application: Application, *, place: str, by: User, at: datetime) -> SelfPublicity:
    """Begin the internal publicity: answers are frozen until it is over or given up."""
    if not place.strip():
        raise FillingRefused.because("请写明在本组织内部公示的地点和方式。", _ground(application))
    window = propose_window(application, at=at)
    move(application.pk, "start_self_publicity", by=by, at=at, ground=f"内部公示：{place.strip()}")
    return SelfPublicity.objects.create(
        application=application,
        published_on=window.published_on,
        first_day=window.first_day,
        last_day=window.last_day,
        ends_at=window.ends_at,
        working_days=window.days,
        calendar_version=window.calendar_version,
        place=place.strip()[:200],
        started_at=at,
    )


@transaction.atomic
def revise(application: Application, *, by: User, at: datetime) -> None:
    """Give the publicity up to change the form; it must be run again in full."""
    move(application.pk, "revise", by=by, at=at, ground="撤回内部公示，修改材料后重新公示")
    application.self_publicities.filter(abandoned_at=None).update(abandoned_at=at)


@transaction.atomic
def prove(
    application: Application,
    *,
    proof: UploadedFile | None,
    had_objections: bool | None,
    settlement: str,
    by: User,
    at: datetime,
) -> SelfPublicity:
    """Upload the photo or screenshot and say whether there were objections and how they were settled."""
    application = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
    if not acts_for(by, application):
        raise FillingRefused.because("授权书尚未核验通过，不能代表该组织填报。")
    own = application.self_publicities.filter(abandoned_at=None).first()
    if own is None or application.state != State.SELF_PUBLICITY:
        raise FillingRefused.because("没有正在进行的内部公示。")
    if had_objections and not settlement.strip():
        raise FillingRefused.because("有异议的，请写明异议内容和处理情况。", _ground(application))
    if proof is not None:
        own.proof = store_upload(proof, purpose="self_publicity", by=by, at=at, allowed=list(PROOF_FORMATS))
    own.had_objections = had_objections
    own.settlement = settlement.strip()[:1000]
    own.save()
    return own


@gate("self_publicity_done")
def self_publicity_done(application: Application, attempt: Attempt) -> list[Blocker]:
    """Submitting waits for the window's end and its proof (U11.2); schemes without this stage ask nothing."""
    book = application.rulebook
    if not book.has_stage("self_publicity"):
        return []
    ground = book.ground(book.publicity("self_publicity").days)
    own = application.self_publicities.filter(abandoned_at=None).first()
    if application.state != State.SELF_PUBLICITY or own is None:
        return [Blocker("尚未在本组织内部公示。", ground)]
    found = []
    if attempt.at < own.ends_at:
        found.append(Blocker(f"内部公示至{date_zh(own.last_day)}24:00止，期满后才能提交；填报内容已保留。", ground))
    if own.proof_id is None:
        found.append(Blocker("尚未上传内部公示的照片或者截图。", ground))
    if own.had_objections is None:
        found.append(Blocker("请填写公示期间有无异议。", ground))
    elif own.had_objections and not own.settlement:
        found.append(Blocker("有异议的，请写明处理情况。", ground))
    return found
