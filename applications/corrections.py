"""Returning an application for correction: named parts, a reason, a due date, once a stage (section 7)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.urls import reverse

from awards.calendars import current_calendar
from awards.workdays import date_zh
from organizations.messages import send_message
from organizations.models import Claim, User

from .desk_papers import issue_correction_notice, last_day_of, part_title
from .desk_rules import DeskRefused, lock_on_desk, require_text
from .gates import Blocker
from .models import Application, Correction
from .moves import blockers, move
from .pipeline import State

STEPS = {State.RECOMMENDATION_REVIEW: "return_by_recommender", State.QUALIFICATION: "return_by_office"}


@transaction.atomic
def return_for_correction(
    application: Application, *, stage: str, parts: Iterable[str], reason: str, by: User, at: datetime
) -> Correction:
    """Reopen exactly `parts` (section and attachment keys) until the rulebook's days run out; issues the 补正通知书.

    Raises DeskRefused or StepRefused, and CalendarMissing for an unpublished year; then nothing was returned.
    """
    locked = lock_on_desk(application, stage=stage, by=by)
    named = [key for key in parts_of(locked) if key in set(parts)]
    if not named:
        raise DeskRefused.because("请至少选择一个需要补正的部分；未选择的部分不会重新开放。")
    reason = require_text(reason, "需要补正的具体内容")
    facts = {"return_to": stage}
    refused = blockers(locked, STEPS[State(stage)], by=by, at=at, **facts)
    if refused:
        raise DeskRefused(refused)
    due_at = current_calendar().due_at(at.date(), locked.rulebook.correction.days.value)
    document = issue_correction_notice(locked, stage=stage, parts=named, reason=reason, due_at=due_at, by=by, at=at)
    step = move(
        locked.pk, STEPS[State(stage)], by=by, at=at, ground=reason,
        cite=locked.rulebook.ground(locked.rulebook.stage(stage)), facts={**facts, "parts": named},
    )  # fmt: skip
    correction = Correction.objects.create(
        application=step.application, stage=stage, parts=named, reason=reason, due_at=due_at, asked_at=at, asked_by=by,
        document=document,
    )  # fmt: skip
    tell_applicant(
        locked, subject=f"申报材料退回补正，请于{date_zh(last_day_of(due_at))}24:00前提交", body=reason, at=at
    )
    return correction


def parts_of(application: Application) -> dict[str, str]:
    """What may be returned: key → title, sections in the form's order and then attachments."""
    book, subject = application.rulebook, application.subject
    sections = [one.key for one in book.sections_for(subject) if one.kind != "attachments"]
    keys = sections + [one.key for one in book.attachments_for(subject)]
    return {key: part_title(application, key) for key in keys}


def none_left(application: Application, stage: str) -> list[Blocker]:
    """What the door wants of a return: this stage has not used up its corrections."""
    rule = application.rulebook.correction.times
    used = application.corrections.filter(stage=stage).count()
    if used < rule.value:
        return []
    label = application.rulebook.label(stage)
    return [Blocker(f"{label}环节已退回补正{used}次，应按现有材料审查。", application.rulebook.ground(rule))]


def tell_applicant(application: Application, *, subject: str, body: str = "", at: datetime) -> None:
    """A message to everyone whose claim on the applying organisation is verified."""
    claims = Claim.objects.filter(organization=application.organization_id, state=Claim.State.VERIFIED)
    people = [one.user for one in claims.select_related("user").order_by("pk")]
    url = reverse("applications:overview", args=[application.public_id])
    send_message(people, subject=subject[:120], body=body, url=url, at=at)
