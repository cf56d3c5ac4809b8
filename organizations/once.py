"""A form posted twice is carried out once: the second answer is the first one's."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from award_portal.lib import clock
from award_portal.lib.sealed import seal, unseal
from award_portal.lib.sweeping import Sweeper, register

from .models import OnceKey

# a tab older than this has lost its session long ago
KEPT_FOR = timedelta(days=3)


def once_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Carry out a POST with a `form_key` once; posted again it leads where the first one led.

    The key is used up only when the view answers with a redirect (it did its work): a form shown again with errors
    keeps its key and may be corrected. Key and work commit in one transaction. Where it led is kept sealed: the address
    of a receipt is a secret.
    """

    @wraps(view)
    def wrapper(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        key = _form_key(request)
        if request.method != "POST" or key is None:
            return view(request, *args, **kwargs)
        user = request.user if request.user.is_authenticated else None
        with transaction.atomic():
            row, fresh = OnceKey.objects.select_for_update().get_or_create(
                key=key, defaults={"user": user, "answered_with": "", "used_at": clock.recorded_now()}
            )
            if not fresh and row.answered_with and row.user == user:
                messages.info(request, "这份表单已经提交过，未重复办理。")
                return HttpResponseRedirect(unseal(row, "answered_with"))
            response = view(request, *args, **kwargs)
            if 300 <= response.status_code < 400:
                seal(row, "answered_with", response["Location"])
                row.save(update_fields=["answered_with"])
            else:
                row.delete()
            return response

    return wrapper


def _form_key(request: HttpRequest) -> uuid.UUID | None:
    try:
        return uuid.UUID(request.POST.get("form_key", ""))
    except ValueError:
        return None


def forget_old_keys(at: datetime) -> int:
    """Who posted what when is no record to keep: a key is gone after three days of real time."""
    return OnceKey.objects.filter(used_at__lt=clock.recorded_now() - KEPT_FOR).delete()[0]


register(Sweeper("once_keys", run=forget_old_keys, next_due=lambda after: None, order=80))
