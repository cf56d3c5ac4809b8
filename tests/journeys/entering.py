"""The first act at the pages: an applicant registers, fills in its application and submits it."""

from __future__ import annotations

from datetime import date

from django.urls import reverse

from applications.form_answers import indicator_years
from applications.models import Application
from applications.pipeline import State
from award_portal.rehearsal import made_up, opening_moves
from award_portal.rehearsal.whole_round import enter_applicant

from .browser_of_forms import Page, Visitor
from .journey import OWN_PASSWORD, PERSON, USERNAME, Journey

FOUNDED = date(2008, 5, 20)


def register(journey: Journey, *, says: tuple[str, ...] = (), never: tuple[str, ...] = (), then: str) -> None:
    """From the call on the public site to an account of one's own."""
    visitor = journey.visitors["applicant"] = Visitor()
    call = visitor.visit(reverse("publicity:calls")).follow(journey.player.round.title)
    call.says("正在受理", "注册账号", *says).never_says(*never)
    form = call.follow("注册账号").form("建立账号").fill(username=USERNAME, display_name=PERSON, password="12345")
    form.fill(password_again="12345")
    short = form.press("建立账号", status=422)
    assert short.form("建立账号").values["display_name"] == PERSON
    again = short.form("建立账号").fill(password=OWN_PASSWORD, password_again=OWN_PASSWORD)
    again.press("建立账号").says("账号已建立", then)


def claim_organisation(journey: Journey) -> None:
    """A wrong check digit is told and what was typed stays; then the letter goes to the office."""
    name, code = journey.name, journey.code
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    page = journey.applicant.visit(reverse("organizations:claim"))
    form = page.form("提交").fill(
        scheme_key=journey.world.book.key, name=name, code=wrong, kind="legal_person", founded_on=FOUNDED.isoformat(),
        letter=made_up.made_up_upload("授权书"),
    )  # fmt: skip
    refused = form.press("提交", status=422).says("校验位")
    form = refused.form("提交")
    assert (form.values["name"], form.values["code"]) == (name, wrong)
    form.fill(code=code, letter=made_up.made_up_upload("授权书"))
    form.press("提交").says("已登记，等待办公室或者审核推荐单位核验授权书")
    form.again().says("这份表单已经提交过，未重复办理")


def claim_oneself(journey: Journey) -> None:
    """Y9: a person registers with the card; the number of fifteen digits that are no longer issued is refused."""
    page = journey.applicant.visit(reverse("organizations:claim")).follow("登记本人").says("姓名", PERSON)
    form = page.form("登记并提交身份证件").fill(
        scheme_key=journey.world.book.key, identity="140399900101123", letter=made_up.made_up_upload("身份证件")
    )
    refused = form.press("登记并提交身份证件", status=422).says("15位身份证号已停止使用", "18位号码（GB 11643）")
    form = refused.form("登记并提交身份证件")
    assert form.values["identity"] == "140399900101123"
    form.fill(identity=journey.code, letter=made_up.made_up_upload("身份证件"))
    form.press("登记并提交身份证件").says("等待办公室或者审核推荐单位核验身份证件")
    form.again().says("未重复办理")


def verify_claim(journey: Journey, *, proof: str = "授权书") -> None:
    page = journey.office.visit(reverse("organizations:claims")).follow("核验", row=journey.name).says(PERSON)
    if journey.is_person:
        page = page.never_says(journey.code).press("显示完整号码").says(journey.code)
    else:
        page.says(journey.code)
    assert journey.office.client.get(page.link(f"{proof}.pdf"))["Content-Type"] == "application/pdf"
    page.press("提交核验结论", verdict="verified", reason=f"{proof}载明事项与登记一致").says(f"{proof}已核验通过")
    journey.wait_an_hour()
    journey.applicant.visit(reverse("organizations:inbox")).says(f"{proof}已核验通过", "可以在申报通知中开始申报")


def start(journey: Journey, *, says: tuple[str, ...] = ()) -> None:
    call = journey.applicant.visit(reverse("publicity:calls")).follow(journey.player.round.title)
    form = call.follow("开始申报").says(*says).form("开始填报")
    form.fill(organization=form.offered("organization")[-1]).press("开始填报").says("填写申报表")
    form.again().says("未重复办理")
    assert Application.objects.filter(created_by__username=USERNAME).count() == 1


def fill_sections(journey: Journey, titles: tuple[str, ...], *, district: str, recommender: int = 0) -> None:
    """Every section in the form's order, from one page to the next: these and no other."""
    application = journey.application
    book, subject = application.rulebook, application.organization.subject
    answers = made_up.made_up_answers(
        book, journey.seed, code=journey.code, name=journey.name, founded=FOUNDED, subject=subject,
        years=indicator_years(application.round, book), district=district,
        recommender=str(journey.world.recommending[recommender].public_id),
    )  # fmt: skip
    sections = book.sections_for(subject)
    assert tuple(one.title for one in sections) == titles
    page = journey.overview.follow(titles[0])
    for section in sections:
        page.says(section.title)
        if section.kind == "attachments":
            page = attach_materials(journey, page)
            continue
        form = page.form("保存并")
        for name, value in answers[section.key].items():
            form.set(name, value)
        last = section is sections[-1]
        page = form.press("保存并返回任务列表" if last else "保存并继续")
        page.says(f"“{section.title}”已完成")


def attach_materials(journey: Journey, page: Page) -> Page:
    """Each required material into its own form, and on to the next section."""
    application = journey.application
    for wanted in application.rulebook.attachments_for(application.organization.subject):
        for number in range(wanted.min_files if wanted.required else 0):
            form = next(one for one in page.forms("上传") if f"/{wanted.key}/" in one.node.get("action"))
            page = form.fill(upload=made_up.made_up_upload(f"{wanted.label}{number + 1}")).press("上传")
            page.says(f"{wanted.label}{number + 1}.pdf")
    return page.follow("下一部分")


def publish_at_home(journey: Journey, *, article: str, first: str, last: str) -> None:
    """Working days inside the organisation; nothing can be submitted before they are over."""
    check = journey.overview.follow("提交前检查").says("申报表各部分和必需的附件齐全")
    page = check.follow("内部公示").says(first, last)
    page.press("开始内部公示", place="办公楼公告栏（虚构）").says("内部公示已开始，填报内容已固定")
    early = journey.hand_in.says("现在还不能提交申报", article)
    assert early.forms("提交申报") == []


def prove_publicity(journey: Journey) -> None:
    page = journey.applicant.visit(reverse("applications:publicity", args=[journey.application.public_id]))
    form = page.form("保存").fill(proof=made_up.made_up_upload("公示照片"), had_objections="no")
    form.press("保存").says("公示情况已保存")


def submit(journey: Journey) -> None:
    """Twice sent, once carried out."""
    application = journey.application
    form = journey.hand_in.form("提交申报")
    form.press("提交申报").says("已提交，材料第1版已固定")
    form.again().says("未重复办理")
    assert application.steps.filter(step="submit").count() == 1
    assert application.dossiers.count() == 1


def bring_others(journey: Journey, *seeds: int) -> None:
    """More applicants come along by the rooms' own functions: their pages would be the same."""
    for seed in seeds:
        opening_moves.make_ready(journey.player, enter_applicant(journey.player, seed))


def others_submit(journey: Journey) -> None:
    for one in [*journey.player.in_state(State.SELF_PUBLICITY), *journey.player.in_state(State.DRAFT)]:
        opening_moves.hand_in(journey.player, one)
