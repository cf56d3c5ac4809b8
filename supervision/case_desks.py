"""The desks of cases, discipline and the supervising department."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse

from organizations.desks import AFTERWARDS, OVERSIGHT, Desk, desk_provider
from organizations.models import Unit, User

from .models import Case, DisciplineCase, SupervisionAdvice


@desk_provider
def case_desks(user: User) -> Iterable[Desk]:
    units = Unit.objects.of_user(user)
    if units.filter(kind__in=("office", "supervisor")).exists():
        yield Desk(
            "监督案件",
            reverse("supervision:cases"),
            count=Case.objects.visible_to(user).open().count(),
            order=82,
            group=AFTERWARDS,
        )
    elif units.filter(kind__in=("recommender", "consulted")).exists():
        yield Desk("情况通报", reverse("supervision:cases"), order=82)
    own = Case.objects.put_to(user)
    if own.exists():
        yield Desk("涉及本单位的案件", reverse("supervision:own_cases"), count=own.open().count(), order=81)


@desk_provider
def oversight_desks(user: User) -> Iterable[Desk]:
    units = Unit.objects.of_user(user).filter(kind__in=("office", "supervisor"))
    if not units.exists():
        return
    if units.of_kind("supervisor").exists():
        yield Desk("评审监督", reverse("supervision:oversight"), order=5)
    waiting = SupervisionAdvice.objects.visible_to(user).open().count()
    yield Desk("监督建议", reverse("supervision:advice_list"), count=waiting, order=83, group=OVERSIGHT)
    waiting = DisciplineCase.objects.visible_to(user).open().count()
    yield Desk("违纪违规处理", reverse("supervision:discipline_cases"), count=waiting, order=84, group=OVERSIGHT)
