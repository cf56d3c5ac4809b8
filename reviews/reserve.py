"""Who takes the place of a member who is out: the reserve in the order drawn, then the pool by lot (U7.4, U23)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.urls import reverse

from applications.desk_rules import DeskRefused, require_text
from applications.models import Application, DossierGrant
from awards.models import Round
from awards.parameters import rulebook_for
from organizations.messages import people_of, send_message
from organizations.models import User

from .drawing import Drawn, Quota, draw_by_field, fresh_seed
from .invitations import invite
from .models import Assignment, DrawRecord, Expert, Panel, PanelMember, PanelOpinion, ScoreSheet
from .panel_places import judged_by
from .panels import (
    current_members,
    fields_of,
    free_for,
    keep_draw,
    keep_lots,
    reasons_against,
    record_panel,
    require_office,
    seated_elsewhere,
)
from .readers import loads_of, open_assignment

Method, Purpose = DrawRecord.Method, DrawRecord.Purpose


def standing_reserve(panel: Panel) -> list[tuple[Expert, str]]:
    """Those in reserve who have not been called, in order, each with the field they were drawn for."""
    lines = [entry for one in panel.draws.order_by("pk") for entry in one.reserve]
    sat = set(panel.members.values_list("expert__public_id", flat=True))
    people = {
        str(one.public_id): one
        for one in Expert.objects.filter(public_id__in=[key for key, _ in lines])
        .select_related("user")
        .prefetch_related("specialties")
        if one.public_id not in sat
    }
    return [(people[key], field) for key, field in lines if key in people]


@transaction.atomic
def replace_member(
    panel: Panel, expert: Expert, *, ground: str, by: User, at: datetime, seed: str = ""
) -> Expert | None:
    """A member leaves the panel, and the next in reserve takes the place and the readings not yet done.

    The expert leaves by himself, or the office takes him out. What he had submitted stands; what he had not is void but
    kept, and he reads nothing from now on. None when nobody is left to come: the office is told.
    """
    if by.pk != expert.user_id:
        require_office(panel.round, by)
    because = require_text(ground, "事由")
    Round.objects.select_for_update(of=("self",)).get(pk=panel.round_id)
    own = panel.assignments.active().filter(expert=expert)
    list(Application.objects.filter(pk__in=own.values("application")).order_by("pk").select_for_update(of=("self",)))
    locked = Panel.objects.select_for_update(of=("self",)).get(pk=panel.pk)
    member = locked.members.filter(expert=expert, left_at=None).first()
    if member is None:
        raise DeskRefused.because("该专家已不是评审组成员。页面可能已过时，请刷新。")
    member.left_at, member.left_because = at, because[:300]
    member.save()
    coming = _call(locked, member.field, replaced=expert, ground=because, seed=seed, by=by, at=at)
    _pass_on(locked, expert, coming, because, seed=seed, by=by, at=at)
    if locked.chair_id == expert.pk:
        _find_chair(locked, by=by, at=at)
    record_panel(
        "panel.replace", locked, by=by, at=at,
        data={"left": str(expert.public_id), "joined": str(coming.public_id) if coming else ""},
    )  # fmt: skip
    _tell(locked, coming, at=at)
    return coming


def draw_replacement(
    panel: Panel, application: Application, *, seed: str, by: User, at: datetime, replaced: Expert | None = None,
    ground: str = "回避",
) -> Expert | None:  # fmt: skip
    """A reader for one who steps back: by lot from the panel, else the reserve, else the pool; None if nobody."""
    had = set(panel.assignments.filter(application=application).values_list("expert_id", flat=True))
    members = [one for one in current_members(panel) if one.pk not in had]
    against = reasons_against(members, [application])
    loads = loads_of(panel)
    for one in members:
        if panel.load_limit and loads[one.pk] >= panel.load_limit:
            against.setdefault(one.pk, []).append(f"已分配{loads[one.pk]}份，达到每人上限")
    free = [one for one in members if one.pk not in against]
    if not free:
        seat = panel.members.filter(expert=replaced).first()
        return _call(panel, seat.field if seat else "", replaced=replaced, ground=ground, seed=seed, by=by, at=at)
    excluded = [
        {"expert": str(one.public_id), "reason": "；".join(against[one.pk])} for one in members if one.pk in against
    ]
    drawn = draw_by_field({str(one.public_id): [] for one in free}, [Quota(1)], seed=seed)
    keep_lots(
        panel, Purpose.REPLACEMENT, seed, free, excluded, [Quota(1)], drawn, replaced=replaced, ground=ground,
        by=by, at=at,
    )  # fmt: skip
    return next(one for one in free if str(one.public_id) == drawn.names[0])


def _call(
    panel: Panel, field: str, *, replaced: Expert | None, ground: str, seed: str, by: User, at: datetime
) -> Expert | None:
    """A new member: the reserve of the field, the pool of the field, then whoever else stands in reserve or pool."""
    line = standing_reserve(panel)
    given = {"replaced": replaced, "ground": ground[:300], "by": by, "at": at}
    coming = _from_reserve(panel, [one for one, its in line if field in ("", its)], **given)  # type: ignore[arg-type]
    coming = coming or _from_pool(panel, field, seed=seed, **given)  # type: ignore[arg-type]
    if coming is None and field:
        coming = _from_reserve(panel, [one for one, its in line if its != field], **given)  # type: ignore[arg-type]
        coming = coming or _from_pool(panel, "", seed=seed, **given)  # type: ignore[arg-type]
    if coming is not None:
        PanelMember.objects.create(panel=panel, expert=coming, field=field, joined_at=at, replaces=replaced)
        invite(panel, [coming], at=at)
        record_panel("panel.add", panel, by=by, at=at, data={"members": [str(coming.public_id)]})
    return coming


def _from_reserve(
    panel: Panel, line: list[Expert], *, replaced: Expert | None, ground: str, by: User, at: datetime
) -> Expert | None:
    """The first of the line who can sit; whoever is passed over stands in the record with the reason."""
    against = reasons_against(line, list(judged_by(panel).with_names().order_by("pk")), until=panel.due_on)
    for key, name in seated_elsewhere(panel.round, panel.stage, but=panel).items():
        against.setdefault(key, []).append(f"已在{name}")
    place = next((place for place, one in enumerate(line) if one.pk not in against), None)
    if place is None:
        return None
    keep_draw(
        panel, purpose=Purpose.REPLACEMENT, method=Method.RESERVE, seed="", needed=1,
        candidates=[str(one.public_id) for one in line],
        excluded=[
            {"expert": str(one.public_id), "reason": "；".join(against[one.pk])} for one in line if one.pk in against
        ],
        result=[str(line[place].public_id)], replaced=replaced, ground=ground, by=by, at=at,
    )  # fmt: skip
    return line[place]


def _from_pool(
    panel: Panel, field: str, *, seed: str, replaced: Expert | None, ground: str, by: User, at: datetime
) -> Expert | None:
    free, excluded = free_for(panel, fields=[field] if field else [])
    if not free:
        return None
    seed, quotas = seed.strip() or fresh_seed(), [Quota(1, field=field)]
    drawn: Drawn = draw_by_field({str(one.public_id): fields_of(one) for one in free}, quotas, seed=seed)
    keep_lots(
        panel, Purpose.REPLACEMENT, seed, free, excluded, quotas, drawn, replaced=replaced, ground=ground, by=by, at=at
    )
    return next(one for one in free if str(one.public_id) == drawn.names[0])


def _pass_on(
    panel: Panel, expert: Expert, coming: Expert | None, because: str, *, seed: str, by: User, at: datetime
) -> None:
    """The readings not submitted go to the one who comes, or by lot to another; the leaver's access ends with all."""
    own = panel.assignments.active().filter(expert=expert).select_related("application__round", "sheet")
    DossierGrant.objects.filter(pk__in=own.values("grant"), revoked_at=None).update(
        revoked_at=at, revoked_because="退出评审组"
    )
    concluded = set(PanelOpinion.objects.filter(panel=panel).values_list("application_id", flat=True))
    for one in own.filter(sheet__submitted_at=None).exclude(application__in=concluded).order_by("application_id"):
        end_assignment(one, f"退出评审组：{because}", at=at)
        reader = coming or draw_replacement(
            panel, one.application, seed=seed or fresh_seed(), replaced=expert, ground=because, by=by, at=at
        )
        if reader is not None:
            open_assignment(panel, one.application, reader, by=by, at=at, replaces=one)


def end_assignment(assignment: Assignment, because: str, *, at: datetime) -> None:
    ScoreSheet.objects.filter(assignment=assignment, voided_at=None).update(voided_at=at, voided_because=because[:120])
    Assignment.objects.filter(pk=assignment.pk).update(ended_at=at, ended_because=because[:300])


def _find_chair(panel: Panel, *, by: User, at: datetime) -> None:
    """The member longest there leads until the office appoints one."""
    there = current_members(panel)
    if not there:
        return
    Panel.objects.filter(pk=panel.pk).update(chair=there[0])
    record_panel("panel.appoint_chair", panel, by=by, at=at, data={"expert": str(there[0].public_id)})
    send_message(
        people_of(panel.round.office), at=at, url=reverse("reviews:panel", args=[panel.public_id]),
        subject=f"{panel.label}评审组组长退出，暂由{there[0]}任组长，请确认或者改定",
    )  # fmt: skip


def _tell(panel: Panel, coming: Expert | None, *, at: datetime) -> None:
    if coming is not None:
        send_message([coming.user], subject=f"您已递补进入{panel.label}评审组", url=reverse("reviews:mine"), at=at)
        return
    minimum = rulebook_for(panel.round).review(panel.stage).panel_min.value
    left = len(current_members(panel))
    few = f"，现有{left}人，少于{minimum}人" if left < minimum else ""
    send_message(
        people_of(panel.round.office), at=at, url=reverse("reviews:panel", args=[panel.public_id]),
        subject=f"{panel.label}评审组成员退出后没有可以替补的专家{few}，请增补",
    )  # fmt: skip
