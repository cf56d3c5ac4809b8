"""Append-only tables: the database itself refuses a change or a deletion, whoever asks (E3).

Django's table rebuild on SQLite drops triggers without a word, so they are installed again after every migration and
looked for by `verify_audit`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections, transaction

# What no one may rewrite. Step belongs to a higher room; its table is known here by name only.
APPEND_ONLY = ("organizations_auditrecord", "organizations_auditdigest", "applications_step")
REFUSAL = "append-only: this record cannot be changed"
_POSTGRES_BODY = f" BEGIN RAISE EXCEPTION '{REFUSAL}'; END "


def install_triggers(using: str = "default") -> None:
    """Put the triggers on every append-only table that exists; those already there are made anew."""
    connection = connections[using]
    with transaction.atomic(using=using), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE OR REPLACE FUNCTION portal_append_only() RETURNS trigger LANGUAGE plpgsql "
                f"AS $${_POSTGRES_BODY}$$"
            )
        for table in _present(using):
            for name, statement in _statements(using, table).items():
                cursor.execute(_drop(connection.vendor, table, name))
                cursor.execute(statement)


def drop_triggers(using: str = "default") -> None:
    """Take them off: for a test's flush, and to prove what a forger with the owner's rights could do."""
    connection = connections[using]
    with transaction.atomic(using=using), connection.cursor() as cursor:
        for table in _present(using):
            for name in _statements(using, table):
                cursor.execute(_drop(connection.vendor, table, name))


def missing_triggers(using: str = "default") -> list[str]:
    """The append-only tables whose triggers are not all there, switched on and as installed."""
    there = _installed(using)
    expected = {table: _statements(using, table) for table in _present(using)}
    if connections[using].vendor == "sqlite":
        return [t for t, want in expected.items() if any(there.get((t, name)) != sql for name, sql in want.items())]
    return [t for t, want in expected.items() if any(there.get((t, name)) != _POSTGRES_BODY for name in want)]


@contextmanager
def without_triggers(using: str = "default") -> Iterator[None]:
    """The tables unguarded, for tests only."""
    drop_triggers(using)
    try:
        yield
    finally:
        install_triggers(using)


def _present(using: str) -> list[str]:
    there = set(connections[using].introspection.table_names())
    return [table for table in APPEND_ONLY if table in there]


def _installed(using: str) -> dict[tuple[str, str], str]:
    """(table, trigger) → what it does: its statement on SQLite, its function's body on PostgreSQL."""
    connection = connections[using]
    query = (
        "SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'trigger'"
        if connection.vendor == "sqlite"
        else "SELECT c.relname, t.tgname, p.prosrc FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return {(table, name): body for table, name, body in cursor.fetchall()}


def _drop(vendor: str, table: str, name: str) -> str:
    return f"DROP TRIGGER IF EXISTS {name}" + (f" ON {table}" if vendor == "postgresql" else "")


def _statements(using: str, table: str) -> dict[str, str]:
    """Trigger name → the statement that makes it."""
    if connections[using].vendor == "sqlite":
        refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        events = {
            "update": "BEFORE UPDATE ON {table}",
            "delete": "BEFORE DELETE ON {table}",
            # INSERT OR REPLACE deletes the row in its way without asking the delete trigger, unless the connection
            # has recursive_triggers on; ours has, a forger's need not.
            "replace": f"BEFORE INSERT ON {{table}} WHEN {_in_the_way(using, table)}",
        }
    else:
        refuse = "EXECUTE FUNCTION portal_append_only()"
        events = {
            "update": "BEFORE UPDATE ON {table} FOR EACH ROW",
            "delete": "BEFORE DELETE ON {table} FOR EACH ROW",
            "truncate": "BEFORE TRUNCATE ON {table} FOR EACH STATEMENT",
        }
    return {
        f"{table}_no_{event}": f"CREATE TRIGGER {table}_no_{event} {when.format(table=table)} {refuse}"
        for event, when in events.items()
    }


def _in_the_way(using: str, table: str) -> str:
    """SQL: a row with one of the new row's unique keys is there already."""
    connection = connections[using]
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(cursor, table).values()
    keys = sorted({tuple(one["columns"]) for one in constraints if one["unique"] or one["primary_key"]})
    same = " OR ".join("(" + " AND ".join(f"{column} = NEW.{column}" for column in key) + ")" for key in keys)
    return f"EXISTS (SELECT 1 FROM {table} WHERE {same})"
