"""Random steps in a round of 乌鲁木齐: see `pipeline_machine`."""

from __future__ import annotations

import pytest

from award_portal.lib import clock

from .pipeline_chapters import play_the_regulation
from .pipeline_regulations import URUMQI


@pytest.mark.timeout(900)
@pytest.mark.django_db
def test_whatever_is_thrown_at_the_door_urumqi_holds(
    pytestconfig: pytest.Config, calendars: None, frozen: clock.Frozen
) -> None:
    play_the_regulation(URUMQI, asked=pytestconfig.getoption("--pipeline-steps"))
