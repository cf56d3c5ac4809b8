"""`manage.py sweep`: every sweeper runs, in order, and one that fails stops no other."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from award_portal.lib import clock, sweeping
from award_portal.lib.sweeping import Sweeper
from organizations.messages import send_message
from organizations.models import InboxMessage
from tests.factories import make_user
from tests.organizations.child_process import child_environment

pytestmark = pytest.mark.django_db


@pytest.fixture
def ran() -> Iterator[list[str]]:
    """Three sweepers of the test's own beside the rooms', the middle one failing; the names of those that ran."""
    kept, names = dict(sweeping._sweepers), []

    def runs(name: str, *, fails: bool = False):
        def run(at: datetime) -> int:
            names.append(name)
            if fails:
                raise ValueError("张三 650102199001011234")
            return 2

        return run

    for order, name in enumerate(("sample first", "sample failing", "sample last"), start=1):
        run = runs(name, fails=name == "sample failing")
        sweeping.register(Sweeper(name, run=run, next_due=lambda after: None, order=order))
    yield names
    sweeping._sweepers.clear()
    sweeping._sweepers.update(kept)


def test_every_room_registers_its_sweepers_and_messages_go_out_after_what_orders_them():
    names = [one.name for one in sweeping.sweepers()]
    assert names[-3:] == ["outbox", "digests", "outbox_slow"]
    assert len(names) >= 4


def test_a_sweeper_that_fails_stops_no_other_and_is_told_without_what_it_quotes(ran: list[str]):
    out, err = StringIO(), StringIO()
    with pytest.raises(SystemExit) as stopped:
        call_command("sweep", stdout=out, stderr=err)
    assert stopped.value.code == 1
    assert ran == ["sample first", "sample failing", "sample last"]
    assert "sample last: 2" in out.getvalue()
    assert "outbox: 0" in out.getvalue()
    assert "sample failing: ValueError at tests/organizations/test_sweep.py" in err.getvalue()
    assert "张三" not in out.getvalue() + err.getvalue()


def test_the_function_the_task_calls_runs_them_all_and_then_raises(ran: list[str]):
    with pytest.raises(ExceptionGroup) as raised:
        sweeping.sweep()
    assert ran == ["sample first", "sample failing", "sample last"]
    assert len(raised.value.exceptions) == 1


def test_a_sweep_without_failure_ends_well(frozen: clock.Frozen):
    send_message([make_user()], subject="样例", at=clock.now())
    out = StringIO()
    call_command("sweep", stdout=out)
    assert "outbox: 1" in out.getvalue()


@pytest.mark.django_db(transaction=True)
def test_a_watch_takes_what_falls_due_and_ends_when_it_is_asked_to():
    send_message([make_user()], subject="样例", at=clock.now())
    command = [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), "sweep", "--watch", "--interval", "0.2"]
    environment = child_environment(PYTHONUNBUFFERED="1")
    with subprocess.Popen([*command, "--skip-checks"], env=environment, stdout=subprocess.PIPE, text=True) as watch:
        line = watch.stdout.readline()
        watch.terminate()
        assert watch.wait(timeout=20) == 0
    assert line.strip() == "outbox: 1"
    assert InboxMessage.objects.count() == 1
