"""A sweeper killed at any point leaves nothing undone and nothing done twice."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from award_portal.lib import clock
from organizations.messages import send_message
from organizations.models import InboxMessage, OutboxItem
from tests.factories import make_user
from tests.organizations.child_process import child_environment

ROWS = 1000


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_sweepers_killed_at_random_points_over_1000_due_rows_give_exactly_1000_effects():
    reader, at = make_user(), clock.now()
    for number in range(ROWS):
        send_message([reader], subject=f"样例{number}", at=at)

    child = Path(__file__).with_name("killed_sweeps.py")
    done = subprocess.run(
        [sys.executable, child, "20260302"], env=child_environment(), capture_output=True, text=True, timeout=200
    )

    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout) >= 6, "too few were killed at work to prove anything"
    assert not OutboxItem.objects.filter(done_at=None).exists()
    assert Counter(InboxMessage.objects.values_list("subject", flat=True)) == {f"样例{n}": 1 for n in range(ROWS)}
