"""The office's board of the review: each stage of each round with how far it is; counts only, never a score."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count, Q

from applications.models import Application
from awards.models import Round
from awards.parameters import rulebook_for
from organizations.models import User

from .models import Assignment, Panel, PanelOpinion


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


def review_board(user: User) -> list[StageRow]:
    """Every review stage of the person's published rounds, in a fixed number of queries."""
    rounds = list(Round.objects.visible_to(user).published().select_related("scheme", "edition", "office"))
    rounds.sort(key=lambda one: (one.published_at, one.pk), reverse=True)
    standing = Counter(Application.objects.filter(round__in=rounds).values_list("round_id", "state"))
    panels = {(one.round_id, one.stage): one for one in Panel.objects.filter(round__in=rounds).with_round()}
    sheets = {
        row["panel"]: row
        for row in Assignment.objects.active()
        .filter(panel__round__in=rounds)
        .order_by()
        .values("panel")
        .annotate(assigned=Count("pk"), submitted=Count("pk", filter=Q(sheet__submitted_at__isnull=False)))
    }
    opinions = Counter(PanelOpinion.objects.filter(panel__round__in=rounds).values_list("panel_id", flat=True))
    rows = []
    for round in rounds:
        book = rulebook_for(round)
        for stage in book.review_states:
            panel = panels.get((round.pk, stage))
            count = sheets.get(panel.pk, {}) if panel else {}
            rows.append(
                StageRow(
                    round,
                    stage,
                    book.label(stage),
                    standing[round.pk, stage],
                    panel,
                    count.get("assigned", 0),
                    count.get("submitted", 0),
                    opinions[panel.pk] if panel else 0,
                )
            )
    return rows


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
    judged = Q(pk__in=readers) | Q(state=panel.stage)
    rows = Application.objects.filter(round=panel.round).filter(judged).with_names().order_by("pk")
    return [ApplicationRow(one, readers.get(one.pk, []), opinions.get(one.pk)) for one in rows]
