"""中牟: one application's way through the pages, by what its own regulation asks (Z13 to Z17)."""

from __future__ import annotations

from datetime import date

import pytest

from applications.pipeline import State
from award_portal.lib import clock

from . import consenting, deciding, entering, examining, reviewing
from .journey import Journey, begun

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

SEED, OTHER = 12, 4  # the other's regulator is of another subdistrict, whose office has no desk here
CONSENT = "所在地乡镇人民政府（街道办事处）同意并加盖公章"
SECTIONS = (
    "申报条件和不得申报的情形", "组织概况", "质量工作概述", "自评报告", "三年指标", "附件", "承诺与签章",
)  # fmt: skip
SHEET = ("中牟县县长质量奖评审标准", "GB/T 19580", "满分1000分")


@pytest.fixture
def journey(calendars):
    with begun("zhongmu", seed=SEED) as one:
        yield one


def test_zhongmu_goes_through_the_pages_from_registering_to_the_circular(journey):
    enter(journey)
    assert journey.application.state == State.RECOMMENDATION_REVIEW
    recommend(journey)
    assert journey.application.state == State.QUALIFICATION
    qualify(journey)
    assert journey.application.state == State.DOCUMENT_REVIEW
    review(journey)
    assert journey.application.state == State.DELIBERATION
    decide(journey)
    assert journey.application.state == State.AWARDED


def enter(journey: Journey) -> None:
    """Z17.2: published inside for five working days, then handed to the local market regulator."""
    entering.bring_others(journey, OTHER)
    says = ("登记申请组织，上传授权书", "在本组织内部公示", "前报送初审推荐意见")
    entering.register(journey, says=says, never=("申报组织",), then="请登记您代表的组织并上传授权书")
    entering.claim_organisation(journey)
    entering.verify_claim(journey)
    says = ("法人", "其他组织", "不得申报", "第十四条第（九）项", "拖欠农民工工资", "专精特新“小巨人”企业")
    entering.start(journey, says=says)
    entering.fill_sections(journey, SECTIONS, district="青年路街道")
    entering.publish_at_home(journey, article="第十七条第（二）项", first="2026年3月3日", last="2026年3月9日")
    journey.player.wait_until(clock.at(date(2026, 3, 10), 10))
    entering.prove_publicity(journey)
    words = ("材料送推荐单位", "确定以前，可以撤回申报")
    journey.hand_in.says(*words).never_says("审核推荐单位", "审定")
    entering.submit(journey)
    entering.others_submit(journey)


def recommend(journey: Journey) -> None:
    """Z17.3: first the market regulator's review, then the township's consent under its seal, then the letter."""
    stage, townships = State.RECOMMENDATION_REVIEW, {one.district: one for one in journey.world.consenting}
    page = examining.examine(journey, journey.recommender, stage, label="申报推荐")
    consenting.not_before_consent(page, leg=CONSENT, article="第十七条第（三）项")
    page = consenting.consent_at_its_desk(journey, page, townships["青年路街道"])
    examining.pass_on(journey, page, then="报送推荐材料")
    [other] = journey.others(stage)
    consenting.leave_without_desk(townships[other.district])
    consenting.consent_on_paper(journey, other, f"{other.district}办事处（虚构）")
    examining.write_opinion(journey, said="初审推荐意见和推荐汇总表已出具，1个申请组织已报送秘书处")


def qualify(journey: Journey) -> None:
    """Z17.4: the departments examine with the secretariat; no publicity follows."""
    examining.qualify(journey, label="资格审核", article="第十七条第（四）项", then="材料评审")
    journey.office.visit("/publicity/").never_says("拟定名单")


def review(journey: Journey) -> None:
    """Z17.5, Z17.6: on paper and on site; nobody is heard in a defense."""
    reviewing.review_documents(journey, sheet=("材料评审", *SHEET))
    reviewing.visit_sites(journey, sheet=("现场评审", *SHEET))
    reviewing.report(journey, weights="现场评审100%", article="第十七条第（七）项").never_says("答辩")


def decide(journey: Journey) -> None:
    """Z17.7 to Z17.9: the committee votes, the candidates are published, the county government circulates."""
    deciding.convene(journey, body="中牟县县长质量奖评定委员会", by_ballot=True)
    deciding.open_meeting(journey)
    [other] = journey.others(State.DELIBERATION)
    deciding.vote(journey, "main", {journey.application: 9, other: 6})
    deciding.decide(journey, listed=("县长质量奖", "名额4个", "转入“候选名单公示”"), paper="综合评审会议纪要")
    notice = deciding.publish_list(journey, "候选名单公示", tier="县长质量奖")
    notice.says("书面举报材料", "相关证明材料", "第十七条第（八）项")
    deciding.wait_for_approval(journey)
    deciding.approve(journey, "government", word="确定", body="中牟县人民政府", paper="通报", winners=2)
    deciding.celebrate(journey, tier="县长质量奖", honour="证书")
    reviewing.tell_the_reviewed(journey)
    deciding.nothing_personal_is_public(journey)
    deciding.nothing_personal_lies_open(journey)
