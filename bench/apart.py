"""A database of its own for a measurement, in a temporary directory; nothing configured is touched."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def set_up(*, postgres: bool = False) -> None:
    """SQLite as the embedded portal has it (or a PostgreSQL of its own), migrated, with the work calendars."""
    folder = Path(tempfile.mkdtemp(prefix="portal-bench-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    sys.path.insert(0, str(ROOT))
    for name in ("PRODUCTION", "DATABASE_URL", "DEBUG"):
        os.environ.pop(name, None)
    os.environ |= {
        "PORTAL_VAR_DIR": str(folder),
        "PORTAL_ENV_FILE": os.devnull,
        "REHEARSAL": "1",
        "LOG_LEVEL": "ERROR",
        "DJANGO_SETTINGS_MODULE": "award_portal.settings",
    }
    if postgres:
        from tests.engines import postgres_url

        os.environ["DATABASE_URL"] = postgres_url()
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    from award_portal.lib import clock
    from awards.calendars import seed_calendars

    seed_calendars(at=clock.now())


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
