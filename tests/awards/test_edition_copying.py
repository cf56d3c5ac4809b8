"""上届复制: values proposed one by one with what the edition changed since, dates moved by the cycle (R3)."""

from __future__ import annotations

import uuid
from datetime import date

import pytest
from django.urls import reverse

from award_portal.lib import clock
from awards.copying import last_round, proposals_for, shifted_dates, take_over
from awards.models import Round, RoundParameter
from awards.parameters import CONFIRMED, confirm_parameter, rulebook_for, set_parameter
from awards.rounds import prepare_round
from awards.schemes import load_scheme
from awards.years import add_years
from tests.factories import make_round, make_unit, make_user, urumqi_text

LAST = clock.at(date(2024, 3, 4), 9)
NOW = clock.at(date(2026, 3, 2), 9)


@pytest.fixture
def officer(db, frozen, calendars, client):
    user = make_user(make_unit("office"))
    client.force_login(user)
    return user


@pytest.fixture
def source(officer) -> Round:
    """The last round: one value set, one confirmed, and its dates of two years ago."""
    source = make_round(opens_at=clock.at(date(2024, 3, 4)), closes_at=clock.at(date(2024, 4, 6)))
    Round.objects.filter(pk=source.pk).update(
        published_at=None, year=2024, ordinal=1, title="第一届样例奖", recommendation_due_on=date(2024, 5, 17)
    )
    source.refresh_from_db()
    set_parameter(source, "correction.days", 7, ground="领导小组会议议定", by=officer, at=LAST)
    confirm_parameter(source, "correction.times", by=officer, at=LAST)
    return source


def open_next(source: Round, officer, text: str = "") -> Round:
    edition = load_scheme(text, at=NOW) if text else source.edition
    return prepare_round(
        edition, office=source.office, year=2026, ordinal=2, title="第二届样例奖", by=officer, at=NOW
    )  # fmt: skip


def test_what_fits_is_proposed_and_nothing_is_taken_by_itself(source, officer):
    round = open_next(source, officer)
    assert last_round(round) == source
    assert last_round(source) is None
    found = {one.path: one for one in proposals_for(round)}
    assert set(found) == {"correction.days", "correction.times"}
    assert found["correction.days"].then_zh == "7个工作日"
    assert found["correction.days"].now_zh == "5个工作日"
    assert all(one.may_take and one.changes == () for one in found.values())
    assert not RoundParameter.objects.filter(round=round).exists()


def test_what_is_ticked_is_taken_with_where_it_came_from(source, officer):
    round = open_next(source, officer)
    assert take_over(round, ["correction.days"], by=officer, at=NOW) == 1
    taken = RoundParameter.objects.get(round=round)
    assert (taken.path, taken.value, taken.by) == ("correction.days", 7, officer)
    assert taken.ground == "沿用第一届样例奖取值：领导小组会议议定"
    assert rulebook_for(round).correction.days.value == 7
    take_over(round, ["correction.days", "correction.times", "no.such.path"], by=officer, at=NOW)
    assert RoundParameter.objects.get(round=round, path="correction.times").ground == CONFIRMED


def test_what_the_new_edition_changed_is_told_and_what_it_fixed_is_not_taken(source, officer):
    text = (
        urumqi_text()
        .replace('edition: "2025"', 'edition: "2026"')
        .replace("days: {value: 5, assumed: 办法未规定补正期限}", 'days: {value: 5, cite: "11.4"}')
        .replace("times: {value: 1, assumed: 每个环节补正一次}", "times: {value: 2, assumed: 每个环节补正两次}")
    )
    round = open_next(source, officer, text)
    found = {one.path: one for one in proposals_for(round)}
    assert "由第十一条第（四）项定为5个工作日" in found["correction.days"].refusal
    assert found["correction.days"].changes == ("依据由“办公室设定（办法未规定补正期限）”改为“第十一条第（四）项”",)
    assert "重新核对" in found["correction.times"].refusal
    assert "规则中的值由“1次”改为“2次”" in found["correction.times"].changes
    assert take_over(round, list(found), by=officer, at=NOW) == 0
    assert not RoundParameter.objects.filter(round=round).exists()


def test_dates_move_by_the_years_between_the_rounds_onto_working_days(source, officer):
    shifted = shifted_dates(open_next(source, officer))
    assert shifted.years == 2
    assert shifted.last["closes_on"] == date(2024, 4, 5)
    # 2026-04-05 is 清明节 and the 6th its day off; 2026-05-17 is a Sunday
    assert shifted.proposed == {
        "opens_on": date(2026, 3, 4), "closes_on": date(2026, 4, 7), "recommendation_due_on": date(2026, 5, 18)
    }  # fmt: skip
    assert add_years(date(2024, 2, 29), 2) == date(2026, 2, 28)


def test_dates_of_a_year_without_a_calendar_are_still_proposed_and_say_so(source, officer):
    round = open_next(source, officer)
    Round.objects.filter(pk=round.pk).update(year=2031)
    round.refresh_from_db()
    shifted = shifted_dates(round)
    assert shifted.proposed["opens_on"] == date(2031, 3, 4)
    assert "工作日历尚未录入" in shifted.missing


def test_the_page_takes_the_ticked_values_and_the_corrected_dates(client, source, officer):
    round = open_next(source, officer)
    url = reverse("awards:copy_round", args=[round.public_id])
    assert url in client.get(reverse("awards:round", args=[round.public_id])).content.decode()
    page = client.get(url).content.decode()
    assert "领导小组会议议定" in page
    assert 'value="2026-03-04"' in page
    assert "checked" not in page
    client.post(url, {"form_key": str(uuid.uuid4()), "action": "values", "take": ["correction.days"]})
    assert RoundParameter.objects.get(round=round).path == "correction.days"
    dates = {"opens_on": "2026-03-04", "closes_on": "2026-03-06", "recommendation_due_on": "2026-05-18"}
    refused = client.post(url, {"form_key": str(uuid.uuid4()), "action": "dates", **dates})
    assert refused.status_code == 422
    assert "申报期应不少于20个工作日" in refused.content.decode()
    client.post(url, {"form_key": str(uuid.uuid4()), "action": "dates", **dates, "closes_on": "2026-04-07"})
    round.refresh_from_db()
    assert round.closes_at == clock.at(date(2026, 4, 8))


def test_nothing_is_copied_into_a_round_whose_call_is_out(client, source, officer):
    round = open_next(source, officer)
    Round.objects.filter(pk=round.pk).update(published_at=NOW)
    url = reverse("awards:copy_round", args=[round.public_id])
    assert 'name="take"' not in client.get(url).content.decode()
    client.post(url, {"form_key": str(uuid.uuid4()), "action": "values", "take": ["correction.days"]})
    assert not RoundParameter.objects.filter(round=round).exists()
