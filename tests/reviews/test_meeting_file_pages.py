"""V8 at the pages: the agenda, another day, a ballot on paper from the print to the close, the minutes in versions."""

from __future__ import annotations

import io

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from award_portal.lib import clock
from organizations.models import OutboxItem
from reviews.meetings import mark_attendance
from reviews.models import Ballot, MeetingChange, MinutesVersion, Vacancy

from .meeting_builders import build_deliberation

pytestmark = pytest.mark.django_db


@pytest.fixture
def deliberation(frozen, calendars):
    return build_deliberation(applications=2, members=4)


def at(name, *args):
    return reverse(f"reviews:{name}", args=args)


def text(response) -> str:
    return response.content.decode()


def test_v8_a_meeting_is_moved_and_its_agenda_set_until_it_is_opened(deliberation, client):
    meeting = deliberation.convene(chair=deliberation.members[0])
    key = meeting.public_id
    client.force_login(deliberation.officer)
    assert "申明回避" in text(client.get(at("meeting", key)))
    form = {"held_on": clock.today().isoformat(), "place": "样例二楼会议室（虚构）", "reason": "会场调整（虚构）"}
    client.post(at("reschedule", key), form | {"reason": " "})
    assert not MeetingChange.objects.exists()
    assert client.post(at("reschedule", key), form).status_code == 302
    assert MeetingChange.objects.get().old_place == "样例会议室（虚构）"
    told = OutboxItem.objects.filter(payload__subject__startswith="会议变更通知")
    assert told.count() == 4
    assert "会场调整（虚构）" in told.first().payload["body"]
    assert client.post(at("agenda", key), {"items": "清点人数\n\n表决"}).status_code == 302
    assert list(meeting.agenda.values_list("title", flat=True)) == ["清点人数", "表决"]
    mark_attendance(meeting, present=set(), by=deliberation.officer, at=clock.now())
    assert "会议已经开始，不能变更日期和地点" in text(client.post(at("reschedule", key), form))
    assert "会议已经开始，不能变更议程" in text(client.post(at("agenda", key), {"items": "别的"}))


def test_v8_a_ballot_on_paper_from_the_opening_to_the_minutes(deliberation, client):
    meeting = deliberation.attend(deliberation.convene(chair=deliberation.members[0]))
    key, office = meeting.public_id, deliberation.officer
    teller, counter = deliberation.members[1], deliberation.members[2]
    client.force_login(office)
    opening = at("paper_opening", key, "main")
    assert "每张一模一样" in text(client.get(opening))
    assert "应当是两个人" in text(client.post(opening, {"teller": teller.public_id, "counter": teller.public_id}))
    assert client.post(opening, {"teller": teller.public_id, "counter": counter.public_id}).status_code == 302
    ballot = Ballot.objects.get()
    assert "纸质表决票，到会4人" in text(client.get(at("meeting", key)))
    closing, count = at("paper_closing", ballot.public_id), at("count_sheet", ballot.public_id)
    assert "计票人尚未录入" in text(client.get(closing))
    assert client.get(count).status_code == 404
    form = {"issued": 4, "collected": 4, "valid": 4, "void": 0}
    for name, votes in zip(ballot.candidates.select_related("application"), (4, 1), strict=True):
        own = name.application.public_id
        form |= {f"votes_for-{own}": votes, f"votes_against-{own}": 4 - votes, f"votes_abstain-{own}": 0}
    client.force_login(counter)
    assert "录入计票单" in text(client.get(at("meeting", key)))
    kept = text(client.post(count, form | {"valid": 3}))
    assert "合计应为收回的4张" in kept
    assert 'value="3"' in kept
    assert client.post(count, form).status_code == 302
    # who watches enters blind, and the chair sees who has come and no figure
    client.force_login(teller)
    assert 'value="4"' not in text(client.get(count))
    assert client.post(count, form).status_code == 302
    assert "录入一致" in text(client.get(count))
    client.force_login(deliberation.members[0])
    page = text(client.get(at("meeting", key)))
    assert "主持" in page
    assert "计票基数" not in page
    client.force_login(office)
    with deliberation.upload("计票单").content.open("rb") as scan:
        assert client.post(closing, {"step": "scan", "scan": scan}).status_code == 302
    assert client.get(at("count_scan", ballot.public_id)).status_code == 200
    assert client.post(closing, {"step": "close"}).status_code == 302
    assert "发出4张，收回4张，有效4张，无效0张" in text(client.get(at("meeting", key)))
    _decide(deliberation, meeting, client)


def _decide(deliberation, meeting, client):
    """The other tier falls to nobody; the minutes are drafted, issued with the decision, and corrected."""
    key = meeting.public_id
    deliberation.elect(meeting, "nominee", 1)
    assert client.post(at("minutes", key), {"text": "会议听取了汇报。（虚构）"}).status_code == 302
    page = text(client.get(at("decision", key)))
    assert "质量奖空缺2个的理由" in page
    said = {"vacancy-main": "评审意见不足（虚构）", "vacancy-nominee": " "}
    assert "质量奖提名奖空缺2个，请写明空缺理由" in text(client.post(at("decision", key), said))
    assert client.post(at("decision", key), said | {"vacancy-nominee": "票数不足（虚构）"}).status_code == 302
    assert dict(Vacancy.objects.values_list("tier", "reason"))["main"] == "评审意见不足（虚构）"
    assert (
        client.post(at("minutes", key), {"text": "会议听取了全部汇报。（虚构）", "reason": "漏字"}).status_code == 302
    )
    first, second = MinutesVersion.objects.select_related("document")
    assert first.document.content["narrative"] == "会议听取了汇报。（虚构）"
    assert second.document.content["replaces"] == first.document.number
    assert second.document.content["ballots"] == first.document.content["ballots"]
    assert first.document.content["ballots"][0]["paper"] == {"issued": 4, "collected": 4, "valid": 4, "void": 0}
    assert "第2版，漏字" in text(client.get(at("meeting", key)))
    for what, words in (("attendance", "本人到会"), ("tally", "无记名投票（纸质表决票）")):
        book = load_workbook(io.BytesIO(client.get(at("meeting_register", key, what)).content))
        assert any(words in row for row in book.active.iter_rows(values_only=True)), what
