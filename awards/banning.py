"""A period in which a scheme accepts no application: its length and first day are the rulebook's (U20, B22, Z14.7)."""

from __future__ import annotations

from datetime import date

from .models import Ban, Scheme
from .rulebook.parts import BanRule
from .years import add_years


def ban_period(rule: BanRule, *, decided_on: date, awarded_on: date | None) -> tuple[date, date] | None:
    """First day and exclusive end, or None where the rule bars nobody; from the decision unless it says the award."""
    if rule.years.value is None:
        return None
    from_award = rule.counted_from is not None and rule.counted_from.value == "award"
    start = awarded_on if from_award and awarded_on is not None else decided_on
    return start, add_years(start, rule.years.value)


def place_ban(
    scheme: Scheme,
    rule: BanRule,
    *,
    name: str,
    unit_name: str = "",
    code: str,
    ground: str,
    decided_by: str,
    decided_on: date,
    awarded_on: date | None = None,
) -> Ban | None:
    """Enter the ban a rule orders, by the code applications are refused by; None where it orders none."""
    period = ban_period(rule, decided_on=decided_on, awarded_on=awarded_on)
    if period is None:
        return None
    return Ban.objects.create(
        scheme=scheme, name=name[:120], unit_name=unit_name[:80], code=code, rule=rule.key, ground=ground[:300],
        cite=(rule.cite or "")[:60], starts_on=period[0], ends_on=period[1], decided_by=decided_by[:120],
    )  # fmt: skip
