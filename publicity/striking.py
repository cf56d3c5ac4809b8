"""A name that leaves while its list is in publicity is struck on it, with the day and the ground, never removed."""

from __future__ import annotations

from django.db.models import Q

from applications.aftermath import after
from applications.gates import Attempt
from applications.models import Application

from .models import NoticeItem


@after("withdraw", "decline", "reject", "disqualify", "redeliberate")
def strike_name(application: Application, attempt: Attempt, left: str) -> None:
    """Strike the name on every list that still runs, and on the list of the publicity it was held in (R12)."""
    said = "退回重新审议" if attempt.step == "redeliberate" else application.state_label
    stands = NoticeItem.objects.filter(application=application, struck_at=None).exclude(notice__ends_at=None)
    stands.filter(Q(notice__closed_at=None) | Q(notice__kind=left)).update(struck_at=attempt.at, struck_because=said)
