"""The publicity desk of recommenders and offices."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse

from applications.pipeline import State
from organizations.desks import PUBLICITY, Desk, desk_provider
from organizations.models import User

from .awaiting import issuers_of, names_awaiting
from .models import CommentSummary, Notice


@desk_provider
def publicity_desks(user: User) -> Iterable[Desk]:
    units = issuers_of(user)
    if units.exists():
        asked = Notice.objects.public().filter(kind=State.PUBLIC_COMMENT, round__office__in=units)
        if asked.exists():
            unread = asked.exclude(round__in=CommentSummary.objects.values("round")).filter(closed_at__isnull=False)
            yield Desk(
                "公众意见建议", reverse("publicity:comment_rounds"), count=unread.count(), order=36, group=PUBLICITY
            )
        yield Desk(
            "公示发布",
            reverse("publicity:open_publicity"),
            count=names_awaiting(units).count(),
            order=35,
            group=PUBLICITY,
        )
