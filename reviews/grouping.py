"""Dividing a stage among several panels by field, and distributing its applications among them (U11.5, section 8).

Each application is judged by exactly one panel of the stage; the cut is decided over all of them together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from applications.desk_rules import DeskRefused, require_text
from applications.models import Application, DossierGrant
from awards.criteria import approval_refusal
from awards.models import Round
from awards.parameters import rulebook_for
from organizations import evidence
from organizations.messages import send_message
from organizations.models import User

from .conflicts import conflicts_between
from .models import (
    Assignment,
    CutLine,
    GroupPlace,
    Panel,
    PanelGroup,
    PanelOpinion,
    SessionSlot,
    Visit,
)
from .panel_places import groups_of, unplaced_of
from .panels import current_members, require_office
from .readers import fits
from .reserve import end_assignment

MOST_FIELDS = 30


@transaction.atomic
def set_up_group(
    round: Round, *, stage: str, name: str, fields: Sequence[str] = (), by: User, at: datetime
) -> PanelGroup:
    """One more group of the stage. A panel formed before there were groups becomes the first one's, with its work."""
    locked = _lock(round, by)
    cite = _cite(locked, stage)
    if stage not in rulebook_for(locked).review_states:
        raise DeskRefused.because("本届没有这一评审环节。")
    if waiting := approval_refusal(locked, stage):
        raise DeskRefused.because(waiting)
    lone = Panel.objects.filter(round=locked, stage=stage, group=None).first()
    if CutLine.objects.filter(decision__round=locked, decision__stage=stage).exists() and (
        lone is not None or not groups_of(locked, stage)
    ):
        raise DeskRefused.because("本环节已经作出进入下一环节的决定，不能再分设评审组。", cite)
    name = _free_name(locked, stage, name, cite)
    group = PanelGroup.objects.create(
        round=locked, stage=stage, name=name, fields=_clean(fields), set_up_at=at, set_up_by=by
    )
    if lone is not None:
        Panel.objects.filter(pk=lone.pk).update(group=group)
        held = _worked_on(lone)
        GroupPlace.objects.bulk_create(
            GroupPlace(group=group, application_id=pk, stage=stage, placed_at=at, placed_by=by) for pk in sorted(held)
        )
    _record("group.set_up", group, by=by, at=at, data={"name": name, "adopted": lone is not None})
    return group


@transaction.atomic
def change_group(group: PanelGroup, *, name: str, fields: Sequence[str], by: User, at: datetime) -> PanelGroup:
    """Another name or other fields; nothing already placed moves by it."""
    round = _lock(group.round, by)
    locked = PanelGroup.objects.select_for_update(of=("self",)).get(pk=group.pk)
    locked.name = _free_name(round, locked.stage, name, _cite(round, locked.stage), but=locked.pk)
    locked.fields = _clean(fields)
    locked.save(update_fields=["name", "fields"])
    _record("group.change", locked, by=by, at=at, data={"name": locked.name})
    return locked


@transaction.atomic
def drop_group(group: PanelGroup, *, by: User, at: datetime) -> None:
    """A group without a panel goes, its applications wait for another; the last one with a panel is the stage's one."""
    round = _lock(group.round, by)
    panel = Panel.objects.filter(group=group).first()
    others = PanelGroup.objects.filter(round=round, stage=group.stage).exclude(pk=group.pk).exists()
    if panel is not None and others:
        raise DeskRefused.because("该组的评审组已经组建，不能取消。", _cite(round, group.stage))
    _record("group.drop", group, by=by, at=at, data={"name": group.name})
    if panel is not None:
        Panel.objects.filter(pk=panel.pk).update(group=None)
    group.places.all().delete()
    group.delete()


def group_fitting(application: Application, groups: Sequence[PanelGroup], held: Counter[int]) -> PanelGroup | None:
    """The group whose fields are the applicant's industry or category; of several the one that holds the fewest."""
    found = [one for one in groups if fits(one.fields, application)]
    return min(found, key=lambda one: (held[one.pk], one.pk), default=None)


@transaction.atomic
def place_by_field(round: Round, *, stage: str, by: User, at: datetime) -> list[GroupPlace]:
    """Everybody not placed goes to the group of their field; whom no field fits waits for a hand."""
    locked = _lock(round, by)
    groups = groups_of(locked, stage)
    if not groups:
        raise DeskRefused.because("本环节尚未分设评审组。", _cite(locked, stage))
    held = Counter(GroupPlace.objects.filter(group__in=groups).values_list("group_id", flat=True))
    keys = list(unplaced_of(locked, stage).order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))
    made = []
    for one in Application.objects.filter(pk__in=keys).with_names().order_by("pk"):
        group = group_fitting(one, groups, held)
        if group is not None:
            held[group.pk] += 1
            made.append(GroupPlace(group=group, application=one, stage=stage, placed_at=at, placed_by=by))
    GroupPlace.objects.bulk_create(made)
    if made:
        told = {str(one.application.public_id): one.group.name for one in made}
        evidence.record(
            "group.distribute", chain=locked.chain, by=by, subject=f"round:{locked.public_id}", at=at,
            data={"stage": stage, "places": told},
        )  # fmt: skip
    return made


@transaction.atomic
def place_application(
    application: Application, group: PanelGroup, *, by: User, at: datetime, reason: str = ""
) -> GroupPlace:
    """One application into one group by hand; readings nobody has handed in end, and want a reason."""
    round = _lock(group.round, by)
    locked = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
    cite = _cite(round, group.stage)
    if locked.round_id != round.pk or not locked.is_active:
        raise DeskRefused.because("该申报不在本届评审中。页面可能已过时，请刷新后再办。", cite)
    before = GroupPlace.objects.filter(application=locked, stage=group.stage).select_related("group").first()
    if before is not None and before.group_id == group.pk:
        return before
    ended = 0
    if before is not None:
        ended = _leave(before.group, locked, reason, by=by, at=at)
        before.delete()
    _refuse_full_of_ties(group, locked, cite)
    place = GroupPlace.objects.create(
        group=group, application=locked, stage=group.stage, by_hand=True, placed_at=at, placed_by=by
    )
    _record(
        "group.place", group, by=by, at=at,
        data={
            "application": str(locked.public_id), "from": before.group.name if before else "", "to": group.name,
            "ended": ended,
        },
    )  # fmt: skip
    return place


def work_that_stays(applications: Sequence[Application], stage: str) -> dict[int, list[str]]:
    """Application → the work of its panel that cannot be handed to others; the same few queries for any number."""
    own = {"application__in": applications}
    slots = SessionSlot.objects.filter(**own, session__panel__stage=stage, session__cancelled_at=None)
    said = [
        ("已经作出进入下一环节的决定", CutLine.objects.filter(**own, decision__stage=stage)),
        ("已经形成评审意见", PanelOpinion.objects.filter(**own, stage=stage)),
        ("已有专家提交评分表", Assignment.objects.active().submitted().filter(**own, panel__stage=stage)),
        ("已经安排场次", slots),
        ("已经拟定现场评审日程", Visit.objects.standing().filter(**own, panel__stage=stage)),
    ]
    found: dict[int, list[str]] = {}
    for text, rows in said:
        for pk in dict.fromkeys(rows.order_by("application_id").values_list("application_id", flat=True)):
            found.setdefault(pk, []).append(text)
    return found


@dataclass(frozen=True)
class PlacedRow:
    """One application of the stage, where it is, where its field would put it, and which members are tied to it."""

    application: Application
    place: GroupPlace | None
    suggested: PanelGroup | None
    tied: list[str]
    readers: int
    stays: list[str]


def placed_rows(round: Round, stage: str) -> list[PlacedRow]:
    """The applications of the stage for the page of the distribution."""
    groups = groups_of(round, stage)
    places = {one.application_id: one for one in GroupPlace.objects.filter(group__in=groups).select_related("group")}
    standing = Application.objects.filter(round=round, state=stage).with_names().order_by("industry", "pk")
    applications = list(standing)
    held = Counter(one.group_id for one in places.values())
    panels = {one.group_id: one for one in Panel.objects.with_round().filter(group__in=groups)}
    tied = {key: _tied_members(panel, applications) for key, panel in panels.items()}
    stays = work_that_stays(applications, stage)
    readers = Counter(
        Assignment.objects.active().filter(panel__in=panels.values()).values_list("application_id", flat=True)
    )
    rows = []
    for one in applications:
        place = places.get(one.pk)
        rows.append(
            PlacedRow(
                one, place, None if place else group_fitting(one, groups, held),
                tied.get(place.group_id, {}).get(one.pk, []) if place else [],
                readers[one.pk], stays.get(one.pk, []) if place else [],
            )
        )  # fmt: skip
    return rows


def _tied_members(panel: Panel, applications: Sequence[Application]) -> dict[int, list[str]]:
    """Application → the members who must not judge it."""
    members = current_members(panel)
    names = {one.pk: str(one) for one in members}
    found: dict[int, list[str]] = {}
    for expert, application in conflicts_between(members, list(applications)):
        found.setdefault(application, []).append(names[expert])
    return found


def _refuse_full_of_ties(group: PanelGroup, application: Application, cite: str) -> None:
    """A panel with too few members free of the applicant cannot judge it."""
    panel = Panel.objects.with_round().filter(group=group).first()
    if panel is None:
        return
    members = current_members(panel)
    tied = _tied_members(panel, [application]).get(application.pk, [])
    least = rulebook_for(panel.round).review(panel.stage).readers_min.value
    if len(members) - len(tied) < least:
        raise DeskRefused.because(
            f"{application.listed_name}：{group.name}没有利害关系的成员只有{len(members) - len(tied)}人，"
            f"不足{least}人。请分到其他组，或者先增补该组专家。",
            rulebook_for(panel.round).recusal_ground,
        )


def _leave(group: PanelGroup, application: Application, reason: str, *, by: User, at: datetime) -> int:
    """Out of the group: refused where work stands, else the readings begun end with the reason; how many ended."""
    panel = Panel.objects.with_round().filter(group=group).first()
    if panel is None:
        return 0
    if why := work_that_stays([application], panel.stage).get(application.pk):
        cite = rulebook_for(panel.round).ground(rulebook_for(panel.round).stage(panel.stage))
        text = f"{application.listed_name}：{panel.label}{'，'.join(why)}，不能再调整分组。"
        raise DeskRefused.because(text, cite)
    readings = list(Assignment.objects.of_stage(application, panel.stage).select_related("expert__user"))
    if not readings:
        return 0
    because = f"调整评审组：{require_text(reason, f'{application.listed_name}已分配评审专家，调整分组的理由')}"
    DossierGrant.objects.filter(pk__in=[one.grant_id for one in readings], revoked_at=None).update(
        revoked_at=at, revoked_because="调整评审组"
    )
    for one in readings:
        end_assignment(one, because, at=at)
    send_message(
        [one.expert.user for one in readings], subject=f"{panel.label}：您的一项评审任务已调整给其他评审组", at=at
    )
    return len(readings)


def _worked_on(panel: Panel) -> set[int]:
    """The applications the panel has any work on."""
    found = set(panel.assignments.values_list("application_id", flat=True))
    found |= set(PanelOpinion.objects.filter(panel=panel).values_list("application_id", flat=True))
    slots = SessionSlot.objects.filter(session__panel=panel, session__cancelled_at=None)
    found |= set(slots.values_list("application_id", flat=True))
    return found | set(Visit.objects.standing().filter(panel=panel).values_list("application_id", flat=True))


def _lock(round: Round, by: User) -> Round:
    require_office(round, by)
    return Round.objects.select_for_update(of=("self",)).get(pk=round.pk)


def _free_name(round: Round, stage: str, name: str, cite: str, *, but: int = 0) -> str:
    name = require_text(name, "评审组名称")
    if len(name) > 20:
        raise DeskRefused.because(f"评审组名称最多20字，现有{len(name)}字。")
    if PanelGroup.objects.filter(round=round, stage=stage, name=name).exclude(pk=but).exists():
        raise DeskRefused.because(f"本环节已有“{name}”，请换一个名称。", cite)
    return name


def _clean(fields: Sequence[str]) -> list[str]:
    found = list(dict.fromkeys(one.strip() for one in fields if one.strip()))
    if len(found) > MOST_FIELDS or any(len(one) > 40 for one in found):
        raise DeskRefused.because(f"行业和类别最多{MOST_FIELDS}项，每项不超过40字。")
    return found


def _cite(round: Round, stage: str) -> str:
    book = rulebook_for(round)
    return book.ground(book.stage(stage)) if book.has_stage(stage) else ""


def _record(verb: str, group: PanelGroup, *, by: User, at: datetime, data: dict) -> None:
    evidence.record(
        verb, chain=group.round.chain, by=by, subject=f"group:{group.public_id}", at=at,
        data={"stage": group.stage, **data},
    )  # fmt: skip
