"""Forming the panel of a review stage and giving each application its readers, by lot and on record (U7.4, U23)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Count
from django.urls import reverse

from applications.desk_rules import DeskRefused
from applications.gates import Blocker
from applications.models import Application, DossierGrant
from applications.rules import works_in
from award_portal.lib import clock
from awards.calendars import current_calendar
from awards.models import Round
from awards.parameters import rulebook_for
from awards.workdays import date_zh
from organizations import evidence
from organizations.messages import send_message
from organizations.models import User

from .conflicts import conflicts_between, refuse_tied
from .drawing import CannotSpread, draw, fresh_seed, spread_readers
from .models import Assignment, DrawRecord, Expert, Panel, PanelMember, ScoreSheet

Purpose = DrawRecord.Purpose


def require_office(round: Round, by: User) -> None:
    if not works_in(by, round.office):
        book = rulebook_for(round)
        raise DeskRefused.because("组织评审应由办公室办理。", book.ground(book.bodies.office))


def candidates_of(round: Round, stage: str) -> list[Application]:
    """The applications that stand at the stage now, in the order of their keys."""
    return list(Application.objects.filter(round=round, state=stage).with_names().order_by("pk"))


def free_experts(
    round: Round, applications: Sequence[Application], *, fields: Collection[str] = (), but: Collection[int] = ()
) -> tuple[list[Expert], list[dict[str, str]]]:
    """The active experts without a conflict with any of the applications, and who is left out and why."""
    pool = Expert.objects.active().of_scheme(round.scheme.key).select_related("user").exclude(pk__in=but)
    if fields:
        pool = pool.filter(field__in=fields)
    experts = list(pool.order_by("pk"))
    barred: dict[int, list[str]] = {}
    for (expert_id, _), reasons in conflicts_between(experts, applications).items():
        barred.setdefault(expert_id, []).extend(str(one) for one in reasons)
    excluded = [
        {"expert": str(one.public_id), "reason": "；".join(dict.fromkeys(barred[one.pk]))}
        for one in experts
        if one.pk in barred
    ]
    return [one for one in experts if one.pk not in barred], excluded


@transaction.atomic
def form_panel(
    round: Round,
    *,
    stage: str,
    by: User,
    at: datetime,
    experts: Sequence[Expert] | None = None,
    size: int = 0,
    fields: Collection[str] = (),
    seed: str = "",
    witness: str = "",
    chair: Expert | None = None,
    due_on: date | None = None,
) -> Panel:
    """A stage's panel: named by the office, or drawn by lot from the experts free of conflict, witnessed and on record.

    Never fewer than the rulebook's `panel_min`. The first drawn leads unless the office appoints another member.
    """
    require_office(round, by)
    Round.objects.select_for_update(of=("self",)).get(pk=round.pk)
    book = rulebook_for(round)
    rule = book.review(stage)
    size = size or (len(experts) if experts else rule.panel_min.value)
    if Panel.objects.filter(round=round, stage=stage).exists():
        raise DeskRefused.because(
            "本环节的评审组已经组建。增补成员请在评审组页面办理。", book.ground(book.stage(stage))
        )
    if size < rule.panel_min.value:
        raise DeskRefused.because(f"评审组不少于{rule.panel_min.value}人。", book.ground(rule.panel_min))
    free, excluded = free_experts(round, candidates_of(round, stage), fields=fields)
    if experts is None:
        if not witness.strip():
            raise DeskRefused.because("请填写到场监督的纪检监督人员姓名。", book.discipline_ground)
        seed = seed.strip() or fresh_seed()
        by_id = {str(one.public_id): one for one in free}
        chosen = [by_id[key] for key in draw(by_id, size, seed=seed)]
    else:
        chosen = list(dict.fromkeys(experts))
        _refuse_conflicted(chosen, free, book.recusal_ground)
    if len(chosen) < size:
        raise DeskRefused.because(
            f"没有利害关系的在库专家只有{len(free)}人，不足{size}人。请先增补专家库或者放宽专业领域。",
            book.recusal_ground,
        )
    if chair is not None and chair not in chosen:
        raise DeskRefused.because("组长应为评审组成员。", book.ground(rule.leader))
    panel = Panel.objects.create(
        round=round, stage=stage, chair=chair or chosen[0], due_on=due_on or planned_due(round, stage, at),
        formed_at=at, formed_by=by,
    )  # fmt: skip
    PanelMember.objects.bulk_create(PanelMember(panel=panel, expert=one, joined_at=at) for one in chosen)
    if experts is None:
        _keep_draw(panel, Purpose.PANEL, seed, free, excluded, size, chosen, witness, by=by, at=at)
    _record("panel.form", panel, by=by, at=at, data={"stage": stage, "members": [str(x.public_id) for x in chosen]})
    return panel


@transaction.atomic
def add_members(panel: Panel, *, count: int, by: User, at: datetime, seed: str = "", witness: str = "") -> list[Expert]:
    """More members drawn by lot, when conflicts leave an application too few readers."""
    require_office(panel.round, by)
    locked = Panel.objects.select_for_update(of=("self",)).get(pk=panel.pk)
    book = rulebook_for(panel.round)
    if not witness.strip():
        raise DeskRefused.because("请填写到场监督的纪检监督人员姓名。", book.discipline_ground)
    chosen = _draw_more(locked, Purpose.ADDITION, count, seed, witness, by=by, at=at)
    if len(chosen) < count:
        raise DeskRefused.because(f"没有利害关系的在库专家只有{len(chosen)}人，不足{count}人。", book.recusal_ground)
    return chosen


@transaction.atomic
def assign_readers(panel: Panel, *, by: User, at: datetime, seed: str = "", readers: int = 0) -> list[Assignment]:
    """Readers for every application of the stage that has none yet, balanced and by lot; each may read from now on."""
    require_office(panel.round, by)
    book = rulebook_for(panel.round)
    rule = book.review(panel.stage)
    readers = readers or rule.readers_min.value
    if readers < rule.readers_min.value:
        raise DeskRefused.because(f"每份材料不少于{rule.readers_min.value}名专家。", book.ground(rule.readers_min))
    applications = _lock_applications(panel)
    if not applications:
        raise DeskRefused.because("本环节没有待分配的申报。", book.ground(book.stage(panel.stage)))
    members = current_members(panel)
    seed = seed.strip() or fresh_seed()
    people = {str(one.public_id): one for one in members}
    papers = {str(one.public_id): one for one in applications}
    ids = {one.pk: key for key, one in people.items()}, {one.pk: key for key, one in papers.items()}
    barred = {(ids[0][e], ids[1][a]) for e, a in conflicts_between(members, applications)}
    try:
        spread = spread_readers(papers, people, barred=barred, readers=readers, seed=seed, load=_load(panel, people))
    except CannotSpread as cannot:
        raise DeskRefused(
            [
                Blocker(
                    f"{papers[key].organization}：没有利害关系的成员只有{count}人，不足{readers}人。请先增补专家。",
                    book.recusal_ground,
                )
                for key, count in cannot.short.items()
            ]
        ) from None
    made = [
        open_assignment(panel, papers[key], people[one], by=by, at=at, is_checked=True)
        for key in papers
        for one in spread.readers[key]
    ]
    DrawRecord.objects.create(
        panel=panel, purpose=Purpose.READERS, seed=seed, candidates=sorted(people), needed=readers,
        excluded=[{"expert": e, "application": a} for e, a in sorted(barred)],
        result=spread.readers, drawn_at=at, drawn_by=by,
    )  # fmt: skip
    _record("panel.assign", panel, by=by, at=at, data={"seed": seed, "readers": spread.readers})
    subject = f"{panel.stage_label}：您有新的评审任务，请于{date_zh(panel.due_on)}前办结"
    send_message([one.expert.user for one in made], subject=subject, url=reverse("reviews:mine"), at=at)
    return made


def open_assignment(
    panel: Panel, application: Application, expert: Expert, *, by: User | None, at: datetime, is_checked: bool = False
) -> Assignment:
    """One reader more: the grant to the dossier, the assignment and its empty sheet are one.

    Never somebody tied to the applicant (U23); `is_checked` where the caller held all pairs against the graph at once.
    """
    if not is_checked:
        refuse_tied(expert, application)
    grant = DossierGrant.objects.create(
        application=application, user=expert.user, with_secrets=True, reason=f"{panel.stage_label}评审专家",
        granted_at=at, granted_by=by, until=ends_after(panel.due_on),
    )  # fmt: skip
    assignment = Assignment.objects.create(
        panel=panel, application=application, expert=expert, grant=grant, assigned_at=at, assigned_by=by
    )
    ScoreSheet.objects.create(assignment=assignment, saved_at=at)
    return assignment


@transaction.atomic
def set_due(panel: Panel, *, due_on: date, by: User, at: datetime) -> None:
    """Another last day for the panel's work; the readers' grants follow it."""
    require_office(panel.round, by)
    if due_on < at.date():
        raise DeskRefused.because("评审截止日不能早于今天。")
    Panel.objects.filter(pk=panel.pk).update(due_on=due_on)
    grants = panel.assignments.active().values("grant")
    DossierGrant.objects.filter(pk__in=grants, revoked_at=None).update(until=ends_after(due_on))
    _record("panel.set_due", panel, by=by, at=at, data={"due_on": due_on.isoformat()})


@transaction.atomic
def appoint_chair(panel: Panel, *, expert: Expert, by: User, at: datetime) -> None:
    require_office(panel.round, by)
    if expert not in current_members(panel):
        raise DeskRefused.because("组长应为评审组成员。")
    Panel.objects.filter(pk=panel.pk).update(chair=expert)
    _record("panel.appoint_chair", panel, by=by, at=at, data={"expert": str(expert.public_id)})


def draw_replacement(panel: Panel, application: Application, *, seed: str, by: User, at: datetime) -> Expert | None:
    """A reader in place of one who steps back: by lot from the panel, else from the pool; None when nobody is free."""
    had = set(panel.assignments.filter(application=application).values_list("expert_id", flat=True))
    members = [one for one in current_members(panel) if one.pk not in had and one.state == Expert.State.ACTIVE]
    barred = conflicts_between(members, [application])
    free = [one for one in members if (one.pk, application.pk) not in barred]
    if not free:
        drawn = _draw_more(panel, Purpose.REPLACEMENT, 1, seed, "", by=by, at=at)
        return drawn[0] if drawn else None
    by_id = {str(one.public_id): one for one in free}
    chosen = [by_id[key] for key in draw(by_id, 1, seed=seed)]
    _keep_draw(panel, Purpose.REPLACEMENT, seed, free, [], 1, chosen, "", by=by, at=at)
    return chosen[0]


def current_members(panel: Panel) -> list[Expert]:
    rows = panel.members.filter(left_at=None).select_related("expert__user").order_by("pk")
    return [one.expert for one in rows]


def planned_due(round: Round, stage: str, at: datetime) -> date:
    """The last of the stage's planned working days, counted from the day after `at`."""
    return current_calendar().add_working_days(at.date(), rulebook_for(round).stage(stage).plan_days.value)


def ends_after(day: date) -> datetime:
    return clock.day_start(day + timedelta(days=1))


def _lock_applications(panel: Panel) -> list[Application]:
    """The stage's applications without readers at this stage, locked in the order of their keys."""
    Round.objects.select_for_update(of=("self",)).get(pk=panel.round_id)
    served = panel.assignments.active().values("application")
    waiting = Application.objects.filter(round=panel.round, state=panel.stage).exclude(pk__in=served).order_by("pk")
    keys = list(waiting.select_for_update(of=("self",)).values_list("pk", flat=True))
    return list(Application.objects.filter(pk__in=keys).with_names().order_by("pk"))


def _load(panel: Panel, people: dict[str, Expert]) -> dict[str, int]:
    counts = dict(
        panel.assignments.active()
        .order_by()
        .values_list("expert_id")
        .annotate(n=Count("pk"))
        .values_list("expert_id", "n")
    )
    return {key: counts.get(one.pk, 0) for key, one in people.items()}


def _draw_more(
    panel: Panel, purpose: str, count: int, seed: str, witness: str, *, by: User, at: datetime
) -> list[Expert]:
    """Members from the pool who never sat on this panel, drawn by lot and put on record."""
    sat = panel.members.values_list("expert_id", flat=True)
    free, excluded = free_experts(panel.round, candidates_of(panel.round, panel.stage), but=list(sat))
    seed = seed.strip() or fresh_seed()
    by_id = {str(one.public_id): one for one in free}
    chosen = [by_id[key] for key in draw(by_id, count, seed=seed)]
    if chosen:
        PanelMember.objects.bulk_create(PanelMember(panel=panel, expert=one, joined_at=at) for one in chosen)
        _keep_draw(panel, purpose, seed, free, excluded, count, chosen, witness, by=by, at=at)
        _record("panel.add", panel, by=by, at=at, data={"members": [str(one.public_id) for one in chosen]})
    return chosen


def _keep_draw(
    panel: Panel, purpose: str, seed: str, free: Collection[Expert], excluded: list, needed: int,
    chosen: Collection[Expert], witness: str, *, by: User, at: datetime,
) -> DrawRecord:  # fmt: skip
    return DrawRecord.objects.create(
        panel=panel, purpose=purpose, seed=seed, candidates=sorted(str(one.public_id) for one in free),
        excluded=excluded, needed=needed, result=[str(one.public_id) for one in chosen], witness=witness.strip(),
        drawn_at=at, drawn_by=by,
    )  # fmt: skip


def _refuse_conflicted(chosen: Sequence[Expert], free: Sequence[Expert], cite: str) -> None:
    allowed = {one.pk for one in free}
    found = [
        Blocker(f"{one}与本环节的申报有利害关系，或者不在库，不能进入评审组。", cite)
        for one in chosen
        if one.pk not in allowed
    ]
    if found:
        raise DeskRefused(found)


def _record(verb: str, panel: Panel, *, by: User, at: datetime, data: dict) -> None:
    evidence.record(verb, chain=panel.round.chain, by=by, subject=f"panel:{panel.public_id}", at=at, data=data)
