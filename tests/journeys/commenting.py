"""What the public says before the meeting, at the pages (B15): the notice, a comment of nobody known, the summary."""

from __future__ import annotations

from django.urls import reverse

from applications.pipeline import State
from publicity.models import PublicComment

from .examining import publish
from .journey import Journey

TEXT = "建议核实能耗数据（虚构）"


def ask_the_public(journey: Journey, label: str, *, article: str, next_label: str) -> None:
    notice = publish(journey, journey.office, label, in_writing=False)
    page = journey.anybody.visit(notice.url).follow("提出意见建议").says("无需注册账号", article)
    assert set(page.form("提交意见建议").names()) <= {"csrfmiddlewaretoken", "form_key", "about", "text"}
    empty = page.form("提交意见建议").fill(text=" ").press("提交意见建议", status=422).says("请填写意见建议")
    form = empty.form("提交意见建议").fill(text=TEXT, about=page.form("提交意见建议").offered("about")[-1])
    form.press("提交意见建议").says("意见建议已提交，感谢参与").never_says(TEXT)
    form.again().says("未重复办理")
    assert PublicComment.objects.count() == 1
    summary = reverse("publicity:comments", args=[journey.player.round.public_id])
    early = journey.office.visit(summary).says(TEXT, "尚未期满")
    assert early.forms("保存") == []
    journey.player.wait_working_days(6)
    assert journey.application.state == State.DELIBERATION
    form = journey.office.visit(reverse("publicity:comment_rounds")).follow(label).says("收到1条").form("保存")
    form.fill(text="收到意见建议1条（虚构）", handled="已向有关部门核实（虚构）").press("保存").says(
        "征求意见情况已保存"
    )
    journey.overview.says(next_label)
