"""历届获奖名录 comes into the ledger: read whole, looked at beside what stands there, and only then stored (R6)."""

from __future__ import annotations

import io
import uuid
from datetime import date
from functools import cache
from typing import Any

import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from award_portal.lib import clock
from awards.models import Award, Ban, RegisterImport
from awards.register_bans import NO_BAN
from awards.register_import import NO_TIER, compare, read_register, store_register
from awards.schemes import load_scheme
from awards.table_reading import ImportRefused
from organizations.identity import person_key
from organizations.models import AuditRecord, StoredFile
from tests.factories import make_unit, make_user, urumqi_text, valid_uscc

PERSON = "11010119900307002X"
HEAD = ["获奖组织", "统一社会信用代码", "获奖年度", "奖项等次", "表彰日期", "表彰决定文号"]
GOOD = ["样例一号（虚构）", valid_uscc(1), 2023, "质量奖", "2023-06-30", "样例〔2023〕1号"]


@pytest.fixture
def scheme(db, frozen, calendars):
    return load_scheme(urumqi_text(), at=clock.now()).scheme


@pytest.fixture
def officer(scheme, client):
    user = make_user(make_unit("office"))
    client.force_login(user)
    return user


@cache
def with_people() -> str:
    """The same text as a scheme that honours people too."""
    data = yaml.safe_load(urumqi_text())
    data["applicants"].append(
        {"key": "individual", "label": "个人", "subject": "individual", "assumed": "样例", "under_parent_code": False}
    )
    everybody = ["organization", "individual"]
    data["categories"][0]["subjects"], data["rubrics"][0]["subjects"] = everybody, list(everybody)
    data["eligibility"]["conditions"][0]["subject"] = None
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False)


def workbook(*rows: list[Any], name: str = "历届名录.xlsx", merged: tuple[str, ...] = ()) -> SimpleUploadedFile:
    book, out = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    for cells in merged:
        book.active.merge_cells(cells)
    book.save(out)
    return SimpleUploadedFile(name, out.getvalue())


def read(scheme, officer, *rows: list[Any], head: list[str] = HEAD, **given) -> RegisterImport:
    return read_register(scheme, workbook(head, *rows, **given), by=officer, at=clock.now())


def store(register: RegisterImport, officer, *, tiers=None, left_out=frozenset(), bans=None) -> int:
    return store_register(register, tiers=tiers or {}, left_out=set(left_out), bans=bans, by=officer, at=clock.now())


def faults(scheme, officer, *rows: list[Any], **given) -> str:
    with pytest.raises(ImportRefused) as refused:
        read(scheme, officer, *rows, **given)
    return str(refused.value)


def standing(scheme, **given) -> Award:
    values = {
        "scheme": scheme, "name": "样例一号（虚构）", "code": valid_uscc(1), "tier": "main", "tier_name": "质量奖",
        "year": 2023, "awarded_on": date(2023, 6, 30),
    } | given  # fmt: skip
    return Award.objects.create(**values)


def verdicts(register: RegisterImport, tiers=None) -> list[str]:
    return [one.verdict for one in compare(register, tiers)]


# -- reading ----------------------------------------------------------------------------------------------------------


def test_r6_a_register_with_a_faulty_row_is_not_read_in_part_and_every_fault_is_told(scheme, officer):
    bad = ["样例二号（虚构）", "916501000000000000", "二三", "质量奖", "2023-13-01", ""]
    told = faults(scheme, officer, GOOD, bad, ["", "", 2023, "质量奖", "", "样"])
    assert "第 3 行" in told
    assert "年度“二三”应为四位数字" in told
    assert "校验位" in told
    assert "表彰日期“2023-13-01”无法识别" in told
    assert "第 4 行：名称为空" in told
    assert not RegisterImport.objects.exists()


def test_a_printed_table_with_titles_notes_merged_cells_and_a_second_header_is_read(scheme, officer):
    upload = workbook(
        ["乌鲁木齐市样例质量奖历届获奖名录（虚构）"], [], ["单位：样例办公室", None, "2024年1月"],
        ["序号", "获奖 组织*", "统一社会信用代码（18位）", "获奖年度", "奖项等次", "表彰日期"],
        [1, "样例一号（虚构）", valid_uscc(1), 2021, "质量奖", "2021年6月30日"],
        [2, "样例二号（虚构）", valid_uscc(2), None, None, "20210630"],
        ["序号", "获奖组织", "统一社会信用代码", "获奖年度", "奖项等次", "表彰日期"],
        [3, "样例三号（虚构）", "", "2023年度", "质量奖提名奖", 45107],
        ["合计", "3家"], ["注：以上均为虚构。"], ["制表人：样例甲", None, None, "2024-01-02"],
        merged=("A1:F1", "D5:D6", "E5:E6"),
    )  # fmt: skip
    register = read_register(scheme, upload, by=officer, at=clock.now())
    found = [(one["name"], one["year"], one["tier_name"], one["awarded_on"]) for one in register.rows]
    assert found == [
        ("样例一号（虚构）", 2021, "质量奖", "2021-06-30"),
        ("样例二号（虚构）", 2021, "质量奖", "2021-06-30"),
        ("样例三号（虚构）", 2023, "质量奖提名奖", "2023-06-30"),
    ]
    assert [number for number, _ in register.skipped] == [1, 3, 4 + 3, 9, 10, 11]


def test_the_first_sheet_with_the_header_is_read_and_a_file_without_one_names_the_columns(scheme, officer):
    book, out = Workbook(), io.BytesIO()
    book.active.append(["封面"])
    second = book.create_sheet("名录")
    second.append(HEAD)
    second.append(GOOD)
    book.save(out)
    register = read_register(scheme, SimpleUploadedFile("两页.xlsx", out.getvalue()), by=officer, at=clock.now())
    assert len(register.rows) == 1
    assert "没有找到表头" in faults(scheme, officer, GOOD, head=["甲", "乙"])
    assert "没有数据行" in faults(scheme, officer)


def test_a_code_kept_as_a_number_has_lost_its_end_and_is_not_guessed(scheme, officer):
    told = faults(scheme, officer, ["样例一号（虚构）", 911650100000000123.0, 2023, "质量奖", "", ""])
    assert "末几位已经丢失" in told


def test_a_plain_text_table_in_gbk_is_read(scheme, officer):
    text = ",".join(HEAD) + "\n" + ",".join(map(str, GOOD))
    upload = SimpleUploadedFile("名录.csv", text.encode("gb18030"))
    assert read_register(scheme, upload, by=officer, at=clock.now()).rows[0]["name"] == "样例一号（虚构）"


# -- people -----------------------------------------------------------------------------------------------------------


def test_y4_a_person_is_kept_by_a_key_and_neither_the_number_nor_the_file_is_kept(frozen, calendars, db, client):
    scheme = load_scheme(with_people(), at=clock.now()).scheme
    officer = make_user(make_unit("office"))
    client.force_login(officer)
    head = ["获奖者", "统一社会信用代码或者身份证号", "获奖年度", "奖项等次"]
    register = read(scheme, officer, ["样例甲", PERSON, 2023, "质量奖"], ["样例乙", "", 2023, "质量奖"], head=head)
    assert not StoredFile.objects.exists()
    page = client.get(reverse("awards:register_import", args=[register.public_id])).content.decode()
    assert "未保存文件" in page
    assert person_key(PERSON) not in page
    assert store(register, officer) == 2
    award = Award.objects.get(name="样例甲")
    assert award.code == person_key(PERSON)
    kept = str(list(RegisterImport.objects.values())) + str(list(AuditRecord.objects.values_list("data", flat=True)))
    assert PERSON not in kept


def test_a_wrong_identity_number_is_told_without_being_repeated(scheme, officer, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    told = faults(scheme, officer, ["样例甲", PERSON, 2023, "质量奖", "", ""])
    assert "不设个人奖" in told
    wrong = PERSON[:-1] + "1"
    told = faults(scheme, officer, ["样例甲", wrong, 2023, "质量奖", "", ""])
    assert "第 2 行" in told
    assert wrong not in told
    assert not any(one.is_file() for one in tmp_path.rglob("*"))


# -- looking beside the ledger ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("given", "verdict", "why"), [
    ({}, "known", "台账中已有"),
    ({"name": "样例一号旧名称（虚构）"}, "known", "台账中名称为“样例一号旧名称（虚构）”"),
    ({"year": 2021}, "new", ""),
    ({"tier": "nominee", "tier_name": "质量奖提名奖"}, "near", "代码相同，同年度已有质量奖提名奖"),
    ({"code": valid_uscc(9)}, "near", "名称相同，代码不同"),
    ({"code": "", "name": "样例一号(虚构)"}, "near", "名称相同，其中一条未载代码"),
    ({"code": "", "name": "样例壹号（虚构）样例"}, "new", ""),
    ({"code": valid_uscc(9), "name": "样例二号（虚构）"}, "new", ""),
    ({"unit_name": "样例分公司（虚构）"}, "new", ""),
])  # fmt: skip
def test_a_row_is_new_known_or_near_by_code_and_name(scheme, officer, given, verdict, why):
    standing(scheme, **given)
    found = compare(read(scheme, officer, GOOD))[0]
    assert (found.verdict, why in found.why) == (verdict, True)


def test_a_name_one_character_off_without_a_code_is_near(scheme, officer):
    standing(scheme, code="", name="样例天山精工有限公司")
    found = compare(read(scheme, officer, ["样例天山精功有限责任公司", valid_uscc(1), 2023, "质量奖", "", ""]))[0]
    assert (found.verdict, found.why) == ("near", "名称仅一字之差")


def test_looking_takes_the_same_queries_for_any_number_of_rows(scheme, officer, django_assert_num_queries):
    rows = [[f"样例{number}号（虚构）", valid_uscc(number), 2023, "质量奖", "", ""] for number in range(1, 40)]
    small, large = read(scheme, officer, rows[0]), read(scheme, officer, *rows)
    compare(small)
    with django_assert_num_queries(3):
        compare(small)
    with django_assert_num_queries(3):
        compare(large)


# -- storing ----------------------------------------------------------------------------------------------------------


def test_r6_earlier_winners_are_stored_once_with_their_source(scheme, officer):
    first, second = read(scheme, officer, GOOD, GOOD), read(scheme, officer, GOOD)
    assert store(first, officer) == 1
    assert store(second, officer) == 0
    award = Award.objects.get()
    assert (award.tier, award.year, award.awarded_on) == ("main", 2023, date(2023, 6, 30))
    assert "历届名录.xlsx" in award.imported_from
    with pytest.raises(ImportRefused, match="未重复导入"):
        store(first, officer)


def test_an_award_of_a_repealed_regulation_keeps_its_name_and_basis_and_the_officer_says_what_it_answers_to(
    scheme, officer
):
    head = [*HEAD[:4], "授奖依据", "状态", "取消日期"]
    register = read(
        scheme, officer,
        ["样例一号（虚构）", valid_uscc(1), 2015, "市长质量奖", "样例办法（2012年，已废止）", "", ""],
        ["样例二号（虚构）", valid_uscc(2), 2015, "鼓励奖", "", "已取消", "2016-03-01"], head=head,
    )  # fmt: skip
    with pytest.raises(ImportRefused, match=r"请选择“市长质量奖”对应的现行等次.*鼓励奖"):
        store(register, officer)
    assert not Award.objects.exists()
    assert store(register, officer, tiers={"市长质量奖": "main", "鼓励奖": NO_TIER}, bans={1: NO_BAN}) == 2
    first, second = Award.objects.order_by("name")
    assert (first.tier, first.tier_name, first.basis) == ("main", "市长质量奖", "样例办法（2012年，已废止）")
    assert first.awarded_on == date(2015, 12, 31)
    assert (second.tier, second.state, second.revoked_on) == ("", "revoked", date(2016, 3, 1))
    # what was chosen once is proposed again, and the same list changes nothing
    again = read(scheme, officer, ["样例一号（虚构）", valid_uscc(1), 2015, "市长质量奖", "", "", ""], head=head)
    assert verdicts(again) == ["known"]


def test_u20_an_imported_revocation_brings_its_ban_of_the_rules_length_from_the_day_of_the_decision(scheme, officer):
    head = [*HEAD[:4], "状态", "取消日期", "取消事由", "取消决定文号"]
    told = ["已取消", "2023-03-01", "骗取荣誉（虚构）", "样政发〔2023〕2号"]
    register = read(scheme, officer, ["样例一号（虚构）", valid_uscc(1), 2021, "质量奖", *told], head=head)
    with pytest.raises(ImportRefused, match="请选择适用的不予受理规则"):
        store(register, officer)
    assert store(register, officer, bans={0: "fraud"}) == 1
    ban, award = Ban.objects.get(), Award.objects.get()
    assert (ban.code, ban.starts_on, ban.ends_on) == (valid_uscc(1), date(2023, 3, 1), date(2033, 3, 1))
    assert (award.revoked_ground, award.revocation_number) == ("骗取荣誉（虚构）", "样政发〔2023〕2号")


def test_a_ban_needs_a_code_and_a_day_and_the_page_asks_for_the_rule(client, scheme, officer):
    head = [*HEAD[:4], "状态", "取消日期"]
    register = read(scheme, officer, ["样例一号（虚构）", "", 2021, "质量奖", "已取消", "2023-03-01"], head=head)
    with pytest.raises(ImportRefused, match="须有代码和取消日期"):
        store(register, officer, bans={0: "fraud"})
    where = reverse("awards:register_import", args=[register.public_id])
    client.force_login(officer)
    assert "适用的不予受理规则" in client.get(where).content.decode()
    refused = post(client, where, ban_0="")
    assert refused.status_code == 422
    assert "请选择适用的不予受理规则" in refused.content.decode()
    assert post(client, where, ban_0=NO_BAN).status_code == 302
    assert not Ban.objects.exists()


# -- the pages --------------------------------------------------------------------------------------------------------


def post(client, url: str, **data):
    return client.post(url, {"form_key": str(uuid.uuid4()), **data})


def test_the_officer_looks_before_storing_and_decides_the_near_ones(client, scheme, officer):
    standing(scheme, code=valid_uscc(9))
    rows = [GOOD, ["样例三号（虚构）", valid_uscc(3), 2019, "市长质量奖", "", ""]]
    answer = post(client, reverse("awards:import_awards"), scheme="urumqi", file=workbook(HEAD, *rows))
    register = RegisterImport.objects.get()
    where = reverse("awards:register_import", args=[register.public_id])
    assert answer["Location"] == where
    assert Award.objects.count() == 1
    page = client.get(where).content.decode()
    assert "共读入2条" in page
    assert "未载" in page
    assert valid_uscc(9) in page
    assert where in client.get(reverse("awards:imports")).content.decode()
    refused = post(client, where, tier_0="", row_0="")
    assert refused.status_code == 422
    assert Award.objects.count() == 1
    assert post(client, where, tier_0="main", row_0="leave").status_code == 302
    assert set(Award.objects.values_list("name", flat=True)) == {"样例一号（虚构）", "样例三号（虚构）"}
    assert "历届名录.xlsx" in client.get(reverse("awards:imports")).content.decode()
    assert client.get(where).status_code == 302


def test_a_register_may_be_put_away_and_is_another_offices_to_none(client, scheme, officer):
    register = read(scheme, officer, GOOD)
    where = reverse("awards:register_import", args=[register.public_id])
    client.force_login(make_user(make_unit("recommender")))
    assert client.get(where).status_code == 404
    assert client.get(reverse("awards:awards_template", args=["urumqi"])).status_code == 404
    client.force_login(officer)
    assert client.get(reverse("awards:awards_template", args=["elsewhere"])).status_code == 404
    assert post(client, where, discard="1").status_code == 302
    assert not RegisterImport.objects.exists()
    assert not Award.objects.exists()


def test_the_template_filled_in_as_it_is_can_be_imported(client, scheme, officer):
    answer = client.get(reverse("awards:awards_template", args=["urumqi"]))
    book = load_workbook(io.BytesIO(answer.content))
    head = [cell.value for cell in book.active[1]]
    assert "身份证号" not in head
    values = dict(zip(HEAD, GOOD, strict=True))
    book.active.append([values.get(word, "") for word in head])
    out = io.BytesIO()
    book.save(out)
    register = read_register(scheme, SimpleUploadedFile("填好.xlsx", out.getvalue()), by=officer, at=clock.now())
    assert verdicts(register) == ["new"]


def test_a_faulty_file_is_answered_on_the_page_and_nothing_is_kept(client, scheme, officer):
    upload = workbook(HEAD, GOOD, ["", "", "", "", "x", "y"])
    answer = post(client, reverse("awards:import_awards"), scheme="urumqi", file=upload)
    assert answer.status_code == 422
    assert "第 3 行" in answer.content.decode()
    assert not StoredFile.objects.exists()
