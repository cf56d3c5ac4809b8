"""A name that leaves while its list runs is struck on it with the day and the ground, never removed (R12)."""

from __future__ import annotations

import pytest

from applications.moves import StepRefused, move
from applications.submitting import withdraw
from publicity.closing import close_due
from publicity.models import NoticeItem
from publicity.opening import open_publicity
from tests.factories import make_claim
from tests.publicity.builders import at


def line_of(application) -> NoticeItem:
    return NoticeItem.objects.get(application=application)


def test_r9_a_name_withdrawn_while_its_list_runs_is_struck_and_stays_readable(client, lists):
    leaving, staying = lists.name(), lists.name()
    notice = lists.publish(leaving, staying, at=at(3, 2))
    withdraw(leaving, ground="经营调整（虚构）", by=make_claim(leaving.organization), at=at(3, 4))
    line = line_of(leaving)
    assert (line.struck_at, line.struck_because) == (at(3, 4), "撤回申报")
    assert line_of(staying).struck_at is None
    page = client.get(notice.get_absolute_url()).content.decode()
    assert f"<s>{leaving.organization}</s>" in page
    assert "2026年3月4日，撤回申报" in page
    assert "经营调整" not in page
    assert f"<s>{staying.organization}</s>" not in page
    assert close_due(at(3, 10, 1)) == 2


def test_u11_3_a_name_declined_while_its_recommendation_is_in_publicity_is_struck(lists):
    name = lists.name("recommendation_publicity")
    open_publicity(
        lists.round, kind="recommendation_publicity", applications=[name], issuer=lists.recommender, by=lists.clerk,
        at=at(3, 2),
    )  # fmt: skip
    move(name.pk, "decline", by=lists.clerk, at=at(3, 3), ground="材料不实（虚构）")
    assert (line_of(name).struck_at, line_of(name).struck_because) == (at(3, 3), "不予推荐")


@pytest.mark.parametrize(
    ("step", "facts", "word"),
    [("reject", {}, "不予受理"), ("disqualify", {"finding": "clean_record"}, "取消参评资格")],
)
def test_u13_a_name_the_office_puts_out_is_struck(lists, step, facts, word):
    name = lists.name()
    lists.publish(name, at=at(3, 2))
    move(name.pk, step, by=lists.officer, at=at(3, 3), ground="查证属实（虚构）", facts=facts)
    assert (line_of(name).struck_at, line_of(name).struck_because) == (at(3, 3), word)


def test_a_list_that_is_over_is_history_and_is_not_rewritten(lists):
    name = lists.name()
    lists.publish(name, at=at(3, 2))
    close_due(at(3, 10, 1))
    withdraw(name, ground="经营调整（虚构）", by=make_claim(name.organization), at=at(3, 12))
    assert line_of(name).struck_at is None


def test_a_step_the_door_refuses_strikes_nothing(lists):
    name = lists.name()
    lists.publish(name, at=at(3, 2))
    with pytest.raises(StepRefused):
        move(name.pk, "disqualify", by=lists.officer, at=at(3, 3), ground="没有依据", facts={})
    with pytest.raises(StepRefused):
        move(name.pk, "withdraw", by=lists.officer, at=at(3, 3), ground="不是申报组织")
    assert line_of(name).struck_at is None


def test_the_strike_and_the_step_are_one(lists, monkeypatch):
    """A step that cannot be put on record leaves no strike behind."""
    from applications import moves

    name = lists.name()
    lists.publish(name, at=at(3, 2))

    def fail(*args, **kwargs):
        raise RuntimeError("the record is full")

    monkeypatch.setattr(moves, "_write_step", fail)
    with pytest.raises(RuntimeError):
        move(name.pk, "reject", by=lists.officer, at=at(3, 3), ground="不符合（虚构）")
    assert line_of(name).struck_at is None
    assert type(name).objects.get(pk=name.pk).state == "acceptance_publicity"
