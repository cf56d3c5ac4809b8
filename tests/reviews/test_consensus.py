"""合议 and the signed opinion (U11.5–U11.7, B14): everybody heard, one's own score only, no name beside a number."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from applications.desk_rules import DeskRefused
from applications.moves import blockers
from award_portal.lib import clock
from award_portal.rehearsal.review_moves import hold_consensus
from documents.access import may_read
from documents.models import IssuedDocument
from organizations.models import AuditRecord
from reviews.aggregating import stage_score
from reviews.consensus import (
    answer_change,
    attend_consensus,
    change_score,
    close_consensus,
    convene_consensus,
    discuss_item,
)
from reviews.discrepancies import column_of, discrepancy_matrix, leader_of, led_by
from reviews.models import ConsensusChange, ConsensusSession, OpinionSignature, Panel, PanelOpinion, ScoreSheet
from reviews.opinions import draft_opinion, issue_opinion, members_to_sign, opinion_blockers, sign_opinion
from reviews.panels import appoint_chair
from reviews.recusal import order_recusal

from .panel_builders import build_review, score

pytestmark = pytest.mark.django_db


@pytest.fixture
def review(frozen, calendars):
    review = build_review()
    review.assigned()
    # the second reader leads
    appoint_chair(Panel.objects.with_round().get(), expert=readers(review)[1].expert, by=review.officer, at=clock.now())
    return review


@pytest.fixture
def apart(review):
    """Three sheets in: one member gave the first item 24 of 80 points, the others 64."""
    first, *rest = readers(review)
    score(first, "0.8", strategy="0.3")
    for one in rest:
        score(one, "0.8")
    return review


def readers(review):
    return review.readers(review.applications[0])


def panel_of(review) -> Panel:
    return Panel.objects.with_round().get()


def convened(review, by=None) -> ConsensusSession:
    return convene_consensus(
        review.applications[0], stage=review.stage, starts_at=clock.now(), place="二楼会议室（虚构）",
        by=by or review.officer, at=clock.now(),
    )  # fmt: skip


def everybody_comes(review, session) -> None:
    for one in readers(review):
        attend_consensus(session, assignment=one, by=one.expert.user, at=clock.now())


def closed(review, session) -> ConsensusSession:
    discuss_item(session, item="strategy", said="部署证据充分", by=review.officer, at=clock.now())
    return close_consensus(session, conclusion="经合议，意见趋于一致。", by=review.officer, at=clock.now())


def drafted(review, text="评审组认为成效显著。"):
    return draft_opinion(review.applications[0], stage=review.stage, text=text, by=review.officer, at=clock.now())


def everybody_signs(review, draft, but=()) -> None:
    for one in members_to_sign(panel_of(review), review.applications[0]):
        if one not in but:
            sign_opinion(draft, by=one.user, at=clock.now())


def issued(review) -> PanelOpinion:
    return issue_opinion(review.applications[0], stage=review.stage, by=review.officer, at=clock.now())


# -- the discrepancy ---------------------------------------------------------------------------------------------------


def test_the_matrix_waits_for_the_last_sheet_and_names_nobody(review):
    application = review.applications[0]
    *first, last = readers(review)
    for one in first:
        score(one, "0.3")
    assert discrepancy_matrix(application, review.stage) == []
    score(last, "0.8")
    rows = discrepancy_matrix(application, review.stage)
    assert all(row.is_flagged and row.percent == 50 for row in rows)
    assert sorted(rows[0].cells)[-1] == sorted(rows[0].cells, key=lambda cell: Decimal(cell[0]))[-1]
    own = rows[0].cells[column_of(last) - 1]
    assert Decimal(own[0]) == max(Decimal(cell[0]) for cell in rows[0].cells)


def test_a_difference_of_just_the_percentage_needs_no_consensus(review):
    # 15 % of 80 points are 12
    first, *rest = readers(review)
    score(first, "0.8", strategy="0.65")
    for one in rest:
        score(one, "0.8")
    assert opinion_blockers(review.applications[0], review.stage) == []
    with pytest.raises(DeskRefused, match="未达到合议标准"):
        convened(review)


def test_items_too_far_apart_stand_before_the_opinion(apart):
    found = opinion_blockers(apart.applications[0], apart.stage)
    assert [one.text for one in found] == ["以下项目专家评分差异较大，须先合议：质量发展战略与质量文化。"]
    with pytest.raises(DeskRefused, match="须先合议"):
        drafted(apart)
    convened(apart)
    assert [one.text for one in opinion_blockers(apart.applications[0], apart.stage)] == ["合议尚未结束。"]


def test_no_consensus_while_a_sheet_is_out(review):
    score(readers(review)[0], "0.2")
    with pytest.raises(DeskRefused, match="尚未全部提交"):
        convened(review)


# -- the session -------------------------------------------------------------------------------------------------------


def test_a_member_changes_only_their_own_and_the_sheet_stays(apart):
    low, *others = readers(apart)
    session = convened(apart)
    everybody_comes(apart, session)
    outsider = next(one for one in others if one.expert_id != panel_of(apart).chair_id)
    with pytest.raises(DeskRefused, match="组长或者办公室"):
        change_score(
            session, assignment=low, item="strategy", new="60", reason="补充", by=outsider.expert.user, at=clock.now()
        )
    before = ScoreSheet.objects.get(assignment=low).items
    change_score(
        session, assignment=low, item="strategy", new="56", reason="漏看第12页", by=low.expert.user, at=clock.now()
    )
    assert ScoreSheet.objects.get(assignment=low).items == before
    application = apart.applications[0]
    assert sorted(stage_score(application, apart.stage, original=True).raw) == [760, 800, 800]
    assert sorted(stage_score(application, apart.stage).raw) == [792, 800, 800]
    row = next(row for row in discrepancy_matrix(application, apart.stage) if row.key == "strategy")
    assert (row.spread, row.spread_after) == ("40", "8")


def test_a_change_the_leader_records_waits_for_the_expert(apart):
    low = readers(apart)[0]
    session = convened(apart)
    everybody_comes(apart, session)
    noted = {"assignment": low, "item": "strategy", "reason": "会上口头说明"}
    change = change_score(session, new="60", by=apart.officer, at=clock.now(), **noted)
    assert sorted(stage_score(apart.applications[0], apart.stage).raw) == [760, 800, 800]
    with pytest.raises(DeskRefused, match="改分等待专家本人确认"):
        closed(apart, session)
    with pytest.raises(DeskRefused, match="等待本人确认"):
        change_score(session, new="61", by=apart.officer, at=clock.now(), **noted)
    with pytest.raises(DeskRefused, match="本人确认"):
        answer_change(change, agree=True, by=apart.officer, at=clock.now())
    answer_change(change, agree=False, by=low.expert.user, at=clock.now())
    assert sorted(stage_score(apart.applications[0], apart.stage).raw) == [760, 800, 800]
    again = change_score(session, new="58", by=apart.officer, at=clock.now(), **noted)
    answer_change(again, agree=True, by=low.expert.user, at=clock.now())
    assert sorted(stage_score(apart.applications[0], apart.stage).raw) == [794, 800, 800]


@pytest.mark.parametrize(
    ("item", "new", "said"),
    [
        ("system", "10", "合议只就评分差异较大的项目进行"),
        ("nothing", "10", "合议只就评分差异较大的项目进行"),
        ("strategy", "81", "应在0至80分之间"),
        ("strategy", "24", "请填写与原得分24不同的得分"),
        ("strategy", "", "请填写与原得分24不同的得分"),
    ],
)
def test_only_a_flagged_item_changes_and_to_a_score_of_its_own(apart, item, new, said):
    low = readers(apart)[0]
    session = convened(apart)
    everybody_comes(apart, session)
    with pytest.raises(DeskRefused, match=said):
        change_score(session, assignment=low, item=item, new=new, reason="改", by=low.expert.user, at=clock.now())


def test_who_has_not_signed_in_changes_nothing_and_the_session_waits_for_all(apart):
    low, *others = readers(apart)
    session = convened(apart)
    with pytest.raises(DeskRefused, match="尚未签到"):
        change_score(
            session, assignment=low, item="strategy", new="60", reason="改", by=low.expert.user, at=clock.now()
        )
    for one in others:
        attend_consensus(session, assignment=one, by=apart.officer, at=clock.now())
    with pytest.raises(DeskRefused, match="还有1名评审专家未签到"):
        closed(apart, session)
    with pytest.raises(DeskRefused, match="请填写书面意见"):
        attend_consensus(session, assignment=low, mode="written", by=low.expert.user, at=clock.now())
    attend_consensus(session, assignment=low, mode="written", words="维持原评分", by=low.expert.user, at=clock.now())
    assert closed(apart, session).closed_at == clock.now()


def test_the_record_says_who_came_what_was_said_and_what_changed_without_a_name_beside_a_score(apart):
    low = readers(apart)[0]
    session = convened(apart)
    everybody_comes(apart, session)
    change_score(
        session, assignment=low, item="strategy", new="56", reason="漏看第12页", by=low.expert.user, at=clock.now()
    )
    paper = closed(apart, session).document
    content = paper.content
    assert [one["name"] for one in content["attended"]] == [str(one.expert) for one in readers(apart)]
    number = column_of(low)
    assert content["items"][0]["changes"] == [
        {"expert": f"专家{number}", "old": "24", "new": "56", "reason": "漏看第12页"}
    ]
    assert content["items"][0]["said"] == "部署证据充分"
    assert not [one for one in readers(apart) if str(one.expert) in str(content["items"])]
    assert may_read(low.expert.user, paper)
    others = set(apart.experts) - {one.expert for one in readers(apart)}
    assert not any(may_read(one.user, paper) for one in others)
    assert not may_read(apart.applications[0].created_by, paper)


def test_the_evidence_of_a_change_carries_no_score(apart):
    low = readers(apart)[0]
    session = convened(apart)
    everybody_comes(apart, session)
    change_score(
        session, assignment=low, item="strategy", new="56.5", reason="漏看", by=low.expert.user, at=clock.now()
    )
    told = AuditRecord.objects.get(verb="consensus.change")
    assert "56.5" not in str(told.data)
    assert told.data["item"] == "strategy"


def test_after_its_end_the_session_is_closed(apart):
    low = readers(apart)[0]
    session = convened(apart)
    everybody_comes(apart, session)
    closed(apart, session)
    with pytest.raises(DeskRefused, match="合议已经结束"):
        change_score(
            session, assignment=low, item="strategy", new="56", reason="改", by=low.expert.user, at=clock.now()
        )


def test_a_reader_replaced_after_the_session_makes_another_one_due(apart):
    session = convened(apart)
    everybody_comes(apart, session)
    closed(apart, session)
    order_recusal(readers(apart)[1], ground="interest", reason="持股", by=apart.officer, at=clock.now())
    score(readers(apart)[-1], "0.8")
    found = opinion_blockers(apart.applications[0], apart.stage)
    assert "评审专家有变更，须再次合议" in found[0].text
    again = convened(apart)
    everybody_comes(apart, again)
    closed(apart, again)
    assert opinion_blockers(apart.applications[0], apart.stage) == []


# -- the opinion -------------------------------------------------------------------------------------------------------


@pytest.fixture
def agreed(review):
    for one in readers(review):
        score(one, "0.8")
    return review


def test_the_opinion_is_issued_once_every_member_has_signed(agreed):
    application = agreed.applications[0]
    before = blockers(application, "pass_review", by=agreed.officer, at=clock.now())
    assert any("尚未形成本环节的评审意见" in one.text for one in before)
    draft = drafted(agreed)
    with pytest.raises(DeskRefused, match="还有3名成员未签署"):
        issued(agreed)
    members = members_to_sign(panel_of(agreed), application)
    everybody_signs(agreed, draft, but=members[:1])
    with pytest.raises(DeskRefused, match="还有1名成员未签署"):
        issued(agreed)
    sign_opinion(draft, by=members[0].user, dissent="创新一项偏高", at=clock.now())
    opinion = issued(agreed)
    content = opinion.document.content
    assert [one["name"] for one in content["members"]] == [str(one) for one in members]
    assert content["members"][0]["dissent"] == "创新一项偏高"
    assert content["score"] == "800.00"
    assert content["text"] == "评审组认为成效显著。"
    after = blockers(application, "pass_review", by=agreed.officer, at=clock.now())
    assert not any("评审意见" in one.text for one in after)
    with pytest.raises(DeskRefused, match="已经形成"):
        issued(agreed)
    assert IssuedDocument.objects.filter(kind="review_opinion").count() == 1


def test_other_words_are_signed_again(agreed):
    draft = drafted(agreed)
    everybody_signs(agreed, draft)
    assert drafted(agreed).revision == 1
    again = drafted(agreed, text="评审组建议进入下一环节。")
    assert again.revision == 2
    with pytest.raises(DeskRefused, match="未签署"):
        issued(agreed)
    with pytest.raises(DeskRefused, match="已经修改，请重新阅读"):
        sign_opinion(again, by=readers(agreed)[0].expert.user, revision=1, at=clock.now())
    everybody_signs(agreed, again)
    assert issued(agreed).text == "评审组建议进入下一环节。"


def test_only_a_member_signs_and_only_the_leader_or_the_office_drafts(agreed):
    draft = drafted(agreed)
    for person in (agreed.officer, agreed.applications[0].created_by):
        with pytest.raises(DeskRefused, match="成员本人签署"):
            sign_opinion(draft, by=person, at=clock.now())
    leader = leader_of(panel_of(agreed), agreed.applications[0])
    reader = next(one.expert for one in readers(agreed) if one.expert_id != leader.pk)
    with pytest.raises(DeskRefused, match="组长或者办公室"):
        draft_opinion(agreed.applications[0], stage=agreed.stage, text="同意", by=reader.user, at=clock.now())
    assert draft_opinion(agreed.applications[0], stage=agreed.stage, text="同意", by=leader.user, at=clock.now())


def test_who_steps_back_does_not_sign_and_does_not_lead(agreed):
    application = agreed.applications[0]
    panel = panel_of(agreed)
    chair = next(one for one in readers(agreed) if one.expert_id == panel.chair_id)
    draft = drafted(agreed)
    everybody_signs(agreed, draft)
    order_recusal(chair, ground="interest", reason="持股", by=agreed.officer, at=clock.now())
    assert leader_of(panel, application) == readers(agreed)[0].expert
    assert chair.expert not in members_to_sign(panel, application)
    assert [found for _, found in led_by(chair.expert.user)] == [[]]
    assert [found for _, found in led_by(readers(agreed)[0].expert.user)] == [[application]]
    client = Client()
    client.force_login(chair.expert.user, backend="django.contrib.auth.backends.ModelBackend")
    for name in ("opinion", "consensus"):
        where = reverse(f"reviews:{name}", args=[panel.public_id, application.public_id])
        assert client.get(where).status_code == 404
    with pytest.raises(DeskRefused, match="还有1名专家未提交评分表"):
        issued(agreed)
    # the replacement's sheet moves the score: everybody signs what now stands
    score(readers(agreed)[-1], "0.75")
    with pytest.raises(DeskRefused, match="还有3名成员未签署"):
        issued(agreed)
    everybody_signs(agreed, draft)
    assert str(chair.expert) not in str(issued(agreed).document.content["members"])


def test_the_opinion_shows_the_figures_the_consensus_left(apart):
    session = convened(apart)
    everybody_comes(apart, session)
    low = readers(apart)[0]
    change_score(
        session, assignment=low, item="strategy", new="64", reason="漏看第12页", by=low.expert.user, at=clock.now()
    )
    closed(apart, session)
    everybody_signs(apart, drafted(apart))
    opinion = issued(apart)
    assert opinion.score == Decimal("800.00")
    assert [one["key"] for one in opinion.discrepancies] == ["strategy"]
    assert opinion.consensus == "经合议，意见趋于一致。"
    assert ConsensusChange.objects.get().old == "24"


def test_the_rehearsed_consensus_is_held_only_where_it_is_due(apart):
    panel = panel_of(apart)
    hold_consensus(apart.applications[0], panel, by=apart.officer)
    hold_consensus(apart.applications[0], panel, by=apart.officer)
    assert ConsensusSession.objects.count() == 1


# -- the pages ---------------------------------------------------------------------------------------------------------


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_consensus_and_signatures_are_done_at_the_pages(apart):
    panel, application = panel_of(apart), apart.applications[0]
    leader = signed_in(leader_of(panel, application).user)
    room = reverse("reviews:consensus", args=[panel.public_id, application.public_id])
    assert "须合议" in leader.get(room).content.decode()
    day = (clock.today() + timedelta(days=1)).isoformat()
    leader.post(room, {"action": "convene", "held_on": day, "starts": "14:30", "place": "二楼（虚构）"})
    session = ConsensusSession.objects.get()
    own = {one: reverse("reviews:my_consensus", args=[one.public_id]) for one in readers(apart)}
    low = readers(apart)[0]
    for one, page in own.items():
        assert signed_in(one.expert.user).post(page, {"action": "attend", "mode": "present"}).status_code == 302
    wrong = signed_in(low.expert.user).post(own[low], {"action": "change-strategy", "new": "90", "reason": "补看"})
    assert "应在0至80分之间" in wrong.content.decode()
    assert "补看" in wrong.content.decode()
    gone = signed_in(low.expert.user).post(own[low], {"action": "change-nothing", "new": "1"}, follow=True)
    assert "本页已没有这一项" in gone.content.decode()
    noted = {"action": "propose", "expert": str(column_of(low)), "item": "strategy", "new": "60", "reason": "口头说明"}
    assert leader.post(room, noted).status_code == 302
    change = ConsensusChange.objects.get()
    assert signed_in(low.expert.user).post(own[low], {"action": f"answer:agree:{change.public_id}"}).status_code == 302
    assert leader.post(room, {"action": "discuss-strategy", "said": "补看证据"}).status_code == 302
    assert leader.post(room, {"action": "close", "conclusion": "意见一致"}).status_code == 302
    session.refresh_from_db()
    assert session.document is not None
    page = reverse("reviews:opinion", args=[panel.public_id, application.public_id])
    opened = leader.get(page).content.decode()
    assert "<del>24</del> 60" in opened
    assert "优势：" in opened
    leader.post(page, {"action": "draft", "text": "成效显著。"})
    for one, where in own.items():
        signed_in(one.expert.user).post(where, {"action": "sign", "revision": "1", "dissent": ""})
    leader.post(page, {"action": "issue"})
    assert PanelOpinion.objects.get().text == "成效显著。"
    assert OpinionSignature.objects.count() == len(members_to_sign(panel, application))


def test_a_reader_sees_nothing_of_the_others_before_the_last_sheet(review):
    first, second, _ = readers(review)
    score(first, "0.3")
    score(second, "0.8")
    page = reverse("reviews:my_consensus", args=[second.public_id])
    text = signed_in(second.expert.user).get(page).content.decode()
    assert "尚未全部提交" in text
    assert "逐项评分" not in text
    assert signed_in(first.expert.user).get(page).status_code == 404
