"""Section 8: a deputy sits and votes only with 授权委托书 for this meeting, accepted by the office; his ties count."""

from __future__ import annotations

import pytest
from django.urls import reverse

from applications.desk_rules import DeskRefused
from award_portal.lib import clock
from organizations.models import AuditRecord
from reviews.ballots import cast_paper, void_ballot
from reviews.deciding import carry_decision
from reviews.deputies import decide_mandate, submit_mandate, withdraw_mandate
from reviews.meetings import mark_attendance, recuse_member, sign_in
from reviews.models import Deputy
from tests.factories import make_user

from .meeting_builders import be_of, build_deliberation, edition_with, setting

pytestmark = pytest.mark.django_db


@pytest.fixture
def deliberation(frozen, calendars):
    return build_deliberation(applications=2, members=4)


@pytest.fixture
def meeting(deliberation):
    return deliberation.convene()


def vote(ballot, user):
    names = [one.application_id for one in ballot.candidates.all()]
    cast_paper(ballot, by=user, choices=dict.fromkeys(names, "for"))


def test_a_deputy_signs_in_and_votes_in_the_members_seat_and_the_member_does_not(deliberation, meeting):
    account = make_user()
    deliberation.mandate(meeting, 0, account=account)
    member = deliberation.members[0]
    with pytest.raises(DeskRefused, match="已委托他人出席"):
        sign_in(meeting, by=member, at=clock.now())
    assert sign_in(meeting, by=account, at=clock.now()).user == member
    ballot, passphrase = deliberation.open(deliberation.attend(meeting))
    with pytest.raises(DeskRefused, match="没有到会登记"):
        vote(ballot, member)
    for who in (account, *deliberation.members[1:]):
        vote(ballot, who)
    with pytest.raises(DeskRefused, match="每人只能投一次"):
        vote(ballot, account)
    assert deliberation.close(ballot, passphrase).cast_count == 4
    # the ledger names the seat; the paper is nobody's
    assert ballot.voters.filter(has_voted=True, member__user=member).exists()


def test_the_minutes_tell_who_stood_in_for_whom(deliberation, meeting):
    deliberation.mandate(meeting, 0, account=make_user())
    deliberation.attend(meeting, present=3)
    mark_attendance(
        meeting, present={one.pk for one in meeting.members.all()[:3]}, by=deliberation.officer, at=clock.now(),
        reasons={meeting.members.last().pk: "出差（虚构）"},
    )  # fmt: skip
    ballot, passphrase = deliberation.open(meeting)
    for voter in ballot.voters.select_related("member__mandate__user", "member__user"):
        vote(ballot, voter.member.mandate.user if voter.member.mandate else voter.member.user)
    deliberation.close(ballot, passphrase)
    content = carry_decision(meeting, by=deliberation.officer, at=clock.now()).content
    member = str(deliberation.members[0])
    assert content["deputies"] == [{"name": "样例代理人（虚构）", "post": "样例局副局长（虚构）", "for": member}]
    assert member not in content["in_person"]
    assert content["absent"] == [{"name": str(deliberation.members[3]), "reason": "出差（虚构）"}]


def test_without_an_accepted_letter_nobody_sits_for_anybody(deliberation, meeting):
    account, member = make_user(), deliberation.member(meeting, 0)
    with pytest.raises(DeskRefused, match="须上传签字的授权委托书扫描件"):
        submit_mandate(member, name="甲", post="乙", account=account, letter=None, by=member.user, at=clock.now())
    deputy = deliberation.mandate(meeting, 0, account=account, accept=False)
    with pytest.raises(DeskRefused, match="不在应到成员之列"):
        sign_in(meeting, by=account, at=clock.now())
    with pytest.raises(DeskRefused, match="请填写不予采用的理由"):
        decide_mandate(deputy, accepted=False, by=deliberation.officer, at=clock.now())
    decide_mandate(deputy, accepted=False, reason="没有签字（虚构）", by=deliberation.officer, at=clock.now())
    with pytest.raises(DeskRefused, match="不在应到成员之列"):
        sign_in(meeting, by=account, at=clock.now())
    # refused, the member may hand in another
    assert deliberation.mandate(meeting, 0, account=account).state == Deputy.State.ACCEPTED


def test_one_deputy_one_member(deliberation, meeting):
    account = make_user()
    deliberation.mandate(meeting, 0, account=account)
    with pytest.raises(DeskRefused, match="已受其他成员委托"):
        deliberation.mandate(meeting, 1, account=account)
    with pytest.raises(DeskRefused, match="是应到成员，不能同时代理他人"):
        deliberation.mandate(meeting, 1, account=deliberation.members[2])
    with pytest.raises(DeskRefused, match="已有一份授权委托书"):
        deliberation.mandate(meeting, 0)


def test_the_member_takes_his_seat_back_but_not_while_a_ballot_is_open(deliberation, meeting):
    deputy = deliberation.mandate(meeting, 0, account=make_user())
    ballot, _ = deliberation.open(deliberation.attend(meeting))
    member = deliberation.members[0]
    with pytest.raises(DeskRefused, match="正在表决，不能办理授权委托"):
        withdraw_mandate(deputy, reason="本人到会", by=member, at=clock.now())
    void_ballot(ballot, reason="成员到会（虚构）", by=deliberation.officer, at=clock.now())
    withdraw_mandate(deputy, reason="本人到会", by=member, at=clock.now())
    assert not deliberation.member(meeting, 0).is_present
    sign_in(meeting, by=member, at=clock.now())
    assert deliberation.member(meeting, 0).is_present


def test_only_the_member_and_the_office_hand_in_and_only_the_office_accepts(deliberation, meeting):
    deputy = deliberation.mandate(meeting, 0, accept=False)
    with pytest.raises(DeskRefused, match="由办公室核验"):
        decide_mandate(deputy, accepted=True, by=deliberation.members[0], at=clock.now())
    with pytest.raises(DeskRefused, match="由成员本人或者办公室办理"):
        submit_mandate(
            deliberation.member(meeting, 1), name="甲", post="乙", account=None, letter=deputy.letter,
            by=deliberation.members[0], at=clock.now(),
        )  # fmt: skip


def test_who_has_no_account_votes_on_paper_only(deliberation, meeting):
    deliberation.mandate(meeting, 0)
    deliberation.attend(meeting)
    with pytest.raises(DeskRefused, match=r"样例代理人（虚构）（受.*委托）没有账号"):
        deliberation.open(meeting)
    paper = deliberation.open_paper(meeting, teller=deliberation.members[1], counter=deliberation.members[2])
    assert paper.ballot.present_count == 4


def test_u23_a_deputys_own_tie_makes_the_seat_step_back_before_the_ballot(deliberation, meeting):
    account, candidate = make_user(), deliberation.applications[0]
    be_of(account, candidate.organization, deliberation)
    deliberation.mandate(meeting, 0, account=account)
    deliberation.attend(meeting)
    with pytest.raises(DeskRefused, match=f"样例代理人.*{candidate.organization}.*应当先登记回避.*第二十三条"):
        deliberation.open(meeting)
    recuse_member(
        deliberation.member(meeting, 0), application=candidate, ground="代理人为申报单位人员（虚构）",
        by=deliberation.officer, at=clock.now(),
    )  # fmt: skip
    ballot, _ = deliberation.open(meeting)
    assert list(ballot.candidates.order_by("position").values_list("base", flat=True)) == [3, 4]
    with pytest.raises(DeskRefused, match="已经回避"):
        vote(ballot, account)


def test_where_the_rulebook_wants_the_members_themselves_no_deputy_is_taken(frozen, calendars):
    text = edition_with(decision=setting(deputies=False))
    deliberation = build_deliberation(applications=2, members=4, edition_text=text)
    with pytest.raises(DeskRefused, match=r"不设委托他人出席表决.*办公室设定"):
        deliberation.mandate(deliberation.convene(), 0)


def test_the_evidence_holds_the_letters_digest_and_no_name(deliberation, meeting):
    deputy = deliberation.mandate(meeting, 0)
    records = AuditRecord.objects.filter(verb__startswith="mandate.").order_by("seq")
    assert [one.verb for one in records] == ["mandate.submit", "mandate.accept"]
    assert records[0].data["letter"] == deputy.letter.sha256
    assert deputy.name not in str([one.data for one in records])


def test_a_member_hands_in_his_letter_and_the_office_accepts_it_at_the_pages(deliberation, meeting, client):
    account = make_user()
    url, member = reverse("reviews:mandates", args=[meeting.public_id]), deliberation.members[0]
    client.force_login(member)
    form = {
        "member": str(member.public_id),
        "name": "样例代理人（虚构）",
        "post": "样例局（虚构）",
        "username": "nobody",
    }
    upload = deliberation.upload("授权委托书")
    with upload.content.open("rb") as letter:
        refused = client.post(url, form | {"letter": letter}).content.decode()
    assert "没有这个账号" in refused
    assert "样例局（虚构）" in refused
    with upload.content.open("rb") as letter:
        assert client.post(url, form | {"username": account.username, "letter": letter}).status_code == 302
    deputy = Deputy.objects.get()
    client.force_login(account)
    assert client.get(reverse("reviews:mandate_letter", args=[deputy.public_id])).status_code == 200
    assert client.get(reverse("reviews:meeting", args=[meeting.public_id])).status_code == 404
    client.force_login(deliberation.officer)
    assert "核验" in client.get(url).content.decode()
    client.post(reverse("reviews:mandate", args=[deputy.public_id]), {"decision": "accept"})
    client.force_login(account)
    page = client.get(reverse("reviews:meeting", args=[meeting.public_id])).content.decode()
    assert "签到" in page
    client.post(reverse("reviews:signing_in", args=[meeting.public_id]))
    assert deliberation.member(meeting, 0).is_present
