"""The further leg of a recommendation at the pages (Z17.3): a township consents at its desk, or on sealed paper."""

from __future__ import annotations

from django.urls import reverse

from applications.models import Application, LegConsent
from applications.pipeline import State
from award_portal.lib import clock
from award_portal.rehearsal import made_up, opening_moves
from organizations.models import Membership, Unit

from .browser_of_forms import Page
from .journey import Journey


def not_before_consent(page: Page, *, leg: str, article: str) -> Page:
    """A signed first review is not enough: the page says what is missing, and no button goes on without it."""
    page.says("现在还不能审核通过", f"尚未提请{leg}", article)
    assert not page.tree.xpath("//a[contains(@href, '/pass/')]")
    refused = page.visitor.visit(page.url.rstrip("/") + "/pass/").says(f"尚未提请{leg}", article)
    assert refused.forms("审核通过") == []
    return page


def consent_at_its_desk(journey: Journey, page: Page, township: Unit) -> Page:
    """Asked once; the township sees who applies and the first review, not the dossier; consent bears a seal."""
    page = page.press("提请").says(f"已提请{township}出具意见", "待出具意见")
    visitor = journey.browser(journey.world.staff_of(township).username)
    desk = visitor.visit(reverse("applications:consents_desk")).follow(journey.name)
    desk.says(journey.code, "经审核，材料完整、真实、准确、合法。")
    visitor.visit(reverse("applications:dossier", args=[journey.application.public_id]), status=404)
    form = desk.form("提交意见").fill(verdict="consents")
    form = form.press("提交意见", status=422).says("同意推荐须加盖公章，请上传盖章页扫描件").form("提交意见")
    assert form.values["verdict"] == "consents"
    form.fill(paper=made_up.made_up_upload("盖章页")).press("提交意见").says("意见已提交", "已出具意见")
    form.again().says("未重复办理")
    page = page.visitor.visit(page.url)
    sealed = page.visitor.client.get(page.link("盖章页"))
    assert sealed["Content-Type"] == "application/pdf"
    return page


def leave_without_desk(township: Unit) -> None:
    """Nobody of this township works here: what it writes comes on paper."""
    Membership.objects.current().filter(unit=township).update(ended_at=clock.now())


def consent_on_paper(journey: Journey, one: Application, township: str) -> None:
    """The recommender prints the letter, sends it out, and enters what comes back sealed."""
    by = journey.world.staff_of(one.recommender)
    assert opening_moves.examine(journey.player, one, stage=State.RECOMMENDATION_REVIEW, by=by)
    visitor = journey.browser(by.username)
    page = visitor.visit(reverse("applications:examine", args=[one.public_id]))
    page = page.press("提请").says("请打印后送有关单位盖章，收回后登记")
    form = page.follow("登记纸质意见").form("登记").fill(consenter=township, verdict="consents")
    form = form.press("登记", status=422).says("请上传纸质意见的扫描件").form("登记")
    assert form.values["consenter"] == township
    page = form.fill(paper=made_up.made_up_upload("盖章页")).press("登记").says("纸质意见已登记", township)
    page.follow("审核通过").press("审核通过").says(f"{one.organization}已通过")
    assert LegConsent.objects.get(application=one).consenter == township
