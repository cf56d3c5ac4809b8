"""Random steps in a round of 阳泉: see `pipeline_machine`."""

from __future__ import annotations

import pytest

from award_portal.lib import clock

from .pipeline_chapters import play_the_regulation
from .pipeline_regulations import YANGQUAN


@pytest.mark.timeout(900)
@pytest.mark.django_db
def test_whatever_is_thrown_at_the_door_yangquan_holds(
    pytestconfig: pytest.Config, calendars: None, frozen: clock.Frozen
) -> None:
    play_the_regulation(YANGQUAN, asked=pytestconfig.getoption("--pipeline-steps"))
