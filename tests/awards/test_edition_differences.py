"""What a new edition changes, article by article, and a scheme's pipeline drawn from its rulebook alone."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.conf import settings

from awards.diagram import WIDTH, boxes_of, draw_dot, draw_svg
from awards.differences import Change, compare
from awards.rulebook import Rulebook, load_rulebook
from tests.factories import urumqi_text

SCHEMES = sorted((Path(settings.BASE_DIR) / "fixtures" / "schemes").glob("*.yaml"))
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def book() -> Rulebook:
    return load_rulebook(urumqi_text())


def changed(book: Rulebook, *edits: tuple[str, str]) -> dict[str, list[Change]]:
    """The changes by the title of their article after some edits of the text."""
    text = urumqi_text()
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    return {group.title: group.changes for group in compare(book, load_rulebook(text))}


def told(change: Change) -> tuple[str, str, str, str]:
    return change.kind, change.label, change.old, change.new


@pytest.mark.parametrize("path", SCHEMES, ids=lambda path: path.stem)
def test_an_edition_does_not_differ_from_itself(path):
    text = path.read_text("utf-8")
    assert compare(load_rulebook(text), load_rulebook(text)) == []


def test_a_value_is_told_old_and_new_with_both_grounds_under_its_article(book):
    found = changed(book, ("days: {value: 5, assumed: 办法未规定补正期限}", 'days: {value: 7, cite: "11.4"}'))
    assert list(found) == ["第十一条"]
    (one,) = found["第十一条"]
    assert told(one) == ("changed", "补正 · 补正期限", "5个工作日", "7个工作日")
    assert (one.old_ground, one.new_ground) == ("办公室设定（办法未规定补正期限）", "第十一条第（四）项")


def test_a_citation_alone_that_moves_to_another_article_is_a_change(book):
    found = changed(book, ('reapply_bar_years: {value: 5, cite: "16"}', 'reapply_bar_years: {value: 5, cite: "20"}'))
    (one,) = found["第二十条"]
    assert (one.old_ground, one.new_ground, one.old) == ("第十六条", "第二十条", one.new)


def test_a_stage_that_goes_takes_its_values_with_it(book):
    text = urumqi_text()
    start = text.index("  - state: acceptance_publicity")
    stage = text[start : text.index("  - state: document_review\n    label")]
    found = changed(book, (stage, ""))
    removed = [one for group in found.values() for one in group if one.kind == "removed"]
    assert ("removed", "程序 · 受理名单公示", "受理名单公示", "") in [told(one) for one in found["第十一条"]]
    assert any(one.label == "程序 · 受理名单公示 · 公示时间" and one.old == "不少于5个工作日" for one in removed)


def test_only_the_stage_that_moved_is_called_moved(book):
    text = urumqi_text()
    start, end = text.index("  - state: onsite_review\n    label"), text.index("  - state: deliberation\n")
    found = changed(
        book,
        (text[start:end], ""),
        ("  - state: defense\n    label", f"{text[start:end]}  - state: defense\n    label"),
    )
    moved = [one for one in found["第十一条"] if one.kind == "moved"]
    assert len(moved) == 1
    assert {moved[0].label, moved[0].new} in (
        {"程序 · 现场评审", "在“材料评审”之后"},
        {"程序 · 陈述答辩", "在“现场评审”之后"},
    )


def test_words_and_lists_beside_the_values_are_compared_too(book):
    found = changed(
        book,
        ("text: 拥护党和国家的路线、方针、政策", "text: 拥护党和国家的方针、政策"),
        ("      - {key: accuracy, text: 申报材料准确, cite: \"11.3\"}\n", ""),
        ("label: 近三年审计报告, max_files: 3", "label: 近三年审计报告, max_files: 4"),
        ("title: 成效与数据, points: 20", "title: 成效与数据, points: 10"),
        ("title: 现场问答, points: 20", "title: 现场问答, points: 30"),
        ("    correction: 补正\n", "    correction: 补充材料\n"),
    )  # fmt: skip
    lines = [told(one) for group in found.values() for one in group]
    assert ("changed", "申报条件 · 政治条件 · 内容", "拥护党和国家的路线、方针、政策", "拥护党和国家的方针、政策") in [
        told(one) for one in found["第九条"]
    ]
    assert ("removed", "程序 · 审核推荐 · 审核要点 · 申报材料准确", "申报材料准确", "") in lines
    assert ("changed", "申报材料 · 附件 · 近三年审计报告 · 文件数上限", "3", "4") in lines
    assert any(one[1].endswith("成效与数据 · 分值") and one[2:] == ("20", "10") for one in lines)
    assert any(one.label.endswith("correction") and one.new == "补充材料" for one in found["名称和用语"])


@pytest.mark.parametrize("old", SCHEMES, ids=lambda path: path.stem)
def test_any_two_documents_can_be_compared(book, old):
    groups = compare(load_rulebook(old.read_text("utf-8")), book)
    assert all(one.label and one.kind_zh for group in groups for one in group.changes)


@pytest.mark.parametrize("path", SCHEMES, ids=lambda path: path.stem)
def test_the_drawing_is_wellformed_names_every_stage_in_order_and_stays_narrow(path):
    book = load_rulebook(path.read_text("utf-8"))
    drawn = ElementTree.fromstring(draw_svg(book))
    words = [one.text for one in drawn.iter(f"{SVG}text")]
    places = [words.index(stage.label[:14]) for stage in book.stages if len(stage.label) <= 14]
    assert places == sorted(places)
    assert len(places) >= len(book.stages) - 1
    for box in drawn.iter(f"{SVG}rect"):
        assert int(box.get("x")) + int(box.get("width")) <= WIDTH
    assert not any(one.get("style") for one in drawn.iter())
    assert [box.state for box in boxes_of(book)] == ["draft", *book.states, "awarded"]
    assert draw_dot(book).count(" -> ") >= len(book.stages) + 1
