"""Which address a request comes from: the proxy's word in production, the connection's everywhere else."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The visitor's address for lockouts. Only in production is a proxy in front, and only its own entry is believed.

    The proxy writes the last entry of X-Forwarded-For (deploy/examples/nginx.conf); what a visitor sends stands before.
    """
    told = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.PRODUCTION else ""
    return told.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")
