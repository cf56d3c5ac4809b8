"""Submitting, resubmitting, withdrawing: what was submitted is frozen, and later stages judge exactly that (R9)."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse

from documents.issuing import next_number
from organizations import evidence
from organizations.messages import people_of, send_message
from organizations.models import Unit, User

from .corrections import tell_applicant
from .filling import FillingRefused, copy_profile
from .models import Application, Dossier
from .moves import move
from .personal import seal_sections, sections_told, told
from .pipeline import State


@transaction.atomic
def submit(application: Application, *, by: User, at: datetime) -> Dossier:
    """Hand in: the door asks window, form, eligibility and publicity; then the number and the frozen dossier."""
    application = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
    # The counter is locked before the head of the evidence chain; a refusal gives the number back.
    round = application.round
    number = f"{round.scheme.key.upper()}{round.year}-{next_number(f'application:{round.scheme.key}:{round.year}'):03d}"
    application = move(application.pk, "submit", by=by, at=at).application
    application.submitted_at, application.number = at, number
    application.save()
    dossier = freeze_dossier(application, content=dossier_content(application), by=by, at=at)
    _tell(application.recommender, f"收到申报：{application.organization}", application, at=at)
    tell_applicant(application, subject=f"申报已提交，系统编号{number}", at=at)
    return dossier


@transaction.atomic
def resubmit(application: Application, *, by: User, at: datetime) -> Dossier:
    """Hand in the corrected parts: a new frozen version; the earlier one stays."""
    application = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
    back_to = application.return_to
    correction = application.corrections.filter(answered_at=None, lapsed_at=None).first()
    application = move(application.pk, "resubmit", by=by, at=at).application
    assert correction is not None, "the door asked for it"
    application.corrections.filter(pk=correction.pk).update(answered_at=at)
    content = corrected_content(application, parts=set(correction.parts))
    copy_profile(application, _profile_of(application, content), with_recommender=False)
    application.save()
    dossier = freeze_dossier(application, content=content, by=by, at=at)
    unit = application.recommender if back_to == State.RECOMMENDATION_REVIEW else application.round.office
    _tell(unit, f"补正材料已提交：{application.organization}", application, at=at)
    return dossier


@transaction.atomic
def withdraw(application: Application, *, ground: str, by: User, at: datetime) -> None:
    """Withdraw at any time before approval (R9); a withdrawal never ends a false-material case (U20)."""
    if not ground.strip():
        raise FillingRefused.because("请写明撤回申报的理由。")
    step = move(application.pk, "withdraw", by=by, at=at, ground=ground.strip()[:1000])
    if step.application.submitted_at is not None:
        subject = f"{step.application.noun}撤回申报：{step.application.organization}"
        _tell(step.application.recommender, subject, step.application, at=at)


def freeze_dossier(application: Application, *, content: dict[str, Any], by: User, at: datetime) -> Dossier:
    """Answers, marks and file digests under one digest, which goes on record (R9)."""
    last = application.dossiers.order_by("-version").first()
    dossier = Dossier(application=application, version=last.version + 1 if last else 1, frozen_at=at)
    seal_sections(dossier, content)
    text = json.dumps(dossier.content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    dossier.sha256 = hashlib.sha256(text.encode()).hexdigest()
    dossier.save()
    evidence.record(
        "dossier.freeze",
        chain=application.round.chain,
        by=by,
        subject=f"application:{application.public_id}",
        at=at,
        data={"version": dossier.version, "sha256": dossier.sha256},
    )
    return dossier


def corrected_content(application: Application, *, parts: set[str]) -> dict[str, Any]:
    """The last dossier with the returned parts as they are now: nothing else of it can have changed (R9)."""
    before, now = application.current_dossier, dossier_content(application)
    if before is None:
        return now
    kept, told_before = before.content, sections_told(before)
    sections = {key: {**one, "data": told_before[key]} for key, one in kept["sections"].items()}
    every = "attachments" in parts
    return {
        "sections": {**sections, **{key: one for key, one in now["sections"].items() if key in parts}},
        "attachments": [one for one in kept["attachments"] if not every and one["key"] not in parts]
        + [one for one in now["attachments"] if every or one["key"] in parts],
        "self_publicity": kept["self_publicity"],
    }


def _profile_of(application: Application, content: dict[str, Any]) -> dict[str, Any]:
    key = next((one.key for one in application.rulebook.sections_for(application.subject) if one.kind == "profile"), "")
    return content["sections"].get(key, {}).get("data", {})


def dossier_content(application: Application) -> dict[str, Any]:
    """The shape every reader of a dossier relies on: sections, attachments, self_publicity."""
    own = application.self_publicities.filter(abandoned_at=None).select_related("proof").first()
    return {
        "sections": {
            one.section: {"data": told(one), "is_secret": one.is_secret, "secret_reason": one.secret_reason}
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
        url = reverse("applications:examine", args=[application.public_id])
        send_message(people_of(unit), subject=subject[:120], url=url, at=at)
