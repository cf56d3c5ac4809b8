"""Messages inside the portal, ordered as outbox rows and delivered by the sweep."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

from .models import Membership, OutboxItem, Unit, User


def send_message(users: Iterable[User], *, subject: str, body: str = "", url: str = "", at: datetime) -> None:
    """Order a message to each person; it reaches the inbox with the next sweep, once."""
    OutboxItem.objects.bulk_create(
        OutboxItem(
            kind="inbox_message",
            key=f"message:{uuid.uuid4()}",
            payload={"user": user.pk, "subject": subject, "body": body, "url": url},
            due_at=at,
        )
        for user in {user.pk: user for user in users}.values()
    )


def people_of(unit: Unit) -> list[User]:
    """The people who work in a unit today."""
    return [one.user for one in Membership.objects.current().filter(unit=unit).select_related("user").order_by("pk")]
