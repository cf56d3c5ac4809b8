"""The pages of meetings: the office runs them, a member and the supervising department read them."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.models import Application
from applications.pipeline import State
from award_portal.lib import clock
from reviews.meetings import recuse_member
from reviews.models import Ballot, Meeting, MemberRecusal, Paper, ReviewReport, Voter
from tests.factories import make_unit, make_user

from .meeting_builders import Deliberation, build_deliberation

pytestmark = pytest.mark.django_db
CHANGING = re.compile(r'name="(csrfmiddlewaretoken|form_key)" value="[^"]*"')


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def at(name: str, *args) -> str:
    return reverse(f"reviews:{name}", args=args)


def text(response) -> str:
    return response.content.decode()


def said(client: Client, url: str, data: dict) -> str:
    """What the page says to a post that is carried out: the page it leads to."""
    response = client.post(url, data)
    assert response.status_code == 302, text(response)
    return text(client.get(response["Location"]))


def fill(ballot: Ballot, chosen: int = 0, *, other: str = "against", step: str = "cast") -> dict[str, str]:
    """A paper as a browser posts it: 同意 for the first `chosen` names, `other` for the rest."""
    names = ballot.candidates.select_related("application").order_by("position")
    return {"step": step} | {
        f"choice-{one.application.public_id}": "for" if place < chosen else other for place, one in enumerate(names)
    }


@pytest.fixture
def deliberation(frozen, calendars) -> Deliberation:
    return build_deliberation(members=5)


@pytest.fixture
def meeting(deliberation) -> Meeting:
    return deliberation.meeting()


@pytest.fixture
def ballot(deliberation, meeting) -> Ballot:
    return deliberation.open(meeting)[0]


# -- the office ----------------------------------------------------------------------------------------------------


def test_u11_8_a_round_is_deliberated_at_the_pages_from_the_notice_to_the_minutes(deliberation):
    office = signed_in(deliberation.officer)
    form = {
        "title": "审议会议（虚构）",
        "held_on": "2026-03-02",
        "place": "一号会议室",
        "teller": "甲",
        "counter": "乙",
    }
    assert "会议已建立" in said(office, at("convene", deliberation.round.public_id), form)
    one = Meeting.objects.get()
    refused = text(office.get(at("ballot_opening", one.public_id, "main")))
    assert "请先登记到会情况" in refused
    assert "disabled" in refused
    present = [str(user.public_id) for user in deliberation.members]
    assert "应到5人，实到5人" in said(office, at("attendance", one.public_id), {"present": present})
    for tier, votes in (("main", 1), ("nominee", 1)):
        opened = office.post(at("ballot_opening", one.public_id, tier))
        passphrase = re.search(r'id="passphrase">([^<]+)<', text(opened))[1]
        ballot = Ballot.objects.get(tier=tier)
        for user in deliberation.members:
            signed_in(user).post(at("paper", ballot.public_id), fill(ballot, votes))
        assert "已计票" in said(office, at("ballot_closing", ballot.public_id), {"passphrase": passphrase})
    shown = text(office.get(at("decision", one.public_id)))
    assert "质量奖建议名单（1个，名额3个）" in shown
    assert "未列入建议名单（2个）" in shown
    assert "会议纪要已签发" in said(office, at("decision", one.public_id), {})
    states = sorted(Application.objects.values_list("state", flat=True))
    assert states == [State.AWARD_PUBLICITY] * 2 + [State.NOT_SELECTED] * 2
    assert Meeting.objects.get().minutes.title in text(office.get(at("meeting", one.public_id)))


def test_u11_8_why_no_meeting_can_be_called_stands_on_the_page_before_anything_is_typed(deliberation):
    ReviewReport.objects.all().delete()
    office = signed_in(deliberation.officer)
    url = at("convene", deliberation.round.public_id)
    page = text(office.get(url))
    assert "评审报告尚未签发" in page
    assert "第十一条第（八）项" in page
    form = {"title": "审议", "held_on": "2026-03-04", "place": "保留的地点", "teller": "甲", "counter": "乙"}
    refused = text(office.post(url, form))
    assert "评审报告尚未签发" in refused
    assert "保留的地点" in refused
    assert not Meeting.objects.exists()


def test_the_list_offers_a_meeting_where_names_wait_and_none_is_called(deliberation):
    office, url = signed_in(deliberation.officer), at("convene", deliberation.round.public_id)
    assert url in text(office.get(at("meetings")))
    one = deliberation.convene()
    assert url not in text(office.get(at("meetings")))
    assert one.title in text(office.get(at("meetings")))
    Meeting.objects.all().update(state=Meeting.State.DECIDED)
    Application.objects.update(state=State.NOT_SELECTED)
    page = text(office.get(at("meetings")))
    assert "没有待审议的名单" in page
    assert url not in page


def test_a_meeting_is_not_called_for_a_day_gone_by(deliberation):
    form = {"title": "审议", "held_on": "2026-03-01", "place": "一号", "teller": "甲", "counter": "乙"}
    refused = signed_in(deliberation.officer).post(at("convene", deliberation.round.public_id), form)
    assert "会议日期不能早于今天" in text(refused)
    assert not Meeting.objects.exists()


def test_without_a_quorum_no_ballot_opens_and_the_page_says_how_many_are_asked_for(deliberation):
    one = deliberation.meeting(present=3)
    office = signed_in(deliberation.officer)
    for answer in (office.get(at("ballot_opening", one.public_id, "main")),
                   office.post(at("ballot_opening", one.public_id, "main"))):  # fmt: skip
        assert "应到5人，实到3人，未达到应到成员的2/3" in text(answer)
    assert not Ballot.objects.exists()


def test_the_passphrase_is_shown_once_and_kept_nowhere(deliberation, meeting):
    office = signed_in(deliberation.officer)
    url = at("ballot_opening", meeting.public_id, "main")
    opened = office.post(url, {"form_key": str(uuid.uuid4())})
    passphrase = re.search(r'id="passphrase">([^<]+)<', text(opened))[1]
    assert "no-store" in opened["Cache-Control"]
    again = text(office.post(url))
    assert passphrase not in again
    assert "作废本次投票，再重新开始" in again
    assert passphrase not in text(office.get(at("meeting", meeting.public_id)))
    assert Ballot.objects.count() == 1
    assert passphrase not in every_cell()


def every_cell() -> str:
    """All that the database holds, as text."""
    with connection.cursor() as cursor:
        found = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            found.append(repr(cursor.fetchall()))
    return "".join(found)


def test_a_wrong_passphrase_counts_nothing_and_the_ballot_goes_on(deliberation, meeting):
    ballot, passphrase = deliberation.open(meeting)
    deliberation.cast(ballot, 5, 5, 4, 1)
    office = signed_in(deliberation.officer)
    url = at("ballot_closing", ballot.public_id)
    refused = text(office.post(url, {"passphrase": "AAAA-AAAA-AAAA-AAAA"}))
    assert "监票口令不正确，表决没有结束" in refused
    assert Ballot.objects.get().state == Ballot.State.OPEN
    assert Paper.objects.count() == 5
    assert "已计票" in said(office, url, {"passphrase": passphrase.lower().replace("-", " ")})


def test_a_count_posted_twice_is_made_once(deliberation, meeting):
    ballot, passphrase = deliberation.open(meeting)
    deliberation.cast(ballot, 5, 5, 4, 1)
    office, form = signed_in(deliberation.officer), {"passphrase": passphrase, "form_key": str(uuid.uuid4())}
    url = at("ballot_closing", ballot.public_id)
    assert "已计票" in said(office, url, form)
    assert "未重复办理" in said(office, url, form)
    assert "本次投票已经结束" in said(office, url, {"passphrase": passphrase})
    assert passphrase not in every_cell()


def test_while_a_ballot_is_open_only_the_number_of_papers_is_told(deliberation, meeting, ballot):
    office = signed_in(deliberation.officer)
    url = at("meeting", meeting.public_id)
    for user in deliberation.members[:3]:
        signed_in(user).post(at("paper", ballot.public_id), fill(ballot, 3))
    page = text(office.get(url))
    assert "已收回3张，到会5人" in page
    assert "计票基数" not in page
    assert "不同意" not in page
    Voter.objects.update(has_voted=False)
    assert CHANGING.sub("", text(office.get(url))) == CHANGING.sub("", page), "nor is it told who has voted"


def test_a_tie_is_voted_once_more_and_then_the_place_is_vacant(deliberation, meeting):
    deliberation.elect(meeting, "main", 5, 4, 3, 3)
    office = signed_in(deliberation.officer)
    page = text(office.get(at("meeting", meeting.public_id)))
    assert "末位同票，须再投一次" in page
    assert "再投一次</a>" in page
    assert "质量奖末位票数相同，须再投一次" in text(office.get(at("ballot_opening", meeting.public_id, "nominee")))
    assert "质量奖末位票数相同，须再投一次" in text(office.post(at("decision", meeting.public_id)))
    opened = office.post(at("ballot_opening", meeting.public_id, "main"))
    passphrase = re.search(r'id="passphrase">([^<]+)<', text(opened))[1]
    again = Ballot.objects.get(number=2)
    assert (again.seats, again.candidates.count()) == (1, 2)
    deliberation.cast(again, 2, 2)
    office.post(at("ballot_closing", again.public_id), {"passphrase": passphrase})
    page = text(office.get(at("meeting", meeting.public_id)))
    assert re.search(r'data-label="当选">2</td><td class="num" data-label="空缺">1<', page)
    assert "再投一次</a>" not in page


def test_a_lost_passphrase_ends_in_a_void_ballot_with_its_reason(deliberation, meeting, ballot):
    office = signed_in(deliberation.officer)
    url = at("ballot_voiding", ballot.public_id)
    assert "请填写这一项" in text(office.post(url, {"reason": " "}))
    assert Ballot.objects.get().state == Ballot.State.OPEN
    page = said(office, url, {"reason": "监票人遗失口令"})
    assert "已作废" in page
    assert "作废1次" in page
    assert Ballot.objects.get().state == Ballot.State.ANNULLED
    member = signed_in(deliberation.members[0])
    answer = text(member.post(at("paper", ballot.public_id), fill(ballot, 1)))
    assert "本次投票已经作废，表决票没有投出" in answer
    assert not Paper.objects.exists()


def test_u23_a_recusal_takes_a_ground_and_voids_the_running_ballot(deliberation, meeting, ballot):
    office = signed_in(deliberation.officer)
    url = at("member_recusal", meeting.public_id)
    member, name = deliberation.members[0], deliberation.applications[0]
    form = {"member": str(member.public_id), "application": str(name.public_id), "note": "岳父为其董事长"}
    refused = text(office.post(url, form))
    assert "请选择一项" in refused
    assert "岳父为其董事长" in refused
    done = said(office, url, form | {"ground": "kinship"})
    assert "已作废，请重新开始投票" in done
    assert MemberRecusal.objects.get().ground == "与申报组织负责人有近亲属关系；岳父为其董事长"
    assert Ballot.objects.get().state == Ballot.State.ANNULLED


def test_a_meeting_posted_twice_is_called_once(deliberation):
    office = signed_in(deliberation.officer)
    form = {"title": "审议", "held_on": "2026-03-04", "place": "一号", "teller": "甲", "counter": "乙",
            "form_key": str(uuid.uuid4())}  # fmt: skip
    first, second = (office.post(at("convene", deliberation.round.public_id), form) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert Meeting.objects.count() == 1


# -- whose page it is ----------------------------------------------------------------------------------------------


def test_another_meeting_and_its_papers_are_not_there(deliberation, meeting, ballot):
    outsiders = [
        make_user(), make_user(make_unit("leading_body")), deliberation.clerk, deliberation.applications[0].created_by,
    ]  # fmt: skip
    pages = [at("meeting", meeting.public_id), at("paper", ballot.public_id)]
    for user in outsiders:
        client = signed_in(user)
        assert [client.get(url).status_code for url in pages] == [404, 404]
        assert client.post(pages[1], fill(ballot, 1)).status_code == 404
    assert not Paper.objects.exists()


def test_the_office_and_the_supervisor_have_no_paper(deliberation, meeting, ballot):
    supervisor = make_user(make_unit("supervisor"))
    for user in (deliberation.officer, supervisor):
        client = signed_in(user)
        assert client.get(at("meeting", meeting.public_id)).status_code == 200
        assert client.get(at("paper", ballot.public_id)).status_code == 404
        assert client.post(at("paper", ballot.public_id), fill(ballot, 1)).status_code == 404
    assert not Paper.objects.exists()


def test_a_member_and_the_supervisor_run_nothing(deliberation, meeting, ballot):
    urls = [
        at("convene", deliberation.round.public_id), at("attendance", meeting.public_id),
        at("member_recusal", meeting.public_id), at("decision", meeting.public_id),
        at("ballot_opening", meeting.public_id, "main"), at("ballot_closing", ballot.public_id),
        at("ballot_voiding", ballot.public_id),
    ]  # fmt: skip
    for user in (deliberation.members[0], make_user(make_unit("supervisor"))):
        client = signed_in(user)
        assert [client.get(url).status_code for url in urls] == [404] * len(urls)
        assert [client.post(url, {"reason": "x"}).status_code for url in urls] == [404] * len(urls)
    assert Ballot.objects.get().state == Ballot.State.OPEN


def test_the_supervisor_reads_the_counts_after_the_close_and_no_recusal_grounds(deliberation, meeting):
    recuse_member(
        deliberation.member(meeting, 0), application=deliberation.applications[3], ground="不宜公开的理由",
        by=deliberation.officer, at=clock.now(),
    )  # fmt: skip
    supervisor = signed_in(make_user(make_unit("supervisor")))
    url = at("meeting", meeting.public_id)
    assert "计票基数" not in text(supervisor.get(url))
    ballot, passphrase = deliberation.open(meeting)
    for place, user in enumerate(deliberation.members):
        form = fill(ballot, 2)
        if place == 0:
            form.pop(f"choice-{deliberation.applications[3].public_id}")
        signed_in(user).post(at("paper", ballot.public_id), form)
    deliberation.close(ballot, passphrase)
    page = text(supervisor.get(url))
    assert "收回表决票5张" in page
    assert "不宜公开的理由" not in page
    assert reverse("reviews:meetings") in text(supervisor.get(reverse("home")))


def test_a_list_costs_the_same_for_one_row_and_for_many(deliberation, meeting):
    def queries(client: Client, url: str) -> int:
        client.get(url)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        return len(captured)

    office, member = signed_in(deliberation.officer), signed_in(deliberation.members[0])
    visits = [(office, at("meetings")), (member, at("meetings")), (office, at("meeting", meeting.public_id)),
              (member, at("meeting", meeting.public_id)), (office, at("attendance", meeting.public_id))]  # fmt: skip
    few = [queries(*one) for one in visits]
    for number in range(8):
        deliberation.application()
        user = make_user(deliberation.leading_body)
        meeting.members.create(user=user, is_present=True)
        copy = Meeting.objects.create(
            round=deliberation.round, title=f"会议{number}", held_on=clock.today() - timedelta(days=number),
            place="一号", state="decided", convened_at=clock.now(),
        )  # fmt: skip
        copy.members.create(user=deliberation.members[0])
    assert [queries(*one) for one in visits] == few
