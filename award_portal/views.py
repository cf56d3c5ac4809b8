"""Pages that belong to no room: the style guide, the text size, and a refused form."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from award_portal import styleguide as samples
from award_portal.context import LARGE_TEXT_COOKIE

YEAR = 365 * 24 * 3600
# Never echoed to the page: whatever has a secret's name, and the form's own machinery.
SECRETS = ("password", "token", "passphrase", "id_number")
MACHINERY = {"form_key", "version", "next", "then", "step", "action", "save", "sign", "unsign"}


@require_POST
def large_text(request: HttpRequest) -> HttpResponse:
    """Turns large text on or off for this browser and returns to the page it was asked from."""
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        target = "/"
    response = HttpResponseRedirect(target)
    if request.COOKIES.get(LARGE_TEXT_COOKIE) == "1":
        response.delete_cookie(LARGE_TEXT_COOKIE)
    else:
        response.set_cookie(
            LARGE_TEXT_COOKIE, "1", max_age=YEAR, samesite="Lax", httponly=True, secure=request.is_secure()
        )
    return response


def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component with plainly made-up content; it exists only in debug and rehearsal."""
    if not (settings.DEBUG or settings.REHEARSAL):
        raise Http404
    return render(request, "styleguide.html", samples.build_samples(request))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form refused for its expired token gives back what was typed, so that nothing is lost."""
    if request.headers.get("accept", "").startswith("application/json"):
        return JsonResponse({"ok": False, "sign_in": reverse(settings.LOGIN_URL)}, status=401)
    typed = [
        (name, text)
        for name, texts in request.POST.lists()
        for text in texts
        if text.strip() and name not in MACHINERY and not any(word in name.lower() for word in SECRETS)
    ]
    return render(request, "403_csrf.html", {"typed": typed}, status=403)
