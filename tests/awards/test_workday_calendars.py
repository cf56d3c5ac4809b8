"""E1: the calendar an administrator keeps, from the shipped years to the alarm before it runs out."""

from datetime import date, datetime, timedelta

import chinese_calendar
import pytest

from award_portal.lib.clock import SHANGHAI
from awards.calendars import (
    CalendarInvalid,
    current_calendar,
    import_csv,
    publish_year,
    read_csv,
    running_out,
    seed_calendars,
    set_day,
)
from awards.models import CalendarDay, CalendarYear
from awards.workdays import CalendarMissing
from organizations.models import AuditRecord, User

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 2, 9, tzinfo=SHANGHAI)
MADE_UP = """# 年份,2027
# 依据,演示用通知
日期,是否上班,说明
2027-01-01,休,元旦
2027/1/2,1,调休上班
2027年10月1日,放假,国庆节
2027-10-04,1,与平日相同，不留
"""


@pytest.fixture
def administrator():
    return User.objects.create_user("alice", password="correct horse battery")


def test_the_shipped_years_agree_with_chinesecalendar_day_by_day(settings):
    settings.REHEARSAL = False
    assert seed_calendars(at=AT) == list(range(2020, 2027))
    calendar = current_calendar()
    day = date(2020, 1, 1)
    while day <= date(2026, 12, 31):
        assert calendar.is_working(day) == chinese_calendar.is_workday(day), day
        day += timedelta(days=1)
    assert calendar.add_working_days(date(2026, 9, 28), 5) == date(2026, 10, 10)


def test_seeding_twice_changes_nothing_and_keeps_the_administrator_s_edits(settings, administrator):
    settings.REHEARSAL = False
    seed_calendars(at=AT)
    set_day(date(2026, 6, 22), is_workday=False, name="临时放假", by=administrator, at=AT)
    before = current_calendar().version
    assert seed_calendars(at=AT) == []
    assert current_calendar().version == before
    assert not current_calendar().is_working(date(2026, 6, 22))


def test_rehearsal_years_never_count_outside_a_rehearsal(settings):
    settings.REHEARSAL = True
    seed_calendars(at=AT)
    calendar = current_calendar()
    assert calendar.last_year == 2036
    assert calendar.add_working_days(date(2026, 12, 28), 5).year == 2027
    assert CalendarYear.objects.get(year=2030).is_rehearsal
    assert "虚构" in CalendarYear.objects.get(year=2030).source
    assert CalendarDay.objects.filter(day__year=2030).first().name.startswith("演练：")
    for year in range(2027, 2037):
        working = sum(calendar.is_working(date(year, 1, 1) + timedelta(days=n)) for n in range(365))
        assert 243 <= working <= 256
    settings.REHEARSAL = False
    with pytest.raises(CalendarMissing):
        current_calendar().add_working_days(date(2026, 12, 28), 5)
    CalendarYear.objects.all().delete()
    assert 2027 not in seed_calendars(at=AT)


def test_an_import_in_chinese_and_in_gbk(administrator):
    for content in (MADE_UP, MADE_UP.encode(), b"\xef\xbb\xbf" + MADE_UP.encode(), MADE_UP.encode("gbk")):
        (year,) = import_csv(content, by=administrator, at=AT)
    assert (year.year, year.source, year.version) == (2027, "演示用通知", 4)
    assert list(year.days.values_list("day", "is_workday", "name")) == [
        (date(2027, 1, 1), False, "元旦"),
        (date(2027, 1, 2), True, "调休上班"),
        (date(2027, 10, 1), False, "国庆节"),
    ]
    calendar = current_calendar()
    assert calendar.is_working(date(2027, 1, 2))
    assert not calendar.is_working(date(2027, 10, 1))
    assert AuditRecord.objects.filter(verb="edit_calendar", subject="calendar:2027").count() == 4


def test_every_faulty_row_is_named_and_nothing_is_stored(administrator):
    content = (
        "# 年份,2027,二八\ndate,is_workday,name\n2027-01-01,0,元旦\n2027-13-01,0,x\n2028-01-01,0,y\n"
        "2027-01-01,0,z\n2027-05-01,也许,劳动节\n\n"
    )
    with pytest.raises(CalendarInvalid) as invalid:
        import_csv(content, by=administrator, at=AT)
    said = invalid.value.errors
    assert [row.split("：")[0] for row in said] == ["第 1 行", "第 4 行", "第 5 行", "第 6 行", "第 7 行"]
    assert "2027-13-01" in said[1]
    assert "不在文件所列年份" in said[2]
    assert "重复" in said[3]
    assert "也许" in said[4]
    assert not CalendarYear.objects.exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "没有任何日期"),
        ("日期,备注\n2027-01-01,x\n", "表头"),
        ("# 年份,2027\ndate,is_workday,name\n", "没有任何节假日"),
        (b"PK\x03\x04\x00\x00\xff\xff\x00", "不是 CSV"),
        ('date,is_workday\n"2027-01-01', "第 2 行"),
    ],
)
def test_a_file_that_is_no_calendar_is_refused_in_chinese(content, said):
    with pytest.raises(CalendarInvalid) as invalid:
        read_csv(content)
    assert said in str(invalid.value)


def test_an_edit_raises_the_version_and_a_plain_day_needs_no_row(settings, administrator):
    settings.REHEARSAL = False
    seed_calendars(at=AT)
    before = current_calendar()
    set_day(date(2026, 10, 10), is_workday=False, name="", by=administrator, at=AT)
    after = current_calendar()
    assert after.version != before.version
    assert after.add_working_days(date(2026, 9, 28), 5) == date(2026, 10, 12)
    assert before.add_working_days(date(2026, 9, 28), 5) == date(2026, 10, 10)
    assert not CalendarDay.objects.filter(day=date(2026, 10, 10)).exists()
    set_day(date(2026, 10, 10), is_workday=True, name="国庆节调休上班", by=administrator, at=AT)
    assert CalendarYear.objects.get(year=2026).version == 3
    with pytest.raises(CalendarInvalid, match="2031年的工作日历尚未录入"):
        set_day(date(2031, 1, 1), is_workday=False, name="", by=administrator, at=AT)


def test_publishing_a_year_again_replaces_it_whole(administrator):
    (sheet,) = read_csv(MADE_UP)
    publish_year(sheet, by=administrator, at=AT)
    (shorter,) = read_csv(MADE_UP.replace("2027/1/2,1,调休上班\n", ""))
    assert publish_year(shorter, by=administrator, at=AT).days.count() == 2


@pytest.mark.parametrize(
    ("today", "said"),
    [
        (date(2026, 11, 1), None),
        (date(2026, 11, 2), "还有 60 天用完"),
        (date(2026, 12, 31), "还有 1 天用完"),
        (date(2027, 1, 1), "已经用完"),
    ],
)
def test_the_alarm_sounds_sixty_days_before_the_calendar_runs_out(settings, today, said):
    settings.REHEARSAL = False
    seed_calendars(at=AT)
    warning = running_out(today)
    assert warning is None if said is None else (said in warning and "2027年" in warning)


def test_reading_the_calendar_costs_two_queries(settings, django_assert_num_queries):
    settings.REHEARSAL = False
    seed_calendars(at=AT)
    with django_assert_num_queries(2):
        current_calendar()
