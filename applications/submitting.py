"""Submitting, resubmitting, withdrawing: what was submitted is frozen, and later stages judge exactly that (R9)."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from django.db import transaction

from documents.issuing import next_number
from organizations.messages import people_of, send_message
from organizations.models import Unit, User

from .models import Application, Dossier
from .moves import move
from .pipeline import State


@transaction.atomic
def submit(application: Application, *, by: User, at: datetime) -> Dossier:
    """Hand in: the door asks window, form, eligibility and publicity; then the number and the frozen dossier."""
    step = move(application.pk, "submit", by=by, at=at)
    application = step.application
    application.submitted_at = at
    round = application.round
    application.number = f"{round.scheme.key.upper()}{round.year}-{next_number(f'application:{round.public_id}'):03d}"
    application.save()
    dossier = freeze_dossier(application, at=at)
    _tell(application.recommender, f"收到申报：{application.organization}", application, at=at)
    return dossier


@transaction.atomic
def resubmit(application: Application, *, by: User, at: datetime) -> Dossier:
    """Hand in the corrected parts: a new frozen version; the earlier one stays."""
    back_to = application.return_to
    step = move(application.pk, "resubmit", by=by, at=at)
    application = step.application
    application.corrections.filter(answered_at=None, lapsed_at=None).update(answered_at=at)
    dossier = freeze_dossier(application, at=at)
    unit = application.recommender if back_to == State.RECOMMENDATION_REVIEW else application.round.office
    _tell(unit, f"补正材料已提交：{application.organization}", application, at=at)
    return dossier


@transaction.atomic
def withdraw(application: Application, *, ground: str, by: User, at: datetime) -> None:
    """Withdraw at any time before approval (R9); a withdrawal never ends a false-material case (U20)."""
    move(application.pk, "withdraw", by=by, at=at, ground=ground.strip())


def freeze_dossier(application: Application, *, at: datetime) -> Dossier:
    """Answers, marks and file digests as they stand now, under one digest."""
    content = dossier_content(application)
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    last = application.dossiers.order_by("-version").first()
    return Dossier.objects.create(
        application=application,
        version=last.version + 1 if last else 1,
        content=content,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        frozen_at=at,
    )


def dossier_content(application: Application) -> dict[str, Any]:
    """The shape every reader of a dossier relies on: sections, attachments, self_publicity."""
    own = application.self_publicities.filter(abandoned_at=None).select_related("proof").first()
    return {
        "sections": {
            one.section: {"data": one.data, "is_secret": one.is_secret, "secret_reason": one.secret_reason}
            for one in application.answers.all()
        },
        "attachments": [
            {
                "key": one.key,
                "public_id": str(one.public_id),
                "file": str(one.file.public_id),
                "name": one.file.original_name,
                "size": one.file.size,
                "sha256": one.file.sha256,
                "content_type": one.file.content_type,
                "is_secret": one.is_secret,
            }
            for one in application.attachments.filter(removed_at=None).select_related("file")
        ],
        "self_publicity": {
            "published_on": own.published_on.isoformat(),
            "first_day": own.first_day.isoformat(),
            "last_day": own.last_day.isoformat(),
            "working_days": own.working_days,
            "place": own.place,
            "had_objections": own.had_objections,
            "settlement": own.settlement,
            "proof": str(own.proof.public_id) if own.proof else None,
        }
        if own
        else {},
    }


def _tell(unit: Unit | None, subject: str, application: Application, *, at: datetime) -> None:
    if unit is not None:
        send_message(people_of(unit), subject=subject[:120], url=application.get_absolute_url(), at=at)
