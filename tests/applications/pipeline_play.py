"""What every play of the pipeline's state machine has: a world, a clock that goes on, an oracle that watches.

`Play.attempt` is how everything is tried: carried out by somebody who may, or refused in words with nothing kept.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, ClassVar

from django.db import transaction
from hypothesis.stateful import RuleBasedStateMachine, invariant

from applications.models import Application
from applications.moves import StepRefused, move
from award_portal.lib import clock, sweeping
from awards.workdays import CalendarMissing
from objections.casework import HandlingRefused
from objections.form_check import FilingRefused
from organizations.auditing import verify_database
from organizations.models import User
from publicity.opening import PublicityRefused
from reviews.models import Approval, CutDecision, Meeting
from tests.conftest import MONDAY

from .pipeline_oracle import Oracle, everything
from .pipeline_regulations import Regulation
from .pipeline_world import World

LAST_DAY = clock.at(date(2026, 12, 1))  # the working days of 2027 are not published
REFUSALS = (StepRefused, PublicityRefused, FilingRefused, HandlingRefused, CalendarMissing)
# delivering messages, rendering papers, publishing heads: no steps of an application
BACKGROUND = ("outbox", "outbox_slow", "digests", "ballot_remnants")

ROLES = (
    "clock", "applicant", "other_applicant", "recommender", "other_recommender", "consenter", "officer", "member",
    "government", "expert", "consulted", "supervisor", "stranger", "dismissed_officer",
)  # fmt: skip
LATER = ("an hour", "two days", "to just before it is due", "until it is due")
# mostly the one whose desk it is, or a play would get nowhere
PEOPLE = (*["right"] * 30, *["like"] * 8, *ROLES)
# whoever is most like the one whose desk it is, and is not
LIKE = {
    "applicant": "other_applicant",
    "recommender": "other_recommender",
    "consenter": "recommender",
    "officer": "dismissed_officer",
    "member": "government",
    "government": "member",
    "clock": "officer",
}
PLACES = range(18)


TASKS: list[Task] = []


@dataclass(frozen=True)
class Task:
    """What somebody may be busy with: a method of the machine, when it makes sense, and what it is chosen from."""

    work: Callable[..., None]
    applies: Callable[[Play], object]
    given: dict[str, Sequence]
    weight: int = 1  # how much more often than another it is what is done


def task(applies: Callable[[Play], object] = lambda self: True, *, weight: int = 1, **given: Sequence) -> Callable:
    def register(work: Callable) -> Callable:
        TASKS.append(Task(work, applies, given, weight))
        return work

    return register


class Play(RuleBasedStateMachine):
    """One play of one round; everything it did is rolled back at its end."""

    world: ClassVar[World]
    tally: ClassVar[Counter]

    def __init__(self) -> None:
        super().__init__()
        self.played = 0
        self.undo = ExitStack()
        self.clock = self.undo.enter_context(clock.frozen(clock.at(MONDAY, 9)))
        self.undo.enter_context(transaction.atomic())
        self.undo.callback(transaction.set_rollback, True)
        self.oracle = Oracle(self.world)
        self.keys = sorted(self.oracle.stands)
        self.unanswered: set[int] = set()
        self.in_session = Meeting.objects.filter(state="open").exists()
        self.is_as_it_was = False  # nothing happened since the last comparison

    def teardown(self) -> None:
        with self.undo:
            assert verify_database().faults == []
            self.tally.update(f"step:{step}" for step in self.oracle.taken.elements())

    @invariant()
    def the_regulation_holds(self) -> None:
        if not self.is_as_it_was:
            self.oracle.compare(self.at)

    # -- what every step has in common ---------------------------------------------------------------------------------

    @property
    def at(self) -> datetime:
        return self.clock.instant

    @property
    def rule(self) -> Regulation:
        return self.world.rule

    def attempt(self, what: str, action: Callable[[], Any], *, role: str, may: set[str]) -> bool:
        """Carried out by somebody who may, or refused in words with nothing at all kept or changed."""
        before = everything()
        refused = None
        try:
            action()
        except REFUSALS as refusal:
            refused = str(refusal).strip()
        if refused is not None:
            assert refused, f"{what} was refused without a word"
            assert everything() == before, f"{what} was refused and left something behind"
            self.tally[f"refused:{what}"] += 1
            return False
        self.is_as_it_was = False
        assert role in may, f"{what} was done by {role}"
        self.tally[f"done:{what}"] += 1
        return True

    def anyone(self, place: int) -> Application:
        return Application.objects.get(pk=self.keys[place % len(self.keys)])

    def standing(self, *states: str) -> list[Application]:
        keys = [pk for pk in self.keys if self.oracle.stands[pk] in states]
        return list(Application.objects.filter(pk__in=keys).order_by("pk"))

    def anybody_in(self, *states: str) -> bool:
        return not self.oracle.inhabited.isdisjoint(states)

    def comes(self, who: str, right: str, one: Application | None = None) -> tuple[str, User | None]:
        role = {"right": right, "like": LIKE[right]}.get(who, who)
        return role, self.world.person(role, one or self.anyone(0))

    def chosen(self, found: list, place: int) -> Any:
        return found[place % len(found)] if found else None

    # -- time ----------------------------------------------------------------------------------------------------------

    def live_on(self, how: str) -> None:
        """Time goes on, to a moment of nobody's choice or to the brink of a due one; then the sweepers run."""
        match how:
            case "an hour":
                later = self.at + timedelta(hours=1)
            case "two days":
                later = self.at + timedelta(days=2, hours=3)
            case "to just before it is due":
                later = max((sweeping.next_due(self.at) or self.at) - timedelta(seconds=1), self.at)
            case _:
                later = sweeping.next_due(self.at) or self.at
        self.clock.travel_to(min(later, max(LAST_DAY, self.at)))
        sweeping.sweep(but=BACKGROUND)
        self.oracle.compare(self.at)

    def begin(self, seed: int) -> Random:
        """A step is counted; before many a one time goes on. Its choices follow from what Hypothesis drew."""
        self.played += 1
        self.is_as_it_was = False
        self.tally["played"] += 1
        chance = Random(f"{seed}:{self.played}")
        if chance.random() < 0.3:
            self.live_on(chance.choice(LATER))
        return chance

    def knock(self, one: Application, step: str, role: str, fact: int) -> None:
        by, facts = self.world.person(role, one), self.facts(one, fact)
        self.is_as_it_was = True  # unless the door opens
        self.attempt(step, lambda: move(one.pk, step, by=by, at=self.at, ground="试办", facts=facts),
                     role=role, may=self.rule.may[self.rule.table[step][0]])  # fmt: skip

    def facts(self, one: Application, nth: int) -> dict[str, Any]:
        """Facts as the rooms hand them over, true ones and such as fit nothing."""
        meeting, cut = Meeting.objects.last(), CutDecision.objects.last()
        approval, tiers = Approval.objects.last(), list(self.rule.tiers)
        return self.chosen(
            [
                {},
                {"return_to": one.state},
                {"return_to": "qualification"},
                {"finding": self.rule.prohibitions[0]},
                {"finding": "不是条件"},
                {"objection": str(uuid.uuid4())},
                {"cut": str(cut.public_id) if cut else str(uuid.uuid4())},
                {"meeting": str(meeting.public_id) if meeting else "不是编号", "tier": tiers[0]},
                {"meeting": str(meeting.public_id) if meeting else "", "tier": tiers[-1]},
                {"approval": str(approval.public_id) if approval else "不是编号"},
            ],
            nth,
        )
