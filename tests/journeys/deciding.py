"""The last act at the pages: the meeting, secret ballots, the proposal's publicity, the decision, the certificate."""

from __future__ import annotations

import io
from typing import Any

from django.db import connection
from django.urls import reverse

from applications.models import Application
from applications.personal import sections_told, told
from applications.pipeline import State
from award_portal.lib import clock
from awards.calendars import current_calendar
from awards.models import Award
from documents.models import IssuedDocument
from documents.rendering import render_document, store_rendered
from organizations.auditing import exported_links
from publicity.models import Notice
from reviews import ballots
from reviews.models import Approval, Ballot, Meeting, Paper

from .browser_of_forms import Page
from .examining import publish
from .journey import PERSON, Journey

MEMBERS, AT_THE_PAGE = 9, 3


def convene(journey: Journey, *, body: str, by_ballot: bool) -> None:
    """Every member of the body that decides is called, once."""
    held_on = current_calendar().add_working_days(clock.today(), 2)
    page = journey.office.visit(reverse("reviews:meetings")).follow("召集会议", row=journey.player.round.title)
    form = page.says(body, "应到成员9人", "样例领导9").form("召集会议").fill(held_on=held_on.isoformat())
    people = {"teller": "样例监票人", "counter": "样例计票人"} if by_ballot else {"recorder": "样例记录人"}
    form.fill(place="市政府会议室（虚构）", **people).press("召集会议").says("会议已建立，会议通知已发给应到成员")
    form.again().says("未重复办理")
    journey.player.wait_until(clock.at(held_on, 15))
    journey.browser("leader1").visit(reverse("organizations:inbox")).says("会议")


def open_meeting(journey: Journey, *, recused: Application | None = None) -> None:
    """All nine have come; where there is ground, one of them steps back on one name."""
    page = meeting_page(journey).follow("登记到会").says("应到9人")
    form = page.form("登记到会")
    page = form.fill(present=form.offered("present")).press("登记到会").says("应到9人，实到9人")
    if recused is None:
        return
    form = page.follow("登记成员回避").form("回避")
    form.fill(
        member=str(journey.world.users["leader2"].public_id), application=str(recused.public_id), ground="kinship"
    )
    form.press("回避").says("回避已登记")


def meeting_page(journey: Journey) -> Page:
    return journey.office.visit(reverse("reviews:meeting", args=[Meeting.objects.get().public_id]))


def vote(journey: Journey, tier: str, wanted: dict[Application, int], *, article: str = "") -> None:
    """Nine secret papers, three at the page; `wanted` tells how many vote for each name, from the first member on."""
    where = reverse("reviews:ballot_opening", args=[Meeting.objects.get().public_id, tier])
    opened = journey.office.visit(where).says(article).press("开始投票").says("口令只在本页显示这一次")
    passphrase = opened.tree.get_element_by_id("passphrase").text_content()
    ballot = Ballot.objects.get(tier=tier)
    for number in range(1, MEMBERS + 1):
        if number <= AT_THE_PAGE:
            cast(journey, number, wanted, twice=number == 1)
        else:
            chosen = {one.pk: "for" if number <= votes else "against" for one, votes in wanted.items()}
            ballots.cast_paper(ballot, by=journey.world.users[f"leader{number}"], choices=chosen)
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


def propose_and_resolve(journey: Journey, *, article: str, departing: Application) -> None:
    """The office's list as the scores suggest it; a departure has its reason; the meeting passes it by hands."""
    page = meeting_page(journey).follow("拟订名单").says("按综合得分预填", article)
    form = page.form("保存拟订名单")
    tier = form.values[f"tier-{departing.public_id}"]
    form.fill(**{f"tier-{departing.public_id}": ""})
    form = form.press("保存拟订名单").says("拟列等次与得分排序不一致，请写明理由").form("保存拟订名单")
    assert form.values[f"tier-{departing.public_id}"] == ""
    form.fill(**{f"tier-{departing.public_id}": tier}).press("保存拟订名单").says("拟订名单已保存")
    form.again().says("未重复办理")
    form = meeting_page(journey).follow("登记审议结果").form("登记审议结果")
    key = journey.application.public_id
    short = form.fill(**{f"for-{key}": "7", f"against-{key}": "1"}).press("登记审议结果").says("合计应为9人")
    form = short.form("登记审议结果")
    assert form.values[f"for-{key}"] == "7"
    form.fill(**{f"abstain-{key}": "1"}).press("登记审议结果").says("审议结果已登记", "同意7、反对1、弃权1")


def confirm_ranking(journey: Journey, *, says: tuple[str, ...]) -> None:
    """The list is what the scores say: there is nothing to choose on the page, only to confirm."""
    page = meeting_page(journey).follow("确认得分排序").says("不得登记其他顺序", *says)
    form = page.form("确认排序")
    assert not [one for one in form.names() if one.startswith("tier-")]
    form.press("确认排序").says("得分排序已确认")
    form.again().says("未重复办理")


def decide(journey: Journey, *, listed: tuple[str, ...], paper: str) -> None:
    """What the meeting decided becomes the list and its paper, once."""
    form = meeting_page(journey).follow("形成决定").says(journey.name, *listed).form("形成决定")
    form.press("形成决定").says(f"决定已形成，{paper}已签发")
    form.again().says("未重复办理")
    assert journey.application.state == State.AWARD_PUBLICITY


def publish_list(journey: Journey, label: str, *, tier: str, **asked: Any) -> Page:
    """Each name with the tier it is to have."""
    return publish(journey, journey.office, label, **asked).says("拟授奖项", tier)


def wait_for_approval(journey: Journey, *, days: int = 5) -> None:
    """The window closes by the clock the night after its last day, and not before."""
    journey.player.wait_working_days(days)
    assert journey.application.state == State.AWARD_PUBLICITY
    journey.player.wait_working_days(1)
    assert journey.application.state == State.APPROVAL


def approve(journey: Journey, username: str, *, word: str, body: str, paper: str, winners: int) -> None:
    """The body that has the last word decides on every name, reads it over, and records it once."""
    desk = journey.browser(username).visit(reverse("reviews:approvals"))
    page = desk.follow(f"登记{word}结果").says(journey.name, f"{body}{word}")
    form = page.form("核对").fill(
        meeting_number="第3次会议（虚构）", document_number="样政发〔2026〕9号", decided_on=f"{clock.today()}"
    )
    for name in form.names():
        if name.startswith("verdict-"):
            form.set(name, "approve")
    checked = form.press("核对").says(f"批准的{winners}家列入获奖名册", f"公开发布{paper}", "样政发〔2026〕9号")
    assert not Award.objects.exists()
    form = checked.form(f"登记{word}结果")
    form.press(f"登记{word}结果").says(f"{word}结果已登记", paper)
    form.again().says("未重复办理")
    assert (Approval.objects.count(), Award.objects.count()) == (1, winners)
    journey.anybody.visit(reverse("publicity:notices")).says(paper)


def celebrate(journey: Journey, *, tier: str, honour: str) -> None:
    """The certificate is checked, the decision read and the register searched by anybody."""
    award, anybody = Award.objects.get(application_number=journey.application.number), journey.anybody
    code = () if journey.is_person else (journey.code,)
    anybody.visit(reverse("publicity:register")).says(journey.name, award.certificate_number, "样政发〔2026〕9号")
    check = anybody.visit(reverse("publicity:certificate_check"))
    check.press("查验", number=award.certificate_number).says("证书真实，荣誉有效", journey.name, tier, *code)
    check.form("查验").fill(number=award.certificate_number[:-3] + "999").press("查验", status=404).says(
        "没有查到该编号"
    )
    commended = Approval.objects.get().commendation
    for paper in (commended, IssuedDocument.objects.get(kind="certificate", subject=f"award:{award.public_id}")):
        store_rendered(paper, render_document(paper))
    honours = journey.overview.says("本次申报已结束：获奖").follow("荣誉与义务").says(award.certificate_number)
    certificate = journey.applicant.client.get(honours.link(f"{tier}{honour}"))
    commendation = anybody.client.get(commended.get_absolute_url())
    assert certificate.getvalue()[:5] == commendation.getvalue()[:5] == b"%PDF-"


def nothing_personal_is_public(journey: Journey, *secrets: str) -> None:
    """Of all that anybody saw on the way, and of every notice there is, nothing tells what is not the public's."""
    for one in Notice.objects.public().filter(round=journey.player.round):
        journey.anybody.visit(one.get_absolute_url())
    assert Notice.objects.public().count() >= 3
    personal = [*secrets, f"0000-5550{journey.seed % 1000:03d}", *(() if journey.is_person else (PERSON,))]
    for url, source in journey.anybody.seen.items():
        for one in personal:
            assert one not in source, url


def nothing_personal_lies_open(journey: Journey, *secrets: str) -> None:
    """Of what the applicant typed, no number that reaches a person stands in any row, record, export or file name."""
    canaries = [*secrets, f"0000-5550{journey.seed % 1000:03d}", f"sample{journey.seed}@example.invalid"]
    application = journey.application
    typed = str([told(one) for one in application.answers.all()])
    assert [one for one in canaries if one in typed]  # they were typed
    dossier = application.current_dossier
    assert [one for one in canaries if one in str(sections_told(dossier))]
    dump = io.StringIO()
    for table in connection.introspection.table_names():
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT * FROM "{table}"')
            dump.write(repr(cursor.fetchall()))
    for link in exported_links():
        dump.write(str(link))
    everything = dump.getvalue()
    assert application.number in everything
    assert [one for one in canaries if one in everything] == []
