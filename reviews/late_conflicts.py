"""A tie found after the assignment shuts the dossier with the next request; the office carries the recusal out (U23).

The graph is asked again at every door: the assignment, the dossier, the sheet. Nothing is stored that could go stale.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from applications.desk_rules import DeskRefused
from applications.models import Application
from applications.reading import grant_guard
from awards.models import Round
from organizations.models import User

from .conflicts import Conflict, conflicts_between, conflicts_of
from .models import Assignment, Expert, Panel, Recusal
from .recusal import order_recusal


@dataclass(frozen=True)
class LateConflict:
    """A running assignment whose expert turns out to be tied to the applicant."""

    assignment: Assignment
    conflicts: list[Conflict]

    @property
    def reason(self) -> str:
        return "；".join(str(one) for one in self.conflicts)

    @property
    def ground(self) -> str:
        """The rulebook's ground that covers the first of the ties."""
        recusal = self.assignment.application.rulebook.recusal
        covering = recusal.ground_for(self.conflicts[0].kind)
        return covering.key if covering else recusal.grounds[0].key


@grant_guard
def reader_is_free(application: Application, user: User) -> bool:
    """An expert reads nothing of an applicant he is tied to, whatever was granted."""
    pool = Expert.objects.of_scheme(application.round.scheme.key).filter(user=user)
    expert = pool.select_related("user").first()
    return expert is None or not conflicts_of(expert, application)


def late_conflicts(assignments: Iterable[Assignment]) -> list[LateConflict]:
    """Those of the assignments whose expert is tied to the applicant, in the same few queries for any number."""
    rows = [one for one in assignments if one.ended_at is None]
    experts = {one.expert_id: one.expert for one in rows}
    applications = {one.application_id: one.application for one in rows}
    found = conflicts_between(list(experts.values()), list(applications.values()))
    pairs = ((one, found.get((one.expert_id, one.application_id))) for one in rows)
    return [LateConflict(one, reasons) for one, reasons in pairs if reasons]


def late_conflicts_of_office(user: User) -> list[LateConflict]:
    """What waits at the office: ties found where an expert reads now."""
    running = Assignment.objects.active().filter(
        panel__round__in=Round.objects.visible_to(user), application__state=F("panel__stage")
    )
    return late_conflicts(running.with_names().order_by("pk"))


def carry_out_late(assignment: Assignment, *, by: User, at: datetime, seed: str = "") -> Recusal:
    """The office's one button: the recusal ordered on the ground and the facts the graph found."""
    found = late_conflicts([assignment])
    if not found:
        raise DeskRefused.because(
            "没有发现该专家与本申报的利害关系，无须回避。页面可能已过时，请刷新。",
            assignment.application.rulebook.recusal_ground,
        )
    one = found[0]
    return order_recusal(assignment, ground=one.ground, reason=one.reason[:1000], by=by, at=at, seed=seed)


def stands_back(expert: Expert, applications: Collection[Application]) -> set[int]:
    """Of these applications the ones the expert takes no part in: recused from, or tied to."""
    recused = expert.recusals.filter(state=Recusal.State.GRANTED, application__in=[one.pk for one in applications])
    tied = {key for _, key in conflicts_between([expert], applications)}
    return tied | set(recused.values_list("application_id", flat=True))


def refuse_chair_who_stands_back(panel: Panel, application: Application, *, by: User) -> None:
    """A leader who stepped back from a name, or must, does not conclude on it: the office does (U23)."""
    if panel.chair.user_id == by.pk and stands_back(panel.chair, [application]):
        raise DeskRefused.because(
            "组长对本申报应当回避，评审意见由办公室组织其他成员形成。", application.rulebook.recusal_ground
        )
