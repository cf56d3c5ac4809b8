import pytest

from .builders import Lists, make_lists


@pytest.fixture
def lists(db, frozen, calendars) -> Lists:
    return make_lists()
