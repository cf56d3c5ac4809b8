"""The public list of notices asks as many queries for 20 notices as for 200; a page shows 20."""

from __future__ import annotations

from datetime import date

from apart import say, seconds, set_up

FEW, TIMES, ROUNDS = 20, 10, 20


def main() -> None:
    set_up()
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from award_portal.lib import clock
    from tests.publicity.builders import make_lists

    clock.start_rehearsal(clock.at(date(2026, 4, 1), 9))
    lists, client = make_lists(), Client()

    def look() -> None:
        assert client.get("/notices/").status_code == 200

    found = []
    for more in (FEW, FEW * TIMES - FEW):
        for _ in range(more):
            lists.publish(lists.name(), at=clock.now())
        look()
        with CaptureQueriesContext(connection) as queries:
            look()
        found.append((len(queries), seconds(lambda: [look() for _ in range(ROUNDS)]) / ROUNDS))
    (few_queries, few), (many_queries, many) = found
    say(f"{FEW} notices: {few_queries} queries, {few * 1000:.0f} ms")
    say(f"{FEW * TIMES} notices: {many_queries} queries, {many * 1000:.0f} ms, {many / few:.2f} ×")


main()
