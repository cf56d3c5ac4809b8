"""Headings break where an official would break them: GB/T 9704, 回行时词意完整、排列对称."""

import pytest

from documents.headings import balanced_lines

ROUND = "第一届乌鲁木齐市人民政府质量奖"
OFFICE = "质量和知识产权强市工作领导小组办公室（乌鲁木齐市市场监督管理局（乌鲁木齐市知识产权局））"


@pytest.mark.parametrize(
    ("heading", "lines"),
    [
        ("补正通知书", ["补正通知书"]),
        (f"{ROUND}评审报告", [f"{ROUND}评审报告"]),
        (f"{ROUND}受理名单公示", [ROUND, "受理名单公示"]),
        (f"关于{ROUND}的表彰决定", [f"关于{ROUND}的", "表彰决定"]),
        (f"关于开展{ROUND}申报工作的通知", [f"关于开展{ROUND}", "申报工作的通知"]),
        (
            f"高新区（新市区）市场监督管理局关于{ROUND}的审核推荐意见",
            ["高新区（新市区）市场监督管理局", f"关于{ROUND}的", "审核推荐意见"],
        ),
    ],
)
def test_titles_of_the_rounds_papers(heading: str, lines: list[str]):
    assert balanced_lines(heading, width=20) == lines


def test_an_office_with_two_plates_has_a_line_for_each():
    assert balanced_lines(OFFICE, width=22) == [
        "质量和知识产权强市工作领导小组办公室",
        "（乌鲁木齐市市场监督管理局",
        "（乌鲁木齐市知识产权局））",
    ]


@pytest.mark.parametrize("length", range(21, 90, 7))
def test_whatever_the_text_nothing_is_lost_and_no_line_is_too_long(length: int):
    text = ("样例镕喆（虚构）公司的，“第2026号”" * 6)[:length]
    lines = balanced_lines(text, width=20)
    assert "".join(lines) == text
    assert all(len(line) <= 22 for line in lines)
    assert not any(line[0] in "）”，的" or line[-1] in "（“" for line in lines)


def test_a_word_that_fits_no_line_stays_whole():
    assert balanced_lines("x" * 60, width=20) == ["x" * 60]


def test_a_name_as_long_as_a_field_may_be_takes_no_noticeable_time():
    assert "".join(balanced_lines("样例" * 100, width=20)) == "样例" * 100
