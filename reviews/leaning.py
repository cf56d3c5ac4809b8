"""How harsh or lenient each reader is beside the others on the same applications; shown, never corrected for (V5).

Pure functions over {application: {reader: share of the full score}}.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

Shares = Mapping[int, Mapping[int, Fraction]]

# read with fewer others than this, or nearer to them than this, a leaning says nothing
FEWEST = 3
NOTABLE = Fraction(3, 100)


@dataclass(frozen=True)
class Leaning:
    """The mean distance of a reader from the mean of the other readers, as a share of the full score, over `n`."""

    n: int
    mean: Fraction

    @property
    def word(self) -> str:
        return self.word_among("专家")

    @property
    def word_of_panels(self) -> str:
        return self.word_among("评审组")

    def word_among(self, others: str) -> str:
        if self.n < FEWEST:
            return "份数少，不作判断"
        if abs(self.mean) < NOTABLE:
            return f"与其他{others}接近"
        return "偏宽" if self.mean > 0 else "偏严"

    @property
    def percent(self) -> str:
        """Signed per cent of the full score, to one decimal; nothing has no sign."""
        return f"{round(float(self.mean * 100), 1) or 0.0:+.1f}%".replace("+0.0%", "0.0%")


def leanings(shares: Shares) -> dict[int, Leaning]:
    """Each reader's leaning over the applications somebody else read too; who read none of these is left out."""
    apart: dict[int, list[Fraction]] = {}
    for readers in shares.values():
        if len(readers) < 2:
            continue
        whole = sum(readers.values(), Fraction(0))
        for reader, share in readers.items():
            others = (whole - share) / (len(readers) - 1)
            apart.setdefault(reader, []).append(share - others)
    return {reader: Leaning(len(found), sum(found, Fraction(0)) / len(found)) for reader, found in apart.items()}


@dataclass(frozen=True)
class PanelMean:
    """One panel's mean share of the full score, and how far it lies from the mean of the other panels'."""

    mean: Fraction
    leaning: Leaning


def panel_means(scores: Mapping[int, Fraction], panel_of: Mapping[int, str]) -> dict[str, PanelMean]:
    """Panel → its mean beside the others' mean; empty where one panel judged them all.

    Panels judge different applications: a distance may be theirs or the applicants'. Nothing is corrected for it.
    """
    rows: dict[str, list[Fraction]] = {}
    for key, score in scores.items():
        rows.setdefault(panel_of[key], []).append(score)
    if len(rows) < 2:
        return {}
    whole, count = sum(scores.values(), Fraction(0)), len(scores)
    found = {}
    for panel, mine in rows.items():
        mean = sum(mine, Fraction(0)) / len(mine)
        others = (whole - sum(mine, Fraction(0))) / (count - len(mine))
        found[panel] = PanelMean(mean, Leaning(len(mine), mean - others))
    return found
