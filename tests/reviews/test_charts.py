"""The charts of the review: numbers in, a drawing out; what is drawn is what was counted."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from reviews.charts import Column, Pair, Share, draw_funnel, draw_histogram, draw_pairs, draw_profile


def read(svg: str) -> ET.Element:
    return ET.fromstring(svg)


def widths(svg: str, kind: str = "plot-fill") -> list[float]:
    return [float(one.get("width", "").rstrip("%")) for one in read(svg).iter("rect") if one.get("class") == kind]


def words(svg: str) -> list[str]:
    return [one.text or "" for one in read(svg).iter("text")]


def test_a_histograms_columns_stand_in_proportion_to_their_counts():
    svg = draw_histogram([Column("60–65", 1), Column("65–70", 0), Column("70–75", 4)], title="材料评审得分率分布")
    tall = [int(one.get("height", "")) for one in read(svg).iter("rect")]
    assert tall[1] == 4 * tall[0]
    assert words(svg) == ["1", "60–65", "65–70", "4", "70–75"]


def test_a_profile_marks_the_median_where_it_stands():
    svg = draw_profile([Share("战略", 80.0, 62.5), Share("品牌", 45.5)], title="得分率")
    assert widths(svg) == [80.0, 45.5]
    marks = [one.get("x1") for one in read(svg).iter("line")]
    assert marks == ["62.50%"]
    assert "80%（中位62.5%）" in words(svg)


def test_a_funnel_tells_what_is_left_of_the_step_before():
    svg = draw_funnel([("申报", 20), ("推荐", 15), ("候选", 3)], title="各环节")
    assert widths(svg) == [100.0, 75.0, 15.0]
    assert words(svg)[1::2] == ["20个", "15个，占上一步75%", "3个，占上一步20%"]


def test_pairs_draw_some_inside_all():
    svg = draw_pairs([Pair("天山区", 8, 2), Pair("米东区", 4, 0)], title="分布", all="申报", some="候选")
    assert widths(svg, "plot-second") == [100.0, 50.0]
    assert widths(svg) == [25.0, 0.0]


@pytest.mark.parametrize(
    "svg",
    [
        draw_histogram([], title="空"), draw_histogram([Column("0–5", 0)], title="空"), draw_profile([], title="空"),
        draw_funnel([], title="空"), draw_funnel([("申报", 0)], title="空"),
        draw_pairs([], title="空", all="申报", some="候选"),
    ],
)  # fmt: skip
def test_nothing_to_draw_is_said_and_divides_by_nothing(svg):
    assert words(svg) == ["没有数据"]


def test_one_value_is_a_whole_chart():
    assert widths(draw_funnel([("申报", 1)], title="一")) == [100.0]
    assert words(draw_histogram([Column("80–85", 1)], title="一")) == ["1", "80–85"]


def test_a_share_beyond_the_whole_stays_in_the_drawing():
    assert widths(draw_profile([Share("甲", 120.0), Share("乙", -3.0)], title="界")) == [100.0, 0.0]


def test_every_chart_says_what_it_shows_and_lets_no_markup_in():
    svg = draw_profile([Share("<script>甲</script>", 50.0)], title='得分率"<b>')
    root = read(svg)
    assert (root.get("role"), root.get("aria-label")) == ("img", '得分率"<b>')
    assert root.findtext("title") == '得分率"<b>'
    assert "50%" in (root.findtext("desc") or "")
    assert "<script" not in svg
    assert not re.search(r'\sstyle="', svg)
