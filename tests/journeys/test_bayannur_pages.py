"""巴彦淖尔: one application's way through the pages, by what its own regulation asks (B10 to B18)."""

from __future__ import annotations

import pytest

from applications.pipeline import State

from . import commenting, deciding, entering, examining, reviewing
from .browser_of_forms import Page
from .journey import Journey, begun

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

SEED, OTHER = 12, 4
SECTIONS = ("申报条件", "组织概况", "质量工作概述", "自评报告", "三年指标", "附件", "承诺与签章")
SHEET = ("巴彦淖尔市市长质量奖评审标准", "GB/T 19580", "满分1000分")


@pytest.fixture
def journey(calendars):
    with begun("bayannur", seed=SEED) as one:
        yield one


def test_bayannur_goes_through_the_pages_from_registering_to_the_commendation(journey):
    enter(journey)
    assert journey.application.state == State.RECOMMENDATION_REVIEW
    recommend(journey)
    assert journey.application.state == State.QUALIFICATION
    qualify(journey)
    assert journey.application.state == State.DOCUMENT_REVIEW
    review(journey)
    assert journey.application.state == State.PUBLIC_COMMENT
    deliberate(journey)
    decide(journey)
    assert journey.application.state == State.AWARDED


def enter(journey: Journey) -> None:
    """B11: no publicity inside the organisation; what is filled in goes straight to the banner's regulator."""
    entering.bring_others(journey, OTHER)
    says = ("登记申报组织，上传授权书", "旗县区市场监督管理部门")
    entering.register(journey, says=says, never=("内部公示",), then="请登记您代表的组织并上传授权书")
    entering.claim_organisation(journey)
    entering.verify_claim(journey)
    entering.start(journey, says=("独立法人", "连续正常生产经营5年以上", "第十条第（二）项"))
    entering.fill_sections(journey, SECTIONS, district="临河区")
    journey.overview.follow("提交前检查").says("申报表各部分和必需的附件齐全").never_says("内部公示")
    entering.submit(journey)
    entering.others_submit(journey)


def recommend(journey: Journey) -> None:
    """B12: examined with the banner's departments, recommended by letter, published by nobody."""
    stage = State.RECOMMENDATION_REVIEW
    page = examining.examine(journey, journey.recommender, stage, label="形式审查").says(
        "已会同旗县区有关行业主管部门审查"
    )
    examining.pass_on(journey, page, then="出具推荐意见")
    examining.pass_others(journey, stage)
    examining.write_opinion(journey, said="推荐意见和推荐汇总表已出具，1个申报组织已报送市质标委办")


def qualify(journey: Journey) -> None:
    """B13: the city's departments are asked, and whoever qualifies is published."""
    examining.qualify(journey, label="资格复核", article="第十三条", then="符合资格名单公示")
    examining.publish(journey, journey.office, "符合资格名单公示", in_writing=False)
    journey.player.wait_working_days(6)


def review(journey: Journey) -> None:
    """B14: on paper, then on site, and only then the defense."""
    reviewing.review_documents(journey, sheet=("材料评审", *SHEET))
    assert {one.state for one in journey.player.round.applications.all()} == {State.ONSITE_REVIEW}
    reviewing.visit_sites(journey, sheet=("现场评审", *SHEET))
    assert journey.application.state == State.DEFENSE
    reviewing.hear_defenses(journey, sheet=("陈述答辩评分标准", "满分100分", "主要负责人的质量理念", "20分"))


def deliberate(journey: Journey) -> None:
    """B15: the public is asked before the committee meets; the report carries what it said."""
    commenting.ask_the_public(journey, "公开征求意见", article="第十五条", next_label="审议")
    reviewing.report(journey, weights="现场评审70%、陈述答辩30%", article="第十五条")
    deciding.convene(journey, body="巴彦淖尔市质量强市与标准化战略推进委员会", by_ballot=False)
    deciding.open_meeting(journey)
    [other] = journey.others(State.DELIBERATION)
    deciding.propose_and_resolve(journey, article="第十五条", departing=other)
    deciding.decide(journey, listed=("市长质量奖", "名额3个", "转入“拟表彰奖励名单公示”"), paper="审议决议")


def decide(journey: Journey) -> None:
    """B15 to B18: seven working days and no other number, then the city government approves."""
    asked = {"days": 7, "exact": True, "in_writing": False}  # B16 states no form for an objection
    notice = deciding.publish_list(journey, "拟表彰奖励名单公示", tier="市长质量奖", **asked)
    not_extended(notice)
    deciding.wait_for_approval(journey, days=7)
    deciding.approve(journey, "government", word="批准", body="巴彦淖尔市人民政府", paper="表彰奖励决定", winners=2)
    deciding.celebrate(journey, tier="市长质量奖", honour="荣誉证书")
    reviewing.tell_the_reviewed(journey)
    deciding.nothing_personal_is_public(journey)
    deciding.nothing_personal_lies_open(journey)


def not_extended(notice: Page) -> None:
    """B15: 公示期为7个工作日 is neither more nor less; the refusal cites it and keeps the reason that was typed."""
    form = notice.follow("延长公示期").form("计算截止日").fill(days="9", ground="便于监督（虚构）")
    refused = form.press("计算截止日", status=422).says("公示时间为7", "不得变更", "第十五条")
    assert refused.form("计算截止日").values["ground"] == "便于监督（虚构）"
    assert refused.forms("延长并发布公告") == []
