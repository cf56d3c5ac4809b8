"""One instant a request: every rule of a request sees the same "now"."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from award_portal.lib import clock


class OneInstantMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with clock.one_instant():
            return self.get_response(request)
