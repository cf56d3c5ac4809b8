"""The account room's own desk: letters of authorisation waiting to be verified, and the administrator's door."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse

from .claims import claims_to_verify, verifying_units
from .desks import RULES, Desk, desk_provider
from .models import Claim, User


@desk_provider
def account_desks(user: User) -> Iterable[Desk]:
    if verifying_units(user).exists():
        waiting = claims_to_verify(user).filter(state=Claim.State.PENDING).count()
        yield Desk("授权核验", reverse("organizations:claims"), count=waiting, order=70, group=RULES)
    if user.is_staff:
        yield Desk("单位", reverse("organizations:units"), order=91)
        yield Desk("人员和账号", reverse("organizations:people"), order=92)
        yield Desk("系统管理", reverse("admin:index"), order=95)
