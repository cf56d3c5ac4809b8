"""The desks a signed-in person has: each room registers its own, the page frame lists them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
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
    # what it stands under where a person has many desks
    group: str = ""
    # a desk for who has no other: the newly registered
    if_no_other: bool = False


@dataclass(frozen=True)
class DeskGroup:
    """Desks of one kind behind one word of a long navigation."""

    label: str
    desks: tuple[Desk, ...]

    @property
    def count(self) -> int:
        return sum(one.count for one in self.desks)


# the words of the groups, and how many desks stand side by side without them
RULES, PUBLICITY, OBJECTIONS = "规则和授权", "公示", "异议"
AFTERWARDS, OVERSIGHT = "获奖后管理", "监督和档案"
SIDE_BY_SIDE = 12

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


def folded(desks: Sequence[Desk]) -> list[Desk | DeskGroup]:
    """The desks as a navigation shows them: many fold into their groups, each where its first desk stands."""
    if len(desks) <= SIDE_BY_SIDE:
        return list(desks)
    groups: dict[str, list[Desk]] = {}
    for one in desks:
        groups.setdefault(one.group or one.url, []).append(one)
    return [DeskGroup(key, tuple(found)) if len(found) > 1 else found[0] for key, found in groups.items()]


def unread_count(user: User) -> int:
    return user.inbox.filter(read_at=None).count()
