"""Giving each application its readers: worked out evenly and by lot, moved by hand under the same rules (U7.4, U23)."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse

from applications.desk_rules import DeskRefused, require_text
from applications.gates import Blocker
from applications.models import Application, DossierGrant
from awards.models import Round
from awards.parameters import rulebook_for
from awards.rulebook import Rulebook
from awards.workdays import date_zh
from organizations.messages import send_message
from organizations.models import User

from .assigning import CannotSpread, Reading, balance_readers, worth
from .conflicts import conflicts_between, findings_between, refuse_tied
from .drawing import fresh_seed
from .models import Assignment, DrawRecord, Expert, Panel, PanelOpinion, ScoreSheet
from .panel_places import judged_by
from .panels import current_members, ends_after, fields_of, keep_draw, record_panel, require_office


@transaction.atomic
def assign_readers(
    panel: Panel, *, by: User, at: datetime, seed: str = "", readers: int = 0, limit: int | None = None
) -> list[Assignment]:
    """Readers for every application of the stage that lacks them, even in load and free of conflict, on record.

    An application without readers gets `readers` of them, one that has lost some below the minimum as many as it
    lacks. `limit` is the most one expert reads at this stage: 0 lifts it, None leaves it as it is.
    """
    require_office(panel.round, by)
    book = rulebook_for(panel.round)
    rule = book.review(panel.stage)
    readers = readers or rule.readers_min.value
    if readers < rule.readers_min.value:
        raise DeskRefused.because(f"每份材料不少于{rule.readers_min.value}名专家。", book.ground(rule.readers_min))
    wanted = _lock_wanting(panel, readers, rule.readers_min.value)
    if not wanted:
        raise DeskRefused.because("本环节没有待分配的申报。", book.ground(book.stage(panel.stage)))
    if limit is not None:
        panel.load_limit = limit or None
        Panel.objects.filter(pk=panel.pk).update(load_limit=panel.load_limit)
    papers = {str(one.public_id): one for one in wanted}
    people = {str(one.public_id): one for one in current_members(panel) if one.is_in_use}
    needs = {str(one.public_id): count for one, count in wanted.items()}
    reading, reasons = read_inputs(panel, papers, people, needs, seed=seed.strip() or fresh_seed())
    try:
        spread = balance_readers(reading)
    except CannotSpread as cannot:
        raise DeskRefused(_lacking(cannot, papers, needs, book)) from None
    made = [
        open_assignment(panel, papers[key], people[one], by=by, at=at, is_checked=True)
        for key in papers
        for one in spread.readers[key]
    ]
    keep_draw(
        panel, purpose=DrawRecord.Purpose.READERS, method=DrawRecord.Method.BALANCE, seed=reading.seed,
        candidates=sorted(people), needed=readers, result=spread.readers, objective=worth(reading, spread),
        excluded=[
            {"expert": expert, "application": paper, "reason": why} for (expert, paper), why in sorted(reasons.items())
        ],
        inputs={
            "wanted": needs, "loads": dict(reading.experts), "barred": [list(one) for one in sorted(reading.barred)],
            "fitting": [list(one) for one in sorted(reading.fitting)], "limit": reading.limit, "solver": spread.solver,
        },
        by=by, at=at,
    )  # fmt: skip
    record_panel("panel.assign", panel, by=by, at=at, data={"seed": reading.seed, "readers": spread.readers})
    subject = f"{panel.label}：您有新的评审任务，请于{date_zh(panel.due_on)}前办结"
    send_message([one.expert.user for one in made], subject=subject, url=reverse("reviews:mine"), at=at)
    return made


def read_inputs(
    panel: Panel, papers: dict[str, Application], people: dict[str, Expert], needs: dict[str, int], *, seed: str
) -> tuple[Reading, dict[tuple[str, str], str]]:
    """What the assignment rests on, by public ids, and why each barred pair is barred."""
    keys = {one.pk: key for key, one in people.items()}, {one.pk: key for key, one in papers.items()}
    reasons = {
        (keys[0][expert], keys[1][paper]): "；".join(map(str, texts))
        for (expert, paper), texts in conflicts_between(list(people.values()), list(papers.values())).items()
    }
    had = panel.assignments.filter(application__in=papers.values(), expert__in=people.values())
    for expert, paper, ended in had.values_list("expert_id", "application_id", "ended_at"):
        reasons.setdefault((keys[0][expert], keys[1][paper]), "曾评审本申报" if ended else "已在评审本申报")
    loads = loads_of(panel)
    fitting = frozenset(
        (expert, paper)
        for expert, one in people.items()
        for paper, application in papers.items()
        if fits(fields_of(one), application)
    )
    reading = Reading(
        wanted=needs, experts={key: loads[one.pk] for key, one in people.items()}, seed=seed,
        barred=frozenset(reasons), fitting=fitting, limit=panel.load_limit or 0,
    )  # fmt: skip
    return reading, reasons


def loads_of(panel: Panel) -> Counter[int]:
    """How many applications of the stage each expert reads now."""
    return Counter(panel.assignments.active().values_list("expert_id", flat=True))


def fits(fields: Collection[str], application: Application) -> bool:
    """Whether a field is the applicant's industry or category, or one names the other ("装备制造" and "制造业")."""
    book = application.rulebook
    category = book.category(application.category).label if application.category else ""
    asked = [_stem(part) for text in (application.industry, category) for part in _parts(text)]
    known = [_stem(part) for text in fields for part in _parts(text)]
    return any(one in other or other in one for one in known for other in asked if len(one) > 1 and len(other) > 1)


def open_assignment(
    panel: Panel, application: Application, expert: Expert, *, by: User | None, at: datetime,
    replaces: Assignment | None = None, is_checked: bool = False,
) -> Assignment:  # fmt: skip
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
        panel=panel, application=application, expert=expert, grant=grant, assigned_at=at, assigned_by=by,
        replaces=replaces,
    )  # fmt: skip
    ScoreSheet.objects.create(assignment=assignment, saved_at=at)
    return assignment


# -- the hand edit -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Choice:
    """A member the reading could go to: what they read now, whether the field fits, and what stands against it.

    `questions` are likenesses somebody should look at first; they bar nobody.
    """

    expert: Expert
    load: int
    is_fitting: bool
    against: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)


def foresee_move(assignment: Assignment) -> list[Choice]:
    """Every other member with what stands against moving this reading there: the door asks no more than this."""
    panel, application = assignment.panel, assignment.application
    members = [one for one in current_members(panel) if one.pk != assignment.expert_id]
    findings = findings_between(members, [application])
    had = dict(panel.assignments.filter(application=application).values_list("expert_id", "ended_at"))
    loads = loads_of(panel)
    found = []
    for one in members:
        against = [str(text) for text in findings.conflicts.get((one.pk, application.pk), [])]
        questions = [str(text) for text in findings.questions.get((one.pk, application.pk), [])]
        if one.pk in had:
            against.append("曾评审本申报，已退出" if had[one.pk] else "已在评审本申报")
        if not one.is_in_use:
            against.append(one.get_state_display())
        if panel.load_limit and loads[one.pk] >= panel.load_limit:
            against.append(f"已分配{loads[one.pk]}份，达到每人上限")
        found.append(Choice(one, loads[one.pk], fits(fields_of(one), application), against, questions))
    return found


def move_blockers(assignment: Assignment) -> list[Blocker]:
    """Why this reading cannot be moved at all."""
    book = rulebook_for(assignment.panel.round)
    cite = book.ground(book.stage(assignment.panel.stage))
    if assignment.ended_at is not None:
        return [Blocker("该评审任务已经结束。页面可能已过时，请刷新。", cite)]
    if assignment.sheet.submitted_at is not None:
        return [Blocker(f"{assignment.expert}已提交评分表，不能再调整。有应当回避情形的，请责令回避。", cite)]
    if PanelOpinion.objects.filter(application=assignment.application, stage=assignment.panel.stage).exists():
        return [Blocker("本环节的评审意见已经形成，不能再变更评审专家。", cite)]
    return []


@transaction.atomic
def move_reader(assignment: Assignment, *, to: Expert, ground: str, by: User, at: datetime) -> Assignment:
    """A reading goes from one member to another, with its ground, under the rules of the drawn ones (U23).

    The number of readers stays; the sheet begun is void but kept, and access goes over with the reading.
    """
    panel = assignment.panel
    require_office(panel.round, by)
    because = require_text(ground, "调整理由")
    Round.objects.select_for_update(of=("self",)).get(pk=panel.round_id)
    Application.objects.select_for_update(of=("self",)).get(pk=assignment.application_id)
    locked = Assignment.objects.with_names().select_for_update(of=("self",)).get(pk=assignment.pk)
    blockers = move_blockers(locked)
    if not blockers:
        choice = next((one for one in foresee_move(locked) if one.expert.pk == to.pk), None)
        cite = rulebook_for(panel.round).recusal_ground
        if choice is None:
            blockers = [Blocker(f"{to}不是本评审组的其他成员。", cite)]
        else:
            blockers = [Blocker(f"{to}：{text}，不能接替。", cite) for text in choice.against]
    if blockers:
        raise DeskRefused(blockers)
    DossierGrant.objects.filter(pk=locked.grant_id, revoked_at=None).update(
        revoked_at=at, revoked_because="调整评审专家"
    )
    ScoreSheet.objects.filter(assignment=locked, voided_at=None).update(voided_at=at, voided_because="调整评审专家")
    Assignment.objects.filter(pk=locked.pk).update(ended_at=at, ended_because=f"调整：{because}"[:300])
    moved = open_assignment(panel, locked.application, to, by=by, at=at, replaces=locked)
    record_panel(
        "panel.move_reader", panel, by=by, at=at,
        data={
            "application": str(locked.application.public_id), "from": str(locked.expert.public_id),
            "to": str(to.public_id),
        },
    )  # fmt: skip
    send_message([to.user], subject=f"{panel.label}：您有新的评审任务", url=reverse("reviews:mine"), at=at)
    send_message([locked.expert.user], subject=f"{panel.label}：您的一项评审任务已调整给其他专家", at=at)
    return moved


def _lock_wanting(panel: Panel, readers: int, minimum: int) -> dict[Application, int]:
    """The stage's applications that lack readers and how many, locked in the order of their keys."""
    Round.objects.select_for_update(of=("self",)).get(pk=panel.round_id)
    standing = judged_by(panel).order_by("pk")
    keys = list(standing.select_for_update(of=("self",)).values_list("pk", flat=True))
    concluded = set(PanelOpinion.objects.filter(panel=panel).values_list("application_id", flat=True))
    served: Counter[int] = Counter(panel.assignments.active().values_list("application_id", flat=True))
    lacking = {key: readers - served[key] for key in keys if served[key] < minimum and key not in concluded}
    return {one: lacking[one.pk] for one in Application.objects.filter(pk__in=lacking).with_names().order_by("pk")}


def _lacking(cannot: CannotSpread, papers: dict[str, Any], needs: dict[str, int], book: Rulebook) -> list[Blocker]:
    limit = f"按每名专家不超过{cannot.limit}份计，" if cannot.limit else ""
    return [
        Blocker(
            f"{papers[key].organization}：{limit}没有利害关系的成员只有{count}人，不足{needs[key]}人。请先增补专家。",
            book.recusal_ground,
        )
        for key, count in cannot.short.items()
    ]


def _parts(text: str) -> list[str]:
    for mark in "、，；,;和及与":
        text = text.replace(mark, " ")
    return unicodedata.normalize("NFKC", text).casefold().split()


def _stem(name: str) -> str:
    return name.removesuffix("业") if len(name) > 2 else name
