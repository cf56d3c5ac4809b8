"""The pages of ties: the office's board and register, the expert's own, the applicant's that tells nothing (U23)."""

from __future__ import annotations

import io

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.pipeline import State
from award_portal.lib import clock
from reviews.conflicts import conflicts_of
from reviews.models import GroupLink, LikenessDecision, Recusal, Tie
from reviews.ties import declare_own_tie, may_name_ties

from .panel_builders import build_review

pytestmark = pytest.mark.django_db


@pytest.fixture
def review(frozen, calendars):
    return build_review()


@pytest.fixture
def office(review, client):
    client.force_login(review.officer)
    return client


def board(review) -> str:
    return reverse("reviews:conflicts", args=[review.round.public_id])


def text(answer) -> str:
    return answer.content.decode()


def test_the_board_shows_each_pair_with_its_reason_and_goes_into_a_workbook(review, office):
    application = review.applications[0]
    tied = review.expert(employer=application.organization.name, title="厂长")
    page = text(office.get(board(review)))
    assert "现任职于申报组织（厂长）" in page
    assert "conflict-matrix" in page
    assert "第二十三条" in page
    none = text(office.get(board(review), {"kind": "kinship", "application": "nonsense"}))
    assert "没有符合条件的利害关系" in none
    answer = office.get(reverse("reviews:conflicts_export", args=[review.round.public_id]), {"format": "xlsx"})
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[1][2] == str(tied)
    assert rows[1][-1] == "应当回避"
    assert len(rows) == 2


def test_the_board_asks_as_many_queries_for_many_as_for_few(review, office):
    review.expert(employer=review.applications[0].organization.name)
    office.get(board(review))
    with CaptureQueriesContext(connection) as few:
        office.get(board(review))
    for _ in range(8):
        name = review.application().organization.name
        review.expert(employer=name)
    with CaptureQueriesContext(connection) as many:
        office.get(board(review))
    assert len(many) == len(few)


def test_a_likeness_is_decided_on_the_board(review, office):
    application = review.application(name="样例阀门制造有限公司")
    expert = review.expert(employer="样例阀门制造股份有限公司")
    page = text(office.get(board(review)))
    assert "名称相近" in page
    likeness = page.split('name="likeness" value="')[1].split('"')[0]
    given = {"expert": expert.public_id, "application": application.public_id, "likeness": likeness}
    refused = office.post(board(review), given | {"verdict": "same", "because": ""})
    assert refused.status_code == 422
    office.post(board(review), given | {"verdict": "same", "because": "改制前后名称"})
    assert LikenessDecision.objects.get().is_same
    assert [one.kind for one in conflicts_of(expert, application)] == ["employment"]


def test_the_office_keeps_the_register_of_ties_and_groups(review, office):
    application, expert = review.applications[0], review.experts[0]
    url = reverse("reviews:ties", args=[review.round.public_id])
    tie = {
        "action": "tie", "expert": expert.public_id, "kind": "kinship", "detail": "配偶任副总经理",
        "kin": "甲某某（虚构）", "body_name": application.organization.name,
    }  # fmt: skip
    assert office.post(url, tie | {"body_code": "123"}).status_code == 422
    assert office.post(url, tie).status_code == 302
    made = Tie.objects.get()
    assert made.organization == application.organization
    page = text(office.get(url))
    assert "配偶任副总经理" in page
    assert "甲某某" not in page
    assert "甲某某" in text(office.post(url, {"action": "kin", "tie": made.public_id}))
    group = {"action": "group", "parent_name": "样例控股集团", "child_name": application.organization.name}
    office.post(url, group)
    assert GroupLink.objects.standing().count() == 1
    office.post(url, {"action": "withdraw_group", "link": GroupLink.objects.get().public_id, "because": "已出售"})
    office.post(url, {"action": "withdraw_tie", "tie": made.public_id, "because": "已离异"})
    assert not GroupLink.objects.standing().exists()
    assert conflicts_of(expert, application) == []
    assert office.post(url, {"action": "withdraw_tie", "tie": "x", "because": "y"}).status_code == 404


def test_an_expert_declares_and_a_found_tie_is_carried_out_with_one_button(review, client):
    review.assigned()
    assignment = review.readers(review.applications[0])[0]
    client.force_login(assignment.expert.user)
    url, name = reverse("reviews:my_ties"), str(assignment.application.organization)
    assert client.post(url, {"kind": "", "body_name": name}).status_code == 422
    answer = client.post(url, {"kind": "supplier", "body_name": name, "detail": "供应包装材料"}, follow=True)
    assert "供应包装材料" in text(answer)
    assert "材料已关闭" in text(client.get(reverse("reviews:mine")))
    client.force_login(review.officer)
    page = text(client.get(reverse("reviews:recusals")))
    assert "发现利害关系，待办理回避" in page
    assert "供应包装材料" in page
    done = client.post(reverse("reviews:carry_out_recusal", args=[assignment.public_id]), follow=True)
    assert "已回避，阅卷授权已收回。替补：" in text(done)
    assert "发现利害关系" not in text(done)
    assert Recusal.objects.get().ground == "interest"
    again = client.post(reverse("reviews:carry_out_recusal", args=[assignment.public_id]))
    assert again.status_code == 404


def test_an_applicant_names_ties_before_the_panel_and_learns_nothing_of_it(review, client):
    application, known = review.applications[0], review.experts[0]
    client.force_login(application.created_by)
    url = reverse("reviews:name_ties", args=[application.public_id])
    tie = {"action": "tie", "kind": "adviser", "person_employer": known.employer}
    answers = [
        client.post(url, tie | {"person_name": name}, follow=True) for name in (str(known.user), "查无此人（虚构）")
    ]
    # whoever is named, the page answers the same
    said = [text(one).replace(str(known.user), "某").replace("查无此人（虚构）", "某") for one in answers]
    assert all("已登记，组建评审组时据此排除" in one for one in said)
    assert [one.kind for one in conflicts_of(known, application)] == ["adviser"]
    other = {"action": "group", "role": "parent", "other_name": "样例控股集团"}
    assert "样例控股集团" in text(client.post(url, other, follow=True))
    panel = review.panel()
    assert known.pk not in {one.expert_id for one in panel.members.all()}
    assert not may_name_ties(application)
    late = client.post(url, tie | {"person_name": "丙某某"})
    assert late.status_code == 422
    assert "请附证明材料申请专家回避" in text(late)
    for member in panel.members.select_related("expert__user"):
        assert str(member.expert.user) not in text(client.get(url))


def test_what_the_applicant_said_of_an_expert_is_not_told_to_the_expert(review, client):
    review.assigned()
    assignment = review.readers(review.applications[0])[0]
    expert, application = assignment.expert, assignment.application
    Tie.objects.create(
        scheme_key=expert.scheme_key, person=expert.user, organization=application.organization, kind="other",
        detail="曾索要钱物", source="applicant", declared_at=clock.now(), declared_by=application.created_by,
    )  # fmt: skip
    client.force_login(expert.user)
    page = client.get(reverse("reviews:sheet", args=[assignment.public_id]))
    assert page.status_code == 403
    assert "其他利害关系" in text(page)
    assert "索要" not in text(page)
    assert "申报者提出" not in text(page)


def test_ties_are_named_from_submission_and_never_after_the_review(review):
    for state in (State.QUALIFICATION, State.DOCUMENT_REVIEW):
        assert may_name_ties(review.application(state))
    for state in (State.DELIBERATION, State.AWARDED, State.ELIMINATED):
        assert not may_name_ties(review.application(state))


def test_declared_twice_a_tie_is_once(review):
    expert = review.experts[0]
    for _ in range(2):
        declare_own_tie(expert, kind="adviser", body_name="样例公司", by=expert.user, at=clock.now())
    assert Tie.objects.count() == 1
