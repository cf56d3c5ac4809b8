"""Who was removed from a round's duties takes no step of it and stands at none of its desks (Z27, Y22)."""

from __future__ import annotations

from applications.duty_guards import duty_guard
from awards.models import Round
from organizations.models import User

from .discipline import is_removed


@duty_guard
def has_left_the_round(user: User, round: Round) -> bool:
    return is_removed(user, round)
