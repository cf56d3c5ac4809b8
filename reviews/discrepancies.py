"""How far apart the readers of an application are, item by item, and who leads them to one opinion (U11.5, B14).

Nothing here answers before the last sheet is in, and no score stands beside a name.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from applications.models import Application
from applications.rules import on_duty
from organizations.models import User

from .aggregating import ItemScores, stage_score
from .agreed_sheets import in_lot_order
from .late_conflicts import stands_back
from .models import Assignment, Expert, Panel


def leader_of(panel: Panel, application: Application) -> Expert:
    """Who leads on this application: the panel's leader, or where they must not judge it the first of its readers."""
    if not stands_back(panel.chair, [application]):
        return panel.chair
    first = Assignment.objects.of_stage(application, panel.stage).select_related("expert__user").order_by("pk").first()
    return first.expert if first else panel.chair


def led_by(user: User) -> list[tuple[Panel, list[Application]]]:
    """The panels the person leads, each with the applications they lead it on; the same few queries for any number."""
    own = Q(chair__user=user) | Q(assignments__expert__user=user, assignments__ended_at=None)
    panels = list(Panel.objects.with_round().filter(own).distinct())
    rows = list(Assignment.objects.active().filter(panel__in=panels).with_names().order_by("pk"))
    applications = list({one.application_id: one.application for one in rows}.values())
    barred = {one.chair_id: stands_back(one.chair, applications) for one in panels}
    found = []
    for panel in panels:
        first: dict[int, Assignment] = {}
        for one in rows:
            if one.panel_id == panel.pk:
                first.setdefault(one.application_id, one)
        led = [
            one.application
            for one in first.values()
            if ((one.expert if one.application_id in barred[panel.chair_id] else panel.chair).user_id == user.pk)
        ]
        if led or panel.chair.user_id == user.pk:
            found.append((panel, led))
    return found


def may_lead(panel: Panel, application: Application, by: User) -> bool:
    """The leader on this application, or the office that keeps the panel's papers."""
    return leader_of(panel, application).user_id == by.pk or on_duty(by, panel.round.office, panel.round)


def flagged_items(application: Application, stage: str) -> list[ItemScores]:
    """The items whose submitted scores lie further apart than the rulebook lets stand; none before all are in."""
    found = stage_score(application, stage, original=True)
    return found.discrepancies if found else []


@dataclass(frozen=True)
class MatrixRow:
    """One item: each expert's submitted and agreed score in lot order."""

    key: str
    title: str
    points: str
    cells: list[tuple[str, str]]
    spread: str
    percent: int
    is_flagged: bool
    spread_after: str


def discrepancy_matrix(application: Application, stage: str) -> list[MatrixRow]:
    """Item × expert without a name, submitted and after the consensus; empty before the last sheet is in."""
    before, after = stage_score(application, stage, original=True), stage_score(application, stage)
    if before is None or after is None:
        return []
    return [
        MatrixRow(
            key=one.key, title=one.title, points=f"{one.points.normalize():f}",
            cells=[(str(a), str(b)) for a, b in zip(one.scores, then.scores, strict=True)],
            spread=str(one.spread), percent=round(one.spread * 100 / one.points), is_flagged=one.is_discrepant,
            spread_after=str(then.spread),
        )
        for one, then in zip(before.items, after.items, strict=True)
    ]  # fmt: skip


def column_of(assignment: Assignment) -> int:
    """Which column of the matrix is this reader's own, counted from 1."""
    rows = in_lot_order(Assignment.objects.of_stage(assignment.application, assignment.panel.stage))
    return 1 + [one.pk for one in rows].index(assignment.pk)
