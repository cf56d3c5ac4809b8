"""Running the machine checks at a desk: on a person's request, for the dossier as it stands, and on record."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from organizations import evidence
from organizations.models import User

from .desk_rules import lock_on_desk
from .machine_checks import run_checks
from .models import Application, Finding


@transaction.atomic
def check_by_machine(application: Application, *, stage: str, by: User, at: datetime) -> list[Finding]:
    """Run the stage's machine checks anew for the dossier as it stands; for the desk the application is on."""
    locked = lock_on_desk(application, stage=stage, by=by)
    findings = run_checks(locked, stage=stage, at=at)
    evidence.record(
        "findings.run",
        chain=locked.round.chain,
        by=by,
        subject=f"application:{locked.public_id}",
        at=at,
        data={"stage": stage, "results": {one.check_name: one.result for one in findings}},
    )
    return findings
