"""Several rounds lived on one clock: each player waits for its moment, the earliest goes on, one at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection

from award_portal.lib import clock

from .travelling import travel

Script = Callable[["Part"], None]


class Curtain(Exception):
    """The last moment has come before the script was through."""


@dataclass
class Part:
    """One script and the moment it waits for; None once it is through."""

    script: Script
    stage: Stage
    due: datetime | None
    turn: threading.Event = field(default_factory=threading.Event)
    error: BaseException | None = None

    def wait_until(self, moment: datetime) -> None:
        """Give the others their turn until the clock has come to `moment`."""
        if moment <= clock.now():
            return
        self.due = moment
        self.stage.hand_over(self)
        if self.stage.is_over:
            raise Curtain

    def run(self) -> None:
        """The thread's whole life: from its first turn to its script's end, whatever that is."""
        self.turn.wait()
        self.turn.clear()
        try:
            if not self.stage.is_over:
                self.script(self)
        except Curtain:
            pass
        except BaseException as error:
            self.error = error
        finally:
            self.due = None
            connection.close()
            self.stage.back.set()


class Stage:
    """Plays scripts from their starting moments to `until`, on the clock `to` moves."""

    def __init__(self, *, until: datetime, to: Callable[[datetime], object]) -> None:
        self.until, self.to = until, to
        self.parts: list[Part] = []
        self.back = threading.Event()
        self.is_over = False

    def add(self, starts_at: datetime, script: Script) -> None:
        self.parts.append(Part(script, self, due=starts_at))

    def play(self) -> None:
        """To the last moment; raises what a script raised."""
        threads = [threading.Thread(target=part.run, daemon=True) for part in self.parts]
        for thread in threads:
            thread.start()
        try:
            self._run()
        finally:
            self._end(threads)
        travel(self.until, to=self.to)

    def _run(self) -> None:
        while waiting := [part for part in self.parts if part.due is not None and part.due <= self.until]:
            part = min(waiting, key=lambda one: one.due or self.until)
            if part.due is not None and part.due > clock.now():
                travel(part.due, to=self.to)
            self._give_turn(part)
            if part.error is not None:
                raise part.error

    def _end(self, threads: list[threading.Thread]) -> None:
        self.is_over = True
        for part, thread in zip(self.parts, threads, strict=True):
            if thread.is_alive():
                self._give_turn(part)
            thread.join()

    def _give_turn(self, part: Part) -> None:
        self.back.clear()
        part.turn.set()
        self.back.wait()

    def hand_over(self, part: Part) -> None:
        self.back.set()
        part.turn.wait()
        part.turn.clear()
