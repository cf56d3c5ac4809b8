"""评审反馈报告 (section 8): all who were reviewed are told; no name, no score, nothing too early."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.desk_rules import DeskRefused
from applications.models import Application
from applications.pipeline import State
from award_portal.lib import clock
from documents.access import may_read
from organizations.models import OutboxItem
from reviews.cutting import decide_cut
from reviews.decision_registers import feedback_register
from reviews.feedback import (
    StaleFeedback,
    bands_of,
    confirm_feedback,
    draft_feedback,
    release_feedback,
    reviewed,
    save_feedback,
    texts_of,
)
from reviews.models import FeedbackReport
from reviews.scoring import save_sheet, submit_sheet
from tests.factories import make_claim, make_user

from .panel_builders import build_review, full_items

pytestmark = pytest.mark.django_db


@pytest.fixture
def review(frozen, calendars):
    """Two applicants judged on their documents; the second does not go on."""
    review = build_review(applications=2)
    review.assigned()
    for number, one in enumerate(review.applications):
        for place, reader in enumerate(review.readers(one)):
            items = full_items(reader, "0.8")
            for row in (one for one in items.values() if "score" in one):
                row["strengths"] = "部署到每个车间" if place else f"读者甲的话{number}"
            save_sheet(reader, items=items, comments="总体良好", by=reader.expert.user, at=clock.now())
            submit_sheet(reader, by=reader.expert.user, at=clock.now())
        review.conclude(one)
    return review


def cut(review):
    passing, gone = review.applications
    decide_cut(
        review.round, stage=review.stage, passing=[passing], reasons={gone.pk: "名额所限"}, by=review.officer,
        at=clock.now(),
    )  # fmt: skip
    return review


def drafted(review) -> FeedbackReport:
    """The draft for the one that did not go on."""
    (report,) = draft_feedback(cut(review).round, by=review.officer, at=clock.now())
    return report


def released(review) -> FeedbackReport:
    report = confirm_feedback(drafted(review), by=review.officer, at=clock.now())
    return release_feedback(review.round, [report], by=review.officer, at=clock.now())[0]


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def chair(review):
    return review.round.panels.get().chair.user


def test_everybody_a_panel_judged_has_feedback_and_nobody_before_the_cut_is_decided(review):
    assert reviewed(review.round) == review.applications
    assert draft_feedback(review.round, by=review.officer, at=clock.now()) == []
    report = drafted(review)
    assert report.application == review.applications[1]
    # the other goes on to the next stage: its own comes when that one has decided
    assert draft_feedback(review.round, by=review.officer, at=clock.now()) == []


def test_the_draft_merges_each_wording_once_and_keeps_no_hand_together(review):
    report = drafted(review)
    lines = {key: words["strengths"].splitlines() for key, words in report.items.items()}
    assert all(sorted(one) == ["读者甲的话1", "部署到每个车间"] for one in lines.values())
    assert len({tuple(one) for one in lines.values()}) == 2
    names = [str(one) for one in review.experts]
    assert not any(name in str(report.items) for name in names)


def test_the_leader_or_the_office_edits_and_a_change_asks_to_be_confirmed_anew(review):
    report = drafted(review)
    with pytest.raises(DeskRefused, match="组长或者办公室"):
        save_feedback(report, texts={"overall": "改"}, by=make_user(), at=clock.now())
    saved = save_feedback(report, texts={"overall": "管理扎实"}, by=chair(review), at=clock.now())
    assert confirm_feedback(saved, by=chair(review), at=clock.now()).confirmed_by == chair(review)
    assert save_feedback(saved, texts={"overall": "管理扎实"}, by=review.officer, at=clock.now()).confirmed_at
    changed = save_feedback(saved, texts={"overall": "管理较扎实"}, by=review.officer, at=clock.now())
    assert changed.confirmed_at is None
    with pytest.raises(StaleFeedback) as stale:
        save_feedback(saved, texts={"overall": "旧"}, by=review.officer, at=clock.now(), version=1)
    assert stale.value.theirs == {"overall": "管理较扎实"}
    with pytest.raises(DeskRefused, match="没有这一项"):
        save_feedback(saved, texts={"strengths-x.y": "旧"}, by=review.officer, at=clock.now())


def test_no_experts_name_and_no_score_goes_out(review):
    report = drafted(review)
    name = str(review.round.panels.get().members.last().expert)
    for text, why in ((f"{name}认为较好", "评审专家姓名"), ("该项得82.5分。", "82.5分"), ("共85分", "85分")):
        save_feedback(report, texts={"overall": text}, by=review.officer, at=clock.now())
        with pytest.raises(DeskRefused, match=why):
            confirm_feedback(report, by=review.officer, at=clock.now())
    save_feedback(report, texts={"overall": "90分钟陈述，三部分内容"}, by=review.officer, at=clock.now())
    assert confirm_feedback(report, by=review.officer, at=clock.now()).confirmed_at
    save_feedback(report, texts=dict.fromkeys(texts_of(report), ""), by=review.officer, at=clock.now())
    with pytest.raises(DeskRefused, match="没有内容"):
        confirm_feedback(report, by=review.officer, at=clock.now())


def test_feedback_is_released_once_by_the_office_as_confirmed(review):
    report = drafted(review)
    with pytest.raises(DeskRefused, match="尚未确认"):
        release_feedback(review.round, [report], by=review.officer, at=clock.now())
    confirm_feedback(report, by=chair(review), at=clock.now())
    with pytest.raises(DeskRefused, match="办公室办理"):
        release_feedback(review.round, [report], by=chair(review), at=clock.now())
    (out,) = release_feedback(review.round, [report], by=review.officer, at=clock.now())
    assert out.document.kind == "review_feedback"
    with pytest.raises(DeskRefused, match="已经发放"):
        release_feedback(review.round, [report], by=review.officer, at=clock.now())
    with pytest.raises(DeskRefused, match="不能修改"):
        save_feedback(report, texts={"overall": "改"}, by=review.officer, at=clock.now())


def test_nothing_is_released_while_its_stage_is_undecided(review):
    one = review.applications[0]
    report = FeedbackReport.objects.create(
        application=one, overall="好", drafted_at=clock.now(), saved_at=clock.now(), saved_by=review.officer,
        confirmed_at=clock.now(),
    )  # fmt: skip
    with pytest.raises(DeskRefused, match="本环节结果决定后方可发放"):
        release_feedback(review.round, [report], by=review.officer, at=clock.now())


def test_bands_are_told_only_to_those_whose_own_way_has_ended(review):
    cut(review)
    gone = Application.objects.get(pk=review.applications[1].pk)
    assert {one[-9:] for one in bands_of(gone).values()} == {"（70%–90%）"}
    Application.objects.filter(pk=gone.pk).update(state=State.DELIBERATION)
    assert bands_of(Application.objects.get(pk=gone.pk)) == {}


def test_the_applicant_reads_it_on_its_overview_and_nothing_before(review):
    report = drafted(review)
    application = report.application
    applicant = make_claim(application.organization)
    client, own = signed_in(applicant), reverse("reviews:own_feedback", args=[application.public_id])
    overview = reverse("applications:overview", args=[application.public_id])
    assert client.get(own).status_code == 404
    before = client.get(overview).content.decode()
    assert "反馈" not in before
    confirm_feedback(report, by=review.officer, at=clock.now())
    (report,) = release_feedback(review.round, [report], by=review.officer, at=clock.now())
    assert own in client.get(overview).content.decode()
    page = client.get(own).content.decode()
    assert "部署到每个车间" in page
    assert "（70%–90%）" in page
    assert OutboxItem.objects.filter(kind="inbox_message", payload__user=applicant.pk).exists()
    assert may_read(applicant, report.document)
    recommender = make_user(review.recommender)
    assert not may_read(recommender, report.document)
    assert signed_in(recommender).get(own).status_code == 404
    assert str(report.document.content).count("80") == 0


def test_the_office_drafts_confirms_and_releases_at_its_pages(review):
    cut(review)
    office, page = signed_in(review.officer), reverse("reviews:feedback", args=[review.round.public_id])
    assert "起草1份" in office.get(page).content.decode()
    assert office.post(page, {"action": "draft"}).status_code == 302
    report = FeedbackReport.objects.get()
    edit = reverse("reviews:feedback_report", args=[report.public_id])
    save = reverse("reviews:feedback_autosave", args=[report.public_id])
    assert office.post(save, {"version": "1", "overall": "甲"}).json()["version"] == 2
    assert office.post(save, {"version": "1", "overall": "乙"}).status_code == 409
    refused = office.post(edit, {"version": "2", "overall": "得85分。", "then": "confirm"})
    assert (refused.status_code, "得85分。" in refused.content.decode()) == (400, True)
    assert office.post(page, {"action": "release", "report": str(report.public_id)}).status_code == 409
    assert office.post(edit, {"overall": "管理扎实", "then": "confirm"}).status_code == 302
    assert office.post(page, {"action": "release", "report": ["nonsense", str(report.public_id)]}).status_code == 302
    assert "已发放" in office.get(page).content.decode()
    assert office.get(edit).status_code == 200
    assert office.get(page, {"format": "xlsx"})["Content-Type"].endswith("sheet")
    rows = feedback_register(review.round).rows
    assert [row[4] for row in rows] == ["未起草", "已发放"]


def test_a_leader_sees_the_feedback_of_its_own_panel_and_an_expert_none(review):
    report = drafted(review)
    page, edit = (
        reverse("reviews:feedback", args=[review.round.public_id]),
        reverse("reviews:feedback_report", args=[report.public_id]),
    )
    leader = signed_in(chair(review))
    assert leader.get(page).status_code == leader.get(edit).status_code == 200
    other = next(one.user for one in review.experts if one.user != chair(review))
    for address in (page, edit):
        assert signed_in(other).get(address).status_code == 404


def test_the_list_costs_the_same_for_one_and_for_many(review):
    client = signed_in(review.officer)
    drafted(review)
    page = reverse("reviews:feedback", args=[review.round.public_id])

    def queries() -> int:
        client.get(page)
        with CaptureQueriesContext(connection) as captured:
            client.get(page)
        return len(captured)

    few = queries()
    FeedbackReport.objects.create(
        application=review.applications[0], drafted_at=clock.now(), saved_at=clock.now(), saved_by=review.officer
    )
    assert queries() == few
