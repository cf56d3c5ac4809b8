"""The plays of the state machine: a world is built, and each chapter begins where the one before left it.

`--pipeline-steps` says how many steps are played at least over all schemes together; `make test` asks for 10,000.
"""

from __future__ import annotations

from collections import Counter
from time import process_time

from hypothesis import Phase, settings
from hypothesis import seed as seeded
from hypothesis.stateful import run_state_machine_as_test

from applications import submitting
from applications.models import Application
from applications.pipeline import State
from award_portal.lib import clock
from publicity.commenting import save_summary
from reviews.deciding import carry_decision
from reviews.lists import candidates_before
from reviews.models import Meeting
from reviews.ranking import confirm_ranking
from reviews.reporting import issue_report
from reviews.resolving import Resolved, propose_list, record_resolution

from .pipeline_deciding import show_of_hands
from .pipeline_machine import PipelineMachine
from .pipeline_regulations import REGULATIONS, Regulation
from .pipeline_world import World, build_world

STEPS_A_PLAY = 80
# with so many steps of one scheme nearly every edge of its table is taken
TELLING = 1500


def all_desks_are_busy(world: World) -> None:
    """As the world was built."""


def the_leading_body_sits(world: World) -> None:
    """Nobody is under review or before the public any more, the report is issued, the meeting is open."""
    at, officer = clock.now(), world.desks.officer
    for one in Application.objects.filter(state__in=[*world.rule.reviews, State.PUBLIC_COMMENT]):
        submitting.withdraw(one, ground="计划调整", by=world.applicants[one.pk], at=at)
    if "public_comment" in world.rule.order:
        save_summary(world.round, text="收到意见1条", handled="已归纳", by=officer, at=at)
    issue_report(world.round, narrative="评审情况", by=officer, at=at)
    world.review.meeting()


def the_list_is_decided(world: World) -> None:
    """All places but one are given, some names are passed over; nothing is published yet."""
    meeting, officer, at = Meeting.objects.get(state="open"), world.desks.officer, clock.now()
    match world.rule.mode:
        case "secret_vote":
            for tier, counts in zip(world.rule.tiers, ((3, 3, 2, 0, 0, 0), (3, 0, 0)), strict=False):
                world.review.elect(meeting, tier, *counts)
        case "resolution":
            names = candidates_before(meeting)
            tiers = {one.pk: one.tier for one in names}
            propose_list(meeting, tiers=tiers, reasons={}, by=officer, at=at)
            last = [pk for pk, tier in tiers.items() if tier][-1]
            results = {pk: Resolved("" if pk == last else tier, ground="经审议调整") for pk, tier in tiers.items()}
            record_resolution(meeting, results=results, by=officer, at=at)
        case "rank":
            confirm_ranking(meeting, hands=show_of_hands(meeting, "for the first"), by=officer, at=at)
    carry_decision(meeting, by=officer, at=at)


def a_second_meeting_sits(world: World) -> None:
    """Two names came late before the leading body; of the places one is left."""
    for name in world.cast.names[1:3]:
        world.enters("deliberation", name)
    world.review.meeting()


CHAPTERS = (all_desks_are_busy, the_leading_body_sits, the_list_is_decided, a_second_meeting_sits)


# -- the plays ---------------------------------------------------------------------------------------------------------


def play_the_regulation(regulation: Regulation, *, asked: int) -> None:
    """This scheme's share of the steps asked for, chapter by chapter."""
    steps = -(-asked // len(REGULATIONS))
    began = process_time()
    world, tally = build_world(regulation), Counter()
    machine = type("Machine", (PipelineMachine,), {"world": world, "tally": tally})
    for nth, chapter in enumerate(CHAPTERS, start=1):
        chapter(world)
        play_until(machine, steps * nth // len(CHAPTERS))
    print(f"{regulation}: {tally['played']} steps in {process_time() - began:.0f} s:", sorted(tally.items()))  # noqa: T201
    assert tally["played"] >= steps
    possible = {step for step, (_, edges) in regulation.table.items() if edges}
    never = {step for step in possible if not tally[f"step:{step}"]}
    if steps >= TELLING:
        assert len(never) <= 4, f"plays that never get anywhere prove nothing: {never}"


def play_until(machine: type[PipelineMachine], count: int) -> None:
    """Plays until so many steps were taken. A failing play is printed whole; Phase.shrink shortens it, in minutes."""
    for number in range(1, 50):
        left = count - machine.tally["played"]
        if left <= 0:
            return
        plays = settings(
            max_examples=-(-left // STEPS_A_PLAY), stateful_step_count=STEPS_A_PLAY, database=None,
            phases=[Phase.generate], report_multiple_bugs=False,
        )  # fmt: skip
        run_state_machine_as_test(seeded(number)(machine), settings=plays)
