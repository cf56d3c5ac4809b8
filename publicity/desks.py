"""The publicity desk of recommenders and offices."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse

from organizations.desks import Desk, desk_provider
from organizations.models import User

from .awaiting import issuers_of, names_awaiting


@desk_provider
def publicity_desks(user: User) -> Iterable[Desk]:
    units = issuers_of(user)
    if units.exists():
        yield Desk("公示发布", reverse("publicity:open_publicity"), count=names_awaiting(units).count(), order=35)
