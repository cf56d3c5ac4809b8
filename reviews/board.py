"""The office's board of the review: each stage of each round with how far it is; counts only, never a score."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count, F, Q, QuerySet

from applications.models import Application
from awards.models import Round
from awards.parameters import rulebook_for
from organizations.models import User

from .models import Assignment, GroupPlace, Panel, PanelGroup, PanelOpinion
from .panel_places import judged_by


@dataclass(frozen=True)
class StageRow:
    round: Round
    stage: str
    label: str
    standing: int
    panel: Panel | None
    assigned: int
    submitted: int
    opinions: int
    # where the stage has several panels: which of them, and on the first how many applications are in none yet
    group: PanelGroup | None = None
    unplaced: int = 0

    @property
    def title(self) -> str:
        return f"{self.label}{self.group.name if self.group else ''}"


def review_board(user: User) -> list[StageRow]:
    """Every review stage of the person's published rounds, in a fixed number of queries."""
    rounds = list(Round.objects.visible_to(user).published().select_related("scheme", "edition", "office"))
    rounds.sort(key=lambda one: (one.published_at, one.pk), reverse=True)
    standing = Counter(Application.objects.filter(round__in=rounds).values_list("round_id", "state"))
    panels = {(one.round_id, one.stage, one.group_id): one for one in _panels_of(rounds)}
    groups: dict[tuple[int, str], list[PanelGroup]] = {}
    for one in PanelGroup.objects.filter(round__in=rounds).order_by("pk"):
        groups.setdefault((one.round_id, one.stage), []).append(one)
    placed = Counter(
        GroupPlace.objects.filter(group__round__in=rounds, application__state=F("stage")).values_list(
            "group_id", flat=True
        )
    )
    sheets = _sheets_of(rounds)
    opinions = Counter(PanelOpinion.objects.filter(panel__round__in=rounds).values_list("panel_id", flat=True))
    rows = []
    for round in rounds:
        book = rulebook_for(round)
        for stage in book.review_states:
            mine: list[PanelGroup | None] = [*groups.get((round.pk, stage), [])] or [None]
            whole = standing[round.pk, stage]
            left = whole - sum(placed[one.pk] for one in mine if one)
            for number, group in enumerate(mine):
                panel = panels.get((round.pk, stage, group.pk if group else None))
                count = sheets.get(panel.pk, {}) if panel else {}
                rows.append(
                    StageRow(
                        round, stage, book.label(stage), placed[group.pk] if group else whole, panel,
                        count.get("assigned", 0), count.get("submitted", 0), opinions[panel.pk] if panel else 0,
                        group, left if group and not number else 0,
                    )
                )  # fmt: skip
    return rows


def _panels_of(rounds: list[Round]) -> QuerySet[Panel]:
    return Panel.objects.filter(round__in=rounds).with_round()


def _sheets_of(rounds: list[Round]) -> dict[int, dict[str, int]]:
    """Panel → sheets assigned and submitted."""
    rows = Assignment.objects.active().filter(panel__round__in=rounds).order_by().values("panel")
    counted = rows.annotate(assigned=Count("pk"), submitted=Count("pk", filter=Q(sheet__submitted_at__isnull=False)))
    return {row["panel"]: {"assigned": row["assigned"], "submitted": row["submitted"]} for row in counted}


@dataclass(frozen=True)
class ApplicationRow:
    application: Application
    readers: list[Assignment]
    opinion: PanelOpinion | None

    @property
    def submitted(self) -> int:
        return sum(1 for one in self.readers if one.sheet.submitted_at)


def panel_rows(panel: Panel) -> list[ApplicationRow]:
    """The applications of a panel with their readers: who has submitted, not what."""
    readers: dict[int, list[Assignment]] = {}
    for one in panel.assignments.active().select_related("expert__user", "sheet").order_by("pk"):
        readers.setdefault(one.application_id, []).append(one)
    opinions = {one.application_id: one for one in panel.opinions.select_related("document")}
    standing = judged_by(panel).values("pk")
    rows = Application.objects.filter(Q(pk__in=readers) | Q(pk__in=standing)).with_names().order_by("pk")
    return [ApplicationRow(one, readers.get(one.pk, []), opinions.get(one.pk)) for one in rows]
