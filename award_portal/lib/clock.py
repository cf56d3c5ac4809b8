"""The domain's only clock: aware Asia/Shanghai, one instant a request or task, never backward.

Three layers, the innermost wins:

1. `one_instant()` pins the instant for the length of a request or a task, so no rule sees two different "now".
2. `frozen()` stands still at an instant for a test or the `rehearse` command, in this process only.
3. A rehearsal (`settings.REHEARSAL`) runs on the instant last travelled to plus the real time since. It is kept in a
   file under `settings.VAR_DIR`, because the web server and the sweeper are two processes.

Outside a rehearsal the file is not even read. Sessions, lockouts and logs stay on real time: they never come here.
"""

import fcntl
import json
import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings

SHANGHAI = ZoneInfo("Asia/Shanghai")
REHEARSAL_FILE = "rehearsal_clock.json"


class TravelRefused(Exception):
    """The clock was asked to travel outside a rehearsal, or backward."""


class Frozen:
    """A clock that stands still until it is told to go on."""

    def __init__(self, instant: datetime) -> None:
        self.instant = _in_shanghai(instant)

    def travel_to(self, instant: datetime) -> datetime:
        """Stand at a later instant; raises TravelRefused for an earlier one."""
        instant = _in_shanghai(instant)
        _refuse_backward(self.instant, instant)
        self.instant = instant
        return instant


_pinned: ContextVar[datetime | None] = ContextVar("award_portal_one_instant", default=None)
# For the whole process and not for a context: the threads a test or a rehearsal starts live at the same instant.
_frozen: list[Frozen] = []
_frozen_lock = threading.Lock()


def now() -> datetime:
    """The instant the domain lives at: aware, in Asia/Shanghai, constant within `one_instant()`."""
    return _pinned.get() or _moving_now()


def today() -> date:
    """The Shanghai calendar day of `now()`."""
    return now().date()


def recorded_now() -> datetime:
    """Real wall time for `recorded_at`, whatever instant the domain lives at."""
    return datetime.now(SHANGHAI)


def at(day: date, hour: int = 0, minute: int = 0) -> datetime:
    """The instant of a Shanghai day and time; hour 24 is the start of the next day (24:00)."""
    if hour == 24 and minute == 0:
        return day_start(day + timedelta(days=1))
    return datetime.combine(day, time(hour, minute), tzinfo=SHANGHAI)


def day_of(instant: datetime) -> date:
    """The Shanghai day an instant falls on."""
    return instant.astimezone(SHANGHAI).date()


def day_start(day: date) -> datetime:
    """00:00 of a Shanghai day; also the exclusive end of the day before."""
    return datetime.combine(day, time(0), tzinfo=SHANGHAI)


@contextmanager
def one_instant() -> Iterator[datetime]:
    """Pin the instant for a request or a task; within another `one_instant()` the outer one holds."""
    token = _pinned.set(now())
    try:
        yield now()
    finally:
        _pinned.reset(token)


@contextmanager
def frozen(instant: datetime) -> Iterator[Frozen]:
    """Stand still at an instant in this process; only where settings let the clock travel."""
    _refuse_unless(_may_travel(), "此环境不是演练环境，时钟不能冻结。")
    stood = Frozen(instant)
    with _frozen_lock:
        _frozen.append(stood)
    token = _pinned.set(None)
    try:
        yield stood
    finally:
        _pinned.reset(token)
        with _frozen_lock:
            _frozen.remove(stood)


def travel_to(instant: datetime) -> datetime:
    """Move the rehearsal to a later instant for every process, this request included.

    Raises TravelRefused outside rehearsal settings and for an earlier instant. Inside `frozen()` it moves that clock.
    """
    instant = _in_shanghai(instant)
    if _frozen:
        _frozen[-1].travel_to(instant)
    else:
        _refuse_unless(settings.REHEARSAL, "此环境不是演练环境，时钟不能拨动。")
        _store(instant)
    if _pinned.get() is not None:
        # The travelling request lives on at the new instant; `one_instant()` restores what was before it.
        _pinned.set(instant)
    return instant


def start_rehearsal(instant: datetime) -> datetime:
    """Set a new rehearsal's first instant, past or future; raises TravelRefused where one runs already."""
    _refuse_unless(settings.REHEARSAL, "此环境不是演练环境，时钟不能拨动。")
    _refuse_unless(not rehearsal_file().exists(), "演练已经开始，时钟只能向前拨。")
    instant = _in_shanghai(instant)
    _replace(rehearsal_file(), instant)
    return instant


def rehearsal_file() -> Path:
    """Where a rehearsal keeps its clock."""
    return Path(settings.VAR_DIR) / REHEARSAL_FILE


def is_travelled() -> bool:
    """Whether `now()` is something else than real time, for the rehearsal bar."""
    return bool(_frozen) or (settings.REHEARSAL and rehearsal_file().exists())


def _moving_now() -> datetime:
    if _frozen:
        return _frozen[-1].instant
    if settings.REHEARSAL:
        return _rehearsal_now()
    return recorded_now()


def _rehearsal_now() -> datetime:
    try:
        stored = json.loads(rehearsal_file().read_text(encoding="ascii"))
    except FileNotFoundError:
        return recorded_now()
    elapsed = recorded_now() - datetime.fromisoformat(stored["travelled_at"])
    # A wall clock set back must not take the rehearsal with it.
    return datetime.fromisoformat(stored["instant"]).astimezone(SHANGHAI) + max(elapsed, timedelta(0))


def _store(instant: datetime) -> None:
    """Replace the file in one step, under a lock so that of two travellers the later instant holds."""
    path = rehearsal_file()
    with open(path.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _refuse_backward(_rehearsal_now(), instant)
        _replace(path, instant)


def _replace(path: Path, instant: datetime) -> None:
    handle, fresh = tempfile.mkstemp(dir=path.parent, prefix=path.stem)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        json.dump({"instant": instant.isoformat(), "travelled_at": recorded_now().isoformat()}, file)
    os.replace(fresh, path)


def _may_travel() -> bool:
    return getattr(settings, "CLOCK_MAY_TRAVEL", settings.REHEARSAL)


def _in_shanghai(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("the clock takes aware datetimes only")
    return instant.astimezone(SHANGHAI)


def _refuse_unless(allowed: bool, reason: str) -> None:
    if not allowed:
        raise TravelRefused(reason)


def _refuse_backward(current: datetime, instant: datetime) -> None:
    if instant < current:
        raise TravelRefused(f"时钟只能向前拨：现在是 {current:%Y-%m-%d %H:%M}，不能拨回 {instant:%Y-%m-%d %H:%M}。")
