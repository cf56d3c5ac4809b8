"""The one door: every change of an application's state happens here, and nowhere else.

Lock order, for every transaction that touches more than one of these (any other order has deadlocked on PostgreSQL):

    round → applications by pk → anything else → number counter → head of the evidence chain

The row is locked by a query that reads nothing else; holds and gates are read in later statements, so that they see
what was committed before the lock was granted.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django_fsm import ConcurrentTransition, can_proceed

from award_portal.lib import clock
from organizations import evidence
from organizations.models import User

from . import rules
from .aftermath import bring_about
from .gates import GATES, Attempt, Blocker
from .models import Application, Step
from .pipeline import Owner, State, steps_of


class StepRefused(Exception):
    """The door stayed shut; nothing was changed. `blockers` says why, each with its article."""

    def __init__(self, blockers: list[Blocker]) -> None:
        self.blockers = blockers
        super().__init__("；".join(str(one) for one in blockers))


class StepNotAllowed(StepRefused):
    """The person may not take this step at all."""


def move(
    application_id: int,
    step: str,
    *,
    by: User | None,
    at: datetime,
    ground: str = "",
    cite: str = "",
    facts: Mapping[str, Any] | None = None,
) -> Step:
    """Take one step of one application, or raise StepRefused with every blocker and change nothing.

    `by=None` is the clock. `ground` is the reason a person gives, `cite` the article it rests on. `facts` are handed to
    the gates and kept on the step (JSON values, no personal data); its `return_to` names the desk a correction
    comes back to.
    """
    facts = dict(facts or {})
    with transaction.atomic():
        application = Application.objects.select_for_update(of=("self",)).get(pk=application_id)
        attempt = Attempt(step=step, by=by, at=at, facts=facts)
        refused = refusals(application, attempt)
        if refused:
            raise refused
        from_state = application.state
        _transition(application, step, facts)
        bring_about(application, attempt, left=from_state)
        return _write_step(application, attempt, from_state=from_state, ground=ground, cite=cite)


def blockers(application: Application, step: str, *, by: User | None, at: datetime, **facts: Any) -> list[Blocker]:
    """What the door would answer now: an empty list means it would open. For pages, which only foresee."""
    refused = refusals(application, Attempt(step=step, by=by, at=at, facts=facts))
    return refused.blockers if refused else []


def refusals(application: Application, attempt: Attempt) -> StepRefused | None:
    """Permission, then legality, then holds and gates together; None when the door opens."""
    edges = steps_of(Application).get(attempt.step)
    if not edges:
        return StepNotAllowed([Blocker(f"没有“{attempt.step}”这一步骤。")])
    custom = edges[0].custom
    if not rules.may_take(attempt.by, custom["owner"], application):
        return StepNotAllowed([Blocker(f"“{custom['label']}”应由{Owner(custom['owner']).label}办理。")])
    if not can_proceed(getattr(application, attempt.step)):
        now = application.state_label
        return StepRefused(
            [Blocker(f"该申报现处于“{now}”，不能办理“{custom['label']}”。页面可能已过时，请刷新后再办。")]
        )
    found = _held(application, attempt.step)
    for name in custom["gates"]:
        found += GATES[name](application, attempt)
    return StepRefused(found) if found else None


def _held(application: Application, step: str) -> list[Blocker]:
    """What the open holds stop; a publicity the scheme closes in spite of objections is closed by the clock (B15)."""
    if step == "close_publicity" and not application.rulebook.publicity(application.state).held_by_objection.value:
        return []
    return [
        Blocker(f"{hold.reason}，处理完毕前不能办理本步骤。", hold.cite)
        for hold in application.holds.open()
        if step in hold.steps
    ]


def _transition(application: Application, step: str, facts: Mapping[str, Any]) -> None:
    if any(edge.target == State.CORRECTION for edge in steps_of(Application)[step]):
        application.return_to = facts["return_to"]  # its gate has looked at it
    leaving_correction = application.state == State.CORRECTION
    getattr(application, step)()
    if leaving_correction:
        application.return_to = ""
    try:
        application.save()
    except ConcurrentTransition as error:
        raise StepRefused([Blocker("该申报刚被他人办理，请刷新后再办。")]) from error


def _write_step(application: Application, attempt: Attempt, *, from_state: str, ground: str, cite: str) -> Step:
    step = Step.objects.create(
        application=application,
        step=attempt.step,
        from_state=from_state,
        to_state=application.state,
        by=attempt.by,
        by_label=rules.desk_label(attempt.by, application),
        ground=ground,
        cite=cite,
        facts=dict(attempt.facts),
        at=attempt.at,
        recorded_at=clock.recorded_now(),
    )
    evidence.record(
        f"application.{attempt.step}",
        chain=application.round.chain,
        by=attempt.by,
        subject=f"application:{application.public_id}",
        at=attempt.at,
        data={"from": from_state, "to": application.state, "cite": cite},
    )
    return step
