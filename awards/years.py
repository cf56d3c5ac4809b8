"""Calendar years of the law: bars, bans, validity and windows count them (Civil Code art. 202)."""

from __future__ import annotations

from datetime import date


def add_years(day: date, years: int) -> date:
    """The same day `years` later; 29 February becomes the last day of its month."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
