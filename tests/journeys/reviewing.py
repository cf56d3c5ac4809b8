"""The third act at the pages: panels by lot, independent sheets, opinions, cuts, hearings, visits, the report."""

from __future__ import annotations

import re
from decimal import Decimal

from django.urls import reverse

from applications.models import Application
from applications.pipeline import State
from award_portal.lib import clock
from award_portal.rehearsal import feedback_moves, review_moves, visit_moves
from awards.calendars import current_calendar
from reviews.discrepancies import flagged_items
from reviews.models import Assignment, CutDecision, FeedbackReport, Panel, Visit
from reviews.opinions import members_to_sign

from .browser_of_forms import Form, Page, Visitor, plain
from .journey import Journey

WITNESS = "样例监督员（虚构）"
LABELS = {State.DOCUMENT_REVIEW: "材料评审", State.ONSITE_REVIEW: "现场评审", State.DEFENSE: "陈述答辩"}


def form_panel(journey: Journey, stage: str, *, readers: int) -> Page:
    """Drawn by lot before a witness, the dossiers handed out by lot; drawn once."""
    label = LABELS[State(stage)]
    board = journey.office.visit(reverse("reviews:panels"))
    form = board.follow("组建评审组", row=label).says("从在库专家中随机抽取").form("抽取评审组")
    panel = form.fill(witness=WITNESS, seed=f"种子-{label}", size="5").press("抽取评审组")
    panel.says("评审组已抽取组建", WITNESS, f"种子-{label}")
    form.again().says("未重复办理")
    assert Panel.objects.filter(stage=stage).count() == 1
    answer_invitations(journey, stage)
    return panel.press("随机分配", readers=str(readers), seed=f"阅卷-{label}").says(journey.name)


def answer_invitations(journey: Journey, stage: str) -> None:
    """One of those invited answers and signs at their own pages, the others as they do."""
    panel = Panel.objects.select_related("chair__user").get(stage=stage)
    chair = journey.browser(panel.chair.user.username)
    asked = chair.visit(reverse("reviews:mine")).says("评审邀请，请答复").follow(LABELS[State(stage)])
    page = asked.press("答复", answer="accept").says("已接受邀请")
    if "确认签署" in page.text:
        page = page.says("郑重承诺", "申请回避").press("确认签署", read=True, name=str(panel.chair.user))
        page.says("廉洁保密承诺书已签署")
    review_moves.answer_invitations(panel)


def score_all(journey: Journey, stage: str, *, sheet: tuple[str, ...], readers: int) -> None:
    """The first and the last expert of this application at their own pages; nobody sees a figure before the last."""
    own, others = [], []
    for one in Assignment.objects.filter(panel__stage=stage, ended_at=None).with_names().order_by("pk"):
        (own if one.application_id == journey.application.pk else others).append(one)
    assert len(own) == readers
    first, *between, last = own
    fill_sheet(journey, first.expert.user.username, stage, sheet=sheet, draft_first=True)
    for one in [*others, *between]:
        review_moves.fill_sheet(journey.player, one)
    opinion_page(journey, stage).says("现在还不能形成评审意见").never_says("逐项评分")
    fill_sheet(journey, last.expert.user.username, stage, sheet=sheet, draft_first=False)
    opinion_page(journey, stage).says("逐项评分")


def opinion_page(journey: Journey, stage: str) -> Page:
    panel = Panel.objects.get(stage=stage)
    return journey.office.visit(reverse("reviews:panel", args=[panel.public_id])).follow(journey.name)


def fill_sheet(journey: Journey, username: str, stage: str, *, sheet: tuple[str, ...], draft_first: bool) -> None:
    """Nine tenths of each item's points; a sheet without the words it needs stays as it was typed."""
    expert = journey.browser(username)
    page = expert.visit(reverse("reviews:mine")).follow("评分", row=journey.name)
    form = page.says(journey.name, *sheet).form("提交评分表")
    for item, points in points_on(form):
        form.set(f"score-{item}", str((Decimal("1.8") * points).to_integral_value() / 2))
        form.set(f"strengths-{item}", "做法系统，有数据支持")
    for name in form.names():
        if name.startswith("veto-"):
            form.set(name, "no")
    if draft_first:
        refused = form.press("提交评分表", status=400).says("您填写的内容仍在本页")
        assert typed(refused.form("提交评分表")) == typed(form)
        form = refused.form("提交评分表").fill(comments="总体良好").press("保存").says("已保存").form("提交评分表")
    form.fill(comments="总体良好，特色鲜明").press("提交评分表").says("评分表已提交")
    form.again().says("未重复办理")


def points_on(form: Form) -> list[tuple[str, int]]:
    """The items of a sheet with their points, as the page tells them."""
    items = [one.removeprefix("score-") for one in form.names() if one.startswith("score-")]
    told = [int(one) for one in re.findall(r"0–(\d+)，以[\d.]+(?:（\d+%）)?为一档", plain(form.node))]
    return list(zip(items, told, strict=True))


def typed(form: Form) -> dict[str, str]:
    return {key: value for key, value in form.values.items() if "-" in key}


def conclude(journey: Journey, stage: str) -> None:
    """The panel's leader writes what the panel found."""
    panel = Panel.objects.select_related("chair__user").get(stage=stage)
    leader = journey.browser(panel.chair.user.username)
    for one in journey.player.in_state(stage):
        if one.pk != journey.application.pk:
            review_moves.conclude_opinion(one, panel, by=journey.player.world.officer)
            continue
        # who leads two panels finds the name under each: the address tells them apart
        where = reverse("reviews:opinion", args=[panel.public_id, one.public_id])
        assert where in leader.visit(reverse("reviews:mine")).says(f"{one.organization}：评审意见").source
        meet(journey, leader, panel)
        leader.visit(where).press("交成员签署", text="制度、模式、方法具有特色。").says("已交成员签署")
        sign(journey, panel, where)
        leader.visit(where).press("形成评审意见").says("评审意见已形成")


def meet(journey: Journey, leader: Visitor, panel: Panel) -> None:
    """Where scores lie too far apart: convened, signed in by each, spoken of item by item, closed with a record."""
    flagged = flagged_items(journey.application, panel.stage)
    if not flagged:
        return
    where = reverse("reviews:consensus", args=[panel.public_id, journey.application.public_id])
    leader.visit(where).press("召集并通知成员", place="市民大厅三楼（虚构）").says("合议已召集")
    for one in Assignment.objects.of_stage(journey.application, panel.stage).with_names().order_by("pk"):
        own = journey.browser(one.expert.user.username).visit(reverse("reviews:my_consensus", args=[one.public_id]))
        own.press("签到").says("已签到")
    for item in flagged:
        leader.visit(where).press(f"记录{item.title}的讨论", said="各自说明依据，维持评分。").says("讨论情况已记录")
    close = leader.visit(where).press("结束合议并形成记录", conclusion="差异较大的项目经合议，维持各自评分。")
    close.says("合议已结束，合议记录已形成")


def sign(journey: Journey, panel: Panel, where: str) -> None:
    """Each member at their own page; a leader who did not read the application at the opinion's."""
    own = {
        one.expert_id: reverse("reviews:my_consensus", args=[one.public_id])
        for one in Assignment.objects.of_stage(journey.application, panel.stage)
    }
    for member in members_to_sign(panel, journey.application):
        page = journey.browser(member.user.username).visit(own.get(member.pk, where))
        page.press("签署评审意见").says("已签署")


def cut(journey: Journey, stage: str, *, leave: int = 0, says: str = "") -> None:
    """Who goes on, by score; whoever does not is told why, and without a reason nobody is left out."""
    label = LABELS[State(stage)]
    page = journey.office.visit(reverse("reviews:panels")).follow("进入下一环节", row=label)
    form = page.says(says).form("作出决定")
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
    assert CutDecision.objects.filter(stage=stage).count() == 1


def hold_session(journey: Journey, stage: str, names: list[Application], *, day: int, by_lot: bool) -> None:
    """Scheduled by the office, signed in, in turn by lot; its leader keeps the minutes."""
    panel = Panel.objects.get(stage=stage)
    held_on = current_calendar().add_working_days(clock.today(), day)
    form = journey.office.visit(reverse("reviews:sessions", args=[panel.public_id])).form("安排并通知")
    leader = str(panel.chair.public_id)
    form.fill(
        applications=[str(one.public_id) for one in names], held_on=held_on.isoformat(), starts="09:30",
        place="市民大厅三楼（虚构）", leader=leader,
    )  # fmt: skip
    page = form.press("安排并通知").says("场次已安排，已通知", LABELS[State(stage)])
    journey.player.wait_until(clock.at(held_on, 9, 30))
    assert ("答辩次序" in page.text) == by_lot
    for one in names:
        page = page.press(f"{one.organization}签到")
    if by_lot:
        page = page.press("抽签", witness=WITNESS, seed="答辩次序").says("抽签完成", WITNESS, "答辩次序")
    chair = journey.browser(panel.chair.user.username)
    minutes = chair.visit(reverse("reviews:mine")).follow("填写记录")
    minutes.press("保存记录", minutes="到会人员齐全，程序符合规定，情况如实记录。").says("记录已保存")


def make_visit(journey: Journey) -> None:
    """Planned, sent and confirmed; opened, looked at and closed by its leader; acknowledged by the applicant."""
    panel, one = Panel.objects.get(stage=State.ONSITE_REVIEW), journey.application
    day = current_calendar().add_working_days(clock.today(), 1)
    form = journey.office.visit(reverse("reviews:visits", args=[panel.public_id])).form("拟定")
    form.fill(
        application=str(one.public_id), starts_on=day.isoformat(), address="样例路1号（虚构）",
        contact_name="样例联系人（虚构）", contact_phone="0000-1234567",
    )  # fmt: skip
    page = form.press("拟定").says("日程已拟定", "首次会议", "末次会议").press("送达日程").says("已送日程")
    form.again().says("未重复办理")
    visit = Visit.objects.with_names().get(application=one)
    own = journey.applicant.visit(reverse("reviews:own_visit", args=[one.public_id])).says("样例路1号")
    own.press("确认日程").says("日程已确认")
    journey.player.wait_until(clock.at(day, 9))
    leader = journey.browser(visit.leader.user.username)
    page = leader.visit(reverse("reviews:mine")).follow(journey.name, row="样例路1号")
    for meeting, label in (("opening", "首次会议"), ("closing", "末次会议")):
        page = page.press(f"{visit.leader}{label}签到")
        page = page.press("登记签到", meeting=meeting, name="样例负责人（虚构）", post="总经理").says("已登记签到")
    if page.forms("保存核实情况"):
        results = page.form("保存核实情况")
        for name in results.names():
            if name.startswith("result-"):
                results.set(name, "查阅记录，情况属实。")
        page = results.press("保存核实情况").says("核实情况已保存")
    page = page.form("记录核查情况").fill(verdict="meets", text="现场与申报材料一致。").press("记录核查情况")
    page.press("签署末次会议记录", text="通报核实情况，无异议。").says("待对方确认记录")
    own = journey.applicant.visit(reverse("reviews:own_visit", args=[one.public_id])).says("现场与申报材料一致")
    own.press("确认记录", note="无异议").says("末次会议记录已确认")
    feedback = journey.applicant.visit(reverse("reviews:integrity_form", args=[one.public_id, State.ONSITE_REVIEW]))
    form = feedback.form("提交纪检监察机构")
    for name in {name for name in form.names() if form.offered(name)}:
        form.set(name, "no")
    form.press("提交纪检监察机构").says("直接送达纪检监察机构")


def review_documents(journey: Journey, *, sheet: tuple[str, ...], readers: int = 3, leave: int = 0) -> None:
    stage = State.DOCUMENT_REVIEW
    form_panel(journey, stage, readers=readers)
    journey.player.wait_working_days(2)
    score_all(journey, stage, sheet=sheet, readers=readers)
    conclude(journey, stage)
    cut(journey, stage, leave=leave)


def hear_defenses(journey: Journey, *, sheet: tuple[str, ...]) -> None:
    """All in one hearing, in turn by lot, every expert present scores."""
    stage = State.DEFENSE
    form_panel(journey, stage, readers=5)
    hold_session(journey, stage, journey.player.in_state(stage), day=2, by_lot=True)
    journey.applicant.visit(reverse("organizations:inbox")).says("市民大厅三楼")
    score_all(journey, stage, sheet=sheet, readers=5)
    conclude(journey, stage)
    cut(journey, stage)


def visit_sites(journey: Journey, *, sheet: tuple[str, ...], readers: int = 3) -> None:
    """A day for each: this applicant's by the pages, the others' along the way."""
    stage = State.ONSITE_REVIEW
    form_panel(journey, stage, readers=readers)
    make_visit(journey)
    panel = Panel.objects.get(stage=stage)
    visit_moves.make_visits(journey.player, panel, but=journey.application)
    score_all(journey, stage, sheet=sheet, readers=readers)
    conclude(journey, stage)
    cut(journey, stage)
    journey.wait_an_hour()


def report(journey: Journey, *, weights: str, article: str, label: str = "评审报告") -> Page:
    """The composite score as the scheme weighs its stages; drafted, then issued once."""
    page = journey.office.visit(reverse("reviews:panels")).follow(label).says(weights, article)
    draft = page.press("保存草稿", overview="评审工作按规定程序进行，独立评分、集体合议。").says("报告草稿已保存")
    form = draft.form(f"签发{label}")
    assert form.values["overview"] == "评审工作按规定程序进行，独立评分、集体合议。"
    issued = form.press(f"签发{label}").says(f"{label}已签发", journey.name)
    form.again().says("未重复办理")
    return issued


def tell_the_reviewed(journey: Journey, label: str = "评审反馈报告") -> None:
    """Drafted by the office for everybody who was judged, confirmed by the leader, released, read by the applicant."""
    board = journey.office.visit(reverse("reviews:panels")).follow(label)
    page = board.press("起草").says("已起草", "草稿").never_says("发放所选")
    leader = journey.browser(feedback_moves.last_panel(journey.application).chair.user.username)
    own = leader.visit(reverse("reviews:mine")).follow(label).follow("修改和确认", row=journey.name)
    form = own.says("已去除重复并打乱次序").form("保存并确认").fill(overall="综合得85分")
    refused = form.press("保存并确认", status=400).says("文字中有评分", "85分")
    refused.press("保存并确认", overall="管理扎实，成效明显。").says("反馈报告已确认", "待发放")
    for one in FeedbackReport.objects.exclude(application=journey.application).select_related("application__round"):
        feedback_moves.confirm_as_leader(one)
    form = page.visitor.visit(page.url).form("发放所选")
    form.fill(report=form.offered("report")).press("发放所选").says("已发放")
    journey.wait_an_hour()
    told = journey.overview.follow(label).says("管理扎实，成效明显。", "优势", "做法系统，有数据支持")
    told.never_says("样例专家", "草稿")
