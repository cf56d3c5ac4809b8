"""What keeps an application where it is: told to the applicant in neutral words, to the office in full (U13)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from organizations.models import User

from .models import Application, Hold
from .pipeline import steps_of


@dataclass(frozen=True)
class Held:
    """One hold in the words of whoever reads it: what goes on, which steps wait, since when, on what ground."""

    application: Application
    text: str
    steps: str
    since: datetime
    cite: str


def held_in_neutral_words(application: Application) -> list[Held]:
    """For the applicant: that something is being looked into and what waits; never who said what of it (U12).

    Several of a kind are one line, since the first of them.
    """
    found: dict[str, Held] = {}
    for one in application.holds.open().order_by("placed_at", "pk"):
        objected = one.source.partition(":")[0] in ("objection", "outcome")
        text = "收到对本申报的异议，正在依规定办理" if objected else "有关事项正在依规定办理"
        found.setdefault(text, Held(application, text, steps_zh(one.steps), one.placed_at, one.cite))
    return list(found.values())


def held_for_office(user: User) -> list[Held]:
    """For the office: every open hold in its rounds, the oldest first; two queries however many there are."""
    rows = (
        Hold.objects.open()
        .filter(application__in=Application.objects.of_office(user))
        .select_related("application__organization", "application__round__scheme", "application__round__edition")
        .order_by("placed_at", "pk")
    )
    return [Held(one.application, one.reason, steps_zh(one.steps), one.placed_at, one.cite) for one in rows]


def steps_zh(steps: list[str]) -> str:
    """The steps that wait, by their names."""
    known = steps_of(Application)
    return "、".join(known[one][0].custom["label"] for one in steps if one in known)
