"""The pages of a round in preparation, of the work calendar and of the imported lists."""

from __future__ import annotations

import uuid
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from award_portal.lib import clock
from awards.models import CalendarYear, Round, RoundParameter
from awards.parameters import confirm_all
from awards.rounds import confirm_draft, prepare_round, set_dates
from awards.schemes import load_scheme
from publicity.models import Notice
from tests.factories import make_unit, make_user, urumqi_text

NOW = clock.at(date(2026, 3, 2), 9)


@pytest.fixture
def office(db, frozen, calendars):
    return make_unit("office")


@pytest.fixture
def officer(office, client):
    user = make_user(office)
    client.force_login(user)
    return user


@pytest.fixture
def round(office, officer) -> Round:
    edition = load_scheme(urumqi_text(), at=NOW)
    return prepare_round(edition, office=office, year=2026, ordinal=4, title="第四届样例奖", by=officer, at=NOW)


def post(client, url: str, **data):
    return client.post(url, {"form_key": str(uuid.uuid4()), **data})


def test_a_round_is_opened_from_its_edition_with_everything_proposed(client, office, officer):
    load_scheme(urumqi_text(), at=NOW)
    url = reverse("awards:open_round", args=["urumqi", "2025"])
    page = client.get(url).content.decode()
    assert "第一届乌鲁木齐市政府质量奖" in page
    answer = post(client, url, year=2026, ordinal=1, title="第一届乌鲁木齐市政府质量奖")
    opened = Round.objects.get()
    assert answer["Location"] == reverse("awards:round", args=[opened.public_id])
    assert opened.office == office


def test_r2_an_edition_not_in_force_cannot_be_chosen_and_says_why(client, officer):
    edition = load_scheme(urumqi_text(), at=NOW)
    edition.effective_on = date(2026, 7, 1)
    edition.save()
    page = client.get(reverse("awards:choose_edition")).content.decode()
    assert "自2026年7月1日起施行" in page
    url = reverse("awards:open_round", args=["urumqi", "2025"])
    assert url not in page
    answer = post(client, url, year=2026, ordinal=1, title="样例届次")
    assert answer.status_code == 422
    assert "自2026年7月1日起施行" in answer.content.decode()
    assert "样例届次" in answer.content.decode()
    assert not Round.objects.exists()


def test_values_are_confirmed_one_by_one_or_by_group_each_with_its_row(client, round):
    url = reverse("awards:round_values", args=[round.public_id])
    page = client.get(url).content.decode()
    assert "办法未规定申报期" in page
    post(client, url, path="timing.application_window_days")
    assert list(RoundParameter.objects.values_list("path", flat=True)) == ["timing.application_window_days"]
    group = next(one for one in client.get(url).context["groups"] if one.name == "补正")
    answer = post(client, url, group=group.key)
    assert answer["Location"].endswith(f"#{group.key}")
    assert set(RoundParameter.objects.filter(path__startswith="correction.").values_list("path", flat=True)) == {
        "correction.days",
        "correction.times",
        "correction.overdue",
    }
    assert client.get(url).context["done"] == 4


def test_a_value_is_set_with_its_ground_and_refused_without(client, round):
    url = reverse("awards:set_value", args=[round.public_id]) + "?path=correction.days"
    refused = post(client, url, value="7", ground="")
    assert refused.status_code == 422
    assert "请写明设定该值的理由" in refused.content.decode()
    assert 'value="7"' in refused.content.decode()
    assert post(client, url, value="七", ground="样例").status_code == 422
    post(client, url, value="7", ground="领导小组会议议定")
    assert RoundParameter.objects.get().value == 7


def test_a_value_the_article_fixes_is_not_offered(client, round):
    url = reverse("awards:set_value", args=[round.public_id]) + "?path=tiers.main.quota"
    refused = post(client, url, value="99", ground="样例")
    assert refused.status_code in (404, 422)
    assert not RoundParameter.objects.exists()


def test_another_schemes_office_finds_no_round(client, round):
    stranger = make_user(make_unit("recommender"))
    client.force_login(stranger)
    for name in ("round", "round_criteria", "round_values", "round_dates", "round_draft"):
        assert client.get(reverse(f"awards:{name}", args=[round.public_id])).status_code == 404
    assert client.get(reverse("publicity:publish_call", args=[round.public_id])).status_code == 404
    assert client.get(reverse("awards:rounds")).status_code == 403


def test_dates_beyond_the_calendar_say_which_year_is_missing(client, round, frozen):
    frozen.travel_to(clock.at(date(2026, 12, 15), 9))
    page = client.get(reverse("awards:round_dates", args=[round.public_id]))
    assert page.status_code == 200
    assert "2027年的工作日历尚未录入" in page.content.decode()
    answer = post(
        client, page.request["PATH_INFO"], opens_on="2026-12-15", closes_on="2027-01-20",
        recommendation_due_on="2027-03-01",
    )  # fmt: skip
    assert answer.status_code == 422
    assert 'value="2027-01-20"' in answer.content.decode()


def test_dates_are_counted_back_from_the_ceremony_into_the_form(client, round):
    url = reverse("awards:round_dates", args=[round.public_id])
    page = client.get(f"{url}?awarded_on=2026-12-18").content.decode()
    assert "倒排结果" in page
    assert "早于今天" not in page
    assert "早于今天" in client.get(f"{url}?awarded_on=2026-04-01").content.decode()
    assert "2027年的工作日历尚未录入" in client.get(f"{url}?awarded_on=2027-04-01").content.decode()
    assert client.get(f"{url}?awarded_on=nonsense").status_code == 200


def test_the_call_is_greyed_with_what_is_left_and_published_when_nothing_is(client, round, officer):
    url = reverse("publicity:publish_call", args=[round.public_id])
    page = client.get(url).content.decode()
    assert "项办公室设定值没有确认" in page
    assert "disabled" in page
    assert post(client, url).status_code == 422
    assert not Notice.objects.exists()
    confirm_all(round, by=officer, at=NOW)
    confirm_draft(round, by=officer, at=NOW)
    criteria = reverse("awards:round_criteria", args=[round.public_id])
    told = client.get(criteria).content.decode()
    assert "质量管理制度、模式、方法" in told
    assert post(client, criteria, meeting="领导小组第1次会议", approved_on="2026-03-09").status_code == 422
    assert post(client, criteria, meeting="领导小组第1次会议", approved_on="2026-02-10").status_code == 302
    assert (
        "2026年2月10日，领导小组第1次会议"
        in client.get(reverse("awards:round", args=[round.public_id])).content.decode()
    )
    set_dates(
        round, opens_at=clock.at(date(2026, 3, 2)), closes_at=clock.at(date(2026, 3, 31), 24),
        recommendation_due_on=date(2026, 5, 15), by=officer, at=NOW,
    )  # fmt: skip
    key = str(uuid.uuid4())
    first = client.post(url, {"form_key": key})
    again = client.post(url, {"form_key": key})
    assert first["Location"] == again["Location"] == reverse("publicity:call", args=[round.public_id])
    assert Notice.objects.count() == 1
    public = client.get(first["Location"]).content.decode()
    assert "自2026年3月2日00:00起至2026年3月31日24:00止" in public
    assert "依据征求意见稿" in public


# -- the work calendar ------------------------------------------------------------------------------------------------

CSV_2027 = "# 年份,2027\n# 依据,样例安排（虚构）\n日期,是否上班,说明\n2027-01-01,0,元旦\n2027-01-03,1,调休上班\n"


@pytest.fixture
def administrator(client, officer):
    officer.is_staff = True
    officer.save()
    return officer


def test_the_calendar_is_the_administrators(client, officer):
    for url in (
        reverse("awards:calendar"),
        reverse("awards:calendar_year", args=[2026]),
        reverse("awards:import_calendar"),
    ):
        assert client.get(url).status_code == 403
    client.logout()
    assert client.get(reverse("awards:calendar")).status_code == 302


def test_e1_a_calendar_csv_is_imported_whole_or_not_at_all(client, administrator):
    url = reverse("awards:import_calendar")
    faulty = CSV_2027 + "2027-02-30,0,样例\n2027-05-01,也许,样例\n"
    answer = post(client, url, file=SimpleUploadedFile("2027.csv", faulty.encode()))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "第 6 行" in page
    assert "第 7 行" in page
    assert not CalendarYear.objects.filter(year=2027).exists()
    post(client, url, file=SimpleUploadedFile("2027.csv", CSV_2027.encode("gb18030")))
    assert CalendarYear.objects.get(year=2027).days.count() == 2


def test_e1_one_day_is_changed_and_the_version_grows(client, administrator):
    url = reverse("awards:calendar_year", args=[2026])
    version = CalendarYear.objects.get(year=2026).version
    post(client, url, day="2026-03-05", is_workday="off", name="样例")
    year = CalendarYear.objects.get(year=2026)
    assert year.version == version + 1
    assert year.days.filter(day=date(2026, 3, 5), is_workday=False).exists()
    assert post(client, url, day="2025-03-05", is_workday="off").status_code == 422


def test_e1_the_calendar_warns_before_it_runs_out(client, administrator, frozen):
    assert "2027年尚未录入" not in client.get(reverse("awards:calendar")).content.decode()
    frozen.travel_to(clock.at(date(2026, 11, 10), 9))
    assert "还有 52 天用完：2027年尚未录入" in client.get(reverse("awards:calendar")).content.decode()
    assert "2027年尚未录入" in client.get(reverse("awards:rounds")).content.decode()


# -- imported lists ---------------------------------------------------------------------------------------------------


def test_the_file_fields_offer_the_kinds_their_pages_take(client, round, administrator):
    for name, kinds in (("import_awards", ".xlsx,.csv"), ("import_listed", ".xlsx,.csv"), ("import_calendar", ".csv")):
        assert f'accept="{kinds}"' in client.get(reverse(f"awards:{name}")).content.decode()


def test_lists_are_imported_by_the_schemes_office_only(client, round):
    client.force_login(make_user(make_unit("recommender")))
    assert client.get(reverse("awards:imports")).status_code == 403
    assert post(client, reverse("awards:import_awards"), scheme="urumqi").status_code == 403
