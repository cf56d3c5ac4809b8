"""Every address × every role × every method, held to the table; an address without a row fails (DESIGN section 5)."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.db import connection, reset_queries, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from applications.models import Application, DossierGrant, Step
from award_portal import urls
from award_portal.lib import clock
from organizations.models import AuditRecord
from reviews.models import Assignment, ScoreSheet
from reviews.recusal import order_recusal

from .table import ADMIN, ELSEWHERE, EVERYONE, NEVER, SIGNED_IN, TABLE, Row
from .world import ROLES, World, build_world

HEARD = {200, 302, 400, 409, 422, 410}
WRITES = re.compile(r'^\s*(INSERT|UPDATE|DELETE)\b[^"]*"(?!django_session)', re.I)


@pytest.fixture
def world(frozen, calendars) -> World:
    return build_world(frozen)


@pytest.fixture
def clients(world: World) -> dict[str, Client]:
    made = {}
    for role in ROLES:
        made[role] = Client(raise_request_exception=False)
        if world.users[role] is not None:
            made[role].force_login(world.users[role], backend="django.contrib.auth.backends.ModelBackend")
    return made


def ask(client: Client, method: str, url: str):
    """One request, undone afterwards: the answer, and what it wrote."""
    session = client.cookies.copy()
    reset_queries()  # the log holds 9,000 and tells nothing of what comes after
    with transaction.atomic():
        with CaptureQueriesContext(connection) as captured:
            answer = client.generic(method, url, content_type="application/x-www-form-urlencoded")
        transaction.set_rollback(True)
    client.cookies = session
    return answer, [one["sql"] for one in captured if WRITES.match(one["sql"])]


def evidence_now() -> tuple:
    """What may not change by whoever lacks the role: the record, the steps, where each application stands."""
    states = tuple(Application.objects.order_by("pk").values_list("pk", "state", "version"))
    return AuditRecord.objects.count(), Step.objects.count(), states


def goes_to_sign_in(answer) -> bool:
    return (answer.status_code == 302 and answer["Location"].startswith("/accounts/sign-in/")) or (
        answer.status_code == 401
    )


def told(row: Row, role: str, roles: str) -> str:
    """What the table says of a role: `in`, `out`, `sign-in` or `405`."""
    if roles == NEVER:
        return "405"
    if roles == EVERYONE:
        return "in"
    if role == "anonymous":
        return "sign-in"
    return "in" if roles == SIGNED_IN or role in roles.split() else "out"


def is_as_told(row: Row, word: str, role: str, answer, allowed: set[int]) -> bool:
    code = answer.status_code
    if word == "in":
        return code in allowed and not (row.name != "organizations:sign_out" and goes_to_sign_in(answer))
    if word == "out":
        return code == row.others
    if word == "sign-in":
        return goes_to_sign_in(answer) if row.anonymous == 302 else code in (row.anonymous, 405)
    # what has no such method says so to who may come in; to the others the page may as well not be there
    return code in (405, row.others) or (role == "anonymous" and goes_to_sign_in(answer))


def asked(row: Row) -> tuple[str, ...]:
    """Every role; what is everybody's is asked for by three of them only."""
    return ("anonymous", "visitor", "office") if row.see == EVERYONE else ROLES


def misfits(world: World, clients: dict[str, Client], row: Row) -> Iterator[str]:
    """Where the answers to one address are not what its row says."""
    url = reverse(row.name, args=world.args[row.object]) + row.query
    for role in asked(row):
        for method, roles, allowed in (("GET", row.see, set(row.answers)), ("POST", row.do, HEARD)):
            word = told(row, role, roles)
            answer, written = ask(clients[role], method, url)
            if not is_as_told(row, word, role, answer, allowed):
                yield f"{row.name}: {method} by {role} answered {answer.status_code}, not {word}"
            if method == "POST" and written and (word != "in" or role in row.refused.split()):
                yield f"{row.name}: POST by {role} wrote {written[0][:80]}"
    for method in ("PUT", "DELETE"):
        for role in ("anonymous",) if row.see == EVERYONE else ("office",):
            answer, written = ask(clients[role], method, url)
            if written or not (answer.status_code in (405, row.others) or goes_to_sign_in(answer)):
                yield f"{row.name}: {method} by {role} answered {answer.status_code}"


@pytest.mark.django_db
def test_each_role_gets_at_each_address_what_the_table_says(world, clients, caplog, monkeypatch):
    # the frame around "not there" and "not yours" has its own tests; drawn two thousand times it is half the time
    monkeypatch.setattr(urls, "handler404", lambda request, exception: HttpResponse(status=404), raising=False)
    monkeypatch.setattr(urls, "handler403", lambda request, exception: HttpResponse(status=403), raising=False)
    caplog.set_level(logging.ERROR, logger="django.request")
    before = evidence_now()
    wrong = [line for row in TABLE for line in misfits(world, clients, row)]
    assert not wrong, "\n" + "\n".join(wrong)
    assert evidence_now() == before


def names(resolver: URLResolver, space: str = "") -> Iterator[str]:
    """Every name of the addresses, the admin's apart."""
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            if one.namespace != "admin":
                yield from names(one, f"{space}{one.namespace}:" if one.namespace else space)
        elif isinstance(one, URLPattern):
            assert one.name, f"an address without a name: {one.pattern}"
            yield f"{space}{one.name}"


def test_every_address_has_its_row():
    there, listed = set(names(get_resolver())), {row.name for row in TABLE}
    assert there - listed - ELSEWHERE == set()
    assert listed - there == set()
    assert len(TABLE) == len(listed)


@pytest.mark.django_db
def test_a_recusal_shuts_the_dossier_at_the_next_request(world, clients):
    expert, application = clients["expert"], world.under_review
    assignment = Assignment.objects.get(public_id=world.args["assignment"][0])
    page = reverse("reviews:sheet", args=[assignment.public_id])
    saving = reverse("reviews:autosave", args=[assignment.public_id])
    assert expert.get(page).status_code == 200
    assert expert.post(saving, {"comments": "初评（虚构）", "version": "1"}).status_code == 200
    grants = DossierGrant.objects.filter(application=application, user=world.users["expert"], revoked_at=None)
    assert grants.exists()
    order_recusal(assignment, ground="kinship", reason="亲属（虚构）", by=world.users["office"], at=clock.now())
    assert not grants.all().exists()
    assert expert.get(page).status_code == 404
    assert expert.post(saving, {"comments": "再写一句", "version": "2"}).status_code == 404
    assert expert.get(reverse("applications:dossier", args=[application.public_id])).status_code == 404
    assert "再写一句" not in ScoreSheet.objects.get(assignment=assignment).comments


def test_the_admin_shows_only_what_is_on_its_list():
    shown = {model.__name__ for model in admin.site._registry}
    assert shown <= ADMIN, shown - ADMIN
