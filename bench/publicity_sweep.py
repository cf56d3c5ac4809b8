"""Closing publicity costs the same a name for a list of 20 and of 200; an idle sweep costs next to nothing."""

from __future__ import annotations

from datetime import date

from apart import say, seconds, set_up

FEW, TIMES = 20, 10


def main() -> None:
    set_up()
    from applications.models import Application
    from award_portal.lib import clock
    from publicity.closing import close_due
    from tests.publicity.builders import make_lists

    clock.start_rehearsal(clock.at(date(2026, 3, 2), 9))
    lists, took = make_lists(), {}
    for count in (FEW, FEW * TIMES):
        day = date(2026, 4, 1) if not took else date(2026, 5, 6)
        names = [lists.name() for _ in range(count)]
        clock.travel_to(clock.at(day, 9))
        lists.publish(*names, at=clock.now())
        clock.travel_to(clock.at(date(2026, day.month, 25), 9))
        took[count] = seconds(lambda: close_due(clock.now()))
        left = Application.objects.filter(state="acceptance_publicity").count()
        assert left == 0, f"{left} names were not passed on"
    idle = seconds(lambda: close_due(clock.now()))
    few, many = (took[count] / count for count in took)
    say(f"{FEW} names: {few * 1000:.1f} ms a name")
    say(f"{FEW * TIMES} names: {many * 1000:.1f} ms a name, {many / few:.2f} ×")
    say(f"nothing due: {idle * 1000:.1f} ms")


main()
