"""Dates, sums, sizes and articles in the words of an official; filters, loaded as builtins."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal, InvalidOperation
from typing import Any

from django import template
from django.utils import timezone

register = template.Library()

WEEKDAYS = "一二三四五六日"


def local_time(value: dt.datetime) -> dt.datetime:
    """A naive instant stays as it is; an aware one is told in Beijing time."""
    return value if timezone.is_naive(value) else value.astimezone(timezone.get_default_timezone())


@register.filter
def zh_date(value: dt.date | dt.datetime | None) -> str:
    """2026年3月2日; an instant is told in Beijing time, nothing is told as nothing."""
    if not isinstance(value, dt.date):
        return ""
    if isinstance(value, dt.datetime):
        value = local_time(value)
    return f"{value.year}年{value.month}月{value.day}日"


@register.filter
def zh_weekday(value: dt.date | dt.datetime | None) -> str:
    """星期一, for the day in Beijing."""
    if not isinstance(value, dt.date):
        return ""
    if isinstance(value, dt.datetime):
        value = local_time(value)
    return f"星期{WEEKDAYS[value.weekday()]}"


@register.filter
def zh_datetime(value: dt.datetime | None) -> str:
    """2026年3月2日 09:05, Beijing time; a bare date is told as a date."""
    if not isinstance(value, dt.datetime):
        return zh_date(value)
    value = local_time(value)
    return f"{value.year}年{value.month}月{value.day}日 {value.hour:02d}:{value.minute:02d}"


@register.filter
def zh_last_day(value: dt.datetime | None) -> str:
    """The last day of a window that ends, exclusively, at `value`: midnight belongs to the day before."""
    if not isinstance(value, dt.datetime):
        return zh_date(value)
    return zh_date(local_time(value) - dt.timedelta(microseconds=1))


@register.filter
def zh_until(value: dt.datetime | None) -> str:
    """When something ends, exclusively, at `value`: an official writes midnight as 24:00 of the day before."""
    if not isinstance(value, dt.datetime):
        return zh_date(value)
    local = local_time(value)
    return f"{zh_last_day(value)}24:00" if (local.hour, local.minute) == (0, 0) else zh_datetime(value)


@register.filter
def days_to_go(days: int) -> str:
    """Working days after today up to the last one, in words."""
    return f"还有{days}个工作日" if days else "今日到期"


@register.filter
def yuan(value: Any) -> str:
    """300,000 元; cents only when there are any."""
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return ""
    return f"{amount:,.0f} 元" if amount == amount.to_integral_value() else f"{amount:,.2f} 元"


@register.filter
def file_size(value: int | None) -> str:
    """820 B, 34 KB, 1.2 MB."""
    if value is None or value == "":
        return ""
    size = float(value)
    if size < 1024:
        return f"{size:.0f} B"
    if size < 1024 * 1024:
        return f"{size / 1024:.0f} KB"
    text = f"{size / 1024 / 1024:.1f}".removesuffix(".0")
    return f"{text} MB"


@register.filter
def beside(labels: list[Any], values: list[Any]) -> list[tuple[Any, Any]]:
    """Each label with its value, for the cards a table becomes on a telephone."""
    return list(zip(labels, values, strict=False))
