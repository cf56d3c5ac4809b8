"""The applicant's pages in a real browser: axe, autosave in a lost session, phone width."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest
from django.urls import reverse

from applications import self_publicity
from applications.filling import save_section
from applications.models import Application
from award_portal.lib import clock
from tests.applications.test_submitting import returned
from tests.factories import fill_application, make_draft, make_unit

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("calendars")]


@pytest.fixture
def frozen():
    with clock.frozen(clock.at(date(2026, 3, 2), 9)) as stood:
        yield stood


def shoot(page, name: str) -> None:
    """Keep a picture when PORTAL_SHOTS names a directory, for a person to look at."""
    if folder := os.environ.get("PORTAL_SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def address(name: str, application: Application, *args: object) -> str:
    return reverse(f"applications:{name}", args=[application.public_id, *args])


def test_every_page_of_the_applicant_is_axe_clean(frozen, calendars, open_page, axe_faults) -> None:
    make_unit("recommender", "天山区市场监督管理局（虚构）", district="天山区")
    draft = make_draft()
    by = draft.created_by
    save_section(
        draft, "indicators", {"revenue__2025": "约三千万", "revenue__2024": "2800"}, version=1, by=by, at=clock.now()
    )
    page = open_page(user=by)
    faults = []
    visits = {
        "mine": reverse("applications:mine"),
        "start": reverse("applications:start", args=[draft.round.public_id]),
        "overview": draft.get_absolute_url(),
        "check": address("check", draft),
        "publicity": address("publicity", draft),
        "withdraw": address("withdraw", draft),
        "print": address("print", draft),
    } | {f"section-{one.key}": address("section", draft, one.key) for one in draft.rulebook.form.sections}
    for name, where in visits.items():
        page.goto(where)
        faults += [f"{name}: {fault}" for fault in axe_faults(page)]
        shoot(page, name)
    fill_application(draft)
    self_publicity.start(draft, place="公告栏", by=by, at=clock.now())
    for name in ("overview", "publicity", "hand_in", "revise"):
        page.goto(address(name, draft))
        faults += [f"{name}: {fault}" for fault in axe_faults(page)]
        shoot(page, f"running-{name}")
    assert faults == []


def test_a_correction_on_a_phone_and_in_large_text(frozen, calendars, open_page, axe_faults) -> None:
    application, _ = returned(frozen, "overview", "licence")
    for width, large in ((390, False), (1280, True)):
        page = open_page(user=application.created_by, width=width, large_text=large)
        for name, args in (("overview", ()), ("section", ("overview",)), ("section", ("attachments",))):
            page.goto(address(name, application, *args))
            assert axe_faults(page) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            shoot(page, f"correction-{width}-{name}-{''.join(args)}")


def test_what_is_typed_is_saved_without_a_button_and_survives_a_closed_tab(frozen, calendars, open_page) -> None:
    draft = make_draft()
    page = open_page(user=draft.created_by)
    page.goto(address("section", draft, "overview"))
    page.fill("[name=model]", "三全质量管理")
    page.locator("[data-save-state][data-state=saved]").wait_for()
    page.close()
    assert draft.answers.get(section="overview").data["model"] == "三全质量管理"


def test_what_is_typed_in_a_lost_session_is_offered_again_after_signing_in(frozen, calendars, open_page) -> None:
    draft = make_draft()
    page = open_page(user=draft.created_by)
    page.goto(address("section", draft, "overview"))
    cookies = page.context.cookies()
    page.context.clear_cookies(name="sessionid")
    page.fill("[name=model]", "会话失效后填写")
    page.get_by_text("登录已失效").wait_for()
    assert not draft.answers.filter(section="overview").exists()
    page.context.add_cookies([one for one in cookies if one["name"] == "sessionid"])
    page.goto(address("section", draft, "overview"))
    page.get_by_role("button", name="恢复").click()
    page.locator("[data-save-state][data-state=saved]").wait_for()
    assert draft.answers.get(section="overview").data["model"] == "会话失效后填写"
