"""The supervising department's desk: reads all but ballots and objectors' names; advice and spot checks (Y22, B21)."""

from __future__ import annotations

import hashlib
import io
import json

import openpyxl
import pytest
from django.urls import reverse

from applications.desk_rules import DeskRefused
from award_portal.lib import clock
from organizations.models import AuditRecord
from organizations.verifying import check_links
from supervision.advising import answer_advice, file_advice
from supervision.case_escalating import escalate_overdue
from supervision.models import SpotCheck, SupervisionAdvice
from supervision.oversight import SECTIONS, overview, watched_rounds
from supervision.spot_checking import close_spot_check, draw_spot_check, record_result, replay
from tests.factories import make_unit, make_user
from tests.objections.builders import SECRETS, make_case
from tests.publicity.builders import at
from tests.reviews.panel_builders import Review, build_review


@pytest.fixture
def review(db, frozen, calendars) -> Review:
    return build_review(applications=4, experts=0)


@pytest.fixture
def supervisor(review):
    return make_user(make_unit("supervisor"))


def test_y22_the_department_reads_every_section_and_nobody_else_does(client, review, supervisor):
    for user, status in ((supervisor, 200), (review.officer, 404), (make_user(), 404)):
        client.force_login(user)
        for section in SECTIONS:
            where = reverse("supervision:watched", args=[review.round.public_id, section])
            assert client.get(where).status_code == status
    elsewhere = make_user(make_unit("supervisor", scheme_key="bayannur"))
    client.force_login(elsewhere)
    assert client.get(reverse("supervision:watched", args=[review.round.public_id, "steps"])).status_code == 404


def test_y22_an_objection_stands_there_by_its_number_and_who_objected_nowhere(client, frozen, calendars, db):
    case = make_case()
    objection = case.object_to()
    supervisor = make_user(make_unit("supervisor"))
    round = case.application.round
    client.force_login(supervisor)
    pages = "".join(
        client.get(reverse("supervision:watched", args=[round.public_id, one])).content.decode() for one in SECTIONS
    )
    assert objection.number in pages
    assert f"形式审查，{case.office.name}" in pages
    assert "公示期满、出具审核推荐意见、批准授奖" in pages
    frozen.travel_to(at(3, 3))
    assert "三日内到期" in client.get(reverse("supervision:oversight")).content.decode()
    assert objection.text not in pages
    workbook = client.post(reverse("supervision:export_log", args=[round.public_id, "excel"])).content
    assert objection.text.encode() not in workbook
    for secret in SECRETS:
        assert secret not in pages


def test_the_log_is_exported_as_a_workbook_and_as_evidence_that_verifies_alone(client, review, supervisor):
    draw_spot_check(review.round, count=2, purpose="资格审查", by=supervisor, at=clock.now())
    client.force_login(supervisor)
    answer = client.post(reverse("supervision:export_log", args=[review.round.public_id, "excel"]))
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert len(book.sheetnames) == len(SECTIONS)
    answer = client.post(reverse("supervision:export_log", args=[review.round.public_id, "evidence"]))
    links = [json.loads(line) for line in answer.content.decode().splitlines()]
    assert {one["chain"] for one in links} == {review.round.chain}
    assert check_links(links).faults == []
    assert AuditRecord.objects.filter(verb="oversight.export").count() == 2


def test_the_overview_costs_the_same_for_one_round_and_for_many(review, supervisor, django_assert_max_num_queries):
    def count() -> int:
        with django_assert_max_num_queries(30) as seen:
            overview(watched_rounds(supervisor), at=clock.now())
        return len(seen)

    one = count()
    for _ in range(3):
        build_review(applications=1, experts=0)
    assert count() == one


def test_a_spot_check_is_drawn_by_a_seed_that_anybody_replays_with_a_hash_tool(review, supervisor):
    check = draw_spot_check(review.round, count=2, purpose="资格审查", seed="abc", by=supervisor, at=clock.now())
    tickets = {one: hashlib.sha256(f"abc|{one}".encode()).hexdigest() for one in check.population}
    by_hand = sorted(tickets, key=tickets.__getitem__)[:2]
    drawn = [one.application.number for one in check.items.select_related("application")]
    assert drawn == by_hand
    assert [number for number, _ in replay("abc", reversed(check.population), 2)] == by_hand
    link = AuditRecord.objects.get(verb="spot_check.draw")
    assert (link.data["seed"], link.data["drawn"]) == ("abc", by_hand)
    for count in (0, 5):
        with pytest.raises(DeskRefused, match="1到4之间"):
            draw_spot_check(review.round, count=count, purpose="资格审查", by=supervisor, at=clock.now())
    with pytest.raises(DeskRefused, match="由纪检监察机构进行"):
        draw_spot_check(review.round, count=1, purpose="资格审查", by=review.officer, at=clock.now())


def test_each_application_drawn_has_its_result_sheet_and_then_the_check_is_closed(client, review, supervisor):
    client.force_login(supervisor)
    where = reverse("supervision:draw_spot_check", args=[review.round.public_id])
    assert client.post(where, {"count": 9, "purpose": "评分"}).status_code == 422
    assert client.post(where, {"count": 2, "purpose": "评分"}).status_code == 302
    check = SpotCheck.objects.get()
    first, second = check.items.all()
    with pytest.raises(DeskRefused, match="还有2个"):
        close_spot_check(check, summary="无", by=supervisor, at=clock.now())
    where = reverse("supervision:spot_check", args=[check.public_id])
    bare = {"item": first.public_id, "finding": "problem", "checked_on": clock.today()}
    refused = client.post(where, bare)
    assert refused.status_code == 422
    assert "发现的问题" in refused.content.decode()
    assert client.post(where, bare | {"text": "缺少签字。（虚构）"}).status_code == 302
    record_result(second, finding="in_order", text="", checked_on=clock.today(), by=supervisor, at=clock.now())
    assert client.post(where, {"close": "1", "summary": "一个申报缺少签字，已督促补正。"}).status_code == 302
    page = client.get(where).content.decode()
    assert "与记录一致" in page
    assert "缺少签字" in page
    assert openpyxl.load_workbook(io.BytesIO(client.get(where, {"format": "xlsx"}).content)).active.max_row == 3
    client.force_login(review.officer)
    assert client.get(where).status_code == 200
    assert client.post(where, {"close": "1", "summary": "改"}).status_code == 404


def test_y22_advice_is_answered_in_writing_once_and_escalated_when_it_is_not(client, review, supervisor):
    client.force_login(supervisor)
    where = reverse("supervision:new_advice", args=["urumqi"]) + f"?round={review.round.public_id}"
    told = {"facts": "两名评审人员未签署承诺书。（虚构）", "advice": "限期补签，完善签到。"}
    assert client.post(where, told).status_code == 302
    row = SupervisionAdvice.objects.get()
    assert (row.round, row.paper.title) == (review.round, "监督建议书")
    assert escalate_overdue(row.due_at) == 1
    client.force_login(review.officer)
    where = row.get_absolute_url()
    assert client.post(where, {"is_taken": "yes", "text": ""}).status_code == 422
    assert client.post(where, {"is_taken": "yes", "text": "已补签。（虚构）"}).status_code == 302
    row.refresh_from_db()
    assert row.answer_paper.title == "监督建议办理情况答复"
    with pytest.raises(DeskRefused, match="已经答复"):
        answer_advice(row, is_taken=False, text="再答", by=review.officer, at=clock.now())
    with pytest.raises(DeskRefused, match="由纪检监察机构提出"):
        file_advice(review.round.scheme, round=None, facts="无", advice="无", by=review.officer, at=clock.now())
    for page in ("advice_list", "oversight"):
        client.force_login(supervisor)
        assert client.get(reverse(f"supervision:{page}")).status_code == 200
