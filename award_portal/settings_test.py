"""Settings of the tests: a directory of its own for each worker, a real engine, a clock that may travel.

`PORTAL_TEST_ENGINE=postgres` runs on a real PostgreSQL (tests/engines.py, or `PORTAL_TEST_POSTGRES`); without it the
tests run on SQLite in a file.
"""

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

_worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
_var = Path(tempfile.mkdtemp(prefix=f"portal-test-{_worker}-"))
atexit.register(shutil.rmtree, _var, ignore_errors=True)
os.environ["PORTAL_VAR_DIR"] = str(_var)
os.environ["TEST_SQLITE_NAME"] = str(_var / "test.sqlite3")
for _name in ("PRODUCTION", "REHEARSAL", "DEBUG", "DATABASE_URL"):
    os.environ.pop(_name, None)
if os.environ.get("PORTAL_TEST_ENGINE") == "postgres":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    from tests.engines import postgres_url

    os.environ["DATABASE_URL"] = postgres_url()

from award_portal.settings import *  # noqa: E402, F403

CLOCK_MAY_TRAVEL = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # noqa: F405
AXES_ENABLED = False
