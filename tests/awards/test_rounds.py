"""A round is prepared on an edition in force, every assumed value confirmed, before its call goes out (R1–R3)."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest

from award_portal.lib import clock
from awards.calendars import current_calendar
from awards.criteria import ApprovalRefused, record_approval
from awards.models import Round
from awards.parameters import confirm_all, confirm_parameter, rulebook_for, set_parameter, unconfirmed
from awards.planning import plan_backwards, plan_stages, propose_dates
from awards.rounds import (
    RoundRefused,
    announcement_refusals,
    confirm_draft,
    prepare_round,
    set_dates,
)
from awards.schemes import load_scheme
from awards.workdays import CalendarMissing
from documents.models import IssuedDocument
from organizations.models import AuditRecord
from publicity.call import publish_call
from publicity.models import Notice
from tests.factories import make_unit, make_user, urumqi_text

NOW = clock.at(date(2026, 3, 2), 9)


@pytest.fixture
def office(db, frozen, calendars):
    return make_unit("office")


@pytest.fixture
def officer(office):
    return make_user(office)


@pytest.fixture
def round(office, officer) -> Round:
    edition = load_scheme(urumqi_text(), at=NOW)
    return prepare_round(edition, office=office, year=2026, ordinal=4, title="第四届样例奖", by=officer, at=NOW)


def set_good_dates(round: Round, officer) -> None:
    set_dates(
        round, opens_at=clock.at(date(2026, 3, 2)), closes_at=clock.at(date(2026, 3, 31), 24),
        recommendation_due_on=date(2026, 5, 15), by=officer, at=NOW,
    )  # fmt: skip


def approve(round: Round, officer) -> None:
    record_approval(round, meeting="领导小组第1次会议（虚构）", approved_on=date(2026, 2, 10), by=officer, at=NOW)


def test_u5_criteria_the_office_made_are_approved_by_the_leading_body_before_the_call(round, officer):
    confirm_all(round, by=officer, at=NOW)
    confirm_draft(round, by=officer, at=NOW)
    set_good_dates(round, officer)
    with pytest.raises(RoundRefused, match=r"审定后执行.*第五条"):
        publish_call(round, by=officer, at=NOW)
    with pytest.raises(ApprovalRefused, match="不能晚于今天"):
        record_approval(round, meeting="会议", approved_on=date(2026, 3, 3), by=officer, at=NOW)
    with pytest.raises(ApprovalRefused, match="会议或者文号"):
        record_approval(round, meeting=" ", approved_on=date(2026, 2, 10), by=officer, at=NOW)
    approve(round, officer)
    assert publish_call(round, by=officer, at=NOW)
    kept = AuditRecord.objects.get(chain=round.chain, verb="round.approve_criteria").data
    assert kept["criteria"] == ["quality_2025", "defense_2025"]
    with pytest.raises(ApprovalRefused, match="已经发布"):
        approve(round, officer)


def test_r2_no_round_on_a_regulation_not_in_force_yet(office, officer):
    edition = load_scheme(urumqi_text(), at=NOW)
    edition.effective_on = date(2026, 7, 1)
    edition.save()
    with pytest.raises(RoundRefused, match="自2026年7月1日起施行"):
        prepare_round(edition, office=office, year=2026, ordinal=4, title="样例", by=officer, at=NOW)
    assert not Round.objects.exists()


def test_r2_no_round_on_an_expired_regulation(office, officer):
    edition = load_scheme(urumqi_text(), at=NOW)
    edition.expires_on = date(2026, 3, 2)
    edition.save()
    with pytest.raises(RoundRefused, match="已经失效"):
        prepare_round(edition, office=office, year=2026, ordinal=4, title="样例", by=officer, at=NOW)


def test_the_same_ordinal_is_not_opened_twice(round, office, officer):
    with pytest.raises(RoundRefused, match="第4届已经建立"):
        prepare_round(round.edition, office=office, year=2027, ordinal=4, title="样例", by=officer, at=NOW)


def test_r3_the_call_is_refused_until_every_assumed_value_is_confirmed(round, officer):
    confirm_draft(round, by=officer, at=NOW)
    approve(round, officer)
    set_good_dates(round, officer)
    rows = unconfirmed(round)
    assert len(rows) > 50
    for row in rows[:-1]:
        confirm_parameter(round, row.path, by=officer, at=NOW)
    with pytest.raises(RoundRefused, match="还有1项办公室设定值没有确认"):
        publish_call(round, by=officer, at=NOW)
    assert not Notice.objects.exists()
    assert not IssuedDocument.objects.exists()
    confirm_parameter(round, rows[-1].path, by=officer, at=NOW)
    notice = publish_call(round, by=officer, at=NOW)
    assert notice.kind == Notice.Kind.CALL
    assert Round.objects.get(pk=round.pk).is_open_at(NOW)


def test_r2_a_draft_text_is_confirmed_on_record_and_its_call_says_so(round, officer):
    confirm_all(round, by=officer, at=NOW)
    approve(round, officer)
    set_good_dates(round, officer)
    with pytest.raises(RoundRefused, match="征求意见稿"):
        publish_call(round, by=officer, at=NOW)
    confirm_draft(round, by=officer, at=NOW)
    notice = publish_call(round, by=officer, at=NOW)
    assert "征求意见稿" in notice.document.content["draft_note"]
    assert AuditRecord.objects.filter(chain=round.chain, verb="round.confirm_draft").count() == 1


def test_the_call_is_the_offices_and_goes_out_once(round, officer):
    confirm_all(round, by=officer, at=NOW)
    confirm_draft(round, by=officer, at=NOW)
    approve(round, officer)
    set_good_dates(round, officer)
    with pytest.raises(RoundRefused, match="由办公室发布"):
        publish_call(round, by=make_user(make_unit("recommender")), at=NOW)
    publish_call(round, by=officer, at=NOW)
    with pytest.raises(RoundRefused, match="已经发布"):
        publish_call(round, by=officer, at=NOW)
    assert Notice.objects.count() == 1


def test_without_dates_the_call_stays(round, officer):
    confirm_all(round, by=officer, at=NOW)
    confirm_draft(round, by=officer, at=NOW)
    approve(round, officer)
    assert announcement_refusals(round, at=NOW) == ["尚未确定申报起止时间和推荐报送截止日。"]


@pytest.mark.parametrize(
    ("opens_on", "closes_on", "due_on", "said"),
    [
        (date(2026, 3, 1), date(2026, 4, 30), date(2026, 6, 1), "不能早于今天"),
        (date(2026, 3, 10), date(2026, 3, 9), date(2026, 6, 1), "应晚于开始时间"),
        (date(2026, 3, 2), date(2026, 3, 20), date(2026, 6, 1), "不少于20个工作日"),
        (date(2026, 3, 2), date(2026, 3, 31), date(2026, 3, 31), "应晚于申报截止日"),
    ],
)
def test_dates_that_cannot_stand_are_refused(round, officer, opens_on, closes_on, due_on, said):
    with pytest.raises(RoundRefused, match=said):
        set_dates(
            round, opens_at=clock.at(opens_on), closes_at=clock.at(closes_on, 24), recommendation_due_on=due_on,
            by=officer, at=NOW,
        )  # fmt: skip
    assert Round.objects.get(pk=round.pk).opens_at is None


def test_the_application_window_counts_working_days(round, officer):
    """Twenty working days after Monday 2 March end on 30 March: 24:00 of that day stands, of the day before not."""
    last = current_calendar().add_working_days(date(2026, 3, 2), 20)
    with pytest.raises(RoundRefused):
        set_dates(
            round, opens_at=clock.at(date(2026, 3, 2)), closes_at=clock.day_start(last),
            recommendation_due_on=date(2026, 6, 1), by=officer, at=NOW,
        )  # fmt: skip
    set_dates(
        round, opens_at=clock.at(date(2026, 3, 2)), closes_at=clock.at(last, 24),
        recommendation_due_on=date(2026, 6, 1), by=officer, at=NOW,
    )  # fmt: skip


def test_proposed_dates_are_accepted_as_they_are(round, officer):
    days = propose_dates(rulebook_for(round), current_calendar(), announced_on=NOW.date())
    set_dates(
        round, opens_at=clock.at(days["opens_on"]), closes_at=clock.at(days["closes_on"], 24),
        recommendation_due_on=days["recommendation_due_on"], by=officer, at=NOW,
    )  # fmt: skip
    plan = plan_stages(rulebook_for(round), current_calendar(), closes_on=days["closes_on"])
    assert [one.state for one in plan][:2] == ["recommendation_review", "recommendation_publicity"]
    assert plan[0].starts_on > days["closes_on"]
    assert all(one.ends_on < two.starts_on for one, two in pairwise(plan))


def test_dates_are_counted_back_from_the_ceremony_and_lead_to_it_again(round):
    book, calendar = rulebook_for(round), current_calendar()
    back = plan_backwards(book, calendar, awarded_on=date(2026, 10, 11))  # a Sunday after the holiday
    assert back.stages[-1].ends_on == date(2026, 10, 10)
    assert plan_stages(book, calendar, closes_on=back.closes_on) == back.stages
    assert propose_dates(book, calendar, announced_on=back.opens_on) == {
        "opens_on": back.opens_on,
        "closes_on": back.closes_on,
        "recommendation_due_on": back.recommendation_due_on,
    }


def test_a_timetable_into_an_unpublished_year_is_not_guessed(round):
    with pytest.raises(CalendarMissing, match="2027年"):
        plan_stages(rulebook_for(round), current_calendar(), closes_on=date(2026, 11, 2))


def test_a_value_set_with_its_ground_counts_as_settled(round, officer):
    path = "stages.document_review.review.panel_min"
    set_parameter(round, path, 7, ground="领导小组会议议定", by=officer, at=NOW)
    assert path not in {row.path for row in unconfirmed(round)}
    assert rulebook_for(round).review("document_review").panel_min.value == 7
