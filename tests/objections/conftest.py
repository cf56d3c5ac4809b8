import pytest

from .builders import Case, make_case


@pytest.fixture
def case(db, frozen, calendars) -> Case:
    """A name on the acceptance list, in publicity from Monday 2026-03-02 to 2026-03-09."""
    return make_case()
