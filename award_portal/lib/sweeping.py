"""The sweep: every due moment, run by `manage.py sweep` and by Celery alike; the database is the truth."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from award_portal.lib import clock

log = logging.getLogger(__name__)
_PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Sweeper:
    """`run(at)` takes what is due, a row a transaction, and says how many; `next_due(after)` looks ahead."""

    name: str
    run: Callable[[datetime], int]
    next_due: Callable[[datetime], datetime | None]
    order: int = 50


@dataclass(frozen=True)
class Swept:
    """What one sweeper did: its effects, or what it stumbled over."""

    name: str
    count: int = 0
    error: Exception | None = None


_sweepers: dict[str, Sweeper] = {}


def register(sweeper: Sweeper) -> None:
    _sweepers[sweeper.name] = sweeper


def register_moment(name: str, next_due: Callable[[datetime], datetime | None]) -> None:
    """A moment at which nothing is to be taken but people go on: where 下一个节点 stops too."""
    register(Sweeper(name, run=lambda at: 0, next_due=next_due))


def sweepers() -> list[Sweeper]:
    return sorted(_sweepers.values(), key=lambda one: (one.order, one.name))


def sweep_each(at: datetime | None = None, *, but: Collection[str] = ()) -> Iterator[Swept]:
    """Run every sweeper `but` some once, each at one instant; one that fails is logged and the others still run."""
    for one in sweepers():
        if one.name not in but:
            yield _sweep_one(one, at)


def _sweep_one(one: Sweeper, at: datetime | None) -> Swept:
    try:
        with clock.one_instant() as instant:
            return Swept(one.name, count=one.run(at or instant))
    except Exception as error:
        log.error("the sweeper %s failed: %s", one.name, describe_error(error))
        return Swept(one.name, error=error)


def sweep(at: datetime | None = None, *, but: Collection[str] = ()) -> dict[str, int]:
    """Run every sweeper once `but` some; name → effects. What failed is raised together, after the others have run."""
    with clock.one_instant():
        done = list(sweep_each(at, but=but))
    if errors := [one.error for one in done if one.error is not None]:
        raise ExceptionGroup("sweep", errors)
    return {one.name: one.count for one in done}


def next_due(after: datetime) -> datetime | None:
    """The next moment at which something falls due, over all rooms: what 下一个节点 jumps to."""
    moments = [moment for one in sweepers() if (moment := one.next_due(after))]
    return min(moments, default=None)


def describe_error(error: BaseException) -> str:
    """An error's kind and place in our code. Never its text: that may quote the row, and with it a person."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_ours(frame.filename)]
    where = f" at {Path(frames[-1].filename).relative_to(_PROJECT)}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{where}"


def _is_ours(filename: str) -> bool:
    path = Path(filename)
    return path.is_relative_to(_PROJECT) and not path.is_relative_to(_PROJECT / ".venv")
