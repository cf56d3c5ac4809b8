"""An award's indicators over the years: the application's years the beginning, each report's year after them (B28)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from applications.form_answers import indicator_years, parse_number, submitted_of
from applications.models import Application
from awards.models import Award
from awards.parameters import rulebook_for
from awards.rulebook.parts import Indicator

from .models import YearlyReport
from .yearly_reports import indicators_of

# year and indicator → the figure as it was given
Base = dict[tuple[int, str], str]


@dataclass(frozen=True)
class Series:
    """One indicator with its value of each year, as it was typed; None where there is none."""

    row: Indicator
    values: tuple[tuple[int, str], ...]

    @property
    def numbers(self) -> list[tuple[str, Decimal | None]]:
        return [(str(year), parse_number(value)) for year, value in self.values]

    @property
    def change(self) -> str:
        """From the last figure before the award to the newest, a percentage's in points; empty if unknown."""
        known = [number for _, number in self.numbers if number is not None]
        if len(known) < 2:
            return ""
        if self.row.unit == "%":
            return f"{known[-1] - known[0]:+.2f}个百分点"
        if not known[0]:
            return ""
        share = (known[-1] - known[0]) / abs(known[0]) * 100
        return f"{share:+.1f}%"


def series_of(award: Award, reports: Iterable[YearlyReport], *, with_secrets: bool) -> list[Series]:
    """Every indicator over all years known; a base marked as secret is shown to its owner only (U11.2, B24)."""
    rows = indicators_of(award)
    if not rows:
        return []
    base = _base(award, with_secrets=with_secrets)
    told = {one.year: one.figures for one in reports if one.figures}
    years = sorted({year for year, _ in base} | set(told))
    return [
        Series(
            row,
            tuple(
                (year, str(told[year].get(row.key, "")) if year in told else base.get((year, row.key), ""))
                for year in years
            ),
        )
        for row in rows
    ]


def _base(award: Award, *, with_secrets: bool) -> Base:
    """The figures of the application, by year and indicator."""
    application = (
        Application.objects.filter(round=award.round, number=award.application_number).exclude(number="").first()
    )
    if application is None or award.round is None or application.current_dossier is None:
        return {}
    book = rulebook_for(award.round)
    section = next(one for one in book.sections_for(application.subject) if one.kind == "indicators")
    frozen = application.current_dossier.content["sections"].get(section.key, {})
    if frozen.get("is_secret") and not with_secrets:
        return {}
    data = submitted_of(application).data("indicators")
    return {
        (year, row.key): str(data.get(f"{row.key}__{year}", "") or "")
        for row in book.form.indicators.rows
        for year in indicator_years(award.round, book)
    }
