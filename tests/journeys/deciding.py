"""The last act at the pages: the meeting, secret ballots, the proposal's publicity, the decision, the certificate."""

from __future__ import annotations

from django.urls import reverse

from applications.models import Application
from applications.pipeline import State
from award_portal.lib import clock
from awards.calendars import current_calendar
from awards.models import Award
from documents.models import IssuedDocument
from documents.rendering import render_document, store_rendered
from reviews.models import Approval, Ballot, Meeting, Paper

from .browser_of_forms import Page, Visitor
from .entering import CODE, NAME, Journey
from .examining import others, publish

MEMBERS = 9


def convene(journey: Journey) -> None:
    """U11.8: every member is called, once."""
    held_on = current_calendar().add_working_days(clock.today(), 2)
    page = journey.office.visit(reverse("reviews:meetings")).follow("召集会议", row=journey.player.round.title)
    form = page.says("应到成员9人", "样例领导9").form("召集会议")
    form.fill(held_on=held_on.isoformat(), place="市政府会议室（虚构）", teller="样例监票人", counter="样例计票人")
    form.press("召集会议").says("会议已建立，会议通知已发给应到成员")
    form.again().says("未重复办理")
    journey.player.wait_until(clock.at(held_on, 15))
    journey.browser("leader1").visit(reverse("organizations:inbox")).says("审议")


def open_meeting(journey: Journey, recused: Application) -> None:
    """All nine have come; one of them steps back on one name (U23)."""
    page = meeting_page(journey).follow("登记到会").says("应到9人")
    form = page.form("登记到会")
    page = form.fill(present=form.offered("present")).press("登记到会").says("应到9人，实到9人")
    form = page.follow("登记成员回避").form("回避")
    form.fill(
        member=str(journey.world.users["leader2"].public_id), application=str(recused.public_id), ground="kinship"
    )
    form.press("回避").says("回避已登记")


def meeting_page(journey: Journey) -> Page:
    return journey.office.visit(reverse("reviews:meeting", args=[Meeting.objects.get().public_id]))


def vote(journey: Journey, tier: str, wanted: dict[Application, int]) -> None:
    """Nine secret papers; `wanted` gives how many members vote for each name, from the first on."""
    where = reverse("reviews:ballot_opening", args=[Meeting.objects.get().public_id, tier])
    opened = journey.office.visit(where).press("开始投票").says("口令只在本页显示这一次")
    passphrase = opened.tree.get_element_by_id("passphrase").text_content()
    ballot = Ballot.objects.get(tier=tier)
    for number in range(1, MEMBERS + 1):
        cast(journey, number, wanted, twice=number == 1)
    meeting_page(journey).says("已收回9张，到会9人")
    closing = reverse("reviews:ballot_closing", args=[ballot.public_id])
    wrong = journey.office.visit(closing).press("计票", passphrase="AAAA-AAAA-AAAA-AAAA").says("监票口令不正确")
    form = wrong.form("计票").fill(passphrase=passphrase)
    form.press("计票").says("已计票，口令随之失效")
    form.again().says("未重复办理")


def cast(journey: Journey, number: int, wanted: dict[Application, int], *, twice: bool) -> None:
    """A member fills in the paper, reads it over, casts it; a second paper is not counted."""
    member = journey.browser(f"leader{number}")
    paper = member.visit(reverse("reviews:meetings")).follow("待投票").follow("填写表决票")
    form = paper.form("核对表决票")
    for one, votes in wanted.items():
        if f"choice-{one.public_id}" in form.names():
            form.set(f"choice-{one.public_id}", "for" if number <= votes else "against")
        else:
            paper.says("您不参加对其的表决")
    form = form.press("核对表决票").says("请核对，投出后不能更改").form("投出表决票")
    form.press("投出表决票").says("您的表决票已经投出")
    if twice:
        papers = Paper.objects.count()
        form.again().says("每人只能投一次")
        assert Paper.objects.count() == papers


def decide(journey: Journey) -> None:
    """The counted ballots become the list and the minutes, once."""
    form = meeting_page(journey).follow("形成决定").says(NAME, "质量奖建议名单（2家，名额3个）").form("形成决定")
    form.press("形成决定").says("决定已形成，会议纪要已签发")
    form.again().says("未重复办理")
    assert journey.application.state == State.AWARD_PUBLICITY
    publish(journey.office, journey.player.round_book.label(State.AWARD_PUBLICITY)).says("质量奖")
    journey.player.wait_working_days(6)
    assert journey.application.state == State.APPROVAL


def approve(journey: Journey) -> None:
    """U11.9: the government decides on every name, reads it over, and records it once."""
    government = journey.browser("government")
    page = government.visit(reverse("reviews:approvals")).follow("登记审定结果").says(NAME)
    form = page.form("核对").fill(
        meeting_number="市人民政府第3次常务会议（虚构）",
        document_number="样政发〔2026〕9号",
        decided_on=f"{clock.today()}",
    )
    for name in form.names():
        if name.startswith("verdict-"):
            form.set(name, "approve")
    checked = form.press("核对").says("批准的3家列入获奖名册", NAME, "样政发〔2026〕9号")
    assert not Award.objects.filter(code=CODE).exists()
    form = checked.form("登记审定结果")
    form.press("登记审定结果").says("审定结果已登记")
    form.again().says("未重复办理")
    assert (Approval.objects.count(), Award.objects.count()) == (1, 3)


def celebrate(journey: Journey) -> None:
    """The certificate is checked, the commendation read and the register searched by anybody."""
    award, anybody = Award.objects.get(code=CODE), Visitor()
    anybody.visit(reverse("publicity:register")).says(NAME, award.certificate_number, "样政发〔2026〕9号")
    check = anybody.visit(reverse("publicity:certificate_check"))
    check.press("查验", number=award.certificate_number).says("证书真实，荣誉有效", NAME, CODE, "质量奖")
    check.form("查验").fill(number="URUMQI-ZS-2026-999").press("查验", status=404).says("没有查到该编号")
    for paper in IssuedDocument.objects.filter(kind__in=("certificate", "commendation")):
        store_rendered(paper, render_document(paper))
    honours = journey.overview.says("本次申报已结束：获奖").follow("荣誉与义务").says(award.certificate_number)
    certificate = journey.applicant.client.get(honours.link(f"{NAME}质量奖证书"))
    commendation = anybody.client.get(Approval.objects.get().commendation.get_absolute_url())
    assert certificate.getvalue()[:5] == commendation.getvalue()[:5] == b"%PDF-"


def walk(journey: Journey) -> None:
    convene(journey)
    second, third = others(journey, State.DELIBERATION)
    open_meeting(journey, recused=third)
    vote(journey, "main", {journey.application: 9, second: 7, third: 3})
    vote(journey, "nominee", {third: 8})
    decide(journey)
    approve(journey)
    celebrate(journey)
