"""推广计划: announced, reminded of, answered by a record, called off (Z23, U18)."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from applications.desk_rules import DeskRefused
from award_portal.lib import clock
from organizations.models import OutboxItem, Unit
from supervision.models import SharingInvitation, SharingPlan, SharingRecord
from supervision.plan_sharing import cancel_activity, next_reminder, plan_activity, remind_due

from .builders import Honour, make_award


def plan(honour: Honour, **given) -> SharingPlan:
    by = given.pop("by", honour.clerk)
    unit = Unit.objects.of_user(by).first() or honour.round.office
    values = {
        "unit": unit, "title": "走进样例企业（虚构）", "held_on": date(2026, 4, 10), "place": "样例厂区", "about": "",
        "awards": [honour.award],
    }  # fmt: skip
    return plan_activity(**(values | given), by=by, at=clock.now())


def told(user) -> list[str]:
    rows = OutboxItem.objects.filter(kind="inbox_message").order_by("pk")
    return [row.payload["subject"] for row in rows if row.payload["user"] == user.pk]


def test_z23_a_winner_is_told_reminded_a_week_before_and_files_what_came_of_it(honour, frozen):
    one = plan(honour)
    assert told(honour.winner) == [f"请参加推广活动：{one.title}"]
    assert next_reminder(clock.now()) == clock.at(date(2026, 4, 3), 9)
    frozen.travel_to(clock.at(date(2026, 4, 3), 9))
    assert [remind_due(clock.now()), remind_due(clock.now())] == [1, 0]
    assert told(honour.winner)[1:] == [f"推广活动提醒：{one.title}"]
    frozen.travel_to(clock.at(date(2026, 4, 13), 9))
    client = Client()
    client.force_login(honour.winner, backend="django.contrib.auth.backends.ModelBackend")
    address = f"{reverse('supervision:share', args=[honour.award.public_id])}?plan={one.public_id}"
    assert one.title in client.get(address).content.decode()
    filed = {
        "duty": "exchange", "held_on": "2026-04-10", "title": one.title, "content": "介绍经验。", "audience": "40",
        "form_key": str(uuid.uuid4()),
    }  # fmt: skip
    assert client.post(address, filed).status_code == 302
    assert SharingInvitation.objects.get().record == SharingRecord.objects.get()


@pytest.mark.parametrize(
    ("given", "message"),
    [({"held_on": date(2026, 3, 2)}, "今天之后"), ({"title": " "}, "活动名称"), ({"awards": []}, "请选择本单位联系的")],
)
def test_a_plan_that_cannot_be_so_is_refused(honour, given, message):
    with pytest.raises(DeskRefused, match=message):
        plan(honour, **given)


def test_u18_a_unit_asks_those_it_watches_and_calls_off_its_own_only(honour):
    elsewhere, _ = make_award(honour.round, district="米东区")
    with pytest.raises(DeskRefused, match="请选择本单位联系的"):
        plan(honour, awards=[honour.award, elsewhere])
    with pytest.raises(DeskRefused, match="由办公室"):
        plan(honour, by=honour.winner)
    wide = plan(honour, by=honour.officer, awards=[honour.award, elsewhere])
    assert wide.invitations.count() == 2
    with pytest.raises(DeskRefused, match="由制定的单位取消"):
        cancel_activity(wide, because="天气", by=honour.clerk, at=clock.now())
    with pytest.raises(DeskRefused, match="取消理由"):
        cancel_activity(wide, because="", by=honour.officer, at=clock.now())
    cancel_activity(wide, because="天气原因", by=honour.officer, at=clock.now())
    assert told(honour.winner)[-1] == f"推广活动取消：{wide.title}"
    assert remind_due(clock.now() + timedelta(days=60)) == 0


def test_the_pages_plan_and_show_a_winner_its_own_line_only(honour):
    elsewhere, _ = make_award(honour.round)
    office, winner = Client(), Client()
    office.force_login(honour.officer, backend="django.contrib.auth.backends.ModelBackend")
    winner.force_login(honour.winner, backend="django.contrib.auth.backends.ModelBackend")
    typed = {
        "unit": honour.round.office.pk, "title": "不应丢失的活动", "held_on": "2026-04-10", "place": "样例厂区",
        "awards": [honour.award.public_id, elsewhere.public_id], "form_key": str(uuid.uuid4()),
    }  # fmt: skip
    wrong = office.post(reverse("supervision:new_plan"), typed | {"held_on": "2026-03-01"})
    assert (wrong.status_code, "不应丢失的活动" in wrong.content.decode()) == (422, True)
    assert office.post(reverse("supervision:new_plan"), typed).status_code == 302
    page = reverse("supervision:plan", args=[SharingPlan.objects.get().public_id])
    assert elsewhere.name in office.get(page).content.decode()
    shown = winner.get(page).content.decode()
    assert (honour.award.name in shown, elsewhere.name in shown) == (True, False)
    assert winner.post(page, {"because": "不去"}).status_code == 404
    assert winner.get(reverse("supervision:new_plan")).status_code == 403
    assert SharingPlan.objects.get().title in winner.get(reverse("supervision:plans")).content.decode()
