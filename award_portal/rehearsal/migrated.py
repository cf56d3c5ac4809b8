"""An empty migrated SQLite database is kept as a file and copied by the next rehearsal or test run.

Making it takes longer than playing a round.
The file's name is the hash of what made it; any change of a migration, a model or a package makes another.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management import call_command
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent.parent
MADE_OF = ("*/migrations/*.py", "*/models.py", "*/models/*.py", "*/triggers.py", "*/settings*.py", "*/rules.py")


def fingerprint() -> str:
    """What the tables of an empty portal depend on."""
    found = sorted({path for pattern in MADE_OF for path in ROOT.glob(pattern)})
    digest = hashlib.sha256()
    for path in (*found, ROOT / "requirements" / "dev.txt"):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:20]


def kept_file() -> Path:
    return Path(tempfile.gettempdir()) / f"portal-migrated-{os.getuid()}-{fingerprint()}.sqlite3"


@contextmanager
def one_at_a_time(path: Path) -> Iterator[None]:
    """Two workers that begin together: the first migrates, the second copies."""
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def is_kept(path: Path) -> bool:
    """Whether the file is there and this user's own: the directory is everybody's."""
    return path.exists() and path.stat().st_uid == os.getuid()


def migrate_empty(database: Path) -> None:
    """Bring the configured database, whose file does not exist yet, to the tables of today."""
    kept = kept_file()
    with one_at_a_time(kept):
        if known := is_kept(kept):
            take(kept, database)
        call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
        if not known:
            connection.close()
            keep(database, kept)


def keep(database: Path, path: Path) -> None:
    """Keep what was just migrated; those of other fingerprints are of no more use."""
    fresh = path.with_suffix(".fresh")
    source, target = sqlite3.connect(database), sqlite3.connect(fresh)
    with source, target:
        source.backup(target)
    source.close()
    target.close()
    fresh.replace(path)
    old = sorted(path.parent.glob(f"portal-migrated-{os.getuid()}-*.sqlite3"), key=lambda one: one.stat().st_mtime)
    for one in old[:-20]:
        one.unlink(missing_ok=True)


def take(path: Path, database: Path) -> None:
    shutil.copyfile(path, database)
