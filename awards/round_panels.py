"""What higher rooms have to say on the office's page of a round: each registers a panel, the page shows them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from organizations.models import User

from .models import Round


@dataclass(frozen=True)
class Cell:
    """One thing told: `url` where it leads, `tone` where it is a mark (red, amber, green, grey)."""

    text: str
    url: str = ""
    tone: str = ""


@dataclass(frozen=True)
class RoundPanel:
    """Figures in one line and a table under them; `more` leads to the whole of it."""

    title: str
    figures: Sequence[Cell]
    headings: Sequence[str] = ()
    # each cell of a row with its heading, for a narrow page
    rows: Sequence[Sequence[tuple[str, Sequence[Cell]]]] = ()
    more: Cell | None = None


Provider = Callable[[Round, User, datetime], RoundPanel | None]
_providers: list[Provider] = []


def round_panel_provider(provider: Provider) -> Provider:
    """Register a panel; called from a module a room's `AppConfig.ready()` imports."""
    if provider not in _providers:
        _providers.append(provider)
    return provider


def panels_of(round: Round, user: User, *, at: datetime) -> list[RoundPanel]:
    """What there is to tell of a round whose call is out."""
    if round.published_at is None:
        return []
    return [found for one in _providers if (found := one(round, user, at)) is not None]
