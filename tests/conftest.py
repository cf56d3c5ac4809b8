"""What every test shares: options, engines, the travelling clock, published calendars."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from pytest_django.plugin import DjangoDbBlocker

from award_portal.lib import clock
from tests import engines

settings.register_profile(
    "portal", deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), print_blob=True
)
settings.load_profile("portal")

# The Monday the tests and the rehearsal begin on.
MONDAY = date(2026, 3, 2)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--pipeline-steps",
        type=int,
        default=300,
        help="steps the state machines of all schemes take together (CI: 10000)",
    )


@pytest.fixture(autouse=True, scope="session")
def _flush_past_the_triggers() -> Iterator[None]:
    """A transactional test ends with a flush, which append-only tables refuse: unguard them for its length."""
    from django.test import TransactionTestCase

    from organizations.triggers import without_triggers

    flush = TransactionTestCase._fixture_teardown

    def unguarded(self: TransactionTestCase) -> None:
        with without_triggers():
            flush(self)

    TransactionTestCase._fixture_teardown = unguarded
    yield
    TransactionTestCase._fixture_teardown = flush


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest,
    django_test_environment: None,
    django_db_blocker: DjangoDbBlocker,
    django_db_modify_db_settings: None,
) -> Iterator[None]:
    """The test database: migrated once a change of the tables, copied by every later run (rehearsal.migrated)."""
    from django.db import connection
    from django.test.utils import setup_databases, teardown_databases

    from award_portal.rehearsal import migrated

    verbosity = request.config.option.verbose
    with django_db_blocker.unblock():
        if connection.vendor != "sqlite":
            made = setup_databases(verbosity=verbosity, interactive=False)
        else:
            kept, own = migrated.kept_file(), Path(connection.settings_dict["TEST"]["NAME"])
            with migrated.one_at_a_time(kept):
                if known := migrated.is_kept(kept):
                    migrated.take(kept, own)
                made = setup_databases(verbosity=verbosity, interactive=False, keepdb=known)
                if not known:
                    connection.close()
                    migrated.keep(own, kept)
    yield
    with django_db_blocker.unblock():
        teardown_databases(made, verbosity=verbosity)


@pytest.fixture
def frozen() -> Iterator[clock.Frozen]:
    """The domain's clock, standing at Monday 2026-03-02 09:00; `.travel_to(instant)` goes on."""
    with clock.frozen(clock.at(MONDAY, 9)) as stood:
        yield stood


@pytest.fixture
def calendars(db: None) -> None:
    """The published work calendars 2020–2026."""
    from awards.calendars import seed_calendars

    seed_calendars(at=clock.at(MONDAY))


@pytest.fixture(scope="session")
def redis_url() -> str:
    return engines.redis_url()
