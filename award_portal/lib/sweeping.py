"""The sweep: every due moment, run by `manage.py sweep` and by Celery alike; the database is the truth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from award_portal.lib import clock


@dataclass(frozen=True)
class Sweeper:
    """`run(at)` takes what is due, a row a transaction, and says how many; `next_due(after)` looks ahead."""

    name: str
    run: Callable[[datetime], int]
    next_due: Callable[[datetime], datetime | None]
    order: int = 50


_sweepers: dict[str, Sweeper] = {}


def register(sweeper: Sweeper) -> None:
    _sweepers[sweeper.name] = sweeper


def sweepers() -> list[Sweeper]:
    return sorted(_sweepers.values(), key=lambda one: (one.order, one.name))


def sweep(at: datetime | None = None) -> dict[str, int]:
    """Run every sweeper once at one instant; name → effects."""
    with clock.one_instant() as instant:
        return {one.name: one.run(at or instant) for one in sweepers()}


def next_due(after: datetime) -> datetime | None:
    """The next moment at which something falls due, over all rooms: what 下一个节点 jumps to."""
    moments = [moment for one in sweepers() if (moment := one.next_due(after))]
    return min(moments, default=None)
