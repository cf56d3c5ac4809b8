"""The pages of meetings, ballots and approval in a real browser: axe, a phone, large text, no JavaScript."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from applications.models import Application
from applications.pipeline import State
from award_portal.lib import clock
from reviews.ballots import cast_paper
from reviews.deciding import carry_decision
from reviews.meetings import recuse_member
from reviews.models import Ballot, Voter
from tests.reviews.meeting_builders import build_deliberation

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("calendars")]

# five papers for six names: two are elected, two tie for the last place; the first member is recused for the first name
PAPERS = ("-ff...", "fff...", "ff.f..", "ff.f..", "f.ff..")


@pytest.fixture
def frozen():
    with clock.frozen(clock.at(date(2026, 3, 2), 9)) as stood:
        yield stood


def at(name: str, *args: object) -> str:
    return reverse(f"reviews:{name}", args=args)


def shoot(page, name: str) -> None:
    """Keep a picture when PORTAL_SHOTS names a directory, for a person to look at."""
    if folder := os.environ.get("PORTAL_SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def look(open_page, axe_faults, user, visits: dict[str, str], tag: str) -> None:
    """Every page at 1280, 390 and large text: axe finds nothing, and nothing stands out of a narrow page."""
    for width, large in ((1280, False), (390, False), (1280, True)):
        page = open_page(user=user, width=width, large_text=large)
        for name, where in visits.items():
            page.goto(where)
            assert axe_faults(page) == [], name
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
            shoot(page, f"{tag}-{name}-{width}{'-large' if large else ''}")


def test_every_page_of_a_meeting_is_axe_clean(frozen, calendars, open_page, axe_faults) -> None:
    deliberation = build_deliberation(applications=6, members=5)
    officer, members = deliberation.officer, deliberation.members
    look(open_page, axe_faults, officer, {"convene": at("convene", deliberation.round.public_id)}, "office")
    one = deliberation.meeting()
    key = one.public_id
    first = {"meetings": at("meetings"), "attendance": at("attendance", key), "recusal": at("member_recusal", key),
             "meeting": at("meeting", key), "opening": at("ballot_opening", key, "main")}  # fmt: skip
    look(open_page, axe_faults, officer, first, "office")
    recuse_member(
        deliberation.member(one, 0), application=deliberation.applications[0], ground="近亲属（虚构）", by=officer,
        at=clock.now(),
    )  # fmt: skip
    page = open_page(user=officer)
    page.goto(first["opening"])
    page.get_by_role("button", name="开始投票").click()
    assert axe_faults(page) == []
    shoot(page, "office-passphrase")
    ballot = Ballot.objects.get()
    running = {"meeting": at("meeting", key), "closing": at("ballot_closing", ballot.public_id),
               "voiding": at("ballot_voiding", ballot.public_id)}  # fmt: skip
    look(open_page, axe_faults, officer, running, "running")
    voting = {"meetings": at("meetings"), "meeting": at("meeting", key), "paper": at("paper", ballot.public_id)}
    look(open_page, axe_faults, members[0], voting, "member")
    passphrase = page.locator("#passphrase").inner_text()
    names = ballot.candidates.order_by("position").values_list("application_id", flat=True)
    for user, paper in zip(members, PAPERS, strict=True):
        choices = {
            pk: "for" if mark == "f" else "against" for pk, mark in zip(names, paper, strict=True) if mark != "-"
        }
        cast_paper(ballot, by=user, choices=choices)
    page.goto(running["closing"])
    page.get_by_label("监票口令").fill(passphrase.lower().replace("-", " "))
    page.get_by_role("button", name="结束投票并计票").click()
    look(open_page, axe_faults, officer, {"meeting": at("meeting", key)}, "counted")
    deliberation.elect(one, "main", 5, 0)
    deliberation.elect(one, "nominee", 4, 0, 0)
    look(open_page, axe_faults, officer, {"decision": at("decision", key)}, "office")
    carry_decision(one, by=officer, at=clock.now())
    look(open_page, axe_faults, members[0], {"decided": at("meeting", key)}, "member")
    Application.objects.filter(state=State.AWARD_PUBLICITY).update(state=State.APPROVAL)
    deciding = {"approvals": at("approvals"), "approve": at("approve", deliberation.round.public_id)}
    look(open_page, axe_faults, deliberation.clerk, deciding, "government")
    page = open_page(user=deliberation.clerk)
    page.goto(deciding["approve"])
    page.get_by_label("审定会议").fill("市政府第1次常务会议（虚构）")
    page.get_by_label("文号").fill("样政发〔2026〕1号")
    for radio in page.get_by_label("批准", exact=False).all():
        if radio.get_attribute("value") == "approve":
            radio.check()
    page.get_by_role("button", name="核对").click()
    assert axe_faults(page) == []
    shoot(page, "government-check")
    page.get_by_role("button", name="登记审定结果").click()
    assert axe_faults(page) == []
    shoot(page, "government-approval")
    expect(page.get_by_role("heading", name="审定结果")).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False])
def test_a_member_votes_with_the_keyboard_and_without_javascript(
    frozen, calendars, open_page, axe_faults, javascript
) -> None:
    deliberation = build_deliberation(applications=4, members=5)
    one = deliberation.meeting()
    ballot, _ = deliberation.open(one)
    page = open_page(user=deliberation.members[0], javascript=javascript, width=390)
    page.goto(at("meeting", one.public_id))
    page.get_by_role("link", name="填写表决票").click()
    for name in ballot.candidates.select_related("application"):
        page.locator(f"[name='choice-{name.application.public_id}'][value=for]").focus()
        page.keyboard.press("Space")
    if javascript:
        assert "已选“同意”4个，超出1个" in page.get_by_role("status").inner_text()
    page.get_by_role("button", name="核对表决票").press("Enter")
    expect(page.locator("main")).to_contain_text("“同意”不能超过名额3个，现为4个")
    if javascript:
        assert axe_faults(page) == []
    shoot(page, f"member-over-quota-{javascript}")
    last = page.locator("input[value=against]").last
    last.focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="核对表决票").press("Enter")
    page.get_by_role("heading", name="请核对，投出后不能更改").wait_for()
    shoot(page, f"member-check-{javascript}")
    page.get_by_role("button", name="返回修改").click()
    expect(page.locator("input[value=for]:checked")).to_have_count(3)
    page.get_by_role("button", name="核对表决票").click()
    page.get_by_role("button", name="投出表决票").click()
    page.get_by_role("heading", name="已投票").wait_for()
    shoot(page, f"member-voted-{javascript}")
    assert Voter.objects.filter(ballot=ballot, has_voted=True).count() == 1
    kept = page.evaluate("JSON.stringify(localStorage) + JSON.stringify(sessionStorage) + document.cookie + location")
    assert not any(word in kept for word in ("choice", "against", "同意"))
