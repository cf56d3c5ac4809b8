"""The rehearsal's invariants find what is broken: a good round broken by SQL in one place after the other."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import transaction
from django.db.models import F

from applications.models import Application, Hold, Step
from applications.pipeline import State
from award_portal.lib import clock
from award_portal.rehearsal.invariants import broken_invariants
from award_portal.rehearsal.whole_round import FIRST_DAY, Fate, Played, deal_fates, play_round
from awards.models import Award
from documents.models import IssuedDocument
from objections.models import Objection
from organizations.models import OutboxItem
from publicity.models import Notice
from reviews.models import Ballot, FeedbackReport, Paper

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def played(db, settings) -> Played:
    settings.REHEARSAL = True  # the years after the last published calendar count too
    with clock.frozen(clock.at(FIRST_DAY, 9)) as stood:
        return play_round("urumqi", applicants=5, seed=5, to=stood.travel_to)


def _stuck(played: Played) -> None:
    Application.objects.filter(state=State.AWARDED).update(state=State.DEFENSE)


def _held(played: Played) -> None:
    Hold.objects.create(
        application=Application.objects.first(), source="test", reason="测试", steps=[], placed_at=clock.recorded_now()
    )


def _torn_steps(played: Played) -> None:
    """The table takes no edit: a step that leads nowhere is put at its end."""
    last = Step.objects.order_by("pk").last()
    last.pk, last.from_state = None, State.DRAFT
    last.save(force_insert=True)


def _short(played: Played) -> None:
    Notice.objects.windows().update(last_on=F("starts_on"))


def _early(played: Played) -> None:
    for one in Notice.objects.windows():
        Notice.objects.filter(pk=one.pk).update(closed_at=one.ends_at - timedelta(seconds=1))


def _over_quota(played: Played) -> None:
    award = Award.objects.filter(tier="main").first()
    for number in range(90, 94):
        award.pk, award.public_id, award.certificate_number = None, None, f"URUMQI-ZS-2026-{number:03d}"
        award.public_id = Award._meta.get_field("public_id").default()
        award.save(force_insert=True)


def _untold(played: Played) -> None:
    Objection.objects.update(state="reported")


def _objector_not_told(played: Played) -> None:
    Objection.objects.update(told_at=None)


def _recommender_not_told(played: Played) -> None:
    Objection.objects.update(recommender_told_at=None)


def _past_its_day(played: Played) -> None:
    """Reported two months after it was forwarded, and no sweeper told anybody."""
    Objection.objects.update(reported_at=F("forwarded_at") + timedelta(days=60))


def _paper_left(played: Played) -> None:
    Paper.objects.create(ballot=Ballot.objects.first(), sealed=b"x")


def _not_told(played: Played) -> None:
    FeedbackReport.objects.update(released_at=None)


def _not_rendered(played: Played) -> None:
    IssuedDocument.objects.filter(kind="call").update(sha256="")


def _not_delivered(played: Played) -> None:
    OutboxItem.objects.filter(kind="inbox_message").update(done_at=None)


def _number_missing(played: Played) -> None:
    IssuedDocument.objects.filter(number__endswith="2026-00001").update(number="URUMQI-2026-99999")


BREAKS = {
    _stuck: "停在", _held: "暂停没有解除", _torn_steps: "步骤", _short: "日，应为5日", _early: "没有期满结束",
    _over_quota: "超过名额", _untold: "没有告知结果", _objector_not_told: "没有告知异议人",
    _recommender_not_told: "没有通报推荐单位", _past_its_day: "逾期没有上报", _paper_left: "仍有表决票",
    _not_told: "没有收到评审反馈报告", _not_rendered: "没有生成",
    _not_delivered: "没有送达", _number_missing: "编号不连续",
}  # fmt: skip


def test_a_good_round_breaks_nothing_and_each_break_is_named(played):
    round = played.player.round
    assert broken_invariants(round) == []
    assert Step.objects.filter(application__round=round).count() > 30
    for spoil, words in BREAKS.items():
        with transaction.atomic():
            spoil(played)
            found = broken_invariants(round)
            assert any(words in one for one in found), (spoil.__name__, found)
            transaction.set_rollback(True)
    assert broken_invariants(round) == []


@pytest.mark.parametrize("count", [1, 3, 4, 10, 12, 24, 40])
def test_fates_are_dealt_once_a_dozen_and_always_leave_ordinary_applicants(count):
    fates = deal_fates(count, seed=3)
    assert len(fates) == count
    assert fates.count(Fate.ORDINARY) >= min(3, count)
    assert fates == deal_fates(count, seed=3)
    if count >= 10:
        assert set(fates) == set(Fate)


def test_the_first_day_is_a_monday():
    assert date(2026, 3, 2) == FIRST_DAY
    assert FIRST_DAY.weekday() == 0
