"""乌鲁木齐: one application's way through the pages, from registering to the certificate, as each person sees it."""

from __future__ import annotations

from datetime import date

import pytest

from applications.pipeline import State
from award_portal.lib import clock
from award_portal.rehearsal import opening_moves

from . import deciding, entering, examining, reviewing
from .journey import Journey, begun

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

SEED = 24  # its industry has a recommender of its own beside the districts'
OTHERS = (2, 4, 8)  # theirs are recommended by the districts
SECTIONS = ("申报条件", "组织概况", "质量工作概述", "自评报告", "三年指标", "附件", "承诺与签章")


@pytest.fixture
def journey(calendars):
    with begun("urumqi", seed=SEED) as one:
        yield one


def test_one_application_goes_through_the_pages_from_registering_to_the_certificate(journey):
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
    """U11.2: five working days inside the organisation before anything is submitted."""
    entering.bring_others(journey, *OTHERS)
    says = ("登记申报组织，上传授权书", "评选工作不收取任何费用", "在本组织内部公示")
    entering.register(journey, says=says, then="请登记您代表的组织并上传授权书")
    entering.claim_organisation(journey)
    entering.verify_claim(journey)
    entering.start(journey, says=("年限已达到", "公共信用信息报告"))
    entering.fill_sections(journey, SECTIONS, district="天山区")
    entering.publish_at_home(journey, article="第十一条第（二）项", first="2026年3月3日", last="2026年3月9日")
    journey.player.wait_until(clock.at(date(2026, 3, 10), 10))
    entering.prove_publicity(journey)
    entering.submit(journey)
    entering.others_submit(journey)


def recommend(journey: Journey) -> None:
    """U11.3: reviewed with the departments asked, published for five working days, recommended with an opinion."""
    stage, visitor = State.RECOMMENDATION_REVIEW, journey.recommender
    sender, world = journey.application.recommender, journey.world
    for one in journey.others(stage):
        by = world.staff_of(one.recommender)
        opening_moves.consult(journey.player, [one], stage=stage, sender=one.recommender, by=by)
    examining.consult(journey, visitor, stage, sender=sender.name, article="第十一条第（三）项")
    examining.note_silence(journey, visitor)
    page = examining.examine(journey, visitor, stage, label="审核")
    examining.pass_on(journey, page, then="推荐公示")
    examining.pass_others(journey, stage)
    examining.publish(journey, visitor, "推荐公示")
    for unit in world.recommenders[1:]:
        kind, by = State.RECOMMENDATION_PUBLICITY, world.staff_of(unit)
        opening_moves.publish_list(journey.player, kind, issuer=unit, by=by)
    examining.too_early(journey)
    journey.player.wait_working_days(6)
    examining.write_opinion(journey, said="审核推荐意见和推荐汇总表已出具，1个申报组织已报送办公室")


def qualify(journey: Journey) -> None:
    """U11.4: the office looks at every name itself, and publishes whom it accepts."""
    examining.qualify(journey, label="资格审查", article="第十一条第（四）项", then="受理名单公示")
    examining.publish(journey, journey.office, "受理名单公示")
    journey.overview.says("受理名单公示")
    journey.player.wait_working_days(6)


def review(journey: Journey) -> None:
    """U11.5 to U11.7: on paper, in person, on site."""
    reviewing.review_documents(journey, sheet=("材料评审", "评价标准", "满分1000分"), readers=5, leave=1)
    reviewing.hear_defenses(journey, sheet=("陈述答辩评分标准", "满分100分"))
    reviewing.visit_sites(journey, sheet=("现场评审", "满分1000分"), readers=5)
    reviewing.report(journey, weights="综合得分权重", article="")


def decide(journey: Journey) -> None:
    """U11.8, U11.9: the leading group votes in secret, the list is published, the government decides."""
    deciding.convene(journey, body="质量强市工作领导小组", by_ballot=True)
    second, third = journey.others(State.DELIBERATION)
    deciding.open_meeting(journey, recused=third)
    deciding.vote(journey, "main", {journey.application: 9, second: 7, third: 3})
    deciding.vote(journey, "nominee", {third: 8})
    deciding.decide(journey, listed=("质量奖建议名单（2个，名额3个）",), paper="会议纪要")
    deciding.publish_list(journey, "获奖建议名单公示", tier="质量奖")
    deciding.wait_for_approval(journey)
    deciding.approve(
        journey, "government", word="审定", body="乌鲁木齐市人民政府", paper="表彰决定", winners=3
    )  # fmt: skip
    deciding.celebrate(journey, tier="质量奖", honour="证书")
    reviewing.tell_the_reviewed(journey)
    deciding.nothing_personal_is_public(journey)
    deciding.nothing_personal_lies_open(journey)
