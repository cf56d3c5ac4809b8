"""The figures of a stage once every sheet of the application is in (U11.5–U11.7).

No number that comes from a sheet leaves this module before the last sheet is in: `stage_score` answers None for
everybody, the office included.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from applications.models import Application

from .agreed_sheets import ScoredSheet, agreed_scores, agreed_sheet, in_lot_order
from .combining import GivenVeto, aggregate, given_vetoes, rounded
from .models import Assignment
from .scoring import sheet_total
from .sheet_words import TEXTS, rubric_of


@dataclass(frozen=True)
class ItemScores:
    key: str
    title: str
    points: Decimal
    scores: list[Decimal]
    strengths: list[str]
    improvements: list[str]
    is_discrepant: bool

    @property
    def mean(self) -> Decimal:
        return rounded(sum(self.scores, Decimal(0)) / len(self.scores))

    @property
    def spread(self) -> Decimal:
        return max(self.scores) - min(self.scores)


@dataclass(frozen=True)
class StageScore:
    """The figures of one application at one stage, all sheets in; raw totals in the order of `in_lot_order`."""

    score: Decimal
    raw: list[Decimal]
    total: Decimal
    items: list[ItemScores]
    comments: list[str]
    vetoes: list[GivenVeto] = field(default_factory=list)

    @property
    def discrepancies(self) -> list[ItemScores]:
        return [one for one in self.items if one.is_discrepant]

    @property
    def percent(self) -> Decimal:
        return rounded(self.score / self.total * 100)


def stage_score(application: Application, stage: str, *, original: bool = False) -> StageScore | None:
    """The stage's figures, or None for as long as one sheet is out or the readers are too few.

    With the scores changed in the consensus; `original`: as the sheets were submitted.
    """
    return stage_scores([application], stage, original=original).get(application.pk)


def stage_scores(applications: Iterable[Application], stage: str, *, original: bool = False) -> dict[int, StageScore]:
    """The same for many, in three queries: the applications whose last sheet is in, and no others."""
    applications = list(applications)
    rows: dict[int, list[Assignment]] = {}
    active = Assignment.objects.active().filter(application__in=applications, panel__stage=stage)
    for one in active.select_related("sheet").order_by("pk"):
        rows.setdefault(one.application_id, []).append(one)
    agreed = {} if original else agreed_scores([one.pk for row in rows.values() for one in row])
    found = {}
    for application in applications:
        book = application.rulebook
        mine = rows.get(application.pk, [])
        if len(mine) >= book.review(stage).readers_min.value and all(one.sheet.submitted_at for one in mine):
            sheets = [agreed_sheet(one.sheet, agreed.get(one.pk, {})) for one in in_lot_order(mine)]
            found[application.pk] = figures(application, sheets, stage)
    return found


def figures(application: Application, sheets: Sequence[ScoredSheet], stage: str) -> StageScore:
    """One score from the sheets, as the rulebook aggregates; items whose scores lie too far apart are flagged."""
    rule, rubric = application.rulebook.review(stage), rubric_of(application, stage)
    items = []
    for item in rubric.items:
        rows = [one.items[item.key] for one in sheets]
        scores, points = [Decimal(row["score"]) for row in rows], Decimal(item.points)
        apart = (max(scores) - min(scores)) * 100 > points * rule.discrepancy_percent.value
        words = {name: [row[name] for row in rows if row.get(name)] for name in TEXTS}
        items.append(ItemScores(item.key, item.title, points, scores, is_discrepant=apart, **words))
    raw = [sheet_total(one) for one in sheets]
    return StageScore(
        score=aggregate(raw, rule.aggregation.value), raw=raw, total=Decimal(rubric.total.value), items=items,
        comments=[one.comments for one in sheets], vetoes=given_vetoes(rubric, [one.items for one in sheets]),
    )  # fmt: skip
