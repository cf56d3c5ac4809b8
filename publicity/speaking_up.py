"""What anybody may file about the names of a list: told by the room that takes it, shown on the public page (U12)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from .models import Notice, NoticeItem


@dataclass(frozen=True)
class Way:
    """A page where something is filed: what the link is called and where it leads."""

    label: str
    url: str


@dataclass(frozen=True)
class Ways:
    """What may be filed from a notice: a way for each name that has one, one for the whole, and a word why."""

    of_item: dict[int, Way] = field(default_factory=dict)
    whole: Way | None = None
    said: str = ""
    ground: str = ""

    @property
    def label(self) -> str:
        """What the column of the list is called."""
        return self.whole.label if self.whole else ""


Provider = Callable[[Notice, list[NoticeItem], datetime], Ways]
_providers: list[Provider] = []


def ways_provider(provider: Provider) -> Provider:
    """Register what tells the ways; called from a module a room's `AppConfig.ready()` imports."""
    if provider not in _providers:
        _providers.append(provider)
    return provider


def ways_of(notice: Notice, items: list[NoticeItem], *, at: datetime) -> Ways:
    """What may be filed about a list with a window; nothing about any other notice."""
    if notice.ends_at is None or not items:
        return Ways()
    return next((found for one in _providers if (found := one(notice, items, at)).whole or found.said), Ways())
