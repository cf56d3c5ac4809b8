"""The review's pages: whose they are, what they hide, and that a round's review can be done at them alone."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.models import Application
from applications.pipeline import State
from award_portal.lib import clock
from reviews.models import Assignment, CutDecision, Expert, Panel, PanelOpinion, Recusal, Session, Tie
from reviews.sessions import schedule_session
from tests.factories import make_round, make_unit, make_user

from .panel_builders import WITNESS, accept_and_sign, build_review, full_items, score

pytestmark = pytest.mark.django_db
CHANGING = re.compile(rb'name="(csrfmiddlewaretoken|form_key)" value="[^"]*"')


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def at(name: str, *args) -> str:
    return reverse(f"reviews:{name}", args=args)


def page(client: Client, url: str) -> bytes:
    response = client.get(url)
    assert response.status_code == 200, url
    return CHANGING.sub(b"", response.content)


@pytest.fixture
def review(frozen, calendars):
    review = build_review()
    review.assigned()
    return review


def typed(assignment) -> dict[str, str]:
    words = {"comments": "总体良好", "version": str(assignment.sheet.version)}
    for key, row in full_items(assignment).items():
        words |= {f"{name}-{key}": text for name, text in row.items()}
    return words


def test_u11_5_hidden_scores_change_no_byte_of_anybody_elses_page(review):
    application = review.applications[0]
    scorer, reader, last = review.readers(application)
    panel = Panel.objects.get()
    watchers = {
        review.officer: [at("panels"), at("panel", panel.public_id), at("cut", panel.public_id),
                         at("opinion", panel.public_id, application.public_id), at("report", review.round.public_id)],
        reader.expert.user: [at("mine"), at("sheet", reader.public_id)],
        application.created_by: [reverse("applications:overview", args=[application.public_id])],
    }  # fmt: skip
    seen = []
    for share in ("0.2", "0.9"):
        Assignment.objects.get(pk=scorer.pk)
        sheet = type(scorer.sheet).objects.get(pk=scorer.sheet.pk)
        sheet.items, sheet.comments, sheet.submitted_at = full_items(scorer, share), f"评语{share}", clock.now()
        sheet.save()
        seen.append([page(signed_in(user), url) for user, urls in watchers.items() for url in urls])
    assert seen[0] == seen[1]
    # once the last is in, the figures are there: the comparison above could have failed
    for one in (reader, last):
        score(one)
    opened = page(signed_in(review.officer), at("opinion", panel.public_id, application.public_id))
    assert "逐项评分".encode() in opened
    assert "逐项评分".encode() not in seen[0][3]


def test_another_experts_sheet_is_not_there(review):
    one, other = review.readers(review.applications[0])[:2]
    for user in (other.expert.user, review.officer, review.applications[0].created_by):
        client = signed_in(user)
        assert client.get(at("sheet", one.public_id)).status_code == 404
        assert client.post(at("autosave", one.public_id), {"comments": "改"}).status_code == 404


def test_u23_after_stepping_back_the_next_request_finds_nothing(review):
    one = review.readers(review.applications[0])[0]
    client = signed_in(one.expert.user)
    dossier = reverse("applications:dossier", args=[one.application.public_id])
    assert client.get(dossier).status_code == 200
    answer = client.post(at("recuse_self", one.public_id), {"ground": "kinship", "reason": "亲属"})
    assert answer.status_code == 302
    assert client.get(dossier).status_code == 404
    assert client.get(at("sheet", one.public_id)).status_code == 404
    assert Recusal.objects.get().replacement is not None


def test_the_sheet_is_saved_as_it_is_typed(review):
    one = review.readers(review.applications[0])[0]
    client = signed_in(one.expert.user)
    url = at("autosave", one.public_id)
    assert client.post(url, {"version": "1", "score-strategy": "60.5"}).json()["version"] == 2
    assert client.post(url, {"version": "1", "score-strategy": "60.5"}).json()["version"] == 2
    stale = client.post(url, {"version": "1", "score-strategy": "20"})
    assert (stale.status_code, stale.json()["theirs"]) == (409, {"score-strategy": "60.5"})
    wrong = client.post(url, {"version": "2", "score-strategy": "9999"})
    assert (wrong.status_code, "应在0至80分之间" in wrong.json()["message"]) == (400, True)
    assert Client().post(url, {"version": "2"}).status_code == 401


def test_a_refused_sheet_keeps_everything_typed(review):
    one = review.readers(review.applications[0])[0]
    client = signed_in(one.expert.user)
    words = typed(one) | {"score-strategy": "79.3", "strengths-strategy": "部署到每个车间", "then": "submit"}
    answer = client.post(at("sheet", one.public_id), words)
    assert answer.status_code == 400
    assert "以0.5分为一档" in answer.content.decode()
    assert "部署到每个车间" in answer.content.decode()
    assert 'value="79.3"' in answer.content.decode()
    assert 'id="score-strategy" aria-invalid="true"' in answer.content.decode()
    assert answer.content.decode().count('aria-invalid="true"') == 1
    assert 'id="fault-score-strategy"' in answer.content.decode()


def test_a_whole_review_stage_is_done_at_the_pages(frozen, calendars):
    review = build_review(applications=2, stage=State.DEFENSE)
    office = signed_in(review.officer)
    form = {"size": "5", "witness": WITNESS, "seed": "", "due_on": "2026-03-13"}
    assert office.post(at("new_panel", review.round.public_id, "defense"), form).status_code == 302
    panel = Panel.objects.get()
    accept_and_sign(panel)
    slots = [str(one.public_id) for one in review.applications]
    when = {"applications": slots, "held_on": "2026-03-09", "starts": "09:30", "place": "一号会议室"}
    assert (
        office.post(at("sessions", panel.public_id), when | {"leader": str(panel.chair.public_id)}).status_code == 302
    )
    session = Session.objects.get()
    for one in slots:
        office.post(at("session", session.public_id), {"action": f"sign-{one}"})
    office.post(at("session", session.public_id), {"action": "lots", "witness": WITNESS, "seed": ""})
    assert sorted(session.slots.values_list("turn", flat=True)) == [1, 2]
    office.post(at("session", session.public_id), {"action": "minutes", "minutes": "陈述二十分钟，提问十五分钟。"})
    assert office.post(at("panel", panel.public_id), {"action": "assign", "readers": "5"}).status_code == 302
    for one in Assignment.objects.with_names():
        assert (
            signed_in(one.expert.user).post(at("sheet", one.public_id), typed(one) | {"then": "submit"}).status_code
            == 302
        )
    leader = signed_in(panel.chair.user)
    assert leader.get(at("mine")).status_code == 200
    for one in review.applications:
        where = at("opinion", panel.public_id, one.public_id)
        leader.post(where, {"action": "draft", "text": "同意进入下一环节。"})
        for row in Assignment.objects.filter(application=one).with_names():
            page = at("my_consensus", row.public_id)
            signed_in(row.expert.user).post(page, {"action": "sign", "revision": "1", "dissent": ""})
        leader.post(where, {"action": "issue"})
    assert PanelOpinion.objects.count() == 2
    first, second = review.applications
    choice = {f"pass-{first.public_id}": "on", f"reason-{second.public_id}": ""}
    refused = office.post(at("cut", panel.public_id), choice)
    assert "请填写未进入下一环节的理由" in refused.content.decode()
    choice[f"reason-{second.public_id}"] = "得分靠后"
    assert office.post(at("cut", panel.public_id), choice).status_code == 302
    assert dict(Application.objects.values_list("pk", "state")) == {first.pk: "onsite_review", second.pk: "eliminated"}
    assert office.get(at("cut", panel.public_id)).status_code == 200
    assert CutDecision.objects.count() == 1


def test_the_offices_pages_are_not_there_for_others(review):
    panel = Panel.objects.get()
    make_round()
    elsewhere = make_user(make_unit("recommender"))
    urls = [
        at("experts"), at("expert", review.experts[0].public_id), at("panels"), at("recusals"),
        at("panel", panel.public_id), at("cut", panel.public_id), at("sessions", panel.public_id),
        at("report", review.round.public_id), at("new_panel", review.round.public_id, "defense"),
        at("opinion", panel.public_id, review.applications[0].public_id),
        at("recuse_by_order", Assignment.objects.first().public_id),
    ]  # fmt: skip
    for user in (elsewhere, review.applications[0].created_by):
        assert [signed_in(user).get(url).status_code for url in urls] == [404] * len(urls)
    assert [signed_in(review.officer).get(url).status_code for url in urls] == [200] * len(urls)


def test_experts_are_added_suspended_and_tied_at_their_pages(review):
    office = signed_in(review.officer)
    words = {
        "username": "xinzhuanjia",
        "display_name": "新专家（虚构）",
        "field": "计量",
        "employer": "样例计量院",
        "trainings": "1",
    }
    assert office.post(at("experts"), words).status_code == 302
    expert = Expert.objects.get(field="计量")
    assert "已在专家库" in office.post(at("experts"), words).content.decode()
    tie = {"action": "conflict", "organization": review.applications[0].organization.code, "ground": "adviser"}
    office.post(at("expert", expert.public_id), tie)
    office.post(at("expert", expert.public_id), {"action": "suspend", "reason": "未按时提交"})
    expert.refresh_from_db()
    assert (expert.state, Tie.objects.filter(person=expert.user).count()) == ("suspended", 1)


@pytest.mark.parametrize("name", ["panel", "panels", "mine", "experts", "cut"])
def test_a_list_costs_the_same_for_one_row_and_for_many(frozen, calendars, name):
    review = build_review(experts=8)
    panel = review.panel(size=8)

    def queries() -> int:
        review.assigned(panel)
        for one in review.applications:
            if name == "cut" and not PanelOpinion.objects.filter(application=one).exists():
                review.conclude(one)
        # the leader reads as well, before and after
        leader = Assignment.objects.select_related("expert__user").order_by("pk")[0].expert
        Panel.objects.update(chair=leader)
        user = leader.user if name == "mine" else review.officer
        url = at(name, panel.public_id) if name in ("panel", "cut") else at(name)
        client = signed_in(user)
        client.get(url)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        return len(captured)

    few = queries()
    for _ in range(12):
        review.application()
        review.expert()
    assert queries() == few


def test_u23_an_applicant_is_led_to_asking_for_recusal_once_the_panel_stands(frozen, calendars):
    review = build_review()
    application = review.applications[0]
    client, way = signed_in(application.created_by), at("ask_recusal", application.public_id)
    overview = application.get_absolute_url()
    assert way not in page(client, overview).decode()
    review.panel()
    assert f'<a href="{way}">申请评审专家回避</a>' in page(client, overview).decode()
    assert client.get(way).status_code == 200
    Application.objects.filter(pk=application.pk).update(state=State.DELIBERATION)
    assert way not in page(client, overview).decode()


def test_u11_6_the_leader_of_a_session_keeps_its_minutes_and_nothing_else(frozen, calendars):
    review = build_review(stage=State.DEFENSE)
    panel = review.panel()
    starts = clock.at(clock.today() + timedelta(days=3), 9)
    one = schedule_session(
        panel, applications=review.applications, starts_at=starts, place="三楼会议室", by=review.officer, at=clock.now()
    )
    where = at("session", one.public_id)
    leader = signed_in(panel.chair.user)
    assert where in page(leader, at("mine")).decode()
    told = page(leader, where).decode()
    assert "保存记录" in told
    assert "签到</button>" not in told
    assert leader.post(where, {"action": "minutes", "minutes": "答辩20分钟，提问三项。"}).status_code == 302
    assert Session.objects.get().minutes == "答辩20分钟，提问三项。"
    leader.post(where, {"action": f"sign-{review.applications[0].public_id}"})
    assert one.slots.get().signed_in_at is None
    other = next(one for one in review.experts if one.pk != panel.chair_id)
    assert signed_in(other.user).get(where).status_code == 404
    stepped_back = Recusal.objects.create(
        application=review.applications[0], expert=panel.chair, source=Recusal.Source.SELF, ground="employer",
        reason="曾任职", asked_at=clock.now(), asked_by=panel.chair.user, state=Recusal.State.GRANTED,
    )  # fmt: skip
    assert leader.get(where).status_code == 404
    stepped_back.delete()
    assert leader.get(where).status_code == 200
    Expert.objects.filter(pk=panel.chair_id).update(state="suspended", suspended_because="另有任务")
    assert leader.get(where).status_code == 404


def test_the_offices_list_says_what_each_review_stage_waits_for(frozen, calendars):
    review = build_review(applications=2)
    client, office = signed_in(review.officer), reverse("applications:office")
    assert "材料评审：待组建评审组" in page(client, office).decode()
    panel = review.panel()
    assert "材料评审：待分配材料" in page(client, office).decode()
    sheets = review.assigned(panel)
    score(sheets[0])
    told = page(client, office).decode()
    assert f"评分表已交1份，应交{len(sheets)}份" in told
    assert at("panel", panel.public_id) in told
    for application in review.applications:
        review.conclude(application)
    assert "材料评审：待决定进入下一环节" in page(client, office).decode()
