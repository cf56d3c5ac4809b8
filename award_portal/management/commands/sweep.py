"""`manage.py sweep [--watch]`: takes everything that is due; the same functions as the Celery beat task."""

from __future__ import annotations

import signal
import sys
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections

from award_portal.lib.sweeping import describe_error, sweep_each


class Command(BaseCommand):
    help = "take everything that is due, once or again and again (--watch)"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--watch", action="store_true", help="go on until stopped")
        parser.add_argument("--interval", type=float, default=5, help="seconds between sweeps with --watch (5)")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["watch"]:
            if not self._sweep():
                sys.exit(1)
            return
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        while not stop.is_set():
            close_old_connections()
            self._sweep(quiet=True)
            stop.wait(options["interval"])

    def _sweep(self, *, quiet: bool = False) -> bool:
        """One sweep, a line a sweeper; whether all went well. A watch tells only what happened."""
        well = True
        for one in sweep_each():
            if one.error is not None:
                well = False
                self.stderr.write(f"{one.name}: {describe_error(one.error)}")
            elif one.count or not quiet:
                self.stdout.write(f"{one.name}: {one.count}")
                self.stdout.flush()
        return well
