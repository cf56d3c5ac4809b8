"""What the applicant's steps wait for: the window, the claim, the form, eligibility, and a correction's due date."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from award_portal.lib.sweeping import Sweeper, register
from organizations.models import Claim

from .corrections import tell_applicant
from .filling import window_blockers
from .form_answers import problems_of
from .gates import Attempt, Blocker, gate
from .machine_checks import door_checks
from .models import Application, Correction
from .moves import StepRefused, move
from .pipeline import State


@gate("window_open")
def window_open(application: Application, attempt: Attempt) -> list[Blocker]:
    """Nothing is submitted outside the window, to the second, by the server's clock (U11.1, R3)."""
    return window_blockers(application.round, at=attempt.at)


@gate("claim_verified")
def claim_verified(application: Application, attempt: Attempt) -> list[Blocker]:
    claims = Claim.objects.filter(
        user=attempt.by, organization_id=application.organization_id, state=Claim.State.VERIFIED
    )
    return [] if claims.exists() else [Blocker("授权书尚未核验通过。")]


@gate("form_complete")
def form_complete(application: Application, attempt: Attempt) -> list[Blocker]:
    """Every part of the form is complete (U11.2); of a correction, the parts it named."""
    problems = problems_of(application)
    if application.state == State.CORRECTION:
        correction = open_correction(application)
        named = set(correction.parts) if correction else set()
        problems = [one for one in problems if one.part in named or one.field in named]
    return [Blocker(one.text, one.citation) for one in problems]


@gate("may_apply")
def may_apply(application: Application, attempt: Attempt) -> list[Blocker]:
    """Too young for its category, barred or banned: told with the day from which it may apply (U9.2, U16, U20)."""
    return [Blocker(one.text, one.cite) for one in door_checks(application, at=attempt.at)]


@gate("correction_open")
def correction_open(application: Application, attempt: Attempt) -> list[Blocker]:
    correction = open_correction(application)
    if correction is None:
        return [Blocker("没有待补正的事项。")]
    if attempt.at >= correction.due_at:
        return [Blocker("补正期限已过，按已有材料审查；填报内容已保留。", _correction_ground(application))]
    return []


@gate("correction_overdue")
def correction_overdue(application: Application, attempt: Attempt) -> list[Blocker]:
    correction = open_correction(application)
    if correction is None or attempt.at < correction.due_at:
        return [Blocker("补正期限未到。", _correction_ground(application))]
    return []


def open_correction(application: Application) -> Correction | None:
    return application.corrections.filter(answered_at=None, lapsed_at=None).order_by("-asked_at").first()


def _correction_ground(application: Application) -> str:
    return application.rulebook.ground(application.rulebook.correction.days)


def close_overdue(at: datetime) -> int:
    """Corrections past their due date go back to the desk as they stand, never out (section 7)."""
    due = Correction.objects.filter(
        answered_at=None, lapsed_at=None, due_at__lte=at, application__state=State.CORRECTION
    )
    return sum(_lapse(pk, application, at=at) for pk, application in due.values_list("pk", "application_id"))


def _lapse(pk: int, application_id: int, *, at: datetime) -> int:
    try:
        with transaction.atomic():
            step = move(application_id, "close_correction", by=None, at=at, ground="补正逾期，按已有材料审查")
            Correction.objects.filter(pk=pk).update(lapsed_at=at)
            subject = "补正期限已过，按已提交的材料审查"
            tell_applicant(step.application, subject=subject, body="逾期未补正不影响继续审查。", at=at)
    except StepRefused:
        return 0  # answered or lapsed meanwhile
    return 1


def next_lapse(after: datetime) -> datetime | None:
    open_ones = Correction.objects.filter(answered_at=None, lapsed_at=None, due_at__gt=after)
    return open_ones.order_by("due_at").values_list("due_at", flat=True).first()


register(Sweeper("corrections", run=close_overdue, next_due=next_lapse, order=10))
