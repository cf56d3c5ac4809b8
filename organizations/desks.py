"""The desks a signed-in person has: each room registers its own, the page frame lists them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .models import User


@dataclass(frozen=True)
class Desk:
    """One entry of the navigation: `order` keeps the pipeline's order; `count` is what waits there."""

    label: str
    url: str
    count: int = 0
    order: int = 50
    # the state whose work is done there: the frame calls the desk by the regulation's own word, and `after` it
    state: str = ""
    after: str = ""
    # a desk for who has no other: the newly registered
    if_no_other: bool = False


Provider = Callable[[User], Iterable[Desk]]
_providers: list[Provider] = []


def desk_provider(provider: Provider) -> Provider:
    """Register what desks a room gives a person. Called from a module the room's `AppConfig.ready()` imports."""
    _providers.append(provider)
    return provider


def desks_for(user: User) -> list[Desk]:
    """The person's desks in the pipeline's order."""
    found = sorted((desk for provider in _providers for desk in provider(user)), key=lambda desk: desk.order)
    return [desk for desk in found if not desk.if_no_other] or found


def unread_count(user: User) -> int:
    return user.inbox.filter(read_at=None).count()
