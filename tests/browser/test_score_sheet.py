"""The score sheet in a real browser: the keyboard alone, saved as it is typed, two tabs without a loss (V4)."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from award_portal.lib import clock
from reviews.models import Assignment
from reviews.sheet_words import rubric_of
from tests.reviews.panel_builders import build_review

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("calendars")]


@pytest.fixture
def own(calendars) -> Assignment:
    """A sheet that is still empty, the clock standing in the review."""
    with clock.frozen(clock.at(date(2026, 3, 2), 9)):
        review = build_review(experts=5)
        review.assigned()
        yield review.readers(review.applications[0])[0]


def at_sheet(page: Page, own: Assignment) -> Page:
    page.goto(reverse("reviews:sheet", args=[own.public_id]))
    return page


def put(page: Page, name: str, text: str) -> None:
    """Typed, and the field left: it is saved at once."""
    page.fill(f"[name={name}]", text)
    page.press(f"[name={name}]", "Tab")


def saved(page: Page) -> None:
    page.locator("[data-save-state][data-state=saved]").wait_for()


def stored(own: Assignment) -> dict[str, dict[str, str]]:
    own.sheet.refresh_from_db()
    return own.sheet.items


def test_a_sheet_is_filled_and_handed_in_with_the_keyboard_alone(own, open_page) -> None:
    page = at_sheet(open_page(user=own.expert.user), own)
    keys, rubric = page.keyboard, rubric_of(own.application, own.panel.stage)
    keys.press("Alt+ArrowDown")
    for number, item in enumerate(rubric.items):
        assert page.evaluate("document.activeElement.name") == f"score-{item.key}"
        keys.type(str(item.points // 2))
        if number == 0:
            keys.press("Tab")
            keys.type("部署到班组（虚构）")
            keys.press("Alt+ArrowUp")
            keys.press("ArrowUp")
            keys.press("ArrowUp")
        keys.press("Enter")
    for veto in rubric.vetoes:
        assert page.evaluate("document.activeElement.name") == f"veto-{veto.key}"
        keys.press("ArrowDown")
        keys.press("Alt+ArrowDown")
    keys.type("总体良好（虚构）")
    keys.press("Control+s")
    saved(page)
    keys.press("Tab")
    keys.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "提交评分表"
    keys.press("Enter")
    page.get_by_text("评分表已提交").wait_for()
    items = stored(own)
    assert own.sheet.submitted_at is not None
    assert own.sheet.comments == "总体良好（虚构）"
    assert {key: row["score"] for key, row in items.items() if "score" in row} == {
        one.key: str(one.points // 2 + (2 * rubric.step_for(one) if number == 0 else 0)).removesuffix(".0")
        for number, one in enumerate(rubric.items)
    }
    assert items[rubric.items[0].key]["strengths"] == "部署到班组（虚构）"


def test_what_is_typed_is_kept_without_a_button_but_for_what_cannot_stand(own, open_page) -> None:
    page = at_sheet(open_page(user=own.expert.user), own)
    page.fill("[name=score-strategy]", "8000")
    page.fill("[name=strengths-strategy]", "战略清楚（虚构）")
    page.fill("[name=score-system]", "60")
    with page.expect_response(lambda answer: "score-system" in (answer.request.post_data or "")):
        page.press("[name=score-system]", "Tab")
    page.locator(".word-fault").wait_for()
    assert page.locator("[name=score-strategy]").get_attribute("aria-invalid") == "true"
    assert page.locator("[data-sheet-total]").inner_text() == "60"
    page.close()
    assert stored(own) == {"strategy": {"strengths": "战略清楚（虚构）"}, "system": {"score": "60"}}
    again = at_sheet(open_page(user=own.expert.user), own)
    assert again.input_value("[name=strengths-strategy]") == "战略清楚（虚构）"
    assert again.input_value("[name=score-system]") == "60"


def test_two_tabs_write_beside_each_other_and_never_over_each_other(own, open_page) -> None:
    one = at_sheet(open_page(user=own.expert.user), own)
    other = at_sheet(one.context.new_page(), own)
    put(one, "score-strategy", "60")
    put(one, "strengths-strategy", "甲页签的文字（虚构）")
    saved(one)
    # another word of the other tab goes in beside them, and the tab learns of them
    put(other, "score-system", "50")
    saved(other)
    assert other.input_value("[name=strengths-strategy]") == "甲页签的文字（虚构）"
    assert stored(own)["strategy"] == {"score": "60", "strengths": "甲页签的文字（虚构）"}
    # the same word in both: the stored one stays, both stand on the page that came second
    put(other, "strengths-strategy", "乙页签改过（虚构）")
    saved(other)
    put(one, "strengths-strategy", "甲页签也改了（虚构）")
    conflict = one.locator(".conflict")
    conflict.wait_for()
    assert "甲页签也改了（虚构）" in conflict.inner_text()
    assert "乙页签改过（虚构）" in conflict.inner_text()
    assert one.input_value("[name=strengths-strategy]") == "甲页签也改了（虚构）"
    assert stored(own)["strategy"]["strengths"] == "乙页签改过（虚构）"
    # what the other tab saves meanwhile takes nothing out of this browser's own draft
    put(other, "score-model", "40")
    saved(other)
    assert "甲页签也改了（虚构）" in one.evaluate("JSON.stringify(localStorage)")
    conflict.get_by_role("button", name="用本页的").click()
    saved(one)
    assert stored(own) == {
        "strategy": {"score": "60", "strengths": "甲页签也改了（虚构）"},
        "system": {"score": "50"},
        "model": {"score": "40"},
    }


def test_an_unsettled_page_that_is_handed_in_or_closed_loses_nothing(own, open_page) -> None:
    one = at_sheet(open_page(user=own.expert.user), own)
    other = at_sheet(one.context.new_page(), own)
    put(other, "comments", "乙页签的总评（虚构）")
    saved(other)
    put(one, "comments", "甲页签的总评（虚构）")
    one.locator(".conflict").wait_for()
    one.get_by_role("button", name="保存", exact=True).click()
    one.get_by_text("这份评分表刚在别处保存过").wait_for()
    assert one.input_value("[name=comments]") == "甲页签的总评（虚构）"
    assert "乙页签的总评（虚构）" in one.locator(".conflict").inner_text()
    assert stored(own) == {}
    assert own.sheet.comments == "乙页签的总评（虚构）"
    again = at_sheet(one, own)
    again.get_by_role("button", name="恢复").click()
    saved(again)
    stored(own)
    assert own.sheet.comments == "甲页签的总评（虚构）"
