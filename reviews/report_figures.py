"""What the review report counts, from the data: who was left at each step, how it was organised, how scores lie (V7).

Plain values, so that they are frozen with the report. Only opinions that were concluded are counted: no figure leaves a
stage before its last sheet is in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from statistics import median
from typing import Any

from django.db.models import Count

from applications.models import Application, Step
from applications.pipeline import State
from award_portal.lib import clock
from awards.models import Round
from awards.parameters import rulebook_for
from awards.rulebook import Rulebook

from .aggregating import StageScore, rounded, stage_scores
from .models import Assignment, CutLine, DrawRecord, Panel, PanelOpinion, Recusal, Session, SessionSlot
from .scoring import rubric_of

Plain = dict[str, Any]
MOST_COLUMNS = 10
DRAWN = (DrawRecord.Purpose.PANEL, DrawRecord.Purpose.ADDITION, DrawRecord.Purpose.REPLACEMENT)


def figures_of(round: Round, candidates: Sequence[Application]) -> Plain:
    """Everything the charts and tables of the report show; the candidates in the report's own order."""
    book = rulebook_for(round)
    submitted = list(Application.objects.filter(round=round).submitted().with_names().order_by("pk"))
    reached = reached_by(book, submitted)
    opinions = list(
        PanelOpinion.objects.filter(application__round=round)
        .select_related("application__organization", "application__round")
        .order_by("pk")
    )
    return {
        "funnel": _funnel(book, submitted, reached, candidates),
        "stages": [_stage(round, book, state, opinions) for state in book.review_states],
        "recusals": _recusals(round),
        "distribution": [one for state in book.review_states if (one := _distribution(book, state, opinions))],
        "districts": _groups(submitted, candidates, "district"),
        "industries": _groups(submitted, candidates, "industry"),
        "profiles": profiles_of(book, candidates, opinions),
        "left": _left(round, book),
    }


def reached_by(book: Rulebook, applications: Iterable[Application]) -> dict[int, int]:
    """Application pk → how far it ever came along the scheme's own stages; -1 before the first."""
    place = {state: number for number, state in enumerate((*book.states, State.AWARDED))}
    applications = list(applications)
    found = {one.pk: place.get(one.state, -1) for one in applications}
    steps = Step.objects.filter(application__in=applications).values_list("application", "from_state", "to_state")
    for pk, left, entered in steps:
        found[pk] = max(found[pk], place.get(left, -1), place.get(entered, -1))
    return found


def _funnel(
    book: Rulebook, submitted: list[Application], reached: dict[int, int], candidates: Sequence[Application]
) -> list[Plain]:
    order = list(book.states)

    def came_to(state: str) -> int:
        return sum(1 for far in reached.values() if far >= order.index(state))

    accepted = sum(1 for far in reached.values() if far > order.index(State.QUALIFICATION))
    rows = [("申报", len(submitted)), ("推荐", came_to(State.QUALIFICATION)), ("受理", accepted)]
    rows += [(f"进入{book.label(state)}", came_to(state)) for state in book.review_states]
    return [{"label": label, "count": count} for label, count in [*rows, ("候选", len(candidates))]]


def _stage(round: Round, book: Rulebook, state: str, opinions: list[PanelOpinion]) -> Plain:
    """How a stage was organised: its panels, draws, sheets, sessions, opinions, and who went on."""
    panels = Panel.objects.filter(round=round, stage=state)
    draws = DrawRecord.objects.filter(panel__in=panels, purpose__in=DRAWN).values_list("result", flat=True)
    sessions = list(Session.objects.filter(panel__in=panels).values_list("starts_at", flat=True))
    lines = Counter(CutLine.objects.filter(decision__round=round, decision__stage=state).values_list("passing"))
    mine = [one for one in opinions if one.stage == state]
    sheets = Assignment.objects.active().filter(panel__in=panels).submitted()
    return {
        "key": state,
        "label": book.label(state),
        "ground": book.ground(book.stage(state)),
        "panels": panels.count(),
        "members": panels.filter(members__left_at=None).aggregate(count=Count("members"))["count"],
        "drawn": sum(len(one) for one in draws if isinstance(one, list)),
        "sheets": sheets.count(),
        "opinions": len(mine),
        "consensus": sum(1 for one in mine if one.discrepancies),
        "sessions": len(sessions),
        "session_days": len({clock.day_of(one) for one in sessions}),
        "visited": SessionSlot.objects.filter(session__panel__in=panels).count(),
        "passed": lines[True,],
        "stayed": lines[False,],
    }


def _recusals(round: Round) -> Plain:
    granted = Recusal.objects.filter(application__round=round, state=Recusal.State.GRANTED)
    by_source = Counter(granted.values_list("source", flat=True))
    rows = [{"label": source.label, "count": by_source[source.value]} for source in Recusal.Source]
    return {"count": sum(by_source.values()), "rows": rows}


def _distribution(book: Rulebook, state: str, opinions: list[PanelOpinion]) -> Plain | None:
    """The stage's scores in percent of each own total, in columns of equal width; None where nothing is concluded."""
    shares = sorted(one.score / one.total * 100 for one in opinions if one.stage == state)
    if not shares:
        return None
    first = int(shares[0] // 5 * 5)
    wide = 5 if 100 - first <= 5 * MOST_COLUMNS else 10
    first = int(shares[0] // wide * wide) if shares[0] < 100 else 100 - wide
    starts = range(first, 100, wide)
    columns = [
        {"label": f"{start}–{start + wide}", "count": sum(1 for one in shares if _column(one, start, wide))}
        for start in starts
    ]
    return {
        "key": state,
        "label": book.label(state),
        "columns": columns,
        "count": len(shares),
        "lowest": str(rounded(shares[0])),
        "median": str(rounded(Decimal(median(shares)))),
        "highest": str(rounded(shares[-1])),
    }


def _column(share: Decimal, start: int, wide: int) -> bool:
    """Whether a share falls in a column; the last one holds the full hundred too."""
    return start <= share < start + wide or (share == 100 and start + wide >= 100)


def _groups(submitted: list[Application], candidates: Sequence[Application], name: str) -> list[Plain]:
    every, chosen = (Counter(getattr(one, name) or "未填写" for one in group) for group in (submitted, candidates))
    return [{"label": label, "all": count, "some": chosen[label]} for label, count in every.most_common()]


def profiles_of(book: Rulebook, candidates: Sequence[Application], opinions: list[PanelOpinion]) -> list[Plain]:
    """Each candidate's items in percent of their points, beside the median of all judged by the same rubric."""
    concluded: dict[str, list[Application]] = {}
    for opinion in opinions:
        concluded.setdefault(opinion.stage, []).append(opinion.application)
    measured = {state: _Measured(book, state, concluded.get(state, [])) for state in book.review_states}
    found = []
    for one in candidates:
        stages = [stage for state in book.review_states if (stage := measured[state].profile(one))]
        found.append({"name": one.listed_name, "number": one.number, "stages": stages})
    return found


class _Measured:
    """The items of one stage for all its applications, with the median of each item in its rubric."""

    def __init__(self, book: Rulebook, state: str, applications: list[Application]) -> None:
        self.label, self.stage = book.label(state), state
        self.scores: dict[int, StageScore] = stage_scores(applications, state) if applications else {}
        self.rubrics = {one.pk: rubric_of(one, state).key for one in applications if one.pk in self.scores}
        shares: dict[tuple[str, str], list[Decimal]] = {}
        for pk, score in self.scores.items():
            for item in score.items:
                shares.setdefault((self.rubrics[pk], item.key), []).append(item.mean / item.points * 100)
        self.medians = {key: rounded(Decimal(median(values))) for key, values in shares.items()}

    def profile(self, application: Application) -> Plain | None:
        score = self.scores.get(application.pk)
        if score is None:
            return None
        rubric = self.rubrics[application.pk]
        rows = [
            {
                "key": item.key,
                "title": item.title,
                "points": str(item.points),
                "mean": str(item.mean),
                "percent": str(rounded(item.mean / item.points * 100)),
                "median": str(self.medians[rubric, item.key]),
            }
            for item in score.items
        ]
        return {"key": self.stage, "label": self.label, "rows": rows}


def _left(round: Round, book: Rulebook) -> list[Plain]:
    """Those who did not go on, stage by stage, with rank and reason as decided."""
    lines = CutLine.objects.filter(decision__round=round, passing=False).select_related(
        "decision", "application__organization"
    )
    order = list(book.review_states)
    rows = sorted(lines, key=lambda one: (order.index(one.decision.stage), one.rank, one.pk))
    return [
        {
            "name": one.application.listed_name,
            "number": one.application.number,
            "stage": book.label(one.decision.stage),
            "rank": one.rank,
            "score": str(one.score),
            "reason": one.reason,
        }
        for one in rows
    ]
