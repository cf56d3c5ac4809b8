"""Run by test_ballot_scrubbing: counts a ballot and dies at once after the commit, before its papers are scrubbed."""

from __future__ import annotations

import os
import signal
import sys

import django
from django.db import transaction


def main(ballot_id: int, officer_id: int, passphrase: str) -> None:
    from award_portal.lib import clock
    from organizations.models import User
    from reviews.ballots import close_ballot
    from reviews.models import Ballot

    with transaction.atomic():
        transaction.on_commit(lambda: os.kill(os.getpid(), signal.SIGKILL))
        close_ballot(
            Ballot.objects.get(pk=ballot_id), passphrase=passphrase, by=User.objects.get(pk=officer_id), at=clock.now()
        )


if __name__ == "__main__":
    django.setup()
    main(int(sys.argv[1]), int(sys.argv[2]), os.environ["PASSPHRASE"])
