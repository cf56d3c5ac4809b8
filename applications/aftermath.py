"""What a step brings about in rooms above this one, within the door's own transaction.

As gates let higher rooms guard a door, `@after` lets them act on what passed through it: called once for each step
taken, under the application's lock, before the step goes on record. One that raises undoes the step.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .gates import Attempt

if TYPE_CHECKING:
    from .models import Application

Aftermath = Callable[["Application", Attempt, str], None]
AFTERMATH: dict[str, list[Aftermath]] = {}


def after(*steps: str) -> Callable[[Aftermath], Aftermath]:
    """Call the function after each of these steps with the moved application, the attempt and the state it left."""

    def register(reaction: Aftermath) -> Aftermath:
        for step in steps:
            AFTERMATH.setdefault(step, []).append(reaction)
        return reaction

    return register


def bring_about(application: Application, attempt: Attempt, *, left: str) -> None:
    """Everything the rooms above do after this step."""
    for reaction in AFTERMATH.get(attempt.step, ()):
        reaction(application, attempt, left)
