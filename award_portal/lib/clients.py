"""Which address a request comes from: the proxy's word in production, the connection's everywhere else."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The visitor's address for lockouts. Only in production is a proxy in front, and only its own entry is believed.

    The proxy writes the last entry of X-Forwarded-For (deploy/examples/nginx.conf); what a visitor sends stands before.
    """
    told = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.PRODUCTION else ""
    return told.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")


def asks_too_often(request: HttpRequest, what: str, *, at_most: int, within_seconds: int) -> bool:
    """Whether one address did this more than so often lately; counted in the cache, under a digest, and forgotten."""
    return counts_too_often(what, client_address(request), at_most=at_most, within_seconds=within_seconds)


def counts_too_often(what: str, of: str, *, at_most: int, within_seconds: int) -> bool:
    """The same of anything else that tells who asks, a telephone say; never kept in the open."""
    digest = hashlib.sha256(f"{settings.SECRET_KEY}:{of}".encode()).hexdigest()[:24]
    key = f"often:{what}:{digest}"
    cache.add(key, 0, timeout=within_seconds)
    try:
        return cache.incr(key) > at_most
    except ValueError:  # it ran out between the two calls
        return False
