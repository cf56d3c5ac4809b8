"""The second act at the pages: the recommender and the office examine, consult, publish, and pass the name on."""

from __future__ import annotations

from django.urls import reverse

from applications import qualifying, recommending
from applications.models import Application
from applications.pipeline import State
from award_portal.lib import clock
from award_portal.rehearsal import opening_moves
from publicity.models import Notice

from .browser_of_forms import Form, Page, Visitor
from .entering import NAME, Journey

SIGNERS = {"examiner": "样例审核人", "reviewer": "样例复核人", "approver": "样例分管领导"}


def recommender(journey: Journey) -> Visitor:
    unit = journey.application.recommender
    assert unit is not None
    return journey.browser(journey.world.staff_of(unit).username)


def consult(visitor: Visitor, desk: str) -> None:
    """One letter to each department about every name at the desk; sent twice, written once."""
    form = visitor.visit(reverse(f"applications:{desk}")).follow("发征求意见函").form("发函")
    departments = form.offered("departments")
    form.fill(applications=form.offered("applications"), departments=departments)
    form.press("发函").says(f"已发出征求意见函{len(departments)}件")
    form.again().says("未重复办理")


def reply(journey: Journey, sender: str) -> None:
    """Each department but the last answers for every name it was asked about."""
    for number in range(1, len(journey.world.departments)):
        page = journey.browser(f"department{number}").visit(reverse("applications:consulted_desk")).follow(sender)
        form = page.says(NAME).form("提交复函")
        answers = [one for one in form.names() if one.startswith("answer_")]
        form.fill(**dict.fromkeys(answers, "clear")).press("提交复函").says(f"复函已提交（{len(answers)}家）", "无意见")


def note_silence(journey: Journey, visitor: Visitor) -> None:
    """The department that does not answer is reminded; going on without it takes a signed note."""
    silent = journey.world.departments[-1].name
    page = visitor.visit(reverse("applications:consultations")).follow(silent, row="逾期未复")
    page.press("催办").says("已向", "发出催办")
    while page.tree.xpath("//td//a[contains(., '签署说明')]"):
        page = page.visitor.visit(next_note(page)).says("未复函不视为无意见")
        page = page.press("签署说明", note="已催办，经查询公开信息未见异常").says("说明已签署并记录")


def next_note(page: Page) -> str:
    return next(one.get("href") for one in page.tree.iter("a") if "签署说明" in one.text_content())


def examine(visitor: Visitor, desk: str, *, passing: str) -> None:
    """Machine checks, what they leave open, the credit sites, the checklist, the decision."""
    page = visitor.visit(reverse(f"applications:{desk}")).follow(NAME).says("现在还不能", "审核表尚未签署")
    page = page.press("运行系统核查").says("系统核查已完成，请逐项核实")
    while doubts := page.tree.xpath("//tr[contains(., '待核实')]//a[contains(@href, '/findings/')]/@href"):
        page = visitor.visit(doubts[0]).press("记录核实结论", settled_as="clear", note="已向登记机关核实，未见异常")
        page.says("核实结论已记录")
    page = page.follow("登记信用核查").press(
        "登记", site="信用中国", looked_on=f"{clock.today():%Y-%m-%d}", is_clear="yes", result="未见不良记录"
    )
    page.says("信用核查记录已登记")
    page = sign_checklist(page)
    done = page.follow(passing).press(passing).says(f"{NAME}已通过，转入下一环节")
    assert done.status == 200


def sign_checklist(page: Page) -> Page:
    """Saved as far as it is filled in; signed when nothing is missing."""
    form = page.form("保存并签署").fill(**SIGNERS, opinion="经审核，材料完整、真实、准确、合法。")
    for name in form.names():
        if name.startswith("verdict_"):
            form.set(name, "meets")
            form.set(name.replace("verdict_", "note_"), "经核对符合")
    missing = form.fill(approver="").press("保存并签署", status=409).says("请填写分管领导")
    again = missing.form("保存并签署")
    assert again.values["note_" + missing_item(again)] == "经核对符合"
    return again.fill(approver=SIGNERS["approver"]).press("保存并签署").says("审核表已签署")


def missing_item(form: Form) -> str:
    return next(one for one in form.names() if one.startswith("verdict_")).removeprefix("verdict_")


def publish(visitor: Visitor, label: str) -> Page:
    """The names and the computed window are seen before they are published; published once."""
    page = visitor.visit(reverse("publicity:open_publicity")).follow("拟定名单", row=label)
    form = page.form("下一步")
    confirm = form.fill(names=form.offered("names")).press("下一步").says("确认发布", NAME, "5个工作日，发布当日不计入")
    form = confirm.form("发布公示")
    notice = form.press("发布公示").says("已发布，期满后由系统自动转入下一环节")
    form.again().says("未重复办理")
    Visitor().visit(notice.url).says(NAME)
    return notice


def others(journey: Journey, state: str) -> list[Application]:
    return [one for one in journey.player.in_state(state) if one.pk != journey.application.pk]


def send_letters(journey: Journey) -> None:
    stage = State.RECOMMENDATION_REVIEW
    consult(recommender(journey), "recommendation_desk")
    for one in others(journey, stage):
        by = journey.world.staff_of(one.recommender)
        opening_moves.consult(journey.player, [one], stage=stage, sender=one.recommender, by=by)
    reply(journey, journey.application.recommender.name)
    journey.player.wait_working_days(6)


def recommend(journey: Journey) -> None:
    """U11.3: reviewed, published for five working days, and recommended with an opinion that is issued once."""
    visitor, stage = recommender(journey), State.RECOMMENDATION_REVIEW
    note_silence(journey, visitor)
    examine(visitor, "recommendation_desk", passing="审核通过")
    for one in others(journey, stage):
        by = journey.world.staff_of(one.recommender)
        opening_moves.note_silence(journey.player, [one], stage=stage, by=by)
        assert opening_moves.examine(journey.player, one, stage=stage, by=by)
        recommending.clear_review(one, by=by, at=clock.now())
    publish(visitor, "推荐公示")
    for unit in journey.world.recommenders[1:]:
        by = journey.world.staff_of(unit)
        opening_moves.publish_list(journey.player, State.RECOMMENDATION_PUBLICITY, issuer=unit, by=by)
    early = visitor.visit(reverse("applications:opinion")).says("没有可以出具意见的申报")
    assert early.forms("出具并报送") == []
    journey.player.wait_working_days(6)


def write_opinion(journey: Journey) -> None:
    form = recommender(journey).visit(reverse("applications:opinion")).form("出具并报送")
    form.fill(
        applications=form.offered("applications"),
        opinion="经审核并公示，同意推荐。",
        publicity_result="公示5个工作日，无异议。",
    )
    form.press("出具并报送").says("审核推荐意见和推荐汇总表已出具，1个申报组织已报送办公室")
    form.again().says("未重复办理")
    assert journey.application.steps.filter(step="recommend").count() == 1
    opening_moves.write_opinions(journey.player)
    journey.office.visit(reverse("applications:intake")).says(NAME)


def qualify(journey: Journey) -> None:
    """U11.4: the office looks at every name itself, and publishes whom it accepts."""
    stage, office = State.QUALIFICATION, journey.office
    consult(office, "qualification_desk")
    reply(journey, journey.world.office.name)
    journey.player.wait_working_days(6)
    note_silence(journey, office)
    examine(office, "qualification_desk", passing="审查通过")
    for one in others(journey, stage):
        assert opening_moves.examine(journey.player, one, stage=stage, by=journey.world.officer)
        qualifying.accept(one, by=journey.world.officer, at=clock.now())
    publish(office, "受理名单公示")
    journey.overview.says("受理名单公示")
    journey.player.wait_working_days(6)
    assert Notice.objects.filter(kind=State.ACCEPTANCE_PUBLICITY).get().closed_at is not None


def walk(journey: Journey) -> None:
    send_letters(journey)
    recommend(journey)
    write_opinion(journey)
    qualify(journey)
