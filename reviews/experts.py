"""The pool of experts: who is in it and what their cards say (U7.4). Sanctions are in `expert_sanctions`."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction

from applications.desk_rules import DeskRefused, require_text
from award_portal.lib import clock
from organizations import evidence
from organizations.codes import CodeRefused, clean_code
from organizations.models import Membership, User

from .models import Expert, ExpertEmployment, ExpertSpecialty, ExpertTraining, ExpertUseNote, PanelMember


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
    other_fields: Collection[str] = (),
) -> Expert:
    """An existing user joins the pool, or a new one made for it; a new user has no password until one is set."""
    require_pool_office(scheme_key, by)
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
    set_other_fields(expert, other_fields)
    record_on_card("expert.add", expert, by=by, at=at)
    return expert


@transaction.atomic
def edit_card(expert: Expert, *, field: str, other_fields: Collection[str], title: str, by: User, at: datetime) -> None:
    """What the expert judges in, and the title; the main field is not named among the others."""
    locked = _lock(expert, by)
    locked.field, locked.title = require_text(field, "专业领域"), title.strip()
    locked.save(update_fields=["field", "title"])
    set_other_fields(locked, other_fields)
    record_on_card("expert.edit", locked, by=by, at=at)


def set_other_fields(expert: Expert, fields: Collection[str]) -> None:
    wanted = list(dict.fromkeys(one.strip() for one in fields if one.strip() and one.strip() != expert.field))
    expert.specialties.exclude(field__in=wanted).delete()
    known = set(expert.specialties.values_list("field", flat=True))
    ExpertSpecialty.objects.bulk_create(
        ExpertSpecialty(expert=expert, field=one[:60]) for one in wanted if one not in known
    )


@transaction.atomic
def enter_employment(
    expert: Expert,
    *,
    employer: str,
    employer_code: str = "",
    position: str = "",
    from_on: date | None = None,
    until_on: date | None = None,
    by: User,
    at: datetime,
) -> ExpertEmployment:
    """An employer, past or present; the newest that stands is the one on the card (U23)."""
    locked = _lock(expert, by)
    if from_on and until_on and until_on <= from_on:
        raise DeskRefused.because("任职止应晚于任职起。")
    made = ExpertEmployment.objects.create(
        expert=locked, employer=require_text(employer, "工作单位"), employer_code=read_employer_code(employer_code),
        position=position.strip(), from_on=from_on, until_on=until_on,
    )  # fmt: skip
    follow_employer(locked)
    record_on_card("expert.employment", locked, by=by, at=at)
    return made


@transaction.atomic
def end_employment(employment: ExpertEmployment, *, until_on: date, by: User, at: datetime) -> None:
    """The expert works there no more from a day on; it goes on counting for as long as the rulebook looks back."""
    locked = _lock(employment.expert, by)
    if employment.from_on and until_on <= employment.from_on:
        raise DeskRefused.because("任职止应晚于任职起。")
    if until_on > clock.day_of(at) + timedelta(days=1):
        raise DeskRefused.because("任职止不能晚于今天。")
    ExpertEmployment.objects.filter(pk=employment.pk).update(until_on=until_on)
    follow_employer(locked)
    record_on_card("expert.employment_ended", locked, by=by, at=at)


def follow_employer(expert: Expert) -> None:
    """The card names the newest employment that stands; where none does it keeps the last."""
    now = expert.employments.filter(until_on=None).order_by("-pk").first()
    if now is not None:
        expert.employer, expert.employer_code = now.employer, now.employer_code
        expert.save(update_fields=["employer", "employer_code"])


@transaction.atomic
def record_training(
    expert: Expert, *, held_on: date, subject: str, hours: Decimal, organizer: str, by: User, at: datetime
) -> ExpertTraining:
    """One training, once (U7.4)."""
    locked = _lock(expert, by)
    if held_on > clock.day_of(at):
        raise DeskRefused.because("培训日期不能晚于今天。")
    subject = require_text(subject, "培训内容")
    if locked.training_records.filter(held_on=held_on, subject=subject).exists():
        raise DeskRefused.because("这次培训已经登记。")
    made = ExpertTraining.objects.create(
        expert=locked, held_on=held_on, subject=subject, hours=hours, organizer=require_text(organizer, "组织单位"),
        entered_at=at, entered_by=by,
    )  # fmt: skip
    record_on_card("expert.training", locked, by=by, at=at)
    return made


@transaction.atomic
def note_use(member: PanelMember, *, quality: str, note: str, by: User, at: datetime) -> ExpertUseNote:
    """The office's opinion of an expert's work on one panel; written again it replaces the former (U7.4)."""
    require_pool_office(member.expert.scheme_key, by)
    if quality not in ExpertUseNote.Quality.values:
        raise DeskRefused.because("请选择评审质量。")
    made, _ = ExpertUseNote.objects.update_or_create(
        member=member, defaults={"quality": quality, "note": note.strip()[:300], "noted_at": at, "noted_by": by}
    )
    evidence.record(
        "expert.use_note", by=by, subject=f"expert:{member.expert.public_id}", at=at,
        data={"panel": str(member.panel.public_id), "quality": quality},
    )  # fmt: skip
    return made


def _lock(expert: Expert, by: User) -> Expert:
    require_pool_office(expert.scheme_key, by)
    return Expert.objects.select_for_update(of=("self",)).get(pk=expert.pk)


def read_employer_code(text: str) -> str:
    """An employer's code as it is kept, empty for none; refused with the reason when its check digit is wrong."""
    try:
        return clean_code(text) if text.strip() else ""
    except CodeRefused as refused:
        raise DeskRefused.because(str(refused)) from None


def require_office_or_self(expert: Expert, by: User) -> None:
    """The pool's office, or the expert on their own card."""
    if expert.user_id != by.pk:
        require_pool_office(expert.scheme_key, by)


def require_pool_office(scheme_key: str, by: User) -> None:
    desks = Membership.objects.current().filter(user=by, unit__kind="office", unit__scheme_key=scheme_key)
    if not desks.exists():
        raise DeskRefused.because("专家库由办公室管理。")


def record_on_card(verb: str, expert: Expert, *, by: User, at: datetime) -> None:
    evidence.record(verb, by=by, subject=f"expert:{expert.public_id}", at=at, data={"scheme": expert.scheme_key})
