"""The third act at the pages: panels by lot, independent sheets, opinions, cuts, a defense, a visit, the report."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django.urls import reverse

from applications.models import Application
from applications.pipeline import State
from award_portal.lib import clock
from award_portal.rehearsal import review_moves
from awards.calendars import current_calendar
from reviews.models import Assignment, CutDecision, Panel
from reviews.scoring import rubric_of

from .browser_of_forms import Page, Visitor
from .entering import NAME, Journey

WITNESS = "样例监督员（虚构）"


def form_panel(journey: Journey, stage: str, label: str, *, readers: int) -> Page:
    """U11.5: drawn by lot before a witness, the dossiers handed out by lot; drawn once."""
    board = journey.office.visit(reverse("reviews:panels"))
    form = board.follow("组建评审组", row=label).says("从在库专家中随机抽取").form("抽取评审组")
    panel = form.fill(witness=WITNESS, seed=f"种子-{label}", size=str(readers)).press("抽取评审组")
    panel.says("评审组已抽取组建", WITNESS, f"种子-{label}")
    form.again().says("未重复办理")
    assert Panel.objects.filter(stage=stage).count() == 1
    return panel.press("随机分配", readers=str(readers), seed=f"阅卷-{label}").says(NAME)


def score_all(journey: Journey, stage: str) -> None:
    """Every expert of this application at the expert's own page; nobody sees a figure before the last is in."""
    own, others = [], []
    for one in Assignment.objects.filter(panel__stage=stage, ended_at=None).with_names().order_by("pk"):
        (own if one.application_id == journey.application.pk else others).append(one)
    assert len(own) >= 5
    for one in others:
        review_moves.fill_sheet(journey.player, one)
    for place, one in enumerate(own):
        opinion = opinion_page(journey, stage).says("现在还不能形成评审意见")
        assert "逐项评分" not in opinion.text
        fill_sheet(journey.browser(one.expert.user.username), one, draft_first=place == 0)
    opinion_page(journey, stage).says("逐项评分")


def opinion_page(journey: Journey, stage: str) -> Page:
    panel = Panel.objects.get(stage=stage)
    return journey.office.visit(reverse("reviews:panel", args=[panel.public_id])).follow(NAME)


def fill_sheet(expert: Visitor, assignment: Assignment, *, draft_first: bool) -> None:
    form = expert.visit(reverse("reviews:mine")).follow("评分", row=NAME).form("提交评分表")
    for item in rubric_of(assignment.application, assignment.panel.stage).items:
        form.set(f"score-{item.key}", str((Decimal("1.8") * item.points).to_integral_value() / 2))
        form.set(f"strengths-{item.key}", f"{item.title}做法系统")
    if draft_first:
        refused = form.press("提交评分表", status=400).says("您填写的内容仍在本页")
        assert {k: v for k, v in refused.form("提交评分表").values.items() if "-" in k} == {
            k: v for k, v in form.values.items() if "-" in k
        }
        form = refused.form("提交评分表").fill(comments="总体良好").press("保存").says("已保存").form("提交评分表")
    form.fill(comments="总体良好，特色鲜明").press("提交评分表").says("评分表已提交")
    form.again().says("未重复办理")


def conclude(journey: Journey, stage: str) -> None:
    """The panel's leader writes what the panel found."""
    panel = Panel.objects.select_related("chair__user").get(stage=stage)
    leader = journey.browser(panel.chair.user.username)
    for one in journey.player.in_state(stage):
        # who leads two panels finds the name under each: the address tells them apart
        where = reverse("reviews:opinion", args=[panel.public_id, one.public_id])
        assert where in leader.visit(reverse("reviews:mine")).says(f"{one.organization}：评审意见").source
        form = (
            leader.visit(where)
            .form("形成评审意见")
            .fill(text="制度、模式、方法具有特色。", consensus="差异较大的项目经合议，维持各自评分。")
        )
        form.press("形成评审意见").says("评审意见已形成")


def cut(journey: Journey, label: str, *, leave: int = 0) -> None:
    """Who goes on, by score; whoever does not is told why, and without a reason nobody is left out."""
    page = journey.office.visit(reverse("reviews:panels")).follow("进入下一环节", row=label)
    form = page.form("作出决定")
    ranked = [one.removeprefix("pass-") for one in form.names() if one.startswith("pass-")]
    passing = ranked[: len(ranked) - leave]
    assert str(journey.application.public_id) in passing
    for one in ranked:
        form.set(f"pass-{one}", one in passing)
    if leave:
        form = form.press("作出决定", status=200).says("请填写未进入下一环节的理由").form("作出决定")
        assert [one for one in ranked if form.values.get(f"pass-{one}")] == passing
        for one in ranked[len(passing) :]:
            form.set(f"reason-{one}", "综合得分排名靠后")
    form.press("作出决定").says("决定已办理：进入下一环节的已转入")
    form.again().says("未重复办理")


def hold_session(journey: Journey, label: str, names: list[Application], *, day: int, by_lot: bool) -> None:
    """Scheduled by the office, signed in, in turn by lot; its leader keeps the minutes."""
    stage = names[0].state
    panel = Panel.objects.get(stage=stage)
    held_on = current_calendar().add_working_days(clock.today(), day)
    form = journey.office.visit(reverse("reviews:sessions", args=[panel.public_id])).form("安排并通知")
    leader = str(panel.chair.public_id)
    form.fill(
        applications=[str(one.public_id) for one in names], held_on=held_on.isoformat(), starts="09:30",
        place="市民大厅三楼（虚构）", leader=leader,
    )  # fmt: skip
    page = form.press("安排并通知").says("场次已安排，已通知申报组织和评审组", label)
    journey.player.wait_until(clock.at(held_on, 9, 30))
    for one in names:
        page = page.press(f"{one.organization}签到")
    if by_lot:
        page = page.press("抽签", witness=WITNESS, seed="答辩次序").says("抽签完成", WITNESS, "答辩次序")
    chair = journey.browser(panel.chair.user.username)
    minutes = chair.visit(reverse("reviews:mine")).follow("填写记录")
    minutes.press("保存记录", minutes="到会人员齐全，程序符合规定，情况如实记录。").says("记录已保存")


def review_documents(journey: Journey) -> None:
    form_panel(journey, State.DOCUMENT_REVIEW, "材料评审", readers=5)
    journey.player.wait_working_days(2)
    score_all(journey, State.DOCUMENT_REVIEW)
    conclude(journey, State.DOCUMENT_REVIEW)
    cut(journey, "材料评审", leave=1)
    assert CutDecision.objects.filter(stage=State.DOCUMENT_REVIEW).count() == 1


def hear_defenses(journey: Journey) -> None:
    form_panel(journey, State.DEFENSE, "陈述答辩", readers=5)
    hold_session(journey, "陈述答辩", journey.player.in_state(State.DEFENSE), day=2, by_lot=True)
    journey.applicant.visit(reverse("organizations:inbox")).says("市民大厅三楼")
    score_all(journey, State.DEFENSE)
    conclude(journey, State.DEFENSE)
    cut(journey, "陈述答辩")


def visit_sites(journey: Journey) -> None:
    form_panel(journey, State.ONSITE_REVIEW, "现场评审", readers=5)
    for one in journey.player.in_state(State.ONSITE_REVIEW):
        hold_session(journey, "现场评审", [one], day=1, by_lot=False)
    score_all(journey, State.ONSITE_REVIEW)
    conclude(journey, State.ONSITE_REVIEW)
    cut(journey, "现场评审")
    journey.player.wait_until(clock.now() + timedelta(hours=1))


def report(journey: Journey) -> None:
    page = journey.office.visit(reverse("reviews:panels")).follow("评审报告")
    draft = page.press("保存草稿", narrative="评审工作按规定程序进行，独立评分、集体合议。").says("报告草稿已保存")
    form = draft.form("签发评审报告")
    assert form.values["narrative"] == "评审工作按规定程序进行，独立评分、集体合议。"
    form.press("签发评审报告").says("评审报告已签发", NAME)
    form.again().says("未重复办理")


def walk(journey: Journey) -> None:
    review_documents(journey)
    hear_defenses(journey)
    visit_sites(journey)
    report(journey)
