"""The pool of experts: who is in it, and who is suspended from it on what ground (U7.4, U22)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from applications.desk_rules import DeskRefused, require_text
from organizations import evidence
from organizations.codes import CodeRefused, clean_code
from organizations.models import Membership, User

from .models import Expert, ExpertEmployment


@transaction.atomic
def add_expert(
    scheme_key: str,
    *,
    user: User | None,
    username: str,
    field: str,
    employer: str,
    by: User,
    at: datetime,
    display_name: str = "",
    employer_code: str = "",
    title: str = "",
    trainings: int = 0,
) -> Expert:
    """An existing user joins the pool, or a new one made for it; a new user has no password until one is set."""
    _require_office(scheme_key, by)
    if user is None:
        user = User.objects.create_user(username=username.strip(), display_name=require_text(display_name, "姓名"))
    if Expert.objects.filter(scheme_key=scheme_key, user=user).exists():
        raise DeskRefused.because("该用户已在专家库中。")
    expert = Expert.objects.create(
        scheme_key=scheme_key, user=user, field=require_text(field, "专业领域"),
        employer=require_text(employer, "工作单位"), employer_code=read_employer_code(employer_code),
        title=title.strip(), trainings=trainings, added_at=at, added_by=by,
    )  # fmt: skip
    ExpertEmployment.objects.create(
        expert=expert, employer=expert.employer, employer_code=expert.employer_code, position=expert.title
    )
    _record("expert.add", expert, by=by, at=at)
    return expert


@transaction.atomic
def suspend_expert(expert: Expert, *, reason: str, by: User, at: datetime) -> None:
    """No draw finds a suspended expert; the ground stays on the card."""
    _require_office(expert.scheme_key, by)
    locked = Expert.objects.select_for_update(of=("self",)).get(pk=expert.pk)
    locked.state, locked.suspended_because = Expert.State.SUSPENDED, require_text(reason, "暂停理由")
    locked.save()
    _record("expert.suspend", locked, by=by, at=at)


@transaction.atomic
def reinstate_expert(expert: Expert, *, by: User, at: datetime) -> None:
    _require_office(expert.scheme_key, by)
    locked = Expert.objects.select_for_update(of=("self",)).get(pk=expert.pk)
    locked.state, locked.suspended_because = Expert.State.ACTIVE, ""
    locked.save()
    _record("expert.reinstate", locked, by=by, at=at)


def read_employer_code(text: str) -> str:
    """An employer's code as it is kept, empty for none; refused with the reason when its check digit is wrong."""
    try:
        return clean_code(text) if text.strip() else ""
    except CodeRefused as refused:
        raise DeskRefused.because(str(refused)) from None


def _require_office(scheme_key: str, by: User) -> None:
    desks = Membership.objects.current().filter(user=by, unit__kind="office", unit__scheme_key=scheme_key)
    if not desks.exists():
        raise DeskRefused.because("专家库由办公室管理。")


def _record(verb: str, expert: Expert, *, by: User, at: datetime) -> None:
    evidence.record(verb, by=by, subject=f"expert:{expert.public_id}", at=at, data={"scheme": expert.scheme_key})
