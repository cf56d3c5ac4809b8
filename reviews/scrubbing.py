"""After a ballot its papers leave the database's files too, not only its tables (V8; docs/ballot-secrecy.md).

Deleting keeps the bytes: in a dead row, a free page, the write-ahead log. With the teller's passphrase they would open.
So each finished ballot is followed by a rewrite of what held it, after the commit and outside any transaction; until
that has succeeded `Ballot.scrubbed_at` is empty, and every sweep tries again.
"""

from __future__ import annotations

import logging
from datetime import datetime

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper

from award_portal.lib.sweeping import Sweeper, register

from .models import Ballot, Paper, Voter

log = logging.getLogger(__name__)


def overwrite_what_is_deleted() -> None:
    """SQLite: from now on this connection overwrites what it deletes. PostgreSQL has no such thing."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = ON")


def scrub_after_commit(at: datetime) -> None:
    """Scrub as soon as the transaction that ended a ballot has committed; what fails then, the sweep does."""

    def scrub() -> None:
        scrub_due(at)

    transaction.on_commit(scrub, robust=True)


def scrub_due(at: datetime) -> int:
    """Rewrite the files that held finished ballots; how many ballots are known to be gone from them by now."""
    waiting = list(Ballot.objects.with_remnants().values_list("pk", flat=True))
    if not waiting or connection.in_atomic_block or not _rewrite_files():
        return 0
    return Ballot.objects.filter(pk__in=waiting, scrubbed_at=None).update(scrubbed_at=at)


def _rewrite_files() -> bool:
    """Whether nothing of what was deleted before can be left. False when somebody was reading meanwhile."""
    rewrite = _rewrite_sqlite if connection.vendor == "sqlite" else _rewrite_postgres
    try:
        with connection.cursor() as cursor:
            done = rewrite(cursor)
    except OperationalError:
        done = False
    if not done:
        log.warning("ballots are not scrubbed yet: the database is in use; the next sweep tries again")
    return done


def _rewrite_sqlite(cursor: CursorWrapper) -> bool:
    """The whole file written anew from what is live, then the write-ahead log cut to nothing."""
    patience = settings.DATABASES["default"].get("OPTIONS", {}).get("timeout", 5)
    cursor.execute("PRAGMA busy_timeout = 2000")
    try:
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (busy, *_) = cursor.fetchone()
        return not busy
    finally:
        cursor.execute(f"PRAGMA busy_timeout = {int(patience * 1000)}")


def _rewrite_postgres(cursor: CursorWrapper) -> bool:
    """The three tables in new files. An older snapshot (a dump) or another open ballot keeps the papers' file filled.

    The papers' table is unlogged: they never were in the write-ahead log, its archive or a base backup.
    """
    cursor.execute("SET lock_timeout = '3s'")
    try:
        for model in (Paper, Voter, Ballot):
            cursor.execute(f"VACUUM (FULL) {connection.ops.quote_name(model._meta.db_table)}")
        cursor.execute("SELECT pg_relation_size(%s::regclass)", [Paper._meta.db_table])
        (size,) = cursor.fetchone()
        return size == 0
    finally:
        cursor.execute("RESET lock_timeout")


register(Sweeper("ballot_remnants", run=scrub_due, next_due=lambda after: None, order=90))
