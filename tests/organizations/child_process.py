"""Processes of their own on the test's database: what is killed, and what takes tasks from a broker."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection


def child_environment(**given: str) -> dict[str, str]:
    """The environment in which a child of the test sees its committed rows, on real time."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "postgresql":
        database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    else:
        database = f"sqlite:///{name}"
    kept = {key: value for key, value in os.environ.items() if key not in ("REHEARSAL", "PRODUCTION", "DEBUG")}
    return kept | {
        "DJANGO_SETTINGS_MODULE": "award_portal.settings",
        "DATABASE_URL": database,
        "PORTAL_VAR_DIR": str(settings.VAR_DIR),
        "PYTHONPATH": str(settings.BASE_DIR),
    } | given  # fmt: skip
