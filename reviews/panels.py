"""Forming the panel of a review stage: by lot within fields, with a reserve behind it, all on record (U7.4, U23)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from applications.desk_rules import DeskRefused
from applications.gates import Blocker
from applications.models import Application, DossierGrant
from applications.rules import on_duty
from award_portal.lib import clock
from awards.calendars import current_calendar
from awards.criteria import approval_refusal
from awards.models import Round
from awards.parameters import rulebook_for
from organizations import evidence
from organizations.models import User

from .conflicts import conflicts_between
from .drawing import Drawn, Quota, draw_by_field, fresh_seed
from .invitations import invite
from .models import DrawRecord, Expert, ExpertAbsence, Panel, PanelGroup, PanelMember
from .panel_places import judged_by, own_applications
from .replaying import digest_of, export_of

Method, Purpose = DrawRecord.Method, DrawRecord.Purpose
Excluded = list[dict[str, str]]


def require_office(round: Round, by: User) -> None:
    if not on_duty(by, round.office, round):
        book = rulebook_for(round)
        raise DeskRefused.because("组织评审应由办公室办理。", book.ground(book.bodies.office))


def candidates_of(round: Round, stage: str, group: PanelGroup | None = None) -> list[Application]:
    """The applications that stand at the stage now, or those of one group of it, in the order of their keys."""
    return list(own_applications(round, group).filter(state=stage).with_names().order_by("pk"))


def reasons_against(
    experts: Collection[Expert], applications: Sequence[Application], *, until: date | None = None
) -> dict[int, list[str]]:
    """Why an expert cannot sit: sanctions, days away up to `until`, conflicts with any of the applications."""
    found: dict[int, list[str]] = {}
    in_use = set(Expert.objects.active().filter(pk__in=[one.pk for one in experts]).values_list("pk", flat=True))
    absences = ExpertAbsence.objects.filter(expert__in=experts).between(clock.today(), until or clock.today())
    away = set(absences.values_list("expert_id", flat=True))
    for one in experts:
        if one.pk not in in_use:
            found.setdefault(one.pk, []).append("账号停用" if one.is_in_use else one.get_state_display())
        if one.pk in away:
            found.setdefault(one.pk, []).append("评审期间不能参加")
    for (expert_id, _), reasons in conflicts_between(experts, applications).items():
        found.setdefault(expert_id, []).extend(map(str, reasons))
    return {key: list(dict.fromkeys(reasons)) for key, reasons in found.items()}


def free_experts(
    round: Round, applications: Sequence[Application], *, fields: Collection[str] = (), but: Collection[int] = (),
    until: date | None = None, seated: Mapping[int, str] | None = None,
) -> tuple[list[Expert], Excluded]:  # fmt: skip
    """The experts of the pool who may sit in judgement of all the applications, and who is left out and why.

    `seated`: who sits on another panel of the stage, and on which.
    """
    pool = Expert.objects.of_scheme(round.scheme.key).exclude(pk__in=but)
    if fields:
        pool = pool.in_fields(fields)
    experts = list(pool.select_related("user").prefetch_related("specialties").order_by("pk"))
    against = reasons_against(experts, applications, until=until)
    for key, name in (seated or {}).items():
        against.setdefault(key, []).append(f"已在{name}")
    excluded = [
        {"expert": str(one.public_id), "reason": "；".join(against[one.pk])} for one in experts if one.pk in against
    ]
    return [one for one in experts if one.pk not in against], excluded


def seated_elsewhere(round: Round, stage: str, *, but: Panel | None = None) -> dict[int, str]:
    """Expert → the other panel of the stage they sit on: nobody sits on two (V2)."""
    seats = PanelMember.objects.filter(panel__round=round, panel__stage=stage, left_at=None)
    seats = seats.exclude(panel=but) if but else seats
    return {one.expert_id: one.panel.group_name for one in seats.select_related("panel__group")}


def fields_of(expert: Expert) -> list[str]:
    """The fields an expert is drawn for: the main one, then the others."""
    return list(dict.fromkeys([expert.field, *(one.field for one in expert.specialties.all())]))


@transaction.atomic
def form_panel(
    round: Round,
    *,
    stage: str,
    by: User,
    at: datetime,
    group: PanelGroup | None = None,
    experts: Sequence[Expert] | None = None,
    size: int = 0,
    fields: Collection[str] = (),
    quotas: Sequence[Quota] = (),
    reserve: int = 0,
    seed: str = "",
    witness: str = "",
    chair: Expert | None = None,
    due_on: date | None = None,
) -> Panel:
    """A panel named by the office, or drawn by lot from the experts free of conflict, witnessed and on record.

    It is the stage's one panel, or that of one of its groups.
    Never fewer than the rulebook's `panel_min`. `quotas` say how many of each field, and how many stand in reserve in
    the order drawn. The first drawn leads unless the office appoints another member.
    """
    require_office(round, by)
    Round.objects.select_for_update(of=("self",)).get(pk=round.pk)
    book = rulebook_for(round)
    rule = book.review(stage)
    if waiting := approval_refusal(round, stage):
        raise DeskRefused.because(waiting)
    size = sum(one.count for one in quotas) or size or (len(experts) if experts else rule.panel_min.value)
    _refuse_second_panel(round, stage, group, book.ground(book.stage(stage)))
    if size < rule.panel_min.value:
        raise DeskRefused.because(f"评审组不少于{rule.panel_min.value}人。", book.ground(rule.panel_min))
    due_on = due_on or planned_due(round, stage, at)
    applications, seated = candidates_of(round, stage, group), seated_elsewhere(round, stage)
    free, excluded = free_experts(round, applications, fields=fields, until=due_on, seated=seated)
    if experts is None:
        quotas = list(quotas) or [Quota(size, reserve)]
        seed, drawn = draw_witnessed(round, free, quotas, seed=seed, witness=witness)
        by_id = {str(one.public_id): one for one in free}
        chosen = [(by_id[key], field) for key, field in drawn.chosen]
    else:
        chosen = [(one, "") for one in dict.fromkeys(experts)]
        _refuse_conflicted([one for one, _ in chosen], free, book.recusal_ground)
    if chair is not None and chair not in [one for one, _ in chosen]:
        raise DeskRefused.because("组长应为评审组成员。", book.ground(rule.leader))
    panel = Panel.objects.create(
        round=round, stage=stage, group=group, chair=chair or chosen[0][0], due_on=due_on, formed_at=at, formed_by=by
    )
    PanelMember.objects.bulk_create(
        PanelMember(panel=panel, expert=one, field=field, joined_at=at) for one, field in chosen
    )
    invite(panel, [one for one, _ in chosen], at=at)
    if experts is None:
        keep_lots(panel, Purpose.PANEL, seed, free, excluded, quotas, drawn, witness=witness, by=by, at=at)
    members = [str(one.public_id) for one, _ in chosen]
    told = {"stage": stage, "members": members} | ({"group": group.name} if group else {})
    record_panel("panel.form", panel, by=by, at=at, data=told)
    return panel


@transaction.atomic
def add_members(
    panel: Panel, *, count: int, by: User, at: datetime, seed: str = "", witness: str = "", field: str = ""
) -> list[Expert]:
    """More members drawn by lot, of one field or of any, when conflicts leave an application too few readers."""
    require_office(panel.round, by)
    locked = Panel.objects.select_for_update(of=("self",)).get(pk=panel.pk)
    free, excluded = free_for(locked)
    quotas = [Quota(count, field=field)]
    seed, drawn = draw_witnessed(panel.round, free, quotas, seed=seed, witness=witness)
    by_id = {str(one.public_id): one for one in free}
    chosen = [by_id[key] for key in drawn.names]
    PanelMember.objects.bulk_create(PanelMember(panel=panel, expert=one, field=field, joined_at=at) for one in chosen)
    invite(panel, chosen, at=at)
    keep_lots(panel, Purpose.ADDITION, seed, free, excluded, quotas, drawn, witness=witness, by=by, at=at)
    record_panel("panel.add", panel, by=by, at=at, data={"members": [str(one.public_id) for one in chosen]})
    return chosen


def free_for(panel: Panel, *, fields: Collection[str] = ()) -> tuple[list[Expert], Excluded]:
    """Who of the pool may join the panel, never having sat on it, and who may not and why."""
    sat = list(panel.members.values_list("expert_id", flat=True))
    applications = list(judged_by(panel).with_names().order_by("pk"))
    seated = seated_elsewhere(panel.round, panel.stage, but=panel)
    return free_experts(panel.round, applications, fields=fields, but=sat, until=panel.due_on, seated=seated)


def draw_witnessed(
    round: Round, free: Sequence[Expert], quotas: Sequence[Quota], *, seed: str, witness: str
) -> tuple[str, Drawn]:
    """The draw with its seed; refused without a witness, and where a field has too few."""
    book = rulebook_for(round)
    if not witness.strip():
        raise DeskRefused.because("请填写到场监督的纪检监督人员姓名。", book.discipline_ground)
    seed = seed.strip() or fresh_seed()
    drawn = draw_by_field({str(one.public_id): fields_of(one) for one in free}, quotas, seed=seed)
    short = []
    for quota in quotas:
        found = sum(field == quota.field for _, field in drawn.chosen)
        if found < quota.count:
            whose = f"{quota.field}领域" if quota.field else ""
            text = f"{whose}能够参加、没有利害关系的在库专家只有{found}人，不足{quota.count}人。"
            short.append(Blocker(f"{text}请先增补专家库或者调整各领域人数。", book.recusal_ground))
    if short:
        raise DeskRefused(short)
    return seed, drawn


@transaction.atomic
def set_due(panel: Panel, *, due_on: date, by: User, at: datetime) -> None:
    """Another last day for the panel's work; the readers' grants follow it."""
    require_office(panel.round, by)
    if due_on < at.date():
        raise DeskRefused.because("评审截止日不能早于今天。")
    Panel.objects.filter(pk=panel.pk).update(due_on=due_on)
    grants = panel.assignments.active().values("grant")
    DossierGrant.objects.filter(pk__in=grants, revoked_at=None).update(until=ends_after(due_on))
    record_panel("panel.set_due", panel, by=by, at=at, data={"due_on": due_on.isoformat()})


@transaction.atomic
def appoint_chair(panel: Panel, *, expert: Expert, by: User, at: datetime) -> None:
    require_office(panel.round, by)
    if expert not in current_members(panel):
        raise DeskRefused.because("组长应为评审组成员。")
    Panel.objects.filter(pk=panel.pk).update(chair=expert)
    record_panel("panel.appoint_chair", panel, by=by, at=at, data={"expert": str(expert.public_id)})


def current_members(panel: Panel) -> list[Expert]:
    rows = panel.members.filter(left_at=None).select_related("expert__user").order_by("pk")
    return [one.expert for one in rows]


def planned_due(round: Round, stage: str, at: datetime) -> date:
    """The last of the stage's planned working days, counted from the day after `at`."""
    return current_calendar().add_working_days(at.date(), rulebook_for(round).stage(stage).plan_days.value)


def ends_after(day: date) -> datetime:
    return clock.day_start(day + timedelta(days=1))


def keep_lots(
    panel: Panel, purpose: str, seed: str, free: Collection[Expert], excluded: Excluded, quotas: Sequence[Quota],
    drawn: Drawn, *, by: User, at: datetime, witness: str = "", replaced: Expert | None = None, ground: str = "",
) -> DrawRecord:  # fmt: skip
    """The record of a draw by tickets."""
    inputs = {
        "fields": {str(one.public_id): fields_of(one) for one in free},
        "quotas": [{"field": one.field, "count": one.count, "reserve": one.reserve} for one in quotas],
    }
    return keep_draw(
        panel, purpose=purpose, method=Method.TICKETS, seed=seed, candidates=sorted(inputs["fields"]),
        excluded=excluded, needed=sum(one.count for one in quotas), inputs=inputs, result=drawn.names,
        reserve=[list(one) for one in drawn.reserve], witness=witness.strip(), replaced=replaced, ground=ground,
        by=by, at=at,
    )  # fmt: skip


def keep_draw(panel: Panel, *, by: User, at: datetime, **given: Any) -> DrawRecord:
    """A draw on record, its digest in the chain: a file exported later shows by it that nothing was changed."""
    record = DrawRecord.objects.create(panel=panel, drawn_at=at, drawn_by=by, **given)
    data = {"draw": str(record.public_id), "purpose": record.purpose, "sha256": digest_of(export_of(record))}
    record_panel("panel.draw", panel, by=by, at=at, data=data)
    return record


def _refuse_second_panel(round: Round, stage: str, group: PanelGroup | None, cite: str) -> None:
    """One panel for a stage, or one for each of its groups."""
    is_divided = PanelGroup.objects.filter(round=round, stage=stage).exists()
    if group is None and is_divided:
        raise DeskRefused.because("本环节已分设评审组，请逐组组建。", cite)
    if group is not None and (group.round_id != round.pk or group.stage != stage):
        raise DeskRefused.because("所选分组不在本环节。页面可能已过时，请刷新。", cite)
    if Panel.objects.filter(round=round, stage=stage, group=group).exists():
        raise DeskRefused.because(f"{group or '本环节'}的评审组已经组建。增补成员请在评审组页面办理。", cite)


def _refuse_conflicted(chosen: Sequence[Expert], free: Sequence[Expert], cite: str) -> None:
    allowed = {one.pk for one in free}
    found = [
        Blocker(f"{one}与本环节的申报有利害关系，或者不在库，不能进入评审组。", cite)
        for one in chosen
        if one.pk not in allowed
    ]
    if found:
        raise DeskRefused(found)


def record_panel(verb: str, panel: Panel, *, by: User, at: datetime, data: dict) -> None:
    evidence.record(verb, chain=panel.round.chain, by=by, subject=f"panel:{panel.public_id}", at=at, data=data)
