"""Publishing each chain's head once a day: what the public can hold the record against (E3)."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from award_portal.lib import clock
from award_portal.lib.sweeping import Sweeper, register

from .models import AuditDigest, AuditHead


def publish_heads(at: datetime) -> int:
    """Publish the head of every chain that grew since its last publication; once a chain and day."""
    day = at.astimezone(clock.SHANGHAI).date()
    published = 0
    for head in AuditHead.objects.filter(seq__gt=0).order_by("chain"):
        last = AuditDigest.objects.filter(chain=head.chain).order_by("-day").first()
        if last is not None and (last.day >= day or last.seq == head.seq):
            continue
        try:
            with transaction.atomic():
                AuditDigest.objects.create(day=day, chain=head.chain, seq=head.seq, hash=head.hash, published_at=at)
        except IntegrityError:
            continue  # another sweeper was quicker
        published += 1
    return published


register(Sweeper("digests", run=publish_heads, next_due=lambda after: None, order=95))
