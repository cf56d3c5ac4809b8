"""The pages of meetings that decide on a list or by name, as the office fills them in."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from applications.models import Application
from applications.pipeline import State
from reviews.models import ListLine, Meeting, NamedVote, ShortlistEntry

from .meeting_builders import setting
from .test_list_decisions import built, won_before
from .test_meeting_pages import said, signed_in, text

pytestmark = pytest.mark.django_db


def at(name: str, *args) -> str:
    return reverse(f"reviews:{name}", args=args)


def as_filled(page: str) -> dict[str, str]:
    """The form of a page as a browser would post it back untouched."""
    data = {}
    for tag in re.findall(r"<input[^>]*>", page):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and ('type="radio"' not in tag or "checked" in tag):
            data[name[1]] = value[1] if value else ""
    for name, body in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', page, re.S):
        chosen = re.search(r'value="([^"]*)"[^>]*selected', body)
        data[name] = chosen[1] if chosen else ""
    for name, body in re.findall(r'<textarea name="([^"]+)"[^>]*>(.*?)</textarea>', page, re.S):
        data[name] = body.strip()
    return data


def called(deliberation) -> tuple:
    """The office with its meeting called and opened at the pages."""
    office = signed_in(deliberation.officer)
    people = {"recorder": "丙", "teller": "甲", "counter": "乙"}
    form = {"title": "审议会议（虚构）", "held_on": "2026-03-02", "place": "一号会议室"} | people
    assert "会议已建立" in said(office, at("convene", deliberation.round.public_id), form)
    one = Meeting.objects.get()
    present = [str(user.public_id) for user in deliberation.members]
    assert "应到5人，实到5人" in said(office, at("attendance", one.public_id), {"present": present})
    return office, one


def test_b15_a_list_is_proposed_passed_and_decided_at_the_pages(frozen, calendars):
    deliberation = built(frozen, calendars, "resolution", "90", "85", "80", "75")
    office, one = called(deliberation)
    assert one.recorder == "丙"
    assert not one.teller
    shown = text(office.get(at("meeting", one.public_id)))
    assert "拟订名单尚未审议" in shown
    names = deliberation.applications
    form = as_filled(text(office.get(at("proposal", one.public_id))))
    form[f"tier-{names[2].public_id}"] = ""
    refused = text(office.post(at("proposal", one.public_id), form))
    assert "拟列等次与得分排序不一致，请写明理由" in refused
    form[f"reason-{names[2].public_id}"] = "同行业已有两家"
    assert "拟订名单已保存" in said(office, at("proposal", one.public_id), form)
    form = as_filled(text(office.get(at("resolution", one.public_id))))
    form |= {f"for-{names[0].public_id}": "3", f"against-{names[0].public_id}": "1"}
    refused = text(office.post(at("resolution", one.public_id), form))
    assert "合计应为5人" in refused
    assert f'name="for-{names[0].public_id}" value="3"' in refused
    form[f"abstain-{names[0].public_id}"] = "1"
    page = said(office, at("resolution", one.public_id), form)
    assert "审议结果已登记" in page
    assert "同意3、反对1、弃权1" in page
    assert "会议不能再审议" in text(office.get(at("decision", one.public_id)))
    assert "已签发" in said(office, at("decision", one.public_id), {})
    assert ShortlistEntry.objects.count() == 3
    assert Application.objects.get(pk=names[2].pk).state == State.NOT_SELECTED
    member = text(signed_in(deliberation.members[0]).get(at("meeting", one.public_id)))
    assert "同行业已有两家" in member


def test_y11_the_ranking_is_confirmed_with_its_tie_and_its_repeat_winner(frozen, calendars):
    deliberation = built(
        frozen, calendars, "rank", "95", "90", "90", "70", "59", decision=setting(floor_percent=60),
        main=setting(repeat_winner="honour_only_outside_quota", quota=1),
    )  # fmt: skip
    won_before(deliberation, 0)
    office, one = called(deliberation)
    names = deliberation.applications
    page = text(office.get(at("ranking", one.public_id)))
    assert "质量奖末位得分相同" in page
    assert "重复获奖，不占名额" in page
    assert "综合得分低于60%的不列入质量奖" in page
    form = as_filled(page)
    refused = text(office.post(at("ranking", one.public_id), form))
    assert "请就每个举手表决并登记人数" in refused
    form |= {f"for-main-{names[1].public_id}": "2", f"against-main-{names[1].public_id}": "3",
             f"for-main-{names[2].public_id}": "4", f"against-main-{names[2].public_id}": "1"}  # fmt: skip
    assert "得分排序已确认" in said(office, at("ranking", one.public_id), form)
    found = dict(ListLine.objects.values_list("application", "tier"))
    assert [found[each.pk] for each in names] == ["main", "nominee", "main", "nominee", ""]
    assert "不占名额" in text(office.get(at("decision", one.public_id)))
    assert "已签发" in said(office, at("decision", one.public_id), {})
    assert ShortlistEntry.objects.get(outside_quota=True).application_id == names[0].pk


def test_y11_a_tie_that_shows_only_when_the_first_is_settled_is_asked_for_in_its_turn(frozen, calendars):
    deliberation = built(
        frozen, calendars, "rank", "90", "90", "90", main=setting(quota=1), nominee=setting(quota=1)
    )  # fmt: skip
    office, one = called(deliberation)
    names = deliberation.applications
    form = as_filled(text(office.get(at("ranking", one.public_id))))
    for place, each in enumerate(names):
        hands = ("5", "0") if place == 1 else ("0", "5")
        form |= {f"for-main-{each.public_id}": hands[0], f"against-main-{each.public_id}": hands[1]}
    page = text(office.post(at("ranking", one.public_id), form))
    assert "质量奖提名奖末位得分相同" in page
    form = as_filled(page)
    for place in (0, 2):
        form |= {f"for-nominee-{names[place].public_id}": "3", f"against-nominee-{names[place].public_id}": "2"}
    assert "得分排序已确认" in said(office, at("ranking", one.public_id), form)
    assert dict(ListLine.objects.exclude(tier="").values_list("application", "tier")) == {names[1].pk: "main"}


def test_v8_a_roll_call_is_saved_corrected_and_closed_at_its_page(frozen, calendars):
    deliberation = built(frozen, calendars, "roll_call", "90", "80")
    office, one = called(deliberation)
    url = at("roll_call", one.public_id, "main")
    form = as_filled(text(office.get(url)))
    assert "还有2个申报组织没有登记意见" in text(office.post(url, form | {"step": "close"}))
    assert not NamedVote.objects.exists()
    form |= {key: "against" for key in form if key.startswith("choice-")}
    assert "表决尚未结束" in said(office, url, form | {"step": "save"})
    assert NamedVote.objects.count() == 10
    form = as_filled(text(office.get(url)))
    form |= {key: "for" for key in form if key.startswith("choice-")}
    refused = text(office.post(url, form | {"step": "close"}))
    assert "请填写更正理由" in refused
    assert "表决结果已登记" in said(office, url, as_filled(refused) | {"step": "close", "reason": "听错（虚构）"})
    page = text(office.get(at("meeting", one.public_id)))
    assert f"{deliberation.members[0]}（同意，原登记不同意，听错（虚构））" in page
    assert "没有需要再表决的名单" in said_get(office, url)


def said_get(client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 302
    return text(client.get(response["Location"]))


@pytest.mark.parametrize("mode", ["secret_vote", "resolution", "rank", "roll_call"])
def test_each_scheme_has_only_the_pages_of_its_own_way(frozen, calendars, mode):
    deliberation = built(frozen, calendars, mode, "90", "80")
    office, one = called(deliberation)
    pages = {"proposal": "resolution", "resolution": "resolution", "ranking": "rank"}
    for name, own in pages.items():
        assert office.get(at(name, one.public_id)).status_code == (200 if mode == own else 404)
    assert office.get(at("roll_call", one.public_id, "main")).status_code == (200 if mode == "roll_call" else 404)
    for name in pages:
        assert signed_in(deliberation.members[0]).get(at(name, one.public_id)).status_code == 404
    assert office.get(at("meeting", one.public_id)).status_code == 200
