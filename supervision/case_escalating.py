"""Overdue parts of cases, discipline and advice are told the same day to office and supervising department (S5, S6)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import models, transaction

from award_portal.lib.sweeping import Sweeper, register
from organizations import evidence
from organizations.messages import people_of, send_message
from organizations.models import Unit, User

from .case_door import chain_of
from .models import Case, DisciplineCase, SupervisionAdvice

ROWS: tuple[tuple[str, type[models.Model], Callable[[Any], str]], ...] = (
    ("case", Case, lambda row: chain_of(row)),
    ("discipline", DisciplineCase, lambda row: evidence.SYSTEM_CHAIN),
    ("advice", SupervisionAdvice, lambda row: evidence.SYSTEM_CHAIN),
)
WORDS = {"case": "监督案件", "discipline": "违纪违规处理", "advice": "监督建议"}


def escalate_overdue(at: datetime) -> int:
    count = 0
    for name, model, chain in ROWS:
        for pk in model.objects.overdue(at).values_list("pk", flat=True):  # type: ignore[attr-defined]
            count += _escalate(name, model, chain, pk, at=at)
    return count


@transaction.atomic
def _escalate(name: str, model: type[models.Model], chain: Callable[[Any], str], pk: int, *, at: datetime) -> int:
    """Compare-and-set: of many sweepers exactly one escalates a row."""
    rows = model.objects  # type: ignore[attr-defined]
    if not rows.overdue(at).filter(pk=pk).update(escalated_at=at):
        return 0
    row = rows.select_related("scheme").get(pk=pk)
    told: list[User] = []
    for unit in Unit.objects.active().of_scheme(row.scheme.key).filter(kind__in=("office", "supervisor")):
        told += people_of(unit)
    # who a report is about is not told of it
    about = getattr(row, "person_id", None)
    send_message(
        [one for one in told if one.pk != about], subject=f"{WORDS[name]}逾期：{row.number}",
        body="本环节已逾期，请督促办理。", url=row.get_absolute_url(), at=at,
    )  # fmt: skip
    evidence.record(
        f"{name}.overdue", chain=chain(row), by=None, subject=f"{name}:{row.public_id}", at=at,
        data={"number": row.number},
    )  # fmt: skip
    return 1


def next_overdue(after: datetime) -> datetime | None:
    moments = [
        model.objects.open().filter(due_at__gt=after).order_by("due_at").values_list("due_at", flat=True).first()  # type: ignore[attr-defined]
        for _, model, _ in ROWS
    ]
    return min((one for one in moments if one is not None), default=None)


register(Sweeper("supervision", run=escalate_overdue, next_due=next_overdue, order=41))
