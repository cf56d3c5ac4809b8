"""The pages of objections and of what follows an award in a real browser: axe, a phone, large text, no JavaScript."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from award_portal.lib import clock
from objections import explaining, handling
from objections.models import Objection
from tests.objections.builders import ADDRESS, NAME, PHONE, PROHIBITED, TEXT, made_up_pdf, make_case
from tests.publicity.builders import at
from tests.supervision.builders import make_award

from .test_meetings import look, shoot

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("calendars")]


@pytest.fixture
def frozen():
    with clock.frozen(clock.at(date(2026, 3, 2), 9)) as stood:
        yield stood


def papers(*keys: str) -> dict[str, dict]:
    return {key: {"name": f"{key}.pdf", "mimeType": "application/pdf", "buffer": made_up_pdf(key)} for key in keys}


def test_u12_a_person_objects_without_javascript_and_takes_it_back(frozen, calendars, open_page) -> None:
    case = make_case()
    page = open_page(width=390, javascript=False)
    page.goto(case.notice.get_absolute_url())
    page.get_by_role("link", name="提出异议", exact=True).click()
    page.get_by_role("button", name="提交异议").click()
    expect(page.locator(".error-summary li")).to_have_count(7)
    page.get_by_label("异议的事实和理由").fill(TEXT)
    for label, value in (("本人签署的姓名", NAME), ("联系电话", PHONE), ("通讯地址", ADDRESS)):
        page.get_by_label(label).fill(value)
    for key, paper in papers("identity", "signature", "evidence").items():
        page.locator(f"input[name=file_{key}]").set_input_files(paper)
    page.get_by_role("button", name="提交异议").click()
    expect(page.get_by_role("heading", name="异议材料收件凭证")).to_be_visible()
    assert case.holds.count() == 1
    page.get_by_text("撤回异议", exact=True).first.click()
    page.get_by_label("撤回异议的理由").fill("经核实系误会")
    page.get_by_role("button", name="撤回异议").click()
    assert Objection.objects.get().state == "withdrawn"


def test_u12_a_signature_is_drawn_in_the_page(frozen, calendars, open_page) -> None:
    case = make_case()
    page = open_page(width=390)
    page.goto(case.filing_url)
    page.get_by_label("被异议的").select_option(str(case.application.public_id))
    page.get_by_label("异议的事实和理由").fill(TEXT)
    for label, value in (("本人签署的姓名", NAME), ("联系电话", PHONE), ("通讯地址", ADDRESS)):
        page.get_by_label(label).fill(value)
    for key, paper in papers("identity", "evidence").items():
        page.locator(f"input[name=file_{key}]").set_input_files(paper)
    pad = page.locator("canvas")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 20, steps=5)
    page.mouse.move(box["x"] + 260, box["y"] + 70, steps=5)
    page.mouse.up()
    shoot(page, "objection-signed-390")
    page.get_by_role("button", name="提交异议").click()
    page.get_by_role("heading", name="异议材料收件凭证").wait_for()
    assert Objection.objects.get().files.get(key="signature").file.extension == "png"


def test_every_page_of_an_objection_is_axe_clean(frozen, calendars, open_page, axe_faults) -> None:
    case = make_case()
    objection, secret = case.object_with_receipt(condition=PROHIBITED)
    _, later = case.object_with_receipt(fields={"name": NAME}, files={}, incomplete_ok=True)
    public = {
        "filing": case.filing_url,
        "receipt": reverse("objections:receipt", args=[secret]),
        "incomplete": reverse("objections:receipt", args=[later]),
        "situation": reverse("objections:tell_situation", args=[case.notice.public_id]),
    }
    look(open_page, axe_faults, None, public, "objector")
    desk = {"cases": reverse("objections:cases"), "case": objection.get_absolute_url()}
    look(open_page, axe_faults, case.officer, desk, "objection-office")
    handling.forward(objection, by=case.officer, at=at(3, 2))
    look(open_page, axe_faults, case.clerk, desk, "objection-investigator")
    question = explaining.ask_applicant(objection, question="请说明有关情况。", by=case.clerk, at=at(3, 2))
    asked = {"asked": reverse("objections:explanations"), "explain": question.get_absolute_url()}
    look(open_page, axe_faults, case.applicant, asked, "objection-applicant")


def test_every_page_after_an_award_is_axe_clean(frozen, calendars, open_page, axe_faults) -> None:
    case = make_case()
    award, winner = make_award(case.round)
    pages = {
        "honours": reverse("supervision:honours"),
        "share": reverse("supervision:share", args=[award.public_id]),
        "records": reverse("supervision:records"),
    }
    look(open_page, axe_faults, winner, pages, "winner")
