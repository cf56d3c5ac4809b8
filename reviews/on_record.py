"""Whether a stage's hearing or visit stands on record: without it there is no opinion (U11.6, U11.7)."""

from __future__ import annotations

from applications.gates import Blocker
from applications.models import Application
from applications.pipeline import State

from .models import SessionSlot, Visit


def hearing_blockers(application: Application, stage: str) -> list[Blocker]:
    """What of the stage's session or visit is not on record yet; nothing where the rulebook holds none.

    On site the closing record, signed by the leader and acknowledged; in a defense the minuted session. An applicant
    that did not come is in the minutes like everybody else.
    """
    book = application.rulebook
    if book.review(stage).session_minutes.value is None:
        return []
    label, cite = book.label(stage), book.ground(book.stage(stage))
    if stage == State.ONSITE_REVIEW:
        visit = Visit.objects.standing().filter(application=application, panel__stage=stage).first()
        if visit is None:
            return [Blocker(f"尚未安排{label}。", cite)]
        if visit.closed_at is None:
            return [Blocker("末次会议记录尚未由带队组长签署。", cite)]
        if not visit.is_settled:
            return [Blocker(f"{application.noun}尚未确认末次会议记录。", cite)]
        return []
    slots = SessionSlot.objects.filter(application=application, session__panel__stage=stage, session__cancelled_at=None)
    slot = slots.select_related("session").first()
    if slot is None:
        return [Blocker(f"尚未安排{label}场次。", cite)]
    if slot.session.minuted_at is None:
        return [Blocker(f"{label}场次尚无记录。", cite)]
    return []
