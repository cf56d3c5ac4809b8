"""What an objection holds: stopped at receipt, confirmed with the form, let go at the end (U11.3–5, U13)."""

from __future__ import annotations

from datetime import datetime

from applications.models import Hold

from .models import Objection


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
