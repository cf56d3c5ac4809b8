"""Which panel of a stage judges an application: the stage's one panel, or that of the application's group (V2).

Read only; `grouping.py` sets the groups up and distributes the applications.
"""

from __future__ import annotations

from django.db.models import Q

from applications.models import Application, ApplicationQuerySet
from awards.models import Round

from .models import GroupPlace, Panel, PanelGroup


def groups_of(round: Round, stage: str) -> list[PanelGroup]:
    """The groups the stage is divided into; none where it has one panel for everything."""
    return list(PanelGroup.objects.of_stage(round, stage))


def panel_of(application: Application, stage: str) -> Panel | None:
    """The panel that judges the application at the stage; None before it is formed, or before it is in a group."""
    panels = Panel.objects.with_round().filter(round=application.round_id, stage=stage)
    own = Q(group__places__application=application, group__places__stage=stage)
    return panels.filter(Q(group=None) | own).first()


def own_applications(round: Round, group: PanelGroup | None) -> ApplicationQuerySet:
    """Every application of the round, or those placed in the group."""
    rows = Application.objects.filter(round=round)
    return rows if group is None else rows.filter(pk__in=GroupPlace.objects.filter(group=group).values("application"))


def judged_by(panel: Panel) -> ApplicationQuerySet:
    """The applications that stand at the panel's stage now and are its own."""
    return own_applications(panel.round, panel.group).filter(state=panel.stage)


def unplaced_of(round: Round, stage: str) -> ApplicationQuerySet:
    """Those who stand at a divided stage and are in no group yet; none where the stage is not divided."""
    rows = Application.objects.filter(round=round, state=stage)
    if not PanelGroup.objects.filter(round=round, stage=stage).exists():
        return rows.none()
    return rows.exclude(pk__in=GroupPlace.objects.filter(stage=stage, group__round=round).values("application"))
