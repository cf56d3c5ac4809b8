"""Travelling the rehearsal clock: a jump lives through every due moment on its way, in order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from award_portal.lib import clock, sweeping
from organizations.outbox import SLOW

# A due moment that never clears would hold a jump for ever; a year of a round has some hundreds.
MOST_STOPS = 5000


def travel(target: datetime, *, to: Callable[[datetime], object] = clock.travel_to) -> int:
    """Go forward to `target`, sweeping at each due moment before it and at the end; how many stops.

    Papers are left to the sweeper beside: a jump over a month must not wait for a hundred PDFs.
    """
    stops = 0
    here = clock.now()
    while (moment := sweeping.next_due(here)) is not None and moment <= target:
        to(moment)
        sweeping.sweep(moment, but={SLOW})
        here = moment
        stops += 1
        assert stops < MOST_STOPS, "a due moment does not pass"
    to(target)
    sweeping.sweep(target, but={SLOW})
    return stops


def next_moment() -> datetime | None:
    """Where 下一个节点 leads: the next due moment of any room, a minute past it so that it is over."""
    moment = sweeping.next_due(clock.now())
    return moment + timedelta(minutes=1) if moment else None
