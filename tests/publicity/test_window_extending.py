"""The application window moves only forward, only before it ends, and openly (R3)."""

from __future__ import annotations

import uuid
from datetime import date

import pytest
from django.urls import reverse

from award_portal.lib import clock
from organizations.models import AuditRecord, OutboxItem
from publicity.announcing import announce
from publicity.models import Notice, WindowExtension
from publicity.opening import PublicityRefused
from publicity.window_extending import NewWindow, extend_window, propose_window_end
from tests.factories import make_draft, make_unit, make_user
from tests.publicity.builders import at


@pytest.fixture
def called(lists):
    """The round with its call on the public site."""
    from django.db import transaction

    with transaction.atomic():
        announce(
            lists.round, kind=Notice.Kind.CALL, title="关于开展样例奖申报工作的通知", body="样例", issuer=lists.office,
            by=lists.officer, at=at(3, 2),
        )  # fmt: skip
    return lists


def extend(lists, *, closes_on=date(2026, 4, 10), due_on=None, ground="系统停机两日", when=None, by=None) -> Notice:
    to = propose_window_end(lists.round, closes_on=closes_on, due_on=due_on)
    return extend_window(lists.round, to=to, ground=ground, by=by or lists.officer, at=when or at(3, 20))


def test_r3_an_extension_names_both_ends_and_its_ground_and_moves_the_due_day_along(called):
    notice = extend(called)
    called.round.refresh_from_db()
    assert called.round.closes_at == at(4, 11, 0)
    # 30 working days from the old end to 15 May; the recommenders keep as many after the new one
    assert called.round.recommendation_due_on == date(2026, 5, 26)
    assert notice.kind == Notice.Kind.EXTENSION
    assert notice.amends.kind == Notice.Kind.CALL
    for said in ("由2026年3月31日18:00延至2026年4月10日24:00", "由2026年5月15日延至2026年5月26日", "系统停机两日"):
        assert said in notice.body
    record = WindowExtension.objects.get()
    assert (record.was_closes_at, record.closes_at) == (at(3, 31, 18), at(4, 11, 0))
    assert AuditRecord.objects.filter(verb="round.extend", subject=f"round:{called.round.public_id}").exists()


def test_those_with_a_draft_and_the_recommenders_are_told(called):
    draft = make_draft(called.round)
    handed_in = called.name("qualification")
    extend(called)
    told = set(OutboxItem.objects.filter(kind="inbox_message").values_list("payload__user", flat=True))
    assert {draft.created_by_id, called.clerk.pk} <= told
    assert handed_in.created_by_id not in told - {called.officer.pk}


@pytest.mark.parametrize(
    ("closes_on", "due_on", "said"),
    [
        (date(2026, 3, 30), date(2026, 5, 15), "只能向后延"),
        (date(2026, 4, 10), date(2026, 5, 14), "不得提前"),
        (date(2026, 5, 20), date(2026, 5, 20), "应晚于申报截止日"),
        (date(2027, 5, 1), date(2027, 6, 1), "不得超过一年"),
    ],
)
def test_r3_the_window_moves_only_forward(called, closes_on, due_on, said):
    with pytest.raises(PublicityRefused, match=said):
        extend(called, closes_on=closes_on, due_on=due_on)
    called.round.refresh_from_db()
    assert called.round.closes_at == at(3, 31, 18)
    assert not WindowExtension.objects.exists()


def test_r3_a_window_that_ended_is_not_reopened(called):
    with pytest.raises(PublicityRefused, match="已经截止"):
        extend(called, when=at(3, 31, 18))


def test_an_extension_needs_its_ground_and_the_office(called):
    with pytest.raises(PublicityRefused, match="理由"):
        extend(called, ground=" ")
    with pytest.raises(PublicityRefused, match="办公室"):
        extend(called, by=make_user(make_unit("office")))


def test_a_round_without_a_call_is_dated_not_extended(lists):
    to = NewWindow(at(4, 11, 0), date(2026, 5, 20))
    with pytest.raises(PublicityRefused, match="尚未发布"):
        extend_window(lists.round, to=to, ground="样例", by=lists.officer, at=at(3, 20))


def test_the_office_sees_both_ends_before_it_publishes(client, called):
    client.force_login(called.officer)
    url = reverse("publicity:extend_applications", args=[called.round.public_id])
    data = {"closes_on": "2026-04-10", "ground": "系统停机两日"}
    preview = client.post(url, {"form_key": str(uuid.uuid4()), "step": "preview", **data}).content.decode()
    assert "2026年4月10日" in preview
    assert "2026年5月26日" in preview
    assert not WindowExtension.objects.exists()
    answer = client.post(url, {"form_key": str(uuid.uuid4()), "step": "publish", **data})
    extension = WindowExtension.objects.get()
    assert answer["Location"] == extension.notice.get_absolute_url()
    call = client.get(reverse("publicity:call", args=[called.round.public_id])).content.decode()
    assert extension.notice.get_absolute_url() in call
    assert "已延期" in call
    page = client.get(extension.notice.get_absolute_url()).content.decode()
    assert "原申报截止时间：2026年3月31日18:00" in page
    late = client.post(url, {"form_key": str(uuid.uuid4()), "step": "publish", "closes_on": "", "ground": ""})
    assert late.status_code == 422


def test_e1_a_day_in_an_unpublished_year_is_told(client, called):
    client.force_login(called.officer)
    url = reverse("publicity:extend_applications", args=[called.round.public_id])
    answer = client.post(
        url, {"form_key": str(uuid.uuid4()), "step": "preview", "closes_on": "2027-01-04", "ground": "样例"}
    )
    assert answer.status_code == 422
    assert "2027年的工作日历尚未录入" in answer.content.decode()
    assert clock.at(date(2026, 3, 31), 18) == called.round.closes_at
