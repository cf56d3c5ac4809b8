"""The first act at the pages: an organisation registers, fills in its application, publishes it at home and submits."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from django.urls import reverse

from applications.form_answers import indicator_years
from applications.models import Application
from applications.pipeline import State
from award_portal.lib import clock
from award_portal.rehearsal import made_up, opening_moves
from award_portal.rehearsal.opening_moves import Player
from award_portal.rehearsal.whole_round import enter_applicant
from award_portal.rehearsal.world import PASSWORD, World

from .browser_of_forms import Page, Visitor

SEED = 24  # its industry has a recommender of its own beside the districts'
OTHERS = (2, 4, 8)  # theirs are recommended by the districts
NAME, PERSON = made_up.organization_name(SEED), "样例丙甲"
CODE = made_up.valid_uscc(SEED)
FOUNDED = date(2008, 5, 20)
OWN_PASSWORD = "yang-li-2026"


@dataclass
class Journey:
    """One application on its way, and the browsers of the people it meets."""

    player: Player
    visitors: dict[str, Visitor] = field(default_factory=dict)

    @property
    def world(self) -> World:
        return self.player.world

    @property
    def application(self) -> Application:
        return Application.objects.with_names().get(organization__code=CODE)

    def browser(self, username: str) -> Visitor:
        """Whoever it is, at a browser signed in before."""
        if username not in self.visitors:
            self.visitors[username] = Visitor(username, PASSWORD)
        return self.visitors[username]

    @property
    def applicant(self) -> Visitor:
        return self.visitors["applicant"]

    @property
    def office(self) -> Visitor:
        return self.browser("office")

    def wait_an_hour(self) -> None:
        """Long enough for what is due to be swept and what is sent to arrive."""
        self.player.wait_until(clock.now() + timedelta(hours=1))

    @property
    def overview(self) -> Page:
        return self.applicant.visit(self.application.get_absolute_url())

    @property
    def hand_in(self) -> Page:
        return self.applicant.visit(reverse("applications:hand_in", args=[self.application.public_id]))


def register(journey: Journey) -> None:
    """From the call on the public site to an account of one's own."""
    visitor = journey.visitors["applicant"] = Visitor()
    call = visitor.visit(reverse("publicity:calls")).follow(journey.player.round.title)
    call.says("正在受理", "注册账号，登记申报组织，上传授权书", "评选工作不收取任何费用")
    form = call.follow("注册账号").form("建立账号").fill(username="yangli", display_name=PERSON, password="12345")
    form.fill(password_again="12345")
    short = form.press("建立账号", status=422)
    assert short.form("建立账号").values["display_name"] == PERSON
    again = short.form("建立账号").fill(password=OWN_PASSWORD, password_again=OWN_PASSWORD)
    again.press("建立账号").says("账号已建立", "请登记您代表的组织并上传授权书")


def claim_organisation(journey: Journey) -> None:
    """A wrong check digit is told and what was typed stays; then the letter goes to the office."""
    wrong = CODE[:-1] + ("0" if CODE[-1] != "0" else "1")
    page = journey.applicant.visit(reverse("organizations:claim"))
    form = page.form("提交").fill(
        scheme_key="urumqi", name=NAME, code=wrong, kind="legal_person", founded_on=FOUNDED.isoformat(),
        letter=made_up.made_up_upload("授权书"),
    )  # fmt: skip
    refused = form.press("提交", status=422).says("校验位")
    form = refused.form("提交")
    assert (form.values["name"], form.values["code"]) == (NAME, wrong)
    form.fill(code=CODE, letter=made_up.made_up_upload("授权书"))
    form.press("提交").says("已登记，等待办公室或者审核推荐单位核验授权书")
    form.again().says("这份表单已经提交过，未重复办理")


def verify_claim(journey: Journey) -> None:
    page = journey.office.visit(reverse("organizations:claims")).follow("核验", row=NAME).says(CODE, PERSON)
    assert journey.office.client.get(page.link("授权书.pdf"))["Content-Type"] == "application/pdf"
    page.press("提交核验结论", verdict="verified", reason="授权书载明事项与登记一致").says("授权书已核验通过")
    journey.wait_an_hour()
    journey.applicant.visit(reverse("organizations:inbox")).says("授权书已核验通过", "可以在申报通知中开始申报")


def start(journey: Journey) -> None:
    call = journey.applicant.visit(reverse("publicity:calls")).follow(journey.player.round.title)
    form = call.follow("开始申报").says("年限已达到", "公共信用信息报告").form("开始填报")
    form.fill(organization=form.offered("organization")[-1]).press("开始填报").says("填写申报表")
    form.again().says("未重复办理")
    assert Application.objects.filter(organization__code=CODE).count() == 1


def fill_sections(journey: Journey) -> None:
    """Every section in the form's order, from one page to the next."""
    application = journey.application
    book = application.rulebook
    answers = made_up.made_up_answers(
        book, SEED, code=CODE, name=NAME, founded=FOUNDED, years=indicator_years(application.round, book),
        district="天山区", recommender=str(journey.world.recommenders[0].public_id),
    )  # fmt: skip
    page = journey.overview.follow(book.form.sections[0].title)
    for section in book.form.sections:
        page.says(section.title)
        if section.kind == "attachments":
            page = attach_materials(journey, page)
            continue
        form = page.form("保存并")
        for name, value in answers[section.key].items():
            form.set(name, value)
        last = section is book.form.sections[-1]
        page = form.press("保存并返回任务列表" if last else "保存并继续")
        page.says(f"“{section.title}”已完成")


def attach_materials(journey: Journey, page: Page) -> Page:
    """Each required material into its own form, and on to the next section."""
    for wanted in journey.application.rulebook.form.attachments:
        for number in range(wanted.min_files if wanted.required else 0):
            form = next(one for one in page.forms("上传") if f"/{wanted.key}/" in one.node.get("action"))
            page = form.fill(upload=made_up.made_up_upload(f"{wanted.label}{number + 1}")).press("上传")
            page.says(f"{wanted.label}{number + 1}.pdf")
    return page.follow("下一部分")


def publish_at_home(journey: Journey) -> None:
    """U11.2: five working days inside the organisation; nothing can be submitted before they are over."""
    check = journey.overview.follow("提交前检查").says("申报表各部分和必需的附件齐全", "不在重复申报限制期内")
    page = check.follow("内部公示").says("2026年3月3日", "2026年3月9日")
    page.press("开始内部公示", place="办公楼公告栏（虚构）").says("内部公示已开始，填报内容已固定")
    early = journey.hand_in.says("现在还不能提交申报", "第十一条第（二）项")
    assert early.forms("提交申报") == []


def wait_for_its_end(journey: Journey) -> None:
    journey.player.wait_until(clock.at(date(2026, 3, 10), 10))


def submit(journey: Journey) -> None:
    """The proof, then the submission: twice sent, once carried out."""
    application = journey.application
    page = journey.applicant.visit(reverse("applications:publicity", args=[application.public_id]))
    form = page.form("保存").fill(proof=made_up.made_up_upload("公示照片"), had_objections="no")
    form.press("保存").says("公示情况已保存")
    form = journey.hand_in.form("提交申报")
    form.press("提交申报").says("已提交，材料第1版已固定")
    form.again().says("未重复办理")
    assert application.steps.filter(step="submit").count() == 1
    assert application.dossiers.count() == 1


def bring_others(journey: Journey) -> None:
    """Three more organisations come along by the rooms' own functions: their pages would be the same."""
    for seed in OTHERS:
        opening_moves.make_ready(journey.player, enter_applicant(journey.player, seed))


def others_submit(journey: Journey) -> None:
    for one in journey.player.in_state(State.SELF_PUBLICITY):
        opening_moves.hand_in(journey.player, one)


def walk(journey: Journey) -> None:
    bring_others(journey)
    register(journey)
    claim_organisation(journey)
    verify_claim(journey)
    start(journey)
    fill_sections(journey)
    publish_at_home(journey)
    wait_for_its_end(journey)
    submit(journey)
    others_submit(journey)
