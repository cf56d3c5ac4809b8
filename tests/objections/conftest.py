import pytest
from django.core.cache import cache

from .builders import Case, make_case


@pytest.fixture
def case(db, frozen, calendars) -> Case:
    """A name on the acceptance list, in publicity from Monday 2026-03-02 to 2026-03-09."""
    return make_case()


@pytest.fixture(autouse=True)
def _nobody_has_asked_often() -> None:
    """Each test's first filing is the first of its address and telephone."""
    cache.clear()
