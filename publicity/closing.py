"""Closing publicity by the clock: windows that ran out, and names whose hold was lifted afterwards (R12)."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from applications.models import Application
from applications.moves import StepRefused, move
from applications.pipeline import PUBLICITIES
from award_portal.lib.sweeping import Sweeper, register
from organizations import evidence

from .models import Notice, NoticeItem

log = logging.getLogger(__name__)


def close_due(at: datetime) -> int:
    """Close what ran out by `at`, each notice and each name in its own transaction; how many effects."""
    closed = sum(_close_notice(pk, at=at) for pk in Notice.objects.due(at).values_list("pk", flat=True))
    return closed + sum(_pass_on(pk, at=at) for pk in names_ready(at).values_list("pk", flat=True))


def names_ready(at: datetime) -> QuerySet[Application]:
    """Applications whose publicity ran out. Whether something holds one is asked at the door, under its lock."""
    over = NoticeItem.objects.filter(
        application=OuterRef("pk"), notice__kind=OuterRef("state"), notice__close_due_at__lte=at, struck_at=None
    )
    running = NoticeItem.objects.filter(
        application=OuterRef("pk"), notice__kind=OuterRef("state"), notice__close_due_at__gt=at, struck_at=None
    )
    return Application.objects.filter(Exists(over), ~Exists(running), state__in=PUBLICITIES).order_by("pk")


@transaction.atomic
def _close_notice(pk: int, *, at: datetime) -> int:
    """Compare-and-set: of many sweepers exactly one closes a notice."""
    if not Notice.objects.filter(pk=pk, closed_at=None).update(closed_at=at):
        return 0
    notice = Notice.objects.select_related("round").get(pk=pk)
    evidence.record(
        "notice.close", chain=notice.round.chain, by=None, subject=f"notice:{notice.public_id}", at=at, data={}
    )
    return 1


def _pass_on(pk: int, *, at: datetime) -> int:
    try:
        move(pk, "close_publicity", by=None, at=at, ground="公示期满无异议")
    except StepRefused as refused:
        # Somebody was quicker, or a hold came in between: the door decides, the next sweep looks again.
        log.info("application %s stays in publicity: %s", pk, "; ".join(one.text for one in refused.blockers))
        return 0
    return 1


def next_close(after: datetime) -> datetime | None:
    return (
        Notice.objects.windows()
        .filter(closed_at=None, close_due_at__gt=after)
        .order_by("close_due_at")
        .values_list("close_due_at", flat=True)
        .first()
    )


register(Sweeper("publicity", run=close_due, next_due=next_close, order=20))
