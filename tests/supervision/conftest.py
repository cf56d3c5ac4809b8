import pytest

from .builders import Honour, make_honour


@pytest.fixture
def honour(db, frozen, calendars) -> Honour:
    """An award of 2026-02-10, looked at on Monday 2026-03-02."""
    return make_honour()
