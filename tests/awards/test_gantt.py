"""The timetable as a drawing: positions are the days', days off are shaded, and nothing is drawn for nobody."""

from __future__ import annotations

from datetime import date

import pytest

from awards.calendars import current_calendar
from awards.gantt import Bar, draw_chart
from awards.planning import plan_backwards, plan_stages, whole_timetable
from awards.rulebook import Rulebook, load_rulebook
from tests.factories import urumqi_text


@pytest.fixture
def calendar(calendars):
    return current_calendar()


@pytest.fixture
def book() -> Rulebook:
    return load_rulebook(urumqi_text())


def percent(text: str) -> float:
    return float(text.removesuffix("%"))


def test_a_bar_stands_over_its_days_and_today_is_marked(calendar):
    bars = [Bar("甲", date(2026, 4, 1), date(2026, 4, 10)), Bar("乙", date(2026, 4, 11), date(2026, 4, 20))]
    chart = draw_chart(bars, calendar, today=date(2026, 4, 11), title="工期")
    first, second = (row.boxes[0] for row in chart.rows)
    assert (percent(first.x), percent(first.width)) == (0, 50)
    assert (percent(second.x), percent(second.width)) == (50, 50)
    assert percent(chart.today.x) == 50
    assert draw_chart(bars, calendar, today=date(2026, 5, 1), title="工期").today is None
    assert draw_chart([], calendar, today=date(2026, 4, 1), title="工期") is None


def test_holidays_weekends_and_make_up_days_are_told_apart(calendar):
    bars = [Bar("甲", date(2026, 9, 14), date(2026, 10, 11))]
    chart = draw_chart(bars, calendar, today=date(2026, 9, 14), title="工期")
    kinds = [one.kind for one in chart.shades]
    assert kinds.count("holiday") == 2  # 中秋节 and 国庆节
    assert "weekend" in kinds
    assert "make-up" in kinds  # 2026-09-20 and 2026-10-10
    assert [one.label for one in chart.months] == ["10月"]


def test_what_really_happened_is_drawn_with_its_delay(calendar):
    bar = Bar(
        "甲", date(2026, 4, 1), date(2026, 4, 10), actual=(date(2026, 4, 3), date(2026, 4, 20)),
        late_after=date(2026, 4, 10),
    )  # fmt: skip
    chart = draw_chart([bar], calendar, today=date(2026, 4, 20), title="工期")
    assert [one.kind for one in chart.rows[0].boxes] == ["plan", "actual", "late"]
    assert percent(chart.rows[0].boxes[2].x) == 50
    assert chart.has_late


def test_u11_2_the_applicants_own_publicity_lies_inside_the_window(book, calendar):
    closes_on = date(2026, 3, 31)
    stages = plan_stages(book, calendar, closes_on=closes_on)
    lines = whole_timetable(book, calendar, opens_on=date(2026, 3, 2), closes_on=closes_on, stages=stages)
    assert [one.state for one in lines[:3]] == ["application", "self_publicity", "recommendation_review"]
    assert (lines[1].starts_on, lines[1].ends_on) == (date(2026, 3, 25), closes_on)


def test_u11_8_a_plan_never_makes_a_publicity_shorter_than_the_article(book, calendar):
    """The office plans one day for a publicity of five: forwards and backwards it still gets its five."""
    short = book.with_parameters({"stages.award_publicity.plan_days": 1})
    forward = {one.state: one for one in plan_stages(short, calendar, closes_on=date(2026, 3, 31))}
    one = forward["award_publicity"]
    assert calendar.working_days_between(forward["deliberation"].ends_on, one.ends_on) == 5
    back = {one.state: one for one in plan_backwards(short, calendar, awarded_on=date(2026, 10, 9)).stages}
    days = calendar.working_days_between(back["deliberation"].ends_on, back["award_publicity"].ends_on)
    assert days == 5
