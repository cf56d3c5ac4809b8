"""Whoever a journey follows: an application on its way, and the browsers of the people it meets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from django.urls import reverse

from applications.models import Application
from award_portal.lib import clock
from award_portal.rehearsal import made_up, opening_moves
from award_portal.rehearsal.opening_moves import Player
from award_portal.rehearsal.whole_round import FIRST_DAY
from award_portal.rehearsal.world import PASSWORD, World, build_world

from .browser_of_forms import Page, Visitor

USERNAME, PERSON = "yangli", "样例丙甲"
OWN_PASSWORD = "yang-li-2026"


@dataclass
class Journey:
    """One application through the pages; whoever else applies comes along by the rooms' own functions."""

    player: Player
    seed: int
    is_person: bool = False
    visitors: dict[str, Visitor] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return PERSON if self.is_person else made_up.organization_name(self.seed)

    @property
    def code(self) -> str:
        """The organisation's code, or the number on the person's card."""
        return made_up.valid_identity(self.seed) if self.is_person else made_up.valid_uscc(self.seed)

    @property
    def world(self) -> World:
        return self.player.world

    @property
    def application(self) -> Application:
        return Application.objects.with_names().get(created_by__username=USERNAME)

    def others(self, state: str) -> list[Application]:
        return [one for one in self.player.in_state(state) if one.pk != self.application.pk]

    def browser(self, username: str) -> Visitor:
        """Whoever it is, at a browser signed in before."""
        if username not in self.visitors:
            self.visitors[username] = Visitor(username, PASSWORD)
        return self.visitors[username]

    @property
    def anybody(self) -> Visitor:
        """Somebody who has no account."""
        return self.visitors.setdefault("", Visitor())

    @property
    def applicant(self) -> Visitor:
        return self.visitors["applicant"]

    @property
    def office(self) -> Visitor:
        return self.browser("office")

    @property
    def recommender(self) -> Visitor:
        unit = self.application.recommender
        assert unit is not None
        return self.browser(self.world.staff_of(unit).username)

    @property
    def overview(self) -> Page:
        return self.applicant.visit(self.application.get_absolute_url())

    @property
    def hand_in(self) -> Page:
        return self.applicant.visit(reverse("applications:hand_in", args=[self.application.public_id]))

    def wait_an_hour(self) -> None:
        """Long enough for what is due to be swept and what is sent to arrive."""
        self.player.wait_until(clock.now() + timedelta(hours=1))


@contextmanager
def begun(scheme: str, *, seed: int, is_person: bool = False) -> Iterator[Journey]:
    """A made-up world of one scheme whose first call went out this morning."""
    with clock.frozen(clock.at(FIRST_DAY, 9)) as stood:
        world = build_world(scheme, at=clock.now())
        round = opening_moves.open_round(world, year=2026, ordinal=1, title=f"第一届{world.book.name}")
        yield Journey(Player(world, round, stood.travel_to, seed=7), seed, is_person)
