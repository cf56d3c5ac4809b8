"""Units, the people who work in them, and their accounts: kept by the administrator, each change on record.

Nothing is deleted: a membership ends, an account is closed, a unit is put out of use; steps keep their names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from . import evidence
from .models import Membership, Unit, User


class StaffingRefused(Exception):
    """A unit, an account or a membership cannot be so; the text is for people."""


@dataclass(frozen=True)
class SchemeChoice:
    """A scheme a unit may belong to, and its kinds of recommending units as (key, name)."""

    key: str
    name: str
    recommender_kinds: tuple[tuple[str, str], ...] = ()


_providers: list[Callable[[], Iterable[SchemeChoice]]] = []


def scheme_provider(provider: Callable[[], Iterable[SchemeChoice]]) -> Callable[[], Iterable[SchemeChoice]]:
    """Register where the schemes are known. Called from a module the room's `AppConfig.ready()` imports."""
    _providers.append(provider)
    return provider


def scheme_choices() -> list[SchemeChoice]:
    return [one for provider in _providers for one in provider()]


@transaction.atomic
def save_unit(unit: Unit, *, by: User, at: datetime) -> Unit:
    """A new unit, or a changed one; what kind of body it is and for which scheme never changes afterwards."""
    _require_administrator(by)
    if unit.pk is not None:
        kept = Unit.objects.select_for_update(of=("self",)).get(pk=unit.pk)
        if (kept.scheme_key, kept.kind) != (unit.scheme_key, unit.kind):
            raise StaffingRefused("单位的奖项和职能建立后不能更改，请停用本单位，另建一个。")
    twin = Unit.objects.filter(scheme_key=unit.scheme_key, kind=unit.kind, name=unit.name).exclude(pk=unit.pk)
    if twin.exists():
        raise StaffingRefused("同一奖项、同一职能下已有同名单位。")
    verb = "unit.change" if unit.pk else "unit.create"
    unit.save()
    data = {"scheme": unit.scheme_key, "kind": unit.kind, "active": unit.is_active}
    evidence.record(verb, by=by, subject=f"unit:{unit.public_id}", at=at, data=data)
    return unit


@transaction.atomic
def open_account(*, username: str, display_name: str, is_staff: bool = False, by: User, at: datetime) -> User:
    """An account without a password: its owner sets one by a link."""
    _require_administrator(by)
    if User.objects.filter(username__iexact=username).exists():
        raise StaffingRefused("该用户名已被使用，请换一个。")
    user = User(username=username, display_name=display_name, is_staff=is_staff)
    user.set_unusable_password()
    user.save()
    _record("user.create", user, by=by, at=at, data={"administrator": is_staff})
    return user


@transaction.atomic
def set_account(user: User, *, is_active: bool, is_staff: bool, by: User, at: datetime) -> User:
    """Close or reopen an account, make or unmake an administrator; the last administrator stays."""
    _require_administrator(by)
    locked = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    others = User.objects.filter(is_staff=True, is_active=True).exclude(pk=locked.pk)
    if locked.is_staff and not (is_active and is_staff) and not others.exists():
        raise StaffingRefused("这是最后一名系统管理员，不能停用或者取消其管理权限。")
    locked.is_active, locked.is_staff = is_active, is_staff
    locked.is_superuser = locked.is_superuser and is_staff
    locked.save(update_fields=["is_active", "is_staff", "is_superuser"])
    _record("user.change", locked, by=by, at=at, data={"active": is_active, "administrator": is_staff})
    return locked


@transaction.atomic
def join_unit(user: User, unit: Unit, *, is_head: bool = False, by: User, at: datetime) -> Membership:
    """From now on the person works in the unit, with all its kind may do."""
    _require_administrator(by)
    locked = Unit.objects.select_for_update(of=("self",)).get(pk=unit.pk)
    if not user.is_active or not locked.is_active:
        raise StaffingRefused("停用的账号或者单位不能登记任职。")
    if Membership.objects.filter(user=user, unit=locked, ended_at=None).exists():
        raise StaffingRefused("该用户已在本单位任职。")
    membership = Membership.objects.create(user=user, unit=locked, is_head=is_head, started_at=at)
    _record("membership.start", user, by=by, at=at, data={"unit": str(locked.public_id), "head": is_head})
    return membership


@transaction.atomic
def leave_unit(membership: Membership, *, by: User, at: datetime) -> None:
    """The person's part in the unit ends: the next request finds its desks closed."""
    _require_administrator(by)
    locked = Membership.objects.select_for_update(of=("self",)).get(pk=membership.pk)
    if locked.ended_at is not None:
        raise StaffingRefused("该任职已经结束。页面可能已过时，请刷新。")
    locked.ended_at = at
    locked.save(update_fields=["ended_at"])
    _record("membership.end", locked.user, by=by, at=at, data={"unit": str(locked.unit.public_id)})


def _require_administrator(by: User) -> None:
    if not (by.is_active and by.is_staff):
        raise StaffingRefused("单位、人员和任职由系统管理员维护。")


def _record(verb: str, user: User, *, by: User, at: datetime, data: dict[str, Any]) -> None:
    evidence.record(verb, by=by, subject=f"user:{user.public_id}", at=at, data=data)
