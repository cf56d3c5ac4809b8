"""The Celery app and its beat table: the same sweep as `manage.py sweep`, woken by a broker where there is one.

The database is the truth: a lost, doubled or late task changes nothing but the minute a due row is taken in.
"""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "award_portal.settings")

app = Celery("award_portal")
app.config_from_object("django.conf:settings", namespace="CELERY")

SWEEP_EVERY = 60
# A tick nobody took before the next one is dropped: ticks do not pile up behind a stopped worker.
app.conf.beat_schedule = {
    "sweep": {"task": "award_portal.sweep", "schedule": SWEEP_EVERY, "options": {"expires": SWEEP_EVERY}}
}


@app.task(name="award_portal.sweep")
def sweep() -> None:
    """Take everything that is due; a sweeper that fails fails the task, after the others have run."""
    from award_portal.lib import sweeping

    sweeping.sweep()
