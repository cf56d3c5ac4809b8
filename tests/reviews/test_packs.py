"""The office's papers of the whole review: the plan, the request, the notices, the meeting's pack, the draws."""

from __future__ import annotations

import io
from datetime import timedelta
from zipfile import ZipFile

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from applications.models import Application, Hold
from applications.moves import StepRefused
from applications.pipeline import State
from award_portal.lib import clock
from documents.models import IssuedDocument
from documents.rendering import render_document, store_rendered
from organizations.models import OutboxItem
from publicity.closing import close_due
from publicity.opening import open_publicity
from reviews.approving import record_approval
from reviews.deciding import carry_decision
from reviews.meeting_pack import agenda, glance, meeting_pack, sample_papers
from reviews.models import ReviewReport
from reviews.outcome_notices import issue_outcome_notices, waiting_for_notice
from reviews.requesting import issue_approval_request, request_blockers
from reviews.work_plan import draft_plan, issue_plan
from tests.factories import make_claim

from .meeting_builders import Deliberation, build_deliberation, verdicts_for
from .panel_builders import build_review

pytestmark = pytest.mark.django_db


@pytest.fixture
def sitting(frozen, calendars) -> Deliberation:
    return build_deliberation(applications=4, members=3)


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def decided(sitting: Deliberation) -> None:
    meeting = sitting.meeting()
    sitting.elect(meeting, "main", 3, 3, 3, 0)
    sitting.elect(meeting, "nominee", 0)
    carry_decision(meeting, by=sitting.officer, at=clock.now())


def before_the_government(sitting: Deliberation, frozen) -> list[Application]:
    decided(sitting)
    names = list(Application.objects.filter(round=sitting.round, state=State.AWARD_PUBLICITY).order_by("pk"))
    notice = open_publicity(
        sitting.round, kind="award_publicity", applications=names, issuer=sitting.office, by=sitting.officer,
        at=clock.now(),
    )  # fmt: skip
    frozen.travel_to(notice.close_due_at + timedelta(minutes=1))
    close_due(clock.now())
    return names


def text_of(paper: IssuedDocument) -> str:
    pages = PdfReader(io.BytesIO(render_document(paper).data)).pages
    return "".join(one.extract_text() for one in pages).replace("\n", "")


def render_report(sitting: Deliberation) -> None:
    paper = ReviewReport.objects.get(round=sitting.round).document
    store_rendered(paper, render_document(paper))


# -- 请示 --------------------------------------------------------------------------------------------------------------


def test_u11_9_the_request_has_the_list_the_publicity_and_the_citation(sitting, frozen):
    names = before_the_government(sitting, frozen)
    paper = issue_approval_request(sitting.round, by=sitting.officer, at=clock.now())
    text = text_of(paper)
    rows = [row["name"] for tier in paper.content["tiers"] for row in tier["rows"]]
    assert rows == [str(one.organization) for one in names]
    assert "未收到异议" in text
    assert "第十一条第（九）项" in text
    assert "妥否，请批示" in text


def test_no_request_while_an_objection_about_a_name_is_open(sitting, frozen):
    one = before_the_government(sitting, frozen)[0]
    Hold.objects.create(
        application=one, kind="confirmed", source="objection:made-up", reason="异议", steps=["approve"],
        placed_at=clock.now(),
    )  # fmt: skip
    with pytest.raises(StepRefused, match="尚有未办结的异议"):
        issue_approval_request(sitting.round, by=sitting.officer, at=clock.now())
    assert not IssuedDocument.objects.filter(kind="approval_request").exists()


def test_no_request_before_anybody_waits_for_approval(sitting):
    assert [one.text for one in request_blockers(sitting.round)] == ["没有待审定的申报组织。"]


# -- who is left out ---------------------------------------------------------------------------------------------------


def test_u11_8_who_is_not_on_the_list_is_told_at_once_and_in_writing_once(sitting):
    left_out = sitting.applications[3]
    applicant = make_claim(left_out.organization)
    decided(sitting)
    told = OutboxItem.objects.filter(kind="inbox_message", payload__user=applicant.pk)
    assert [one.payload["subject"] for one in told] == [f"{sitting.round.title}：未列入建议名单"]
    assert [one.pk for one in waiting_for_notice(sitting.round)] == [left_out.pk]
    (paper,) = issue_outcome_notices(sitting.round, by=sitting.officer, at=clock.now())
    assert paper.title == "未列入建议名单告知书"
    assert str(left_out.organization) in text_of(paper)
    assert issue_outcome_notices(sitting.round, by=sitting.officer, at=clock.now()) == []


def test_u11_9_who_is_not_approved_is_told_with_the_ground_in_writing(sitting, frozen):
    names = before_the_government(sitting, frozen)
    applicant = make_claim(names[0].organization)
    record_approval(
        sitting.round, meeting_number="第1次会议（样例）", document_number="样政发〔2026〕1号",
        decided_on=clock.today(), verdicts=verdicts_for(names, refused={names[0].pk: "近期发生事故（虚构）"}),
        by=sitting.clerk, at=clock.now(),
    )  # fmt: skip
    told = OutboxItem.objects.filter(kind="inbox_message", payload__user=applicant.pk)
    assert any(one.payload["subject"].endswith("未予批准") for one in told)
    papers = issue_outcome_notices(sitting.round, by=sitting.officer, at=clock.now())
    (text,) = [text_of(one) for one in papers if one.title == "未予批准告知书"]
    assert "近期发生事故（虚构）" in text


# -- 会议材料 ----------------------------------------------------------------------------------------------------------


def test_the_meetings_pack_has_agenda_sheet_report_candidates_and_a_sample_for_each_tier(sitting):
    meeting = sitting.meeting()
    with pytest.raises(StepRefused, match="正在生成"):
        meeting_pack(meeting, at=clock.now())
    render_report(sitting)
    titles = [title for title, _ in meeting_pack(meeting, at=clock.now())]
    assert [title.removeprefix(meeting.title) for title in titles[:2]] == ["议程", "签到表"]
    assert "评审报告" in titles[2]
    assert len(titles) == 4 + len(sample_papers(meeting)) == 6
    assert any("无记名投票" in str(cell) for row in agenda(meeting).rows for cell in row)
    assert {row[1] for row in glance(meeting).rows} == {str(one.organization) for one in sitting.applications}
    client = signed_in(sitting.officer)
    address = reverse("reviews:meeting_materials", args=[meeting.public_id])
    merged = PdfReader(io.BytesIO(client.get(address).content))
    assert [one.title for one in merged.outline] == titles
    assert len(ZipFile(io.BytesIO(client.get(address, {"format": "zip"}).content)).namelist()) == 6
    assert signed_in(sitting.members[0]).get(address).status_code == 404


# -- 评审工作方案 ------------------------------------------------------------------------------------------------------


def test_the_plan_is_drafted_from_the_rulebook(sitting):
    draft = draft_plan(sitting.round)
    assert "不超过3个" in draft["basis"]
    assert "组织内部公示、审核推荐" in draft["procedure"]
    assert "无记名投票" in draft["scoring"]
    assert "随机抽取" in draft["panels"]
    paper = issue_plan(sitting.round, draft, by=sitting.officer, at=clock.now())
    assert paper.kind == "review_plan"
    assert "无记名投票" in str(paper.content)


def test_the_page_of_packs_offers_what_can_be_issued_and_says_why_not(sitting, frozen):
    client = signed_in(sitting.officer)
    address = reverse("reviews:packs", args=[sitting.round.public_id])
    assert "没有待审定的申报组织" in client.get(address).content.decode()
    assert client.post(address, {"action": "request"}).status_code == 409
    before_the_government(sitting, frozen)
    assert client.post(address, {"action": "request"}).status_code == 302
    assert client.post(address, {"action": "notices"}).status_code == 302
    page = client.get(address).content.decode()
    assert IssuedDocument.objects.get(kind="approval_request").number in page
    assert "没有待告知的" in page


# -- 专家抽取记录 ------------------------------------------------------------------------------------------------------


def test_u7_4_the_draw_is_printed_with_its_seed_and_a_line_for_the_witness(frozen, calendars):
    review = build_review(applications=2, experts=9)
    panel = review.panel()
    client = signed_in(review.officer)
    printed = client.get(reverse("reviews:draws", args=[panel.public_id]))
    text = "".join(one.extract_text() for one in PdfReader(io.BytesIO(printed.content)).pages).replace("\n", "")
    assert "监督人员：" in text
    pool = client.get(reverse("reviews:experts_export"))
    assert pool["Content-Type"].endswith("sheet")
