"""Invitation, acceptance and the pledge: before it is signed nothing of a dossier or a sheet opens (U7.4, U22)."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from applications.desk_rules import DeskRefused
from applications.reading import readable_dossier
from award_portal.lib import clock
from documents.models import IssuedDocument
from organizations.models import AuditRecord, OutboxItem
from reviews.invitations import accept_invitation, remind_invited
from reviews.leaving import decline_invitation
from reviews.models import Assignment, Invitation, Panel, Pledge
from reviews.panels import current_members, form_panel
from reviews.pledges import pledge_text, sign_pledge, text_digest
from reviews.readers import assign_readers
from reviews.scoring import save_sheet

from .panel_builders import WITNESS, accept_and_sign, build_review, full_items

pytestmark = pytest.mark.django_db


@pytest.fixture
def review(frozen, calendars):
    return build_review(experts=7)


@pytest.fixture
def panel(review) -> Panel:
    """Formed and with readers, nobody has answered."""
    panel = form_panel(
        review.round, stage=review.stage, by=review.officer, at=clock.now(), seed="示例种子", witness=WITNESS, size=5
    )
    assign_readers(panel, by=review.officer, at=clock.now(), seed="分配种子")
    return panel


@pytest.fixture
def reading(review, panel) -> Assignment:
    return next(one for one in review.readers(review.applications[0]) if one.expert_id != panel.chair_id)


def invitation_of(assignment: Assignment) -> Invitation:
    return Invitation.objects.get(member__panel=assignment.panel, member__expert=assignment.expert)


def accept(assignment: Assignment) -> None:
    accept_invitation(invitation_of(assignment), by=assignment.expert.user, at=clock.now())


def sign(assignment: Assignment, name: str = "") -> Pledge:
    round, user = assignment.panel.round, assignment.expert.user
    digest = text_digest(pledge_text(round))
    return sign_pledge(assignment.expert, round, name=name or str(user), digest=digest, by=user, at=clock.now())


def reads(assignment: Assignment) -> bool:
    return bool(readable_dossier(assignment.application, user=assignment.expert.user, at=clock.now()))


def save(assignment: Assignment) -> None:
    save_sheet(assignment, items=full_items(assignment), by=assignment.expert.user, at=clock.now())


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_u7_4_whoever_is_drawn_is_invited_and_told(review, panel):
    assert Invitation.objects.filter(member__panel=panel, state="sent").count() == 5
    told = [one.payload for one in OutboxItem.objects.filter(kind="inbox_message")]
    invited = {one["user"] for one in told if "邀请您参加" in one["subject"]}
    assert invited == {one.user_id for one in current_members(panel)}


def test_u22_before_the_pledge_nothing_of_a_dossier_or_a_sheet_opens(reading):
    assert not reads(reading)
    with pytest.raises(DeskRefused, match="请先在“我的评审”签署廉洁保密承诺书"):
        save(reading)
    accept(reading)
    assert not reads(reading)
    with pytest.raises(DeskRefused, match="承诺书"):
        save(reading)
    sign(reading)
    assert reads(reading)
    save(reading)


def test_signed_but_not_accepted_nothing_opens_either(reading):
    sign(reading)
    assert not reads(reading)
    with pytest.raises(DeskRefused, match="请先在“我的评审”答复评审邀请"):
        save(reading)
    accept(reading)
    assert reads(reading)


def test_the_pledge_keeps_the_exact_text_its_hash_and_the_name_and_is_a_paper(reading):
    accept(reading)
    pledge = sign(reading)
    assert pledge.text == pledge_text(reading.panel.round)
    assert pledge.sha256 == text_digest(pledge.text)
    for duty in ("申请回避", "严格保密", "礼品、礼金", "取消评审专家资格", "第二十二条", "第二十三条"):
        assert duty in pledge.text, duty
    paper = IssuedDocument.objects.get(kind="integrity_pledge")
    assert paper.content["lines"] == pledge.text.splitlines()
    assert paper.content["signed_name"] == str(reading.expert.user)
    record = AuditRecord.objects.get(verb="pledge.sign")
    assert record.data == {"text_sha256": pledge.sha256, "document": paper.number}
    assert str(reading.expert.user) not in str(record.data)


def test_the_pledge_is_signed_by_the_expert_with_their_own_name_once_a_round(review, reading):
    round, user = reading.panel.round, reading.expert.user
    digest = text_digest(pledge_text(round))
    with pytest.raises(DeskRefused, match="签署姓名应为本人姓名"):
        sign(reading, name="别人")
    with pytest.raises(DeskRefused, match="由专家本人签署"):
        sign_pledge(reading.expert, round, name=str(user), digest=digest, by=review.officer, at=clock.now())
    with pytest.raises(DeskRefused, match="内容已更新"):
        sign_pledge(reading.expert, round, name=str(user), digest="0" * 64, by=user, at=clock.now())
    outsider = review.expert()
    with pytest.raises(DeskRefused, match="不是本届评审组成员"):
        sign_pledge(outsider, round, name=str(outsider.user), digest=digest, by=outsider.user, at=clock.now())
    sign(reading)
    with pytest.raises(DeskRefused, match="已经签署"):
        sign(reading)
    assert Pledge.objects.count() == 1


def test_whoever_declines_is_no_member_and_what_they_were_to_read_goes_to_another(review, panel, reading):
    application = reading.application
    before = len(review.readers(application))
    with pytest.raises(DeskRefused, match="请填写不能参加的理由"):
        decline_invitation(invitation_of(reading), reason=" ", by=reading.expert.user, at=clock.now())
    declined = decline_invitation(invitation_of(reading), reason="出差", by=reading.expert.user, at=clock.now())
    assert (declined.state, declined.reason) == ("declined", "出差")
    assert reading.expert not in current_members(panel)
    readers = review.readers(application)
    assert len(readers) == before
    assert reading.expert_id not in [one.expert_id for one in readers]
    reading.refresh_from_db()
    assert reading.ended_because == "退出评审组：未接受评审邀请"
    assert reading.grant.revoked_at == clock.now()
    told = OutboxItem.objects.filter(kind="inbox_message", payload__user=review.officer.pk)
    assert any("未接受评审邀请" in one.payload["subject"] for one in told)
    with pytest.raises(DeskRefused, match="不是该评审组成员"):
        accept_invitation(declined, by=reading.expert.user, at=clock.now())


def test_a_leader_who_declines_passes_the_chair_on(review, panel):
    leader = panel.chair
    asked = Invitation.objects.get(member__panel=panel, member__expert=leader)
    decline_invitation(asked, reason="身体原因", by=leader.user, at=clock.now())
    panel.refresh_from_db()
    assert panel.chair_id != leader.pk
    assert panel.chair in current_members(panel)


def test_who_accepted_cannot_decline_any_more(panel, reading):
    accept_and_sign(panel)
    with pytest.raises(DeskRefused, match="您已接受邀请"):
        decline_invitation(invitation_of(reading), reason="出差", by=reading.expert.user, at=clock.now())


def test_only_who_has_not_answered_is_reminded(review, panel, reading):
    accept(reading)
    assert remind_invited(panel, by=review.officer, at=clock.now()) == 4
    accept_and_sign(panel)
    with pytest.raises(DeskRefused, match="没有待答复的邀请"):
        remind_invited(panel, by=review.officer, at=clock.now())


def test_an_expert_answers_signs_and_starts_at_their_pages(review, reading):
    client, round = signed_in(reading.expert.user), reading.panel.round
    mine, sheet = reverse("reviews:mine"), reverse("reviews:sheet", args=[reading.public_id])
    asked = reverse("reviews:invitation", args=[invitation_of(reading).public_id])
    pledge = reverse("reviews:pledge", args=[round.public_id])
    assert asked in client.get(mine).content.decode()
    assert client.get(sheet).url == asked
    empty = client.post(asked, {"answer": "decline", "reason": ""})
    assert "请填写不能参加的理由" in empty.content.decode()
    assert client.post(asked, {"answer": "accept"}).url == pledge
    assert client.get(sheet).url == pledge
    text = client.get(pledge).content.decode()
    assert "本人受" in text
    assert "第二十二条" in text
    digest = text_digest(pledge_text(round))
    wrong = client.post(pledge, {"read": "on", "name": "别人", "digest": digest}).content.decode()
    assert "签署姓名应为本人姓名" in wrong
    assert 'value="别人"' in wrong
    assert "请先阅读全文" in client.post(pledge, {"name": "甲", "digest": digest}).content.decode()
    name = str(reading.expert.user)
    assert client.post(pledge, {"read": "on", "name": name, "digest": digest}).status_code == 302
    assert client.get(sheet).status_code == 200
    assert "已签署" in client.get(pledge).content.decode()
    paper = reverse("documents:download", args=[Pledge.objects.get().document.public_id])
    assert client.get(paper).status_code in (200, 202)
    other = next(one for one in review.experts if one != reading.expert)
    assert signed_in(other.user).get(paper).status_code == 404


def test_whose_time_is_over_or_who_was_struck_sees_no_sheet(review, panel, reading):
    accept_and_sign(panel)
    assert reads(reading)
    type(reading.expert).objects.filter(pk=reading.expert_id).update(state="suspended", suspended_because="核查中")
    assert not reads(reading)
    client = signed_in(reading.expert.user)
    assert client.get(reverse("reviews:sheet", args=[reading.public_id])).url == reverse("reviews:mine")
    assert "不能办理评审事项" in client.get(reverse("reviews:mine")).content.decode()


def test_the_office_sees_who_answered_reminds_and_lets_go_at_its_page(review, panel, reading):
    accept(reading)
    sign(reading)
    client, page = signed_in(review.officer), reverse("reviews:panel_members", args=[panel.public_id])
    shown = client.get(page).content.decode()
    assert shown.count("待答复") == 4
    assert reverse("documents:download", args=[Pledge.objects.get().document.public_id]) in shown
    assert client.post(page, {"action": "remind"}).status_code == 302
