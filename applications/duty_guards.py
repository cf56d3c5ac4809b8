"""Who may not act in a round although the unit may: a higher room registers the reason (Z27, Y22)."""

from __future__ import annotations

from collections.abc import Callable

from awards.models import Round
from organizations.models import User

DutyGuard = Callable[[User, Round], bool]
_guards: list[DutyGuard] = []


def duty_guard(guard: DutyGuard) -> DutyGuard:
    """Register who takes no part in a round; called from a module the room's `AppConfig.ready()` imports."""
    _guards.append(guard)
    return guard


def is_barred_from(user: User, round: Round) -> bool:
    return any(guard(user, round) for guard in _guards)
