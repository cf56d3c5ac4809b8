"""Suspending and disqualifying experts, with ground and term, and the way back (U22).

From the same moment no draw finds them, no dossier opens to them, and what they were to judge goes to others. A term
that is over bars nobody, whether or not the sweep has been.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from applications.desk_rules import DeskRefused, require_text
from applications.models import Application
from award_portal.lib import clock
from award_portal.lib.sweeping import Sweeper, register
from awards.schemes import latest_edition, rulebook_of
from organizations import evidence
from organizations.messages import send_message
from organizations.models import User

from .experts import require_pool_office
from .leaving import lock_work, take_off
from .models import Expert, ExpertSanction, Panel

Kind = ExpertSanction.Kind
STATES = {Kind.SUSPENSION: Expert.State.SUSPENDED, Kind.DISQUALIFICATION: Expert.State.DISQUALIFIED}


def discipline_ground(scheme_key: str) -> str:
    """The article on discipline of the scheme's present rulebook."""
    edition = latest_edition(scheme_key)
    return rulebook_of(edition).discipline_ground if edition else ""


@transaction.atomic
def suspend_expert(
    expert: Expert, *, reason: str, by: User, at: datetime, until_on: date | None = None
) -> ExpertSanction:
    """Not to be used until a day, or until the office says so; sheets that are in stay, the others are void."""
    return _impose(expert, Kind.SUSPENSION, reason, until_on, "", by=by, at=at)


@transaction.atomic
def disqualify_expert(
    expert: Expert, *, reason: str, by: User, at: datetime, until_on: date | None = None, referred_to: str = ""
) -> ExpertSanction:
    """取消评审专家资格 for a breach of the rules, for a term or for good; every sheet not yet concluded on is void."""
    return _impose(expert, Kind.DISQUALIFICATION, reason, until_on, referred_to, by=by, at=at)


@transaction.atomic
def reinstate_expert(expert: Expert, *, reason: str, by: User, at: datetime) -> None:
    """The office lifts what is in force, for a reason that stays on the card."""
    require_pool_office(expert.scheme_key, by)
    locked = Expert.objects.select_for_update(of=("self",)).get(pk=expert.pk)
    if locked.state == Expert.State.ACTIVE:
        raise DeskRefused.because("该专家在库，不需要恢复。页面可能已过时，请刷新。")
    _lift(locked, require_text(reason, "恢复理由"), by=by, at=at)


def lift_expired(at: datetime) -> int:
    """Whoever's term is over is back in the pool; each once, however many sweep."""
    due = Expert.objects.filter(barred_until__lte=clock.day_of(at)).order_by("pk")
    return sum(_lift_one(pk, at=at) for pk in due.values_list("pk", flat=True))


def next_term_over(after: datetime) -> datetime | None:
    days = Expert.objects.filter(barred_until__gt=clock.day_of(after)).order_by("barred_until")
    day = days.values_list("barred_until", flat=True).first()
    return clock.day_start(day) if day else None


def _impose(
    expert: Expert, kind: str, reason: str, until_on: date | None, referred_to: str, *, by: User, at: datetime
) -> ExpertSanction:
    require_pool_office(expert.scheme_key, by)
    ground, today = discipline_ground(expert.scheme_key), clock.day_of(at)
    reason = require_text(reason, "事实和理由")
    if until_on is not None and until_on <= today:
        raise DeskRefused.because("期限应晚于今天。", ground)
    seats = _running_panels(expert)
    for panel in seats:
        lock_work(panel, expert)
    locked = Expert.objects.select_for_update(of=("self",)).get(pk=expert.pk)
    if locked.state == Expert.State.DISQUALIFIED and locked.sanctions.filter(ended_at=None).exists():
        raise DeskRefused.because("该专家已被取消资格。如需改变期限，请先恢复。", ground)
    # a suspension while the facts are looked into gives way to what follows from them
    locked.sanctions.filter(ended_at=None).update(ended_at=at, ended_by=by, ended_because="另作处理")
    sanction = ExpertSanction.objects.create(
        expert=locked, kind=kind, ground=reason, cite=ground[:200], referred_to=referred_to.strip(), from_on=today,
        until_on=until_on, made_at=at, made_by=by,
    )  # fmt: skip
    locked.state, locked.suspended_because, locked.barred_until = STATES[Kind(kind)], reason, until_on
    locked.save(update_fields=["state", "suspended_because", "barred_until"])
    _record(f"expert.{kind}", locked, sanction, by=by, at=at)
    for panel in sorted(seats, key=lambda one: one.round.chain):
        take_off(
            panel, locked, because=sanction.get_kind_display(), by=by, at=at,
            void_submitted=kind == Kind.DISQUALIFICATION,
        )  # fmt: skip
    send_message([locked.user], subject=f"您在评审专家库中已被{sanction.get_kind_display()}", at=at)
    return sanction


def _running_panels(expert: Expert) -> list[Panel]:
    """The panels the expert sits on whose stage still has applications."""
    seats = Panel.objects.filter(members__expert=expert, members__left_at=None).select_related("round")
    return [
        one
        for one in seats.order_by("round_id", "pk")
        if Application.objects.filter(round=one.round, state=one.stage).exists()
    ]


@transaction.atomic
def _lift_one(pk: int, *, at: datetime) -> int:
    locked = Expert.objects.select_for_update(of=("self",)).get(pk=pk)
    if locked.barred_until is None or locked.barred_until > clock.day_of(at):
        return 0
    _lift(locked, "期满", by=None, at=at)
    return 1


def _lift(locked: Expert, reason: str, *, by: User | None, at: datetime) -> None:
    sanction = locked.sanctions.filter(ended_at=None).first()
    if sanction is not None:
        sanction.ended_at, sanction.ended_by, sanction.ended_because = at, by, reason
        sanction.save(update_fields=["ended_at", "ended_by", "ended_because"])
    locked.state, locked.suspended_because, locked.barred_until = Expert.State.ACTIVE, "", None
    locked.save(update_fields=["state", "suspended_because", "barred_until"])
    _record("expert.reinstate", locked, sanction, by=by, at=at)
    send_message([locked.user], subject="您在评审专家库中已恢复使用", at=at)


def _record(verb: str, expert: Expert, sanction: ExpertSanction | None, *, by: User | None, at: datetime) -> None:
    data = {"scheme": expert.scheme_key}
    if sanction is not None:
        data |= {"cite": sanction.cite, "until": sanction.until_on.isoformat() if sanction.until_on else ""}
    evidence.record(verb, by=by, subject=f"expert:{expert.public_id}", at=at, data=data)


register(Sweeper("expert_terms", run=lift_expired, next_due=next_term_over))
