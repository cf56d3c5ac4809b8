"""Publicity closes by the clock, exactly, once, and not while something holds a name (U11.4, U11.5, R12)."""

from __future__ import annotations

import pytest

from applications.models import Hold, Step
from applications.moves import StepRefused, move
from organizations.models import AuditRecord
from publicity.closing import _close_notice, close_due, next_close
from tests.publicity.builders import at


def place_hold(application) -> Hold:
    return Hold.objects.create(
        application=application, kind="provisional", source="objection:sample", reason="收到异议，正在办理",
        steps=["close_publicity"], placed_at=at(3, 5),
    )  # fmt: skip


def state_of(application) -> str:
    return type(application).objects.get(pk=application.pk).state


def test_u11_4_a_list_closes_after_its_last_day_and_not_a_minute_before(lists):
    name = lists.name()
    notice = lists.publish(name, at=at(3, 2))
    assert notice.close_due_at == at(3, 10, 0, 5)
    assert close_due(at(3, 10, 0, 4)) == 0
    assert state_of(name) == "acceptance_publicity"
    assert close_due(at(3, 10, 0, 5)) == 2
    assert state_of(name) == "document_review"
    notice.refresh_from_db()
    assert notice.closed_at == at(3, 10, 0, 5)


def test_a_held_name_stays_and_passes_on_when_the_hold_is_gone(lists):
    held, free = lists.name(), lists.name()
    lists.publish(held, free, at=at(3, 2))
    hold = place_hold(held)
    close_due(at(3, 10, 1))
    assert (state_of(held), state_of(free)) == ("acceptance_publicity", "document_review")
    close_due(at(3, 11))
    assert state_of(held) == "acceptance_publicity"
    Hold.objects.filter(pk=hold.pk).update(released_at=at(3, 12), released_because="不属实")
    close_due(at(3, 12, 10))
    assert state_of(held) == "document_review"


def test_sweeping_twice_closes_once(lists):
    name = lists.name()
    lists.publish(name, at=at(3, 2))
    assert close_due(at(3, 10, 1)) == 2
    assert close_due(at(3, 10, 1)) == 0
    assert Step.objects.filter(application=name, step="close_publicity").count() == 1
    assert AuditRecord.objects.filter(verb="notice.close").count() == 1


def test_of_two_sweepers_at_the_same_notice_one_closes_it(lists):
    """Both read the notice as due before either closed it."""
    notice = lists.publish(lists.name(), at=at(3, 2))
    assert [_close_notice(notice.pk, at=at(3, 10, 1)), _close_notice(notice.pk, at=at(3, 10, 2))] == [1, 0]
    notice.refresh_from_db()
    assert notice.closed_at == at(3, 10, 1)
    assert AuditRecord.objects.filter(verb="notice.close").count() == 1


def test_u11_4_the_door_itself_stays_shut_until_the_window_is_over(lists):
    name = lists.name()
    with pytest.raises(StepRefused, match="尚未发布"):
        move(name.pk, "close_publicity", by=None, at=at(6, 1))
    lists.publish(name, at=at(3, 2))
    with pytest.raises(StepRefused) as refused:
        move(name.pk, "close_publicity", by=None, at=at(3, 10, 0, 4))
    assert "至2026年3月9日24:00止，尚未期满" in str(refused.value)
    assert "第十一条第（四）项" in str(refused.value)
    with pytest.raises(StepRefused):
        move(name.pk, "close_publicity", by=lists.officer, at=at(3, 10, 1))
    assert move(name.pk, "close_publicity", by=None, at=at(3, 10, 0, 5)).to_state == "document_review"


def test_a_name_on_no_list_never_leaves_its_publicity(lists):
    name = lists.name()
    assert close_due(at(6, 1)) == 0
    assert state_of(name) == "acceptance_publicity"


def test_u11_8_after_the_award_list_the_government_decides(lists):
    name = lists.shortlisted()
    lists.publish(name, kind="award_publicity", at=at(3, 2))
    close_due(at(3, 10, 1))
    assert state_of(name) == "approval"


def test_the_next_closing_is_the_soonest_that_is_still_to_come(lists):
    late, soon = lists.name(), lists.name()
    lists.publish(late, at=at(3, 4))
    lists.publish(soon, at=at(3, 2))
    assert next_close(at(3, 2)) == at(3, 10, 0, 5)
    assert next_close(at(3, 10, 0, 5)) == at(3, 12, 0, 5)
