"""Five wrong passwords of one visitor must not lock a colleague out behind the same proxy."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from award_portal.lib.clients import client_address


@pytest.mark.parametrize(
    ("production", "forwarded", "address"),
    [
        (True, "203.0.113.7", "203.0.113.7"),
        (True, "10.9.9.9, 203.0.113.7", "203.0.113.7"),  # what the visitor made up stands before the proxy's entry
        (True, "", "127.0.0.1"),
        (False, "203.0.113.7", "127.0.0.1"),
    ],
)
def test_only_the_proxys_own_entry_is_believed_and_only_in_production(settings, production, forwarded, address):
    settings.PRODUCTION = production
    request = RequestFactory().get("/", HTTP_X_FORWARDED_FOR=forwarded, REMOTE_ADDR="127.0.0.1")
    assert client_address(request) == address


@pytest.mark.django_db
def test_a_visitor_locked_out_locks_nobody_else(settings, client):
    settings.PRODUCTION, settings.AXES_ENABLED = True, True
    wrong = {"username": "sample", "password": "not the password"}
    for _ in range(6):
        answer = client.post("/accounts/sign-in/", wrong, HTTP_X_FORWARDED_FOR="203.0.113.7")
    assert answer.status_code == 429
    other = client.post("/accounts/sign-in/", wrong, HTTP_X_FORWARDED_FOR="203.0.113.8")
    assert other.status_code == 200
