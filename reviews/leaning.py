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
        if self.n < FEWEST:
            return "份数少，不作判断"
        if abs(self.mean) < NOTABLE:
            return "与其他专家接近"
        return "偏宽" if self.mean > 0 else "偏严"

    @property
    def percent(self) -> str:
        """Signed per cent of the full score, to one decimal."""
        return f"{float(self.mean * 100):+.1f}%"


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
