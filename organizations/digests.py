"""Publishing each chain's head once a day: what the public can hold the record against (E3)."""

from __future__ import annotations

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import F, OuterRef, Q, Subquery

from award_portal.lib import clock
from award_portal.lib.sweeping import Sweeper, register

from .models import AuditDigest, AuditHead


def publish_heads(at: datetime) -> int:
    """Publish the head of every chain that grew since its last publication; a chain once a day, however many sweep."""
    day = clock.day_of(at)
    last = AuditDigest.objects.filter(chain=OuterRef("chain")).order_by("-day")
    heads = AuditHead.objects.annotate(
        last_day=Subquery(last.values("day")[:1]), last_seq=Subquery(last.values("seq")[:1])
    )
    grown = heads.filter(Q(last_day=None) | Q(last_day__lt=day, last_seq__lt=F("seq")), seq__gt=0)
    return sum(_publish(head, day=day, at=at) for head in grown.order_by("chain"))


def _publish(head: AuditHead, *, day: date, at: datetime) -> int:
    try:
        with transaction.atomic():
            AuditDigest.objects.create(day=day, chain=head.chain, seq=head.seq, hash=head.hash, published_at=at)
    except IntegrityError:
        return 0  # another sweeper was quicker
    return 1


register(Sweeper("digests", run=publish_heads, next_due=lambda after: None, order=95))
