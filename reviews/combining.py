"""From many numbers to one, as the rulebook says: mean, trimmed mean, weighted stages, floors, vetoes (V5, B15, Y11).

Pure functions; exact until the last rounding.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from fractions import Fraction

from awards.rulebook import Rubric

CENT = Decimal("0.01")
# the word a sheet keeps a veto in, beside its reason
VETO = "veto"

Items = Mapping[str, Mapping[str, str]]


def rounded(value: Decimal) -> Decimal:
    return value.quantize(CENT, ROUND_HALF_UP)


def dropped_positions(totals: Sequence[Decimal | Fraction], method: str) -> frozenset[int]:
    """Where the highest and the lowest stand that a trimmed mean leaves out; of equal ones the first, only one each."""
    if method != "trimmed_mean" or len(totals) < 3:
        return frozenset()
    lowest = min(range(len(totals)), key=lambda place: totals[place])
    highest = max((place for place in range(len(totals)) if place != lowest), key=lambda place: totals[place])
    return frozenset((lowest, highest))


def combined(totals: Sequence[Fraction], method: str) -> Fraction:
    """The mean, or the mean without the highest and the lowest when there are enough to drop them; exact."""
    out = dropped_positions(totals, method)
    kept = [one for place, one in enumerate(totals) if place not in out]
    return sum(kept, Fraction(0)) / len(kept)


def aggregate(totals: Sequence[Decimal], method: str) -> Decimal:
    """The score of a stage: the combined totals, kept to two decimals."""
    exact = combined([Fraction(one) for one in totals], method)
    return rounded(Decimal(exact.numerator) / exact.denominator)


@dataclass(frozen=True)
class Weighed:
    """One stage's score with its full score and its weight in the composite."""

    score: Decimal
    total: Decimal
    weight: Decimal


def composite_percent(parts: Sequence[Weighed]) -> Decimal:
    """The stages' scores in per cent of their totals, weighted over the stages there were (B15).

    To two decimals; rounding never lifts a score onto a whole per cent, where the floors stand (Y11).
    """
    whole = sum((Fraction(one.weight) for one in parts), Fraction(0))
    if not whole:
        return Decimal(0)
    exact = sum((share_of(one.score, one.total) * Fraction(one.weight) for one in parts), Fraction(0)) / whole * 100
    value = Decimal(exact.numerator) / exact.denominator
    near = rounded(value)
    if near == near.to_integral_value() and Fraction(near) > exact:
        return value.quantize(CENT, ROUND_FLOOR)
    return near


def share_of(score: Decimal, total: Decimal) -> Fraction:
    """The score as an exact part of its total: two are equal only when they are."""
    return Fraction(score) / Fraction(total)


def reaches_floor(score: Decimal, total: Decimal, percent: int | None) -> bool:
    """Not under so many per cent of the total; just that many is enough (Y11: 不低于)."""
    return percent is None or share_of(score, total) * 100 >= percent


@dataclass(frozen=True)
class GivenVeto:
    """一票否决 on an application: what was found, and by how many of its readers or by which score."""

    key: str
    title: str
    why: str


def given_vetoes(rubric: Rubric, sheets: Sequence[Items]) -> list[GivenVeto]:
    """The vetoes the readers found by the rule of each, and the items whose mean stays under their own floor."""
    found = []
    for veto in rubric.vetoes:
        votes = sum(1 for one in sheets if one.get(veto.key, {}).get(VETO) == "yes")
        if veto.is_given(votes, len(sheets)):
            found.append(GivenVeto(veto.key, veto.title, f"{len(sheets)}名专家中{votes}名认定"))
    for item in rubric.items:
        scores = [Decimal(row["score"]) for one in sheets if (row := one.get(item.key, {})).get("score")]
        if item.floor_percent is None or not scores:
            continue
        mean = sum(scores, Decimal(0)) / len(scores)
        if not reaches_floor(mean, Decimal(item.points), item.floor_percent):
            why = f"平均{rounded(mean)}分，低于该项{item.points}分的{item.floor_percent}%"
            found.append(GivenVeto(item.key, item.title, why))
    return found
