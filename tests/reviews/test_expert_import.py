"""The pool by Excel: faults by row and column, what it would add and change, all of it or nothing (V1, U7.4)."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from award_portal.lib import clock
from awards.schemes import load_scheme
from awards.table_reading import ImportRefused
from organizations.models import AuditRecord, StoredFile, User
from reviews.expert_import import HEADINGS, plan_import, read_experts, store_experts
from reviews.experts import add_expert
from reviews.models import Expert, ExpertImport
from tests.factories import make_unit, make_user, urumqi_text, valid_uscc

HEAD = list(HEADINGS.values())


@pytest.fixture
def officer(frozen, calendars, db, client):
    load_scheme(urumqi_text(), at=clock.now())
    user = make_user(make_unit("office"))
    client.force_login(user)
    return user


def row(username: str = "yangli1", name: str = "样例甲", **other: Any) -> list[Any]:
    """A row of the list: a new expert of one field at one employer, unless said otherwise."""
    values = {
        "username": username, "name": name, "field": "质量管理", "title": "研究员", "employer": "样例研究院（虚构）",
        "code": valid_uscc(7), "from_on": "2020-01-01",
    } | other  # fmt: skip
    return [values.get(key, "") for key in HEADINGS]


def job(username: str, employer: str, **other: Any) -> list[Any]:
    """A further employment: the expert is told by the user name alone."""
    return row(username, "", field="", title="", employer=employer, code="", **{"from_on": ""} | other)


def workbook(*rows: list[Any]) -> SimpleUploadedFile:
    book, out = Workbook(), io.BytesIO()
    book.active.append(["评审专家名册（样例）"])
    for one in [HEAD, *rows]:
        book.active.append(one)
    book.save(out)
    return SimpleUploadedFile("专家名册.xlsx", out.getvalue())


def read(officer, *rows: list[Any]) -> ExpertImport:
    return read_experts("urumqi", workbook(*rows), by=officer, at=clock.now())


def store(listed: ExpertImport, officer) -> tuple[int, int]:
    return store_experts(listed, by=officer, at=clock.now())


def planned(listed: ExpertImport) -> dict[str, Any]:
    return {one.username: one for one in plan_import(listed, on=clock.today())}


def in_pool(officer, username: str = "laozhuanjia", **other) -> Expert:
    values = {"field": "质量管理", "employer": "旧单位（虚构）", "title": "研究员"} | other
    return add_expert(
        "urumqi", user=None, username=username, display_name="样例老专家", by=officer, at=clock.now(), **values
    )


def test_a_list_is_read_looked_at_and_then_stored_whole(officer):
    listed = read(
        officer,
        row(others="技术创新、标准与计量", trainings=2),
        job("yangli1", "样例大学（虚构）", from_on="2010-07-01", until_on="2019-12-31"),
        row("yangli2", "样例乙", employer="样例学院（虚构）", code=""),
    )
    assert listed.faults == []
    assert not Expert.objects.exists()
    assert [one.verdict for one in planned(listed).values()] == ["new", "new"]
    assert store(listed, officer) == (2, 0)
    one = Expert.objects.get(user__username="yangli1")
    assert (one.field, one.employer, one.employer_code, one.trainings) == (
        "质量管理", "样例研究院（虚构）", valid_uscc(7), 2,
    )  # fmt: skip
    assert [each.field for each in one.specialties.all()] == ["技术创新", "标准与计量"]
    assert [(each.employer, each.until_on) for each in one.employments.all()] == [
        ("样例研究院（虚构）", None), ("样例大学（虚构）", date(2019, 12, 31)),
    ]  # fmt: skip
    record = AuditRecord.objects.get(verb="expert.import")
    assert (len(record.data["added"]), record.data["changed"]) == (2, [])
    assert "样例甲" not in str(record.data)
    with pytest.raises(ImportRefused, match="未重复导入"):
        store(listed, officer)


def test_every_fault_is_told_by_row_and_column_and_nothing_is_stored(officer):
    wrong = valid_uscc(7)[:-1] + ("A" if valid_uscc(7)[-1] != "A" else "B")
    listed = read(
        officer,
        row(code=wrong),
        row("yangli2", "", field=""),
        row("yangli3", "样例丙", employer="", from_on="不知道"),
        row("yangli4", "样例丁", from_on="2020-01-01", until_on="2019-01-01"),
        row("有 空格", "样例戊", trainings="三次"),
        row("yangli6", "样例己"),
        row("yangli6", "样例己"),
    )
    told = {(line, column): what for line, column, what in listed.faults}
    assert "校验位不符" in told[3, "单位统一社会信用代码"]
    assert told[4, "姓名"] == "新专家应填写姓名"
    assert told[4, "专业领域"] == "新专家应填写专业领域"
    assert told[5, "工作单位"] == "未填写"
    assert "无法识别" in told[5, "任职起"]
    assert told[6, "任职止"] in ("应晚于任职起", "新专家应有一个现任职单位（任职止空着）")
    assert "只能含" in told[7, "用户名"]
    assert "整数" in told[7, "入库前培训次数"]
    assert "重复" in told[9, "工作单位"]
    with pytest.raises(ImportRefused, match="没有导入任何内容"):
        store(listed, officer)
    assert not Expert.objects.exists()
    assert not User.objects.filter(username="yangli6").exists()


def test_an_expert_in_the_pool_is_updated_by_user_name(officer):
    expert = in_pool(officer)
    rows = [
        row("laozhuanjia", "样例老专家", field="技术创新", employer="新单位（虚构）", from_on="2025-06-01"),
        job("laozhuanjia", "更早单位（虚构）", until_on="2015-01-01"),
    ]
    listed = read(officer, *rows)
    card = planned(listed)["laozhuanjia"]
    assert card.verdict == "changed"
    for said in ("专业领域：质量管理→技术创新", "新增任职：新单位（虚构）", "原任职“旧单位（虚构）”记为至2025-06-01止"):
        assert any(said in one for one in card.changes), card.changes
    assert store(listed, officer) == (0, 1)
    expert.refresh_from_db()
    assert (expert.field, expert.employer, expert.title) == ("技术创新", "新单位（虚构）", "研究员")
    assert {one.employer: one.until_on for one in expert.employments.all()} == {
        "新单位（虚构）": None, "旧单位（虚构）": date(2025, 6, 1), "更早单位（虚构）": date(2015, 1, 1),
    }  # fmt: skip
    assert planned(read(officer, *rows))["laozhuanjia"].verdict == "same"


def test_a_user_name_of_somebody_else_is_a_fault(officer):
    in_pool(officer)
    [[line, column, what]] = read(officer, row("laozhuanjia", "另一个人")).faults
    assert (line, column) == (3, "姓名")
    assert "与用户名“laozhuanjia”的姓名不一致" in what


def test_what_changed_since_the_list_was_read_stops_it_whole(officer):
    listed = read(officer, row(), row("yangli2", "样例乙"))
    User.objects.create_user(username="yangli2", display_name="别人")
    with pytest.raises(ImportRefused, match="第 4 行，姓名"):
        store(listed, officer)
    assert not Expert.objects.exists()


def test_an_end_before_the_beginning_in_the_pool_is_a_fault_of_the_list(officer):
    expert = in_pool(officer)
    expert.employments.update(from_on=date(2020, 1, 1))
    listed = read(officer, job("laozhuanjia", "旧单位（虚构）", until_on="2019-01-01"))
    assert planned(listed)["laozhuanjia"].faults == [(3, "任职止", "应晚于专家库中“旧单位（虚构）”的任职起")]
    with pytest.raises(ImportRefused, match="应晚于专家库中"):
        store(listed, officer)


def test_the_file_is_not_kept_and_only_the_office_reads_one(officer):
    read(officer, row())
    assert not StoredFile.objects.exists()
    with pytest.raises(Exception, match="由办公室管理"):
        read_experts("urumqi", workbook(row()), by=make_user(), at=clock.now())


def test_looking_costs_the_same_for_one_and_for_many(officer):
    def cost(listed: ExpertImport) -> int:
        with CaptureQueriesContext(connection) as queries:
            plan_import(listed, on=clock.today())
        return len(queries)

    for number in range(12):
        in_pool(officer, f"zhuanjia{number}")
    one = cost(read(officer, row("zhuanjia0", "样例老专家")))
    many = cost(read(officer, *[row(f"zhuanjia{number}", "样例老专家") for number in range(12)]))
    assert one == many


def test_the_pool_exported_comes_back_without_a_change(officer, client):
    in_pool(officer, other_fields=["标准与计量"])
    book = load_workbook(io.BytesIO(client.get(reverse("reviews:expert_roster")).content))
    assert [cell.value for cell in book["专家名册"][1]] == HEAD
    empty = load_workbook(io.BytesIO(client.get(reverse("reviews:expert_roster") + "?empty=1").content))
    assert (empty["专家名册"].max_row, "填写说明" in empty.sheetnames) == (1, True)
    rows = [[cell.value or "" for cell in line] for line in book["专家名册"].iter_rows(min_row=2)]
    assert planned(read(officer, *rows))["laozhuanjia"].verdict == "same"


def test_a_list_is_imported_at_the_pages(officer, client):
    page = reverse("reviews:import_experts")
    assert (
        "没有找到表头"
        in client.post(page, {"file": SimpleUploadedFile("表.csv", "甲,乙\n1,2".encode())}).content.decode()
    )
    bad = client.post(page, {"file": workbook(row(code="123"))})
    looked = client.get(bad.url).content.decode()
    assert "第3行" in looked
    assert "单位统一社会信用代码" in looked
    assert "确认导入" not in looked
    assert client.post(bad.url).status_code == 409
    assert client.post(bad.url, {"discard": "1"}).status_code == 302
    good = client.post(page, {"file": workbook(row())})
    looked = client.get(good.url).content.decode()
    assert "样例甲" in looked
    assert "确认导入" in looked
    assert client.post(good.url).url == reverse("reviews:experts")
    assert "样例甲" in client.get(reverse("reviews:experts")).content.decode()
    assert ExpertImport.objects.count() == 1
