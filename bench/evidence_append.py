"""Appending to a chain costs the same however long the chain is: 300 links behind 300 and behind 3,000."""

from __future__ import annotations

from apart import say, seconds, set_up

FEW, TIMES, BLOCKS = 300, 10, 10


def main() -> None:
    set_up()
    from django.db import transaction

    from award_portal.lib import clock
    from organizations import evidence

    def append(chain: str, count: int) -> None:
        for number in range(count):
            with transaction.atomic():
                evidence.record("bench", chain=chain, by=None, subject=f"bench:{number}", at=clock.now())

    append("short", FEW)
    append("long", FEW * TIMES)
    # by turns, so that what else the machine does falls on both
    took = {"short": 0.0, "long": 0.0}
    for _ in range(BLOCKS):
        for chain in took:
            took[chain] += seconds(lambda chain=chain: append(chain, FEW // BLOCKS))
    say(f"behind {FEW}: {took['short'] / FEW * 1000:.2f} ms a link")
    say(f"behind {FEW * TIMES}: {took['long'] / FEW * 1000:.2f} ms a link, {took['long'] / took['short']:.2f} ×")


main()
