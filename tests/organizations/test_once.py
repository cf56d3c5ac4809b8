"""A form posted twice is carried out once; where it led is sealed, and kept no longer than a tab lives."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.contrib.messages.storage.fallback import FallbackStorage
from django.http import HttpResponse, HttpResponseRedirect
from django.test import RequestFactory

from award_portal.lib import clock
from organizations.models import OnceKey
from organizations.once import KEPT_FOR, forget_old_keys, once_only
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def post(view, user, key):
    request = RequestFactory().post("/", {"form_key": str(key)})
    request.user, request.session = user, {}
    request._messages = FallbackStorage(request)
    return view(request)


def test_once_is_once_and_the_second_leads_where_the_first_led():
    done = []

    @once_only
    def view(request):
        done.append(1)
        return HttpResponseRedirect(f"/receipt/secret-{len(done)}/")

    user, key = make_user(), uuid.uuid4()
    assert [post(view, user, key)["Location"] for _ in range(2)] == ["/receipt/secret-1/"] * 2
    assert done == [1]
    # the address of a receipt is a secret: the table tells it to nobody
    assert "secret" not in OnceKey.objects.get().answered_with
    # another person's tab with the same key is another form
    assert post(view, make_user(), key)["Location"] == "/receipt/secret-2/"


def test_a_form_shown_again_with_errors_keeps_its_key():
    @once_only
    def view(request):
        return HttpResponse(status=422)

    assert post(view, make_user(), uuid.uuid4()).status_code == 422
    assert not OnceKey.objects.exists()


def test_keys_are_forgotten_after_three_days_of_real_time():
    old, young = uuid.uuid4(), uuid.uuid4()
    now = clock.recorded_now()
    OnceKey.objects.create(key=old, answered_with="x", used_at=now - KEPT_FOR - timedelta(seconds=1))
    OnceKey.objects.create(key=young, answered_with="x", used_at=now)
    assert forget_old_keys(now) == 1
    assert list(OnceKey.objects.values_list("key", flat=True)) == [young]
