"""Run by test_sweep_killed: two sweepers at a time, killed without warning at random moments until all is done.

Prints how many were killed at work. The parent opens no connection, so that its children inherit none.
"""

from __future__ import annotations

import contextlib
import io
import os
import random
import signal
import sys
import time

import django
from django.core.management import call_command


def start_sweeper() -> int:
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            call_command("sweep")
        status = 0
    finally:
        os._exit(status)


def main(seed: int) -> None:
    moments = random.Random(seed)
    killed = 0
    while True:
        sweepers = [start_sweeper(), start_sweeper()]
        # not a wait for something to happen: the random moment of the kill
        time.sleep(moments.uniform(0.03, 0.35))
        for pid in sweepers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        statuses = [os.waitpid(pid, 0)[1] for pid in sweepers]
        killed += sum(os.WIFSIGNALED(status) for status in statuses)
        if any(os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0 for status in statuses):
            break
    sys.stdout.write(f"{killed}\n")


if __name__ == "__main__":
    django.setup()
    main(int(sys.argv[1]))
