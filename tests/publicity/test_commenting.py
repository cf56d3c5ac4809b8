"""Public comment before deliberation (B15): anybody writes without an account, the office sums up, the clock closes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from applications.models import Application
from applications.moves import StepRefused
from applications.pipeline import State
from award_portal.lib import clock
from objections.holding import place_hold
from objections.models import Objection
from organizations.models import AuditRecord
from publicity.closing import close_due
from publicity.commenting import save_summary, summary_missing, summary_of, take_comment
from publicity.models import CommentSummary, PublicComment
from publicity.opening import PublicityRefused
from reviews.reporting import issue_report
from tests.changed_schemes import changed, public_comment
from tests.factories import make_user

from .builders import make_lists

pytestmark = pytest.mark.django_db
TEXT = "建议核实能耗数据（虚构）"


@pytest.fixture
def lists(frozen, calendars):
    cache.clear()
    return make_lists(changed(public_comment))


@pytest.fixture
def asked(lists):
    """Two candidates in public comment."""
    names = [lists.name("public_comment") for _ in range(2)]
    return lists.publish(*names, kind="public_comment", at=clock.now())


def form_of(notice) -> str:
    return reverse("publicity:comment", args=[notice.public_id])


def test_b15_the_notice_asks_for_comments_and_says_how_to_object(asked):
    page = Client().get(asked.get_absolute_url()).content.decode()
    assert "公开征求意见" in page
    assert form_of(asked) in page
    assert "提出异议" in page
    assert "拟授奖项" not in page
    assert asked.document.kind == "public_comment_notice"
    assert asked.document.content["comments"] is True


def test_b15_anybody_comments_without_an_account_and_nothing_of_the_person_is_kept(asked):
    visitor = Client()
    about = asked.items.first().application.public_id
    assert "无需注册账号" in visitor.get(form_of(asked)).content.decode()
    answer = visitor.post(form_of(asked), {"about": str(about), "text": f"  {TEXT}  "}, follow=True)
    assert "意见建议已提交" in answer.content.decode()
    comment = PublicComment.objects.get()
    assert (comment.text, comment.item.application.public_id) == (TEXT, about)
    assert {one.name for one in PublicComment._meta.fields} == {
        "id", "public_id", "notice", "item", "text", "received_at"
    }  # fmt: skip
    assert TEXT not in str(list(AuditRecord.objects.values()))


def test_what_is_refused_says_why_and_keeps_what_was_typed(asked, frozen):
    visitor = Client()
    empty = visitor.post(form_of(asked), {"text": "  "})
    assert empty.status_code == 422
    assert "请填写意见建议" in empty.content.decode()
    frozen.travel_to(asked.ends_at)
    late = visitor.post(form_of(asked), {"text": TEXT})
    assert "已经期满" in late.content.decode()
    assert TEXT in late.content.decode()
    assert not PublicComment.objects.exists()


def test_a_machine_does_not_flood_the_office(asked):
    visitor = Client()
    answers = [visitor.post(form_of(asked), {"text": f"{TEXT}{n}"}).status_code for n in range(12)]
    assert answers == [302] * 10 + [422] * 2
    assert PublicComment.objects.count() == 10


def test_a_publicity_that_asks_nothing_takes_no_comment(lists):
    notice = lists.publish(lists.name(), at=clock.now())
    assert Client().get(form_of(notice)).status_code == 404
    with pytest.raises(PublicityRefused, match="不征求意见建议"):
        take_comment(notice, text=TEXT, at=clock.now())


def test_b15_the_window_closes_by_the_clock_and_the_names_go_to_deliberation(asked, frozen):
    frozen.travel_to(asked.close_due_at - timedelta(seconds=1))
    assert close_due(clock.now()) == 0
    frozen.travel_to(asked.close_due_at)
    close_due(clock.now())
    assert set(Application.objects.values_list("state", flat=True)) == {State.DELIBERATION}


def test_an_objection_does_not_keep_a_window_open_that_the_scheme_does_not_hold(asked, frozen):
    one = asked.items.first().application
    objection = Objection.objects.create(
        number="YY-2026-0001", application=one, form="person", identity="x", text="虚构", secret_digest="s",
        filed_at=clock.now(),
    )  # fmt: skip
    place_hold(objection, at=clock.now())
    frozen.travel_to(asked.close_due_at)
    close_due(clock.now())
    assert Application.objects.get(pk=one.pk).state == State.DELIBERATION


def test_b15_the_office_sums_up_what_came_in_after_the_window(lists, asked, frozen):
    round = lists.round
    take_comment(asked, text=TEXT, at=clock.now())
    with pytest.raises(PublicityRefused, match="尚未期满"):
        save_summary(round, text="一条", handled="已核实", by=lists.officer, at=clock.now())
    [missing] = summary_missing(round)
    assert missing.text == "尚未填写公开征求意见情况。"
    assert missing.short_citation == "第十一条第（八）项"
    frozen.travel_to(asked.close_due_at)
    with pytest.raises(PublicityRefused, match="由办公室办理"):
        save_summary(round, text="一条", handled="已核实", by=lists.clerk, at=clock.now())
    save_summary(round, text="收到1条（虚构）", handled="已核实（虚构）", by=lists.officer, at=clock.now())
    told = summary_of(round)
    assert (told.count, told.text, told.handled) == (1, "收到1条（虚构）", "已核实（虚构）")
    assert dict(told.rows)["收到意见建议"] == "1条"
    assert summary_missing(round) == []


def test_the_office_reads_and_sums_up_at_its_desk(lists, asked, frozen):
    take_comment(asked, text=TEXT, at=clock.now())
    frozen.travel_to(asked.close_due_at)
    close_due(clock.now())
    office, page = Client(), reverse("publicity:comments", args=[lists.round.public_id])
    office.force_login(lists.officer, backend="django.contrib.auth.backends.ModelBackend")
    assert asked.title in office.get(reverse("publicity:comment_rounds")).content.decode()
    assert TEXT in office.get(page).content.decode()
    assert TEXT not in office.get(page, {"q": "别的"}).content.decode()
    done = office.post(page, {"text": "收到1条", "handled": "已核实", "version": "0"})
    assert done.status_code == 302
    stale = office.post(page, {"text": "另一稿", "handled": "已核实", "version": "0"})
    assert "刚在别处保存过" in stale.content.decode()
    assert "另一稿" in stale.content.decode()
    assert CommentSummary.objects.get().text == "收到1条"


@pytest.mark.parametrize("who", ["clerk", "nobody"])
def test_nobody_else_reads_what_the_public_wrote(lists, asked, who):
    client = Client()
    user = lists.clerk if who == "clerk" else make_user()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(reverse("publicity:comments", args=[lists.round.public_id])).status_code == 404
    assert client.get(reverse("publicity:comment_rounds")).status_code == 404


def test_a_scheme_that_does_not_ask_has_no_summary(frozen, calendars):
    lists = make_lists()
    assert summary_of(lists.round) is None
    assert summary_missing(lists.round) == []


def test_b15_the_report_waits_for_the_window_and_for_what_the_public_said(lists, asked, frozen):
    round, told = lists.round, {"narrative": "评审工作按规定进行。", "by": lists.officer}
    with pytest.raises(StepRefused, match="处于公开征求意见"):
        issue_report(round, **told, at=clock.now())
    frozen.travel_to(asked.close_due_at)
    close_due(clock.now())
    with pytest.raises(StepRefused, match="尚未填写公开征求意见情况"):
        issue_report(round, **told, at=clock.now())
    save_summary(round, text="收到0条（虚构）", handled="无需处理（虚构）", by=lists.officer, at=clock.now())
    report = issue_report(round, **told, at=clock.now())
    assert ["意见建议情况", "收到0条（虚构）"] in report.document.content["consulted"]["rows"]
