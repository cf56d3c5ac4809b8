"""经营异常名录 and 严重违法失信企业名单 as they are really exported, and whose names are whose (U11.3)."""

from __future__ import annotations

import io
from datetime import date, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook

from award_portal.lib import clock
from awards.listed_import import import_listed
from awards.listed_matches import candidates, decide_match
from awards.models import ListedEntity
from awards.names import former_names, nearly_same, plain_name
from awards.schemes import load_scheme
from awards.table_reading import ImportRefused, read_day
from organizations.models import Organization
from tests.factories import make_organization, make_unit, make_user, urumqi_text, valid_uscc

NAME = "样例天山（乌鲁木齐）精工有限公司"


@pytest.fixture
def scheme(db, frozen, calendars):
    return load_scheme(urumqi_text(), at=clock.now()).scheme


@pytest.fixture
def officer(scheme):
    return make_user(make_unit("office"))


def sheet(*rows) -> SimpleUploadedFile:
    book, out = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return SimpleUploadedFile("异常名录导出.xlsx", out.getvalue())


def send(scheme, officer, *rows, listing="abnormal"):
    return import_listed(scheme, sheet(*rows), listing=listing, by=officer, at=clock.now())


HEAD = ["企业名称", "统一社会信用代码/注册号", "列入日期", "移出日期", "列入经营异常名录原因"]


def test_u11_3_an_exported_table_is_read_with_its_titles_dates_codes_and_notes(scheme, officer):
    done = send(
        scheme, officer, ["经营异常名录信息（截至2026年3月1日）"], HEAD,
        ["样例甲（虚构）", valid_uscc(1), datetime(2025, 7, 1), "", "未按规定公示年报"],
        ["样例乙（虚构）", 650100050012345, "2025/7/2", "2025.12.30", ""],
        ["样例丙（虚构）", valid_uscc(3).lower(), "2025年7月3日 00:00:00", "—", ""],
        ["样例丁（虚构）", 9.1650100123456e17, 20250704, None, None],
        ["样例戊（虚构）", "9165010012345678AB", "2025年7月", None, None],
        ["合计：5户"], ["制表：样例科  2026-03-01"],
    )  # fmt: skip
    rows = {one.name[2]: one for one in ListedEntity.objects.all()}
    assert [rows[key].listed_on for key in "甲乙丙丁戊"] == [
        date(2025, 7, 1), date(2025, 7, 2), date(2025, 7, 3), date(2025, 7, 4), date(2025, 7, 31),
    ]  # fmt: skip
    assert [rows[key].code for key in "甲乙丙丁戊"] == [
        valid_uscc(1), "650100050012345", valid_uscc(3), "", "9165010012345678AB",
    ]  # fmt: skip
    assert rows["乙"].removed_on == date(2025, 12, 30)
    assert (done.count, done.removed, len(done.skipped)) == (5, 1, 3)
    assert ["第 6 行" in done.warnings[0], "第 7 行" in done.warnings[1]] == [True, True]


def test_u11_3_a_newer_credit_list_replaces_the_older_one_and_a_faulty_one_nothing(scheme, officer):
    send(scheme, officer, ["名称"], ["样例甲（虚构）"], ["样例乙（虚构）"])
    with pytest.raises(ImportRefused, match="第 2 行：列入日期“明天”无法识别"):
        send(scheme, officer, ["名称", "列入日期"], ["样例丙（虚构）", "明天"])
    assert ListedEntity.objects.count() == 2
    send(scheme, officer, ["名称"], ["样例丁（虚构）"], listing="serious")
    send(scheme, officer, ["名称"], ["样例戊（虚构）"])
    assert set(ListedEntity.objects.values_list("name", flat=True)) == {"样例丁（虚构）", "样例戊（虚构）"}


def test_the_page_tells_what_was_not_taken_as_a_row_and_from_which_file(client, scheme, officer):
    client.force_login(officer)
    upload = sheet(["标题"], HEAD, ["样例甲（虚构）", "123", "", "", ""])
    answer = client.post(
        reverse("awards:import_listed"), {"scheme": "urumqi", "listing": "abnormal", "file": upload}, follow=True
    )
    page = answer.content.decode()
    assert "已导入1条" in page
    assert "第 3 行：代码“123”" in page
    assert "异常名录导出.xlsx" in page


@pytest.mark.parametrize(("text", "day"), [
    ("2023-6-1", date(2023, 6, 1)), ("2023．06．01", date(2023, 6, 1)), ("20230601", date(2023, 6, 1)),
    ("2023年6月", date(2023, 6, 30)), ("45078", date(2023, 6, 1)), ("2023-06-01T08:00:00", date(2023, 6, 1)),
    ("2023-02-29", None), ("2023-13", None), ("六月", None), ("", None), ("0000-00-00", None), ("99999", None),
])  # fmt: skip
def test_a_day_is_read_in_any_form_offices_write_and_never_guessed(text, day):
    assert read_day(text) == day


@pytest.mark.parametrize("written", [
    "样例天山(乌鲁木齐)精工有限公司", "样例天山（乌鲁木齐）精工有限责任公司", " 样例天山 （乌鲁木齐）精工有限公司",
    "样例天山乌鲁木齐精工有限公司（原名：样例老厂）", "样例天山【乌鲁木齐】精工有限公司。",
])  # fmt: skip
def test_another_way_of_writing_is_the_same_plain_name(written):
    assert plain_name(written) == plain_name(NAME)


@pytest.mark.parametrize(("first", "second", "near"), [
    ("样例天山精工有限公司", "样例天山精功有限公司", True),
    ("样例天山精工有限公司", "样例天山精工公司", False),
    ("样例天山精工有限公司", "样例天山精有限公司", True),
    ("样例天山精工有限公司", "样例天山工精有限公司", True),
    ("样例第一机械有限公司", "样例第二机械有限公司", False),
    ("样例1号有限公司", "样例2号有限公司", False),
    ("样例甲", "样例乙", False),
])  # fmt: skip
def test_one_slip_is_near_and_another_number_or_a_short_name_is_not(first, second, near):
    assert nearly_same(first, second) is near


def test_a_bracket_tells_the_former_name():
    assert former_names("样例新名有限公司（曾用名：样例旧名有限公司）") == ("样例旧名有限公司",)


def listed(scheme, name: str, code: str = "", **given) -> ListedEntity:
    return ListedEntity.objects.create(
        scheme=scheme, listing="abnormal", name=name, code=code, imported_at=clock.now(), **given
    )


def whys(scheme, organization: Organization, **given) -> list[str]:
    return [one.why for one in candidates(scheme, organization, on=clock.today(), **given)]


@pytest.mark.parametrize(("name", "code", "former", "why"), [
    (NAME, "", "", "名称相同，名单未载代码"),
    (NAME, valid_uscc(9), "", "名称相同，代码不同"),
    ("样例天山(乌鲁木齐)精工有限责任公司", "", "", "名称仅写法不同（全角半角、括号、空格或者公司类型的写法）"),
    ("样例天山（乌鲁木齐）精功有限公司", "", "", "名称仅一字之差"),
    ("样例天山（乌鲁木齐）精功有限公司", valid_uscc(9), "", ""),
    ("样例别的有限公司", "", f"样例甲、{NAME}", "名单所载曾用名与申报组织名称相同"),
    (f"样例别的有限公司（原名：{NAME}）", "", "", "名单所载曾用名与申报组织名称相同"),
    ("样例老名字有限公司", valid_uscc(9), "", "与申报组织的曾用名相同"),
    ("样例毫不相干有限公司", "", "", ""),
])  # fmt: skip
def test_u11_3_lines_whose_name_may_be_the_applicants_are_candidates_with_the_reason(scheme, name, code, former, why):
    listed(scheme, name, code, former_names=former)
    organization = make_organization(name=NAME)
    found = whys(scheme, organization, former=("样例老名字有限公司",))
    assert found == ([why] if why else [])


def test_a_mistyped_code_is_a_candidate_whatever_the_name(scheme):
    organization = make_organization(name=NAME)
    wrong = organization.code[:-1] + ("0" if organization.code[-1] != "0" else "1")
    listed(scheme, "样例毫不相干有限公司", wrong)
    assert whys(scheme, organization) == ["代码仅一位之差，且名单所载代码的校验位不符"]


def test_a_removed_line_is_no_candidate(scheme):
    listed(scheme, NAME, removed_on=date(2026, 3, 1))
    assert whys(scheme, make_organization(name=NAME)) == []


def test_a_decision_holds_for_the_pair_through_the_next_import_and_the_latest_counts(scheme, officer):
    organization = make_organization(name=NAME)
    for is_same in (True, False):
        line = listed(scheme, NAME)
        decide_match(scheme, line, organization, is_same=is_same, reason="查照", by=officer, at=clock.now())
        line.delete()
    listed(scheme, NAME)
    found = candidates(scheme, organization, on=clock.today())[0]
    assert (found.is_open, found.is_same) == (False, False)
    listed(scheme, NAME, valid_uscc(9))
    assert [one.is_open for one in candidates(scheme, organization, on=clock.today())] == [False, True]


def test_a_list_of_thousands_is_compared_in_a_moment(scheme, django_assert_num_queries):
    ListedEntity.objects.bulk_create(
        ListedEntity(scheme=scheme, listing="abnormal", name=f"样例{number}号企业有限公司", imported_at=clock.now())
        for number in range(2_000)
    )
    listed(scheme, NAME)
    organization = make_organization(name=NAME)
    with django_assert_num_queries(3):
        assert len(candidates(scheme, organization, on=clock.today())) == 1
