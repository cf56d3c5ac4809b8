"""The second act at the pages: the recommender and the office examine, consult, publish, and pass the name on."""

from __future__ import annotations

from django.urls import reverse

from applications import consulting, qualifying, recommending
from applications.models import Consultation
from applications.pipeline import State
from award_portal.lib import clock
from award_portal.rehearsal import opening_moves

from .browser_of_forms import Page, Visitor
from .journey import Journey

REVIEW, QUALIFICATION = State.RECOMMENDATION_REVIEW, State.QUALIFICATION
DESKS = {REVIEW: "recommendation_desk", QUALIFICATION: "qualification_desk"}
SIGNERS = {"examiner": "样例审核人", "reviewer": "样例复核人", "approver": "样例分管领导"}


def consult(journey: Journey, visitor: Visitor, stage: str, *, sender: str, article: str) -> None:
    """One letter to each department about every name; sent twice, written once. All but one answer, one at its page."""
    form = visitor.visit(reverse(f"applications:{DESKS[stage]}")).follow("发征求意见函").says(article).form("发函")
    departments = form.offered("departments")
    assert len(departments) == len(journey.world.departments)
    form.fill(applications=form.offered("applications"), departments=departments)
    form.press("发函").says(f"已发出征求意见函{len(departments)}件")
    form.again().says("未重复办理")
    reply(journey, sender)
    asked = Consultation.objects.filter(stage=stage, sender__name=sender).order_by("pk")
    for letter in asked.filter(department__in=journey.world.departments[1:-1]):
        answers = {row.application_id: ("clear", "") for row in letter.replies.all()}
        consulting.reply(letter, answers, by=journey.world.staff_of(letter.department), at=clock.now())


def reply(journey: Journey, sender: str) -> None:
    """A department answers for every name it was asked about."""
    page = journey.browser("department1").visit(reverse("applications:consulted_desk")).follow(sender)
    form = page.says(journey.name).form("提交复函")
    answers = [one for one in form.names() if one.startswith("answer_")]
    form.fill(**dict.fromkeys(answers, "clear")).press("提交复函").says(f"复函已提交（{len(answers)}家）", "无意见")


def note_silence(journey: Journey, visitor: Visitor) -> None:
    """The department that does not answer is reminded; going on without it takes a signed note."""
    journey.player.wait_working_days(6)
    silent = journey.world.departments[-1].name
    page = visitor.visit(reverse("applications:consultations")).follow(silent, row="逾期未复")
    page.press("催办").says("已向", "发出催办")
    while notes := page.tree.xpath("//td//a[contains(., '签署说明')]/@href"):
        page = page.visitor.visit(notes[0]).says("未复函不视为无意见")
        page = page.press("签署说明", note="已催办，经查询公开信息未见异常").says("说明已签署并记录")


def examine(journey: Journey, visitor: Visitor, stage: str, *, label: str) -> Page:
    """Machine checks, what they leave open, the credit sites, the checklist to its signature."""
    page = visitor.visit(reverse(f"applications:{DESKS[stage]}")).follow(journey.name)
    page.says("现在还不能", "审核表尚未签署", label)
    page = page.press("运行系统核查").says("系统核查已完成，请逐项核实")
    while doubts := page.tree.xpath("//tr[contains(., '待核实')]//a[contains(@href, '/findings/')]/@href"):
        page = visitor.visit(doubts[0]).press("记录核实结论", settled_as="clear", note="已向登记机关核实，未见异常")
        page.says("核实结论已记录")
    page = page.follow("登记信用核查").press(
        "登记", site="信用中国", looked_on=f"{clock.today():%Y-%m-%d}", is_clear="yes", result="未见不良记录"
    )
    return sign_checklist(page.says("信用核查记录已登记"))


def sign_checklist(page: Page) -> Page:
    """Saved as far as it is filled in; signed when nothing is missing."""
    form = page.form("保存并签署").fill(**SIGNERS, opinion="经审核，材料完整、真实、准确、合法。")
    items = [name.removeprefix("verdict_") for name in form.names() if name.startswith("verdict_")]
    for one in items:
        form.fill(**{f"verdict_{one}": "meets", f"note_{one}": "经核对符合"})
    missing = form.fill(approver="").press("保存并签署", status=409).says("请填写分管领导")
    again = missing.form("保存并签署")
    assert all(again.values[f"note_{one}"] == "经核对符合" for one in items)
    return again.fill(approver=SIGNERS["approver"]).press("保存并签署").says("审核表已签署")


def pass_on(journey: Journey, page: Page, *, passing: str = "审核通过", then: str) -> None:
    """The page before the decision says where it leads and on what ground."""
    page.follow(passing).says(f"转入“{then}”").press(passing).says(f"{journey.name}已通过")


def pass_others(journey: Journey, stage: str) -> None:
    """The other names at this stage, by the rooms' functions: examined and passed on."""
    for one in journey.others(stage):
        by = journey.world.officer if stage == QUALIFICATION else journey.world.staff_of(one.recommender)
        opening_moves.note_silence(journey.player, [one], stage=stage, by=by)
        assert opening_moves.examine(journey.player, one, stage=stage, by=by)
        if stage == QUALIFICATION:
            qualifying.accept(one, by=by, at=clock.now())
        else:
            recommending.clear_review(one, by=by, at=clock.now())


def publish(
    journey: Journey, visitor: Visitor, label: str, *, days: int = 5, exact: bool = False, in_writing: bool = True
) -> Page:
    """The names and the computed window are seen before they are published; published once, read by anybody."""
    page = visitor.visit(reverse("publicity:open_publicity")).follow("拟定名单", row=label)
    page.says("办法规定的天数，不得变更" if exact else "可以延长，不得缩短")
    form = page.form("下一步")
    confirm = form.fill(names=form.offered("names")).press("下一步")
    confirm.says("确认发布", journey.name, f"{days}个工作日，发布当日不计入")
    form = confirm.form("发布公示")
    notice = form.press("发布公示").says("已发布，期满后由系统自动转入下一环节")
    form.again().says("未重复办理")
    said = journey.anybody.visit(notice.url).says(label, journey.name, f"共{days}个工作日（发布当日不计入）")
    assert ("应当以书面形式提出" in said.text) == in_writing
    return notice


def write_opinion(journey: Journey, *, said: str) -> None:
    """One letter for all the recommender's names, issued once; the office has them then."""
    form = journey.recommender.visit(reverse("applications:opinion")).form("出具并报送")
    form.fill(applications=form.offered("applications"), opinion="经审核，同意推荐。")
    if "publicity_result" in form.names():
        form.fill(publicity_result="公示5个工作日，无异议。")
    form.press("出具并报送").says(said)
    form.again().says("未重复办理")
    assert journey.application.steps.filter(step="recommend").count() == 1
    opening_moves.write_opinions(journey.player)
    journey.office.visit(reverse("applications:intake")).says(journey.name)


def too_early(journey: Journey) -> None:
    """No opinion before the publicity is over."""
    early = journey.recommender.visit(reverse("applications:opinion")).says("没有可以出具意见的申报")
    assert early.forms("出具并报送") == []


def qualify(journey: Journey, *, label: str, article: str, then: str) -> None:
    """The office asks the departments, examines and accepts."""
    office = journey.office
    consult(journey, office, QUALIFICATION, sender=journey.world.office.name, article=article)
    note_silence(journey, office)
    page = examine(journey, office, QUALIFICATION, label=label)
    pass_on(journey, page, passing=f"{label}通过", then=then)
    pass_others(journey, QUALIFICATION)
