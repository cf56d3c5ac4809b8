"""Celery runs the same sweep: a real worker on a Redis-protocol broker takes in what is due."""

from __future__ import annotations

import subprocess
import sys
from threading import Timer

import pytest
from celery import Celery

from award_portal.celery import app
from award_portal.lib import clock
from organizations.messages import send_message
from organizations.models import InboxMessage
from tests.factories import make_user
from tests.organizations.child_process import child_environment

LONGEST = 90


@pytest.mark.broker
@pytest.mark.django_db(transaction=True)
def test_a_task_sent_to_a_real_worker_delivers_a_due_row(redis_url: str):
    send_message([make_user()], subject="样例消息", at=clock.now())
    command = [sys.executable, "-m", "celery", "-A", "award_portal", "worker", "--pool", "solo", "--loglevel", "INFO"]
    worker = subprocess.Popen(
        [*command, "--without-gossip", "--without-mingle"], env=child_environment(REDIS_URL=redis_url),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    stop = Timer(LONGEST, worker.kill)
    stop.start()
    try:
        Celery(broker=redis_url).send_task("award_portal.sweep")
        told = []
        for line in worker.stdout or ():
            told.append(line)
            if "award_portal.sweep" in line and ("succeeded" in line or "raised" in line):
                break
    finally:
        stop.cancel()
        worker.terminate()
        worker.wait(timeout=30)
    assert "succeeded" in told[-1], "".join(told)[-3000:]
    assert InboxMessage.objects.get().subject == "样例消息"


def test_the_beat_table_names_a_task_that_exists():
    for entry in app.conf.beat_schedule.values():
        assert entry["task"] in app.tasks
        assert entry["options"]["expires"] <= entry["schedule"]
