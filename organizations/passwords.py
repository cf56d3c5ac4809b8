"""Setting and changing passwords: by a link that works once, or signed in with the old one.

A link can open somebody's account, so it is on record who made one for whom. The administrator makes one for anybody;
an office only for an expert who has never had a password, or it could score in his name.
"""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.db import transaction
from django.urls import reverse

from . import evidence
from .messages import send_message
from .models import User

# Django's own generator: the token is over the password's hash and the last sign-in, so that it works once
links = PasswordResetTokenGenerator()


class PasswordRefused(Exception):
    """A link cannot be made or used; the text is for people."""


def needs_first_password(user: User) -> bool:
    return user.is_active and not user.has_usable_password()


@transaction.atomic
def issue_password_link(user: User, *, by: User, at: datetime) -> str:
    """The address at which `user` sets a password, once and within three days; who made it is on record."""
    if not user.is_active:
        raise PasswordRefused("该账号已停用，不能生成链接。请先恢复账号。")
    if not by.is_staff and not needs_first_password(user):
        raise PasswordRefused("该用户已设置过密码。忘记密码的，请其联系系统管理员重新生成链接。")
    evidence.record("password.link", by=by, subject=f"user:{user.public_id}", at=at)
    if user.has_usable_password():
        send_message(
            [user],
            subject="系统管理员为您的账号生成了重设密码的链接",
            body="不是您要求的，请立即告知系统管理员。",
            at=at,
        )
    return reverse("organizations:set_password", args=[user.public_id, links.make_token(user)])


def is_link_good(user: User, token: str) -> bool:
    return user.is_active and links.check_token(user, token)


@transaction.atomic
def set_password(user: User, *, token: str, password: str, at: datetime) -> None:
    """The person's own password, by a link that has not been used."""
    locked = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    if not is_link_good(locked, token):
        raise PasswordRefused("链接已经使用过，或者已超过3天。请联系给您链接的单位重新生成。")
    _store(locked, password, by=locked, at=at)


@transaction.atomic
def change_password(user: User, *, old: str, password: str, at: datetime) -> User:
    """A new password for who knows the old one. Answers the stored user, for the session to go on with."""
    locked = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    if not locked.check_password(old):
        raise PasswordRefused("原密码不正确，密码没有改变。")
    _store(locked, password, by=locked, at=at)
    return locked


def _store(user: User, password: str, *, by: User, at: datetime) -> None:
    user.set_password(password)
    user.save(update_fields=["password"])
    evidence.record("password.set", by=by, subject=f"user:{user.public_id}", at=at)
