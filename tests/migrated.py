"""A migrated database is kept as a file and copied by the next run: migrating takes most of a short run's time.

The file's name is the hash of what made it; any change of a migration, a model or a package makes another.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MADE_OF = ("*/migrations/*.py", "*/models.py", "*/models/*.py", "*/triggers.py", "*/settings*.py", "*/rules.py")


def fingerprint() -> str:
    """What the tables of an empty portal depend on."""
    found = sorted({path for pattern in MADE_OF for path in ROOT.glob(pattern)})
    digest = hashlib.sha256()
    for path in (*found, ROOT / "requirements" / "dev.txt"):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:20]


def kept_file() -> Path:
    return Path(tempfile.gettempdir()) / f"portal-test-migrated-{fingerprint()}.sqlite3"


@contextmanager
def one_at_a_time(path: Path) -> Iterator[None]:
    """Two workers that begin together: the first migrates, the second copies."""
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def keep(database: Path, path: Path) -> None:
    """Keep what was just migrated; those of other fingerprints are of no more use."""
    fresh = path.with_suffix(".fresh")
    source, target = sqlite3.connect(database), sqlite3.connect(fresh)
    with source, target:
        source.backup(target)
    source.close()
    target.close()
    fresh.replace(path)
    old = sorted(path.parent.glob("portal-test-migrated-*.sqlite3"), key=lambda one: one.stat().st_mtime)
    for one in old[:-20]:
        one.unlink(missing_ok=True)


def take(path: Path, database: Path) -> None:
    shutil.copyfile(path, database)
