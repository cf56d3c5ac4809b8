"""Rubrics as documents (U5, B6, Z15, Y10): read whole or refused with every error, named by a scheme, kept for ever."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from award_portal.lib import clock
from awards.models import Edition
from awards.rulebook import RulebookInvalid, load_rulebook
from awards.rulebook import rubric_library as library
from awards.schemes import load_scheme, rulebook_of

ROOT = Path(__file__).parents[2] / "fixtures"
GBT = (ROOT / "rubrics" / "gbt19580-2.yaml").read_text("utf-8")
ZHONGMU = (ROOT / "schemes" / "zhongmu-2025.yaml").read_text("utf-8")

SHIPPED = {
    "gbt19580@1": "176ee0d73a4fc0ab4b85c798646cb53329cd0f2c319603b3bd92d7cea195ad2c",
    "gbt19580@2": "1e540a4d364f1faa4045ec8731a5921fd0d7f73465e2753259a8980a4751a389",
    "person@1": "d32a5cd8fa329844751c8361b327092fa2316e70d4f7400cf2655fd32f706ffe",
    "quality_technology@1": "f04bc38bf6c046762e3a78fb4b129a061de188779ca9a2ac076475e2af2c68a3",
}


@pytest.fixture(scope="module")
def gbt():
    return load_rulebook(ZHONGMU).rubric("excellence")


def errors_of(text):
    with pytest.raises(RulebookInvalid) as invalid:
        library.read_rubric(text)
    return {error.path: error for error in invalid.value.errors}


# -- what the documents say --------------------------------------------------------------------------------------------


def test_a_shipped_rubric_says_what_it_said_when_it_was_shipped():
    assert {f"{one.key}@{one.version}": digest for one, digest in library.shipped_rubrics()} == SHIPPED


def test_b6_z15_the_thousand_points_by_chapter(gbt):
    chapters = [(title, points) for title, points, _ in gbt.chapters]
    assert chapters == [
        ("领导", 110), ("战略", 90), ("顾客与市场", 90), ("资源", 130), ("过程管理", 100),
        ("测量、分析与改进", 80), ("结果", 400),
    ]  # fmt: skip
    assert [(one.title, one.points) for one in gbt.groups] == chapters
    assert gbt.total.value == sum(one.points for one in gbt.items) == 1000


def test_each_band_of_the_thousand_points_stands_on_steps_of_five_per_cent(gbt):
    assert gbt.steps.percent == 5
    for item in gbt.items:
        bands = gbt.bands_of(item)
        assert all(one.at_least % 5 == 0 and one.at_most % 5 == 0 for one in bands)
        # no score falls between two bands
        assert [one.at_most + 5 for one in bands[:-1]] == [one.at_least for one in bands[1:]]
    assert gbt.step_for(gbt.item("finance")) == Decimal("0.75")


def test_points_no_seed_states_are_marked_as_the_offices(gbt):
    for document, _ in library.shipped_rubrics():
        assert document.status == "unverified"
        assert "未经" in document.basis
    assert gbt.total.is_assumed


def test_results_are_judged_by_level_trend_comparison_the_others_by_approach_deployment_learning(gbt):
    sides = {item.key: "".join(one.label for one in gbt.guide_of(item).factors) for item in gbt.items}
    assert {sides[one.key] for one in gbt.items if one.group == "结果"} == {"水平趋势对比整合"}
    assert {sides[one.key] for one in gbt.items if one.group != "结果"} == {"方法展开学习整合"}


def test_the_bands_stand_beside_an_item_in_per_cent_and_in_points(gbt):
    rows = gbt.bands_for(gbt.item("people"))
    assert [one.percent for one in rows] == ["0–5%", "10–25%", "30–45%", "50–65%", "70–85%", "90–100%"]
    assert [one.points for one in rows][3] == "30–39分"
    assert len({one.text for one in rows} | {one.text for one in gbt.bands_for(gbt.items[-1])}) == 12


def test_bands_without_an_upper_end_reach_to_the_next():
    rubric = load_rulebook(ZHONGMU.replace("\r", "")).rubric("excellence")
    assert rubric.items[0].bands == ()
    defense = load_rulebook((ROOT / "schemes" / "bayannur-2025.yaml").read_text("utf-8")).rubric("defense")
    assert [one.percent for one in defense.bands_for(defense.items[0])] == [
        "0–60%，不含上限",
        "60–85%，不含上限",
        "85–100%",
    ]


def test_y10_individuals_have_criteria_of_their_own():
    book = load_rulebook((ROOT / "schemes" / "yangquan-1.yaml").read_text("utf-8"))
    person = book.rubric_for("document_review", subject="individual", category=None)
    assert person.source.key == "person"
    assert [one.key for one in person.vetoes] == ["ethics_breach"]
    assert book.rubric_for("document_review", subject="organization", category=None).key == "organization"


# -- steps -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "points", "step", "nearest"),
    [({"points": 0.5}, 15, "0.5", "9"), ({"percent": 5}, 15, "0.75", "9"), ({"percent": 10}, 80, "8", "48"),
     (None, 15, "0.5", "9")],
)  # fmt: skip
def test_scores_go_in_the_steps_the_document_says(gbt, steps, points, step, nearest):
    changed = gbt.model_copy(update={"steps": steps and library.Steps(**steps)})
    item = gbt.items[0].model_copy(update={"points": points})
    assert changed.step_for(item) == Decimal(step)
    assert changed.score_at(item, Decimal("0.6")) == Decimal(nearest)
    assert changed.score_at(item, Decimal(1)) == points


# -- what the reader refuses -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "path", "message"),
    [
        ("points: 50, text: 高层领导确定", "points: 51, text: 高层领导确定", "items", "与总分 1000 不符"),
        (
            "{title: 领导, points: 110}",
            "{title: 领导, points: 100}",
            "groups.[1]",
            "“领导”各项分值之和为 110，与 100 不符",
        ),
        (
            "group: 战略, title: 战略制定",
            "group: 别的, title: 战略制定",
            "items.strategy_making.group",
            "没有类目“别的”",
        ),
        ("guide: results}", "guide: other}", "items.product_results.guide", "没有评分指南“other”"),
        ("at_least: 30, at_most: 45", "at_least: 30, at_most: 55", "guides.process.bands.basic.at_most", "低于下一档"),
        ("at_least: 0, at_most: 5", "at_least: 1, at_most: 5", "guides.process.bands", "自 0 起由低到高"),
        ("status: unverified", "status: maybe", "status", "未知的取值“maybe”"),
        ("total: 1000", "total: 一千", "total", "应为数字，实际为文字“一千”"),
    ],
)
def test_what_is_wrong_is_named_with_its_path(before, after, path, message):
    assert before in GBT
    found = errors_of(GBT.replace(before, after, 1))
    assert message in found[path].message_zh
    assert found[path].line


def with_steps(steps: str) -> str:
    return re.sub(r"^steps: .*$", f"steps: {steps}", GBT, flags=re.MULTILINE)


@pytest.mark.parametrize(
    ("steps", "path", "message"),
    [
        ("{points: 1, percent: 5}", "steps", "须且只须写明 points"),
        ("{percent: 7}", "steps", "应能整除 100"),
        ("{points: 4}", "items.senior_leaders.points", "不是评分档 4 分的整数倍"),
    ],
)
def test_steps_are_points_or_per_cent_and_divide_what_they_step(steps, path, message):
    assert message in errors_of(with_steps(steps))[path].message_zh


def test_every_item_has_bands_from_somewhere():
    found = errors_of(GBT.replace(", guide: results}", "}", 1))
    assert "缺少评分档次" in found["items.product_results.bands"].message_zh


# -- a scheme names one ------------------------------------------------------------------------------------------------


def test_a_scheme_that_names_a_rubric_there_is_not_is_told_which_there_are():
    with pytest.raises(RulebookInvalid) as invalid:
        load_rulebook(ZHONGMU.replace("gbt19580@2", "gbt19580@9"))
    told = next(one for one in invalid.value.errors if one.path == "rubrics.excellence.from")
    assert "没有评价标准“gbt19580@9”，现有：gbt19580@1、gbt19580@2" in told.message_zh
    assert ZHONGMU.split("\n")[told.line - 1].strip() == "from: gbt19580@2"


def test_what_the_scheme_says_itself_stands_over_the_documents():
    text = ZHONGMU.replace("    from: gbt19580@2\n", "    from: gbt19580@2\n    steps: {points: 1}\n")
    rubric = load_rulebook(text).rubric("excellence")
    assert rubric.steps.points == 1
    assert rubric.title.startswith("中牟县")
    assert rubric.approval is not None


def test_the_content_written_out_is_the_same_rulebook():
    frozen = library.frozen_text(ZHONGMU)
    assert "    from: gbt" not in frozen
    assert "sha256:" in frozen
    assert load_rulebook(frozen).sha256 == load_rulebook(ZHONGMU).sha256
    assert library.frozen_text(frozen) == frozen


def forget_what_was_read() -> None:
    """As a process does that starts anew with other files."""
    for read in (library._shipped, library.frozen_text, load_rulebook):
        read.cache_clear()


@pytest.mark.django_db
def test_r1_an_edition_keeps_the_content_when_the_shipped_file_changes(monkeypatch, tmp_path):
    edition = load_scheme(ZHONGMU, at=clock.now())
    (tmp_path / "gbt19580-2.yaml").write_text(GBT.replace("高层领导的作用", "改过的条目"), "utf-8")
    monkeypatch.setattr(library, "FOLDER", tmp_path)
    forget_what_was_read()
    try:
        assert load_rulebook(ZHONGMU).rubric("excellence").items[0].title == "改过的条目"
        stored = Edition.objects.get(pk=edition.pk)
        assert load_rulebook(stored.text).sha256 == stored.sha256
        assert rulebook_of(stored).rubric("excellence").items[0].title == "高层领导的作用"
    finally:
        forget_what_was_read()
