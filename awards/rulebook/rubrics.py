"""The criteria experts score by: items with points, what each band of a score means, and what bars (U5, Y10)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from .values import Count, Grounded, Key, Number, Part, Positive, Ruled, Subject, Text

HALF_POINT = Decimal("0.5")
Percent = Annotated[Count, Field(le=100)]


class Band(Part):
    """A scoring band: from `at_least` per cent of the item's points to `at_most`, or up to the next band."""

    key: Key
    label: Text
    at_least: Percent
    at_most: Percent | None = None
    text: Text


class Factor(Part):
    """One of the sides an item is looked at from: 方法, 展开, 学习, 整合, or 水平, 趋势, 对比, 整合."""

    key: Key
    label: Text
    text: Text


class Guide(Part):
    """How items of one kind are judged: the sides they are looked at from, and the bands."""

    key: Key
    label: Text
    factors: tuple[Factor, ...] = ()
    bands: tuple[Band, ...] = Field(min_length=2)


class Steps(Part):
    """The steps scores go in: so many points, or so many per cent of the item's points."""

    points: Annotated[Decimal, Field(gt=0)] | None = None
    percent: Positive | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Steps:
        if (self.points is None) == (self.percent is None):
            raise ValueError("须且只须写明 points（分）或 percent（占该项分值的百分比）之一")
        if self.percent is not None and 100 % self.percent:
            raise ValueError("percent 应能整除 100")
        return self

    def of(self, points: int) -> Decimal:
        """The step of an item of so many points, in points."""
        return self.points if self.points is not None else Decimal(points) * (self.percent or 0) / 100


class Veto(Grounded):
    """一票否决: something no score makes up for. The panel finds it, by the majority of the readers or by any one."""

    key: Key
    title: Text
    text: Text
    by: Literal["majority", "any"] = "majority"

    def is_given(self, votes: int, readers: int) -> bool:
        return votes > 0 if self.by == "any" else votes * 2 > readers


class RubricItem(Part):
    key: Key
    group: Text | None = None
    title: Text
    points: Positive
    text: Text
    questions: tuple[Text, ...] = ()
    # the guide it is judged by, where the rubric has several
    guide: Key | None = None
    bands: tuple[Band, ...] = ()
    # a score of the item under so many per cent of its points bars, whatever the total is
    floor_percent: Percent | None = None


class RubricGroup(Part):
    """A chapter of the criteria (类目) with the points its items sum to."""

    title: Text
    points: Positive


class Source(Part):
    """The shipped rubric whose content stands here, as it was on the day the edition was stored."""

    key: Key
    version: Text
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


@dataclass(frozen=True)
class BandRange:
    """A band as it stands beside an item: per cent and points."""

    label: str
    text: str
    percent: str
    points: str


class Rubric(Grounded):
    """The criteria experts score by (U5); an item without bands of its own uses its guide's or the rubric's."""

    key: Key
    title: Text
    source: Source | None = None
    subjects: tuple[Subject, ...] = ("organization",)
    # application categories it is made for; none named: all of them
    categories: tuple[Key, ...] = ()
    total: Ruled[Positive] = Field(title="总分", json_schema_extra={"unit": "分"})
    # who must approve what the office drew up, before the call goes out with it
    approval: Ruled[Literal["leading_body"]] | None = Field(default=None, title="审定")
    # half points where nothing is said
    steps: Steps | None = None
    groups: tuple[RubricGroup, ...] = ()
    bands: tuple[Band, ...] = ()
    guides: tuple[Guide, ...] = ()
    vetoes: tuple[Veto, ...] = ()
    items: tuple[RubricItem, ...] = Field(min_length=1)

    def item(self, key: str) -> RubricItem:
        return next(one for one in self.items if one.key == key)

    def fits(self, *, subject: str, category: str | None) -> bool:
        return subject in self.subjects and (not self.categories or category in self.categories)

    def guide_of(self, item: RubricItem) -> Guide | None:
        return next((one for one in self.guides if one.key == item.guide), None)

    def bands_of(self, item: RubricItem) -> tuple[Band, ...]:
        guide = self.guide_of(item)
        return item.bands or (guide.bands if guide else self.bands)

    def bands_for(self, item: RubricItem) -> list[BandRange]:
        """The bands of an item, lowest first, as per cent and as points of this item."""
        bands = self.bands_of(item)
        found = []
        for place, band in enumerate(bands):
            last = place + 1 == len(bands)
            top = band.at_most if band.at_most is not None else 100 if last else bands[place + 1].at_least
            open_end = band.at_most is None and not last
            sign = "，不含上限" if open_end else ""
            low, high = (plain(Decimal(item.points) * one / 100) for one in (band.at_least, top))
            found.append(
                BandRange(band.label, band.text, f"{band.at_least}–{top}%{sign}", f"{low}–{high}分" if low else "")
            )
        return found

    def step_for(self, item: RubricItem) -> Decimal:
        """The step the item is scored in, in points."""
        return self.steps.of(item.points) if self.steps else HALF_POINT

    def score_at(self, item: RubricItem, share: Decimal) -> Decimal:
        """The score nearest to a share of the item's points that the steps allow."""
        step = self.step_for(item)
        return min(
            (share * item.points / step).quantize(Decimal(1), ROUND_HALF_UP) * step,
            (Decimal(item.points) // step) * step,
        )

    @property
    def chapters(self) -> list[tuple[str, int, list[RubricItem]]]:
        """The items under the title of their group with its points, in the order they are written."""
        found: dict[str, list[RubricItem]] = {}
        for one in self.items:
            found.setdefault(one.group or "", []).append(one)
        return [(title, sum(one.points for one in items), items) for title, items in found.items()]


def plain(value: Decimal | Number) -> str:
    return f"{value.normalize():f}" if value else "0"
