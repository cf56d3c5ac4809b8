"""Append-only tables: the database itself refuses a change or a deletion, whoever asks (E3).

Django's table rebuild on SQLite drops triggers without a word, so they are installed again after every migration and
looked for by `verify_audit`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections

# What no one may rewrite. Step belongs to a higher room; its table is known here by name only.
APPEND_ONLY = ("organizations_auditrecord", "organizations_auditdigest", "applications_step")
REFUSAL = "append-only: this record cannot be changed"


def install_triggers(using: str = "default") -> None:
    """Put the triggers on every append-only table that exists; harmless when they are there."""
    connection = connections[using]
    present = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for table in APPEND_ONLY:
            if table in present:
                for statement in _statements(connection.vendor, table):
                    cursor.execute(statement)


def drop_triggers(using: str = "default") -> None:
    """Take them off: for a test's flush, and for whoever must prove what a forger could do."""
    connection = connections[using]
    present = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for table in APPEND_ONLY:
            if table not in present:
                continue
            for name in _names(table):
                on = f" ON {table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")


def missing_triggers(using: str = "default") -> list[str]:
    """The tables whose triggers are not all there."""
    connection = connections[using]
    present = set(connection.introspection.table_names())
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if connection.vendor == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        there = {row[0] for row in cursor.fetchall()}
    return [
        table for table in APPEND_ONLY if table in present and not set(_expected(connection.vendor, table)) <= there
    ]


@contextmanager
def without_triggers(using: str = "default") -> Iterator[None]:
    """The tables unguarded, for tests only."""
    drop_triggers(using)
    try:
        yield
    finally:
        install_triggers(using)


def _names(table: str) -> list[str]:
    return [f"{table}_no_update", f"{table}_no_delete", f"{table}_no_replace", f"{table}_no_truncate"]


def _expected(vendor: str, table: str) -> list[str]:
    update, delete, replace, truncate = _names(table)
    return [update, delete, replace] if vendor == "sqlite" else [update, delete, truncate]


def _statements(vendor: str, table: str) -> list[str]:
    update, delete, replace, truncate = _names(table)
    if vendor == "sqlite":
        refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        return [
            f"CREATE TRIGGER IF NOT EXISTS {update} BEFORE UPDATE ON {table} {refuse}",
            f"CREATE TRIGGER IF NOT EXISTS {delete} BEFORE DELETE ON {table} {refuse}",
            # INSERT OR REPLACE deletes without asking the delete trigger unless recursive_triggers is on
            f"CREATE TRIGGER IF NOT EXISTS {replace} BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id) {refuse}",
        ]
    return [
        f"CREATE OR REPLACE FUNCTION portal_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$",
        f"CREATE OR REPLACE TRIGGER {update} BEFORE UPDATE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION portal_append_only()",
        f"CREATE OR REPLACE TRIGGER {delete} BEFORE DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION portal_append_only()",
        f"CREATE OR REPLACE TRIGGER {truncate} BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION portal_append_only()",
    ]
