"""阳泉: a person's way through the pages beside an organisation's, by what its own regulation asks (Y2 to Y23)."""

from __future__ import annotations

import pytest
from django.urls import reverse

from applications.pipeline import State
from award_portal.rehearsal import made_up

from . import deciding, entering, examining, reviewing
from .journey import Journey, begun

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

SEED, OTHER = 12, 4  # the other is an organisation
SECTIONS = ("申报条件", "个人基本情况", "主要业绩", "自评报告", "附件", "承诺与签章")
SHEET = ("阳泉市质量奖个人类评价标准", "DB14/T 1464", "满分100分", "工作方法的独特性", "20分")


@pytest.fixture
def journey(calendars):
    with begun("yangquan", seed=SEED, is_person=True) as one:
        yield one


def test_yangquan_goes_through_the_pages_with_a_person_among_the_applicants(journey):
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
    """Y8, Y9: a person registers with the card and fills in a form of people; no publicity inside."""
    entering.bring_others(journey, OTHER)
    says = ("以个人名义申报的，登记本人，上传身份证件", "县（区）人民政府")
    entering.register(journey, says=says, never=("内部公示",), then="以个人名义申报的，登记本人")
    entering.claim_oneself(journey)
    entering.verify_claim(journey, proof="身份证件")
    entering.start(journey, says=("申报组织的申报条件", "申报个人的申报条件", "第九条第（二）项", "恪守职业道德"))
    entering.fill_sections(journey, SECTIONS, district="城区")
    journey.overview.never_says("三年指标", "组织概况", journey.code)
    entering.submit(journey)
    entering.others_submit(journey)


def recommend(journey: Journey) -> None:
    """Y3, Y8.4: recommended by the county government."""
    stage = State.RECOMMENDATION_REVIEW
    page = examining.examine(journey, journey.recommender, stage, label="推荐审核").never_says(journey.code)
    examining.pass_on(journey, page, then="县（区）人民政府推荐")
    examining.pass_others(journey, stage)
    examining.write_opinion(journey, said="推荐意见和推荐汇总表已出具，1个申报组织和个人已报送办公室")


def qualify(journey: Journey) -> None:
    """Y6.4: the member units of the leading group are asked."""
    examining.qualify(journey, label="资格审查", article="第六条第（四）项", then="材料评审")


def review(journey: Journey) -> None:
    """Y10: a person is judged by the criteria of people, an organisation beside it by its own."""
    reviewing.review_documents(journey, sheet=("材料评审", *SHEET))
    reviewing.visit_sites(journey, sheet=("现场评审", *SHEET))
    reviewing.report(journey, weights="材料评审40%、现场评审60%", article="第十一条", label="评审结果汇总报告")


def decide(journey: Journey) -> None:
    """Y5, Y11, Y19: ranked together by the share of their own totals, published, decided by the leading group."""
    deciding.convene(journey, body="阳泉市标准化和质量强市领导小组", by_ballot=False)
    deciding.open_meeting(journey)
    [other] = journey.others(State.DELIBERATION)
    rules = ("阳泉市质量奖不超过3个", "综合得分低于60%的不列入阳泉市质量奖", "第十一条", "占各自总分的百分比")
    deciding.confirm_ranking(journey, says=(*rules, journey.name, str(other.organization)))
    deciding.decide(journey, listed=("阳泉市质量奖", "名额3个", "转入“评审结果公示”"), paper="得分排序确认表")
    deciding.publish_list(journey, "评审结果公示", tier="阳泉市质量奖", in_writing=False)
    deciding.wait_for_approval(journey)
    body = "阳泉市标准化和质量强市领导小组"
    journey.browser("government").visit(reverse("reviews:approvals")).never_says("登记审定结果")
    deciding.approve(journey, "leader1", word="审定", body=body, paper="授奖决定", winners=2)
    deciding.celebrate(journey, tier="阳泉市质量奖", honour="证书")
    number = made_up.valid_identity(SEED)
    reviewing.tell_the_reviewed(journey)
    deciding.nothing_personal_is_public(journey, number, number[6:14], journey.application.organization.code)
    deciding.nothing_personal_lies_open(journey, number)
    for who, visitor in journey.visitors.items():
        for url, source in visitor.seen.items():
            shown = number in source
            assert shown == (who == "office" and url.endswith("/identity/")), (who, url)
