"""E1: every period is counted in Chinese working days with make-up days, from a published calendar only."""

from datetime import date, datetime, timedelta

import chinese_calendar
import pytest

from awards.workdays import SHANGHAI, Calendar, CalendarMissing, workdays_of

YEARS = range(2020, 2027)


def published(year: int) -> frozenset[date]:
    first = date(year, 1, 1)
    days = (first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days))
    return frozenset(day for day in days if chinese_calendar.is_workday(day))


@pytest.fixture(scope="module")
def calendar() -> Calendar:
    return Calendar({year: published(year) for year in YEARS}, version="test")


def test_e1_every_start_day_of_2020_to_2026_by_1_to_30_days(calendar):
    day, end = date(2020, 1, 1), date(2026, 12, 31)
    working = [one for n in range((end - day).days + 1) if chinese_calendar.is_workday(one := day + timedelta(days=n))]
    checked, place = 0, 0
    while day <= end:
        while place < len(working) and working[place] <= day:
            place += 1
        for count in range(1, 31):
            if place + count - 1 < len(working):
                assert calendar.add_working_days(day, count) == working[place + count - 1], (day, count)
                checked += 1
            else:
                with pytest.raises(CalendarMissing) as missing:
                    calendar.add_working_days(day, count)
                assert missing.value.year == 2027
        assert calendar.is_working(day) == chinese_calendar.is_workday(day)
        day += timedelta(days=1)
    assert checked > 75_000


def test_e1_five_working_days_from_28_september_2026_end_on_the_make_up_saturday(calendar):
    window = calendar.window(date(2026, 9, 28), 5)
    assert (window.first_day, window.last_day) == (date(2026, 9, 29), date(2026, 10, 10))
    assert window.ends_at == datetime(2026, 10, 11, tzinfo=SHANGHAI)
    assert window.calendar_version == "test"
    assert window.text_zh == "2026年9月29日至2026年10月10日（5个工作日）"


@pytest.mark.parametrize(
    "day",
    [
        date(2025, 9, 28), date(2025, 10, 11), date(2026, 1, 4), date(2026, 2, 14),
        date(2026, 2, 28), date(2026, 9, 20), date(2026, 10, 10),
    ],
)  # fmt: skip
def test_e1_make_up_days_are_working_days(calendar, day):
    assert day.weekday() >= 5
    assert calendar.is_working(day)
    assert calendar.add_working_days(day - timedelta(days=1), 1) == day
    assert calendar.next_working_day(day) == day


def test_e1_the_first_day_is_not_counted_even_when_it_is_a_working_day(calendar):
    assert calendar.add_working_days(date(2026, 3, 2), 1) == date(2026, 3, 3)
    assert calendar.add_working_days(date(2026, 3, 7), 1) == date(2026, 3, 9)


def test_e1_between_is_the_inverse_of_adding(calendar):
    start = date(2025, 12, 29)
    for count in range(1, 60):
        assert calendar.working_days_between(start, calendar.add_working_days(start, count)) == count
    assert calendar.working_days_between(date(2026, 3, 9), date(2026, 3, 2)) == -5


def test_e1_counting_back_from_a_date_gives_the_day_to_begin(calendar):
    assert calendar.subtract_working_days(date(2026, 10, 10), 5) == date(2026, 9, 28)
    for day in (date(2026, 3, 2) + timedelta(days=n) for n in range(60)):
        if calendar.is_working(day):
            assert calendar.add_working_days(calendar.subtract_working_days(day, 7), 7) == day


def test_e1_calendar_days_count_every_day_but_the_first(calendar):
    window = calendar.window(date(2026, 2, 13), 7, "calendar")
    assert (window.first_day, window.last_day) == (date(2026, 2, 14), date(2026, 2, 20))


def test_e1_an_unpublished_year_stops_the_count_with_the_year_named(calendar):
    with pytest.raises(CalendarMissing) as missing:
        calendar.window(date(2026, 12, 28), 5)
    assert missing.value.year == 2027
    assert "2027年的工作日历尚未录入" in str(missing.value)
    for ask in (
        lambda: calendar.is_working(date(2027, 1, 1)),
        lambda: calendar.add_working_days(date(2030, 1, 1), 1),
        lambda: calendar.subtract_working_days(date(2020, 1, 3), 9),
        lambda: calendar.window(date(2026, 12, 28), 5, "calendar"),
        lambda: calendar.working_days_between(date(2026, 12, 1), date(2027, 1, 4)),
    ):
        with pytest.raises(CalendarMissing):
            ask()


def test_e1_a_gap_between_published_years_is_never_counted_over():
    calendar = Calendar({2020: workdays_of(2020), 2022: workdays_of(2022)})
    with pytest.raises(CalendarMissing) as missing:
        calendar.add_working_days(date(2020, 12, 30), 5)
    assert missing.value.year == 2021
    with pytest.raises(CalendarMissing) as missing:
        calendar.working_days_between(date(2020, 12, 30), date(2022, 1, 5))
    assert missing.value.year == 2021
    with pytest.raises(CalendarMissing) as missing:
        calendar.working_days_between(date(2022, 1, 5), date(2020, 12, 30))
    assert missing.value.year == 2021
    assert calendar.add_working_days(date(2022, 1, 3), 1) == date(2022, 1, 4)


def test_e1_days_off_and_make_up_days_make_a_year():
    days = workdays_of(2026, days_off=[date(2026, 1, 1)], make_up_days=[date(2026, 1, 4)])
    assert date(2026, 1, 1) not in days
    assert date(2026, 1, 4) in days
    assert date(2026, 1, 2) in days
    assert date(2026, 1, 3) not in days


def test_a_window_needs_at_least_one_day(calendar):
    with pytest.raises(ValueError, match="至少为一日"):
        calendar.window(date(2026, 3, 2), 0)
