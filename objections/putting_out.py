"""Taking an application out of its round on an upheld objection: through the door, and told in writing (U13, B16)."""

from __future__ import annotations

from datetime import datetime

from applications.corrections import tell_applicant
from applications.desk_papers import issue_disqualification_notice
from applications.moves import move
from organizations.models import User

from .models import Objection


def put_out(
    objection: Objection, *, words: str, ground: str, cite: str, facts: dict[str, str], by: User, at: datetime
) -> None:
    """Through the door with the objection as its ground, and told to the applicant in writing."""
    application = objection.application
    issue_disqualification_notice(application, condition=words, ground=ground, cite=cite, by=by, at=at)
    named = {"objection": str(objection.public_id)} | facts
    moved = move(application.pk, "disqualify", by=by, at=at, ground=ground, cite=cite, facts=named).application
    tell_applicant(moved, subject="异议查证属实，取消参评资格，请查看告知书", body=f"依据{cite}。", at=at)
    objection.application = moved
