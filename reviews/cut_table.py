"""The table a cut is decided from: scores and what they are made of, ties at the line, how firm each place is (V5).

Nothing of it before every sheet of an application is in and its opinion concluded: it starts from the opinions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from applications.models import Application
from award_portal.lib.crypto import pseudonym
from awards.models import Round
from awards.parameters import rulebook_for
from awards.rulebook import Rulebook

from .aggregating import stage_scores
from .agreed_sheets import agreed_scores, agreed_sheet
from .combining import GivenVeto, combined, dropped_positions, reaches_floor, rounded, share_of
from .leaning import Leaning, leanings, panel_means
from .models import Assignment, CutLine, PanelOpinion
from .scoring import sheet_total
from .stability import TIED, Stability, leave_one_out, places_in_order

MARKS = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"


@dataclass(frozen=True)
class Ranked:
    """One line of the table: equal scores share a rank; `on_line` marks those tied across the ceiling.

    `percent` of the own total is what is compared, since criteria of different applicants add up to different totals.
    `barred` says why no score lets it go on: a veto, or a score under the floor.
    """

    application: Application
    opinion: PanelOpinion
    percent: Decimal
    rank: int
    above: bool
    on_line: bool
    barred: tuple[str, ...] = ()

    @property
    def panel(self) -> str:
        """Which of several panels of the stage judged it."""
        return self.opinion.panel.group_name


def ceiling_of(book: Rulebook, stage: str) -> int | None:
    """How many may go on: the rulebook's times the quota of all tiers, rounded down; None: all go on."""
    times = book.review(stage).cut_times_quota.value
    if times is None:
        return None
    return int(Decimal(str(times)) * sum(one.quota.value for one in book.tiers))


def places_left(round: Round, stage: str) -> int | None:
    """The ceiling less those whom earlier decisions of the stage let pass; None: no ceiling."""
    ceiling = ceiling_of(rulebook_for(round), stage)
    if ceiling is None:
        return None
    passed = CutLine.objects.filter(decision__round=round, decision__stage=stage, passing=True).count()
    return max(ceiling - passed, 0)


def ranked_table(round: Round, stage: str) -> list[Ranked]:
    """The stage's applications with a concluded opinion, highest share of the own total first (Y11), raw scores too."""
    standing = list(Application.objects.filter(round=round, state=stage).with_names())
    concluded = PanelOpinion.objects.filter(application__in=standing, stage=stage).select_related("panel__group")
    opinions = {one.application_id: one for one in concluded}
    judged = [one for one in standing if one.pk in opinions]
    vetoes = {pk: figures.vetoes for pk, figures in stage_scores(judged, stage).items()}
    shares = {pk: share_of(one.score, one.total) for pk, one in opinions.items()}
    barred = {one.pk: _barred(one.rulebook, stage, opinions[one.pk], vetoes.get(one.pk, [])) for one in judged}
    places = places_left(round, stage)
    line = places_in_order(shares, places, barred=[pk for pk, why in barred.items() if why])
    ranks: dict[Fraction, int] = {}
    table, running = [], 0
    rows = sorted(((shares[one.pk], one) for one in judged), key=lambda row: (-row[0], row[1].pk))
    for position, (share, one) in enumerate(rows, start=1):
        rank, opinion, why = ranks.setdefault(share, position), opinions[one.pk], barred[one.pk]
        running += not why
        above = not why and (places is None or running <= places)
        percent = rounded(opinion.score / opinion.total * 100)
        table.append(Ranked(one, opinion, percent, rank, above, on_line=line[one.pk] == TIED, barred=why))
    return table


def _barred(book: Rulebook, stage: str, opinion: PanelOpinion, vetoes: list[GivenVeto]) -> tuple[str, ...]:
    floor = book.review(stage).floor_percent
    found = [f"一票否决：{one.title}（{one.why}）" for one in vetoes]
    if floor is not None and not reaches_floor(opinion.score, opinion.total, floor.value):
        found.append(f"得分低于总分的{floor.value}%")
    return tuple(found)


def out_of_order(table: list[Ranked], going: Mapping[int, bool]) -> list[Ranked]:
    """Those who go on although a higher score that might have does not."""
    left = [one.rank for one in table if not going.get(one.application.pk) and not one.barred]
    return [one for one in table if going.get(one.application.pk) and any(rank < one.rank for rank in left)]


# -- what the scores are made of -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Raw:
    """One reader's total of an application; `dropped` by the trimmed mean.

    `before` is what the sheet said where the consensus changed it.
    """

    mark: str
    total: Decimal
    dropped: bool
    before: Decimal | None = None


@dataclass
class Firmness:
    """How firm a name's place is: its score without any one reader, and without whom it would stand elsewhere."""

    low: Decimal
    high: Decimal
    flips: list[str] = field(default_factory=list)
    # for the drawing, in per cent of its width
    low_at: float = 0
    high_at: float = 0
    mark_at: float = 0

    @property
    def width(self) -> float:
        return max(self.high_at - self.low_at, 0.4)


@dataclass(frozen=True)
class CutFigures:
    """Raw totals by application, each reader's leaning, and the firmness of each place; readers by a mark, no names."""

    raw: dict[int, list[Raw]]
    leaning: list[tuple[str, Leaning]]
    firmness: dict[int, Firmness]
    flipping: list[tuple[str, list[str]]]
    # where the stage has several panels: each with its mean in per cent and how it lies beside the others
    panels: list[tuple[str, Decimal, Leaning]]
    line_at: float | None


def cut_figures(round: Round, stage: str, table: list[Ranked]) -> CutFigures:
    """Everything beside the scores, for those whose opinion is concluded; three queries however many they are."""
    known = {one.application.pk: one for one in table}
    totals, submitted = _totals(known, stage)
    marks = dict(zip(_readers(totals), _marks(), strict=False))
    full = {pk: Fraction(one.opinion.total) for pk, one in known.items()}
    shares = _shares(totals, full)
    raw = {pk: _raw(known[pk].application.rulebook, stage, row, submitted[pk], marks) for pk, row in totals.items()}
    method = rulebook_for(round).review(stage).aggregation.value
    scores = {pk: share_of(one.opinion.score, one.opinion.total) for pk, one in known.items()}
    stable = leave_one_out(
        shares, scores, lambda rest: combined(rest, method), places=places_left(round, stage),
        barred=[pk for pk, one in known.items() if one.barred],
    )  # fmt: skip
    # how somebody scores alone is seen in the sheets, not in what the consensus made of them
    found = leanings(_shares(submitted, full))
    return CutFigures(
        raw=raw,
        leaning=[(mark, found[expert]) for expert, mark in marks.items() if expert in found],
        firmness=_drawn(known, stable, scores, marks),
        flipping=[
            (marks[one.reader], [str(known[pk].application.listed_name) for pk in one.moved])
            for one in stable.without if one.flips
        ],
        panels=_panels(known, scores),
        line_at=_line_at(table, stable, scores),
    )  # fmt: skip


Totals = dict[int, dict[int, Decimal]]


def _shares(totals: Totals, full: Mapping[int, Fraction]) -> dict[int, dict[int, Fraction]]:
    return {pk: {expert: Fraction(total) / full[pk] for expert, total in row.items()} for pk, row in totals.items()}


def _totals(known: Mapping[int, Ranked], stage: str) -> tuple[Totals, Totals]:
    """Application → reader → total: with the scores agreed in the consensus, which count, and as submitted."""
    active = Assignment.objects.active().submitted().filter(application__in=known, panel__stage=stage)
    rows = list(active.select_related("sheet", "expert").order_by("pk"))
    agreed = agreed_scores([one.pk for one in rows])
    counted: Totals = {}
    submitted: Totals = {}
    for one in rows:
        sheet = agreed_sheet(one.sheet, agreed.get(one.pk, {}))
        counted.setdefault(one.application_id, {})[one.expert_id] = sheet_total(sheet)
        submitted.setdefault(one.application_id, {})[one.expert_id] = sheet_total(one.sheet)
    return counted, submitted


def _readers(totals: Mapping[int, Mapping[int, Decimal]]) -> list[int]:
    """In an order that stays and that nobody can lay beside a list of names."""
    return sorted(
        {expert for row in totals.values() for expert in row}, key=lambda one: pseudonym(str(one), purpose="cut table")
    )


def _marks() -> list[str]:
    return [f"{one}" for one in MARKS] + [f"{one}{two}" for one in MARKS for two in MARKS]


def _raw(
    book: Rulebook, stage: str, row: Mapping[int, Decimal], before: Mapping[int, Decimal], marks: Mapping[int, str]
) -> list[Raw]:
    readers = sorted(row, key=lambda one: list(marks).index(one))
    out = dropped_positions([row[one] for one in readers], book.review(stage).aggregation.value)
    return [
        Raw(marks[one], row[one], place in out, before[one] if before[one] != row[one] else None)
        for place, one in enumerate(readers)
    ]


def _drawn(
    known: Mapping[int, Ranked], stable: Stability, scores: Mapping[int, Fraction], marks: Mapping[int, str]
) -> dict[int, Firmness]:
    low, high = _span(stable)
    found = {}
    for pk in known:
        least, most = stable.lowest[pk], stable.highest[pk]
        found[pk] = Firmness(
            low=_percent(least), high=_percent(most),
            flips=[marks[one.reader] for one in stable.flips_of(pk)],
            low_at=_at(least, low, high), high_at=_at(most, low, high), mark_at=_at(scores[pk], low, high),
        )  # fmt: skip
    return found


def _panels(known: Mapping[int, Ranked], scores: Mapping[int, Fraction]) -> list[tuple[str, Decimal, Leaning]]:
    found = panel_means(scores, {pk: one.panel for pk, one in known.items()})
    return [(name, _percent(one.mean), one.leaning) for name, one in sorted(found.items())]


def _line_at(table: list[Ranked], stable: Stability, scores: Mapping[int, Fraction]) -> float | None:
    """Between the last who goes on and the first who does not, as the drawing's scale has it."""
    inside = [scores[one.application.pk] for one in table if one.above]
    outside = [scores[one.application.pk] for one in table if not one.above and not one.barred]
    if not inside or not outside:
        return None
    return _at((min(inside) + max(outside)) / 2, *_span(stable))


def _span(stable: Stability) -> tuple[Fraction, Fraction]:
    lowest, highest = (
        min(stable.lowest.values(), default=Fraction(0)),
        max(stable.highest.values(), default=Fraction(1)),
    )
    room = max((highest - lowest) / 20, Fraction(1, 200))
    return lowest - room, highest + room


def _at(value: Fraction, low: Fraction, high: Fraction) -> float:
    return round(float((value - low) / (high - low) * 100), 2)


def _percent(share: Fraction) -> Decimal:
    return rounded(Decimal(share.numerator) / share.denominator * 100)
