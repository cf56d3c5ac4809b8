"""Gates: what must be true before a step, each provided by the room that knows it.

A step names its gates in `pipeline.py`; the owning room provides each with `@gate("name")` in a module its
`AppConfig.ready()` imports. A gate returns blockers: the same list greys the button and refuses the request.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from organizations.models import User

    from .models import Application


@dataclass(frozen=True)
class Blocker:
    """Why a step cannot be taken: Chinese text that says what to do, and the article it rests on."""

    text: str
    citation: str = ""

    def __str__(self) -> str:
        return f"{self.text}（{self.citation}）" if self.citation else self.text

    @property
    def short_citation(self) -> str:
        return short_citation(self.citation)


def short_citation(citation: str) -> str:
    """The article without the regulation's title, for dense pages: 第十一条第（二）项, or 办公室设定."""
    if citation.startswith("办公室设定"):
        return "办公室设定"
    return citation.rpartition("》")[2] or citation


@dataclass(frozen=True)
class Attempt:
    """What a gate may look at beside the application: the step, who asks, when, and the facts handed to the door."""

    step: str
    by: User | None
    at: datetime
    facts: Mapping[str, Any]

    def id_of(self, fact: str) -> UUID:
        """The id a fact names; the nil id, which nothing has, where there is none or what is there is no id."""
        try:
            return UUID(str(self.facts.get(fact, "")))
        except ValueError:
            return UUID(int=0)


Gate = Callable[["Application", Attempt], list[Blocker]]
GATES: dict[str, Gate] = {}


def gate(name: str) -> Callable[[Gate], Gate]:
    """Register the provider of a gate; a second provider for the same name is a programming error."""

    def register(provider: Gate) -> Gate:
        assert name not in GATES or GATES[name].__qualname__ == provider.__qualname__, f"gate {name} has two providers"
        GATES[name] = provider
        return provider

    return register
