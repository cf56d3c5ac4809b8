"""`manage.py scheme check | load | show`: what an official who writes a rulebook sees."""

import re
from datetime import datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from award_portal.lib.clock import SHANGHAI
from awards.models import Edition, Round
from organizations.models import Unit, UnitKind

DOCUMENT = Path(__file__).parents[2] / "fixtures" / "schemes" / "urumqi-2025.yaml"
TEXT = DOCUMENT.read_text("utf-8")


def run(*arguments):
    """(exit code, stdout, stderr) of the command."""
    out, err = StringIO(), StringIO()
    try:
        call_command("scheme", *map(str, arguments), stdout=out, stderr=err)
    except SystemExit as stop:
        return stop.code, out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def test_check_says_nothing_is_wrong_and_how_much_is_assumed():
    code, out, err = run("check", DOCUMENT)
    assert (code, err) == (0, "")
    assert "无误" in out
    assert "办公室设定" in out


def test_check_prints_all_errors_at_once_with_paths_and_exits_1(tmp_path):
    bad = tmp_path / "bad.yaml"
    bad.write_text(
        TEXT.replace("quota: {value: 3,", "quota: {value: 三,")
        .replace("- state: defense\n", "- state: interview\n")
        .replace("- state: onsite_review\n", "- state: document_review\n"),
        "utf-8",
    )
    code, out, err = run("check", bad)
    assert (code, out) == (1, "")
    assert "tiers.main.quota.value：应为数字，实际为文字“三”" in err
    assert "stages.interview.state：未知的取值“interview”" in err
    assert "环节“document_review”出现两次" in err


def test_check_of_what_cannot_be_read(tmp_path):
    latin = tmp_path / "latin.yaml"
    latin.write_bytes(b"name: \xff\xfe")
    assert "UTF-8" in run("check", latin)[2]
    code, _, err = run("check", tmp_path / "none.yaml", DOCUMENT)
    assert code == 1
    assert "无法读取" in err


@pytest.mark.django_db
def test_load_stores_an_edition_and_show_prints_it_with_citations():
    code, out, _ = run("load", DOCUMENT)
    assert code == 0
    assert "已载入" in out
    assert Edition.objects.get().edition == "2025"
    code, out, _ = run("show", "urumqi")
    assert code == 0
    line = next(line for line in out.splitlines() if "获奖建议名单公示 · 公示时间 " in line)
    assert "不少于5个工作日" in line
    assert "〔第十一条第（八）项〕" in line
    assumed = next(line for line in out.splitlines() if "审议 · 表决方式" in line)
    assert "无记名投票" in assumed
    assert "〔办公室设定〕" in assumed
    assert run("show", "urumqi", "--edition", "2025")[1] == out == run("show", DOCUMENT)[1]


@pytest.mark.django_db
def test_load_refuses_a_bad_document_and_stores_nothing(tmp_path):
    bad = tmp_path / "bad.yaml"
    bad.write_text("spec: 1\n", "utf-8")
    code, _, err = run("load", bad)
    assert code == 1
    assert "缺少必填项" in err
    assert not Edition.objects.exists()


@pytest.mark.django_db
def test_load_refuses_other_content_under_an_edition_in_use(tmp_path):
    run("load", DOCUMENT)
    edition = Edition.objects.get()
    office = Unit.objects.create(name="演示办公室", kind=UnitKind.OFFICE)
    Round.objects.create(
        scheme=edition.scheme, edition=edition, office=office, year=2026, ordinal=1, title="演示届",
        prepared_at=datetime(2026, 3, 2, tzinfo=SHANGHAI),
    )  # fmt: skip
    other = tmp_path / "other.yaml"
    other.write_text(TEXT.replace("plan_days: {value: 20,", "plan_days: {value: 21,"), "utf-8")
    with pytest.raises(CommandError, match="已有届次使用"):
        run("load", other)


@pytest.mark.django_db
def test_show_of_an_unknown_scheme_names_those_there_are():
    run("load", DOCUMENT)
    with pytest.raises(CommandError, match="urumqi"):
        run("show", "nowhere")
    with pytest.raises(CommandError, match="1999"):
        run("show", "urumqi", "--edition", "1999")


def test_diagram_draws_the_schemes_own_stages_in_its_own_order(tmp_path):
    code, out, _ = run("diagram", DOCUMENT)
    assert code == 0
    assert out.startswith("digraph urumqi {")
    assert out.index("材料评审") < out.index("陈述答辩") < out.index("现场评审")
    drawn = tmp_path / "urumqi.svg"
    run("diagram", DOCUMENT, "--svg", drawn)
    assert "获奖建议名单公示" in drawn.read_text("utf-8")
    with pytest.raises(CommandError, match="无法写入"):
        run("diagram", DOCUMENT, "--dot", tmp_path / "nowhere" / "x.dot")


def test_diff_tells_article_by_article_what_changed_with_old_and_new_value(tmp_path):
    newer = tmp_path / "newer.yaml"
    newer.write_text(
        TEXT.replace('quota: {value: 3, bound: at_most, cite: "4"}', 'quota: {value: 4, bound: at_most, cite: "4"}'),
        "utf-8",
    )
    _, out, _ = run("diff", DOCUMENT, newer)
    assert out.splitlines()[2:] == [
        "第四条",
        "  修改　奖项 · 质量奖 · 名额：不超过3个〔第四条〕 → 不超过4个〔第四条〕",
        "",
    ]
    assert "没有差异" in run("diff", DOCUMENT, DOCUMENT)[1]


@pytest.mark.django_db
def test_diff_takes_stored_editions_by_key_and_edition():
    run("load", DOCUMENT)
    assert "没有差异" in run("diff", "urumqi:2025", "urumqi")[1]
    with pytest.raises(CommandError, match="1999"):
        run("diff", "urumqi:1999", DOCUMENT)


def test_new_prints_a_document_refused_only_where_something_is_left_to_fill_in(tmp_path):
    _, out, _ = run("new", "sample_city")
    assert "key: sample_city" in out
    begun = tmp_path / "sample.yaml"
    begun.write_text(out, "utf-8")
    code, _, err = run("check", begun)
    assert code == 1
    lines = out.splitlines()
    for error in err.splitlines()[1:]:
        line = lines[int(error.split()[1]) - 1]
        assert any(empty in line for empty in (": ,", ": }", ': ""')) or line.split("#")[0].rstrip().endswith(":"), (
            error
        )
    with pytest.raises(CommandError, match="代号"):
        run("new", "乌市")


def test_what_new_prints_is_a_rulebook_once_every_blank_is_filled_in(tmp_path):
    _, text, _ = run("new", "sample_city")
    for blank, filled in (
        (r'edition: ""', 'edition: "2026"'),
        (r"in_force: {value: ,", "in_force: {value: 自公布之日起施行,"),
        (r"incident_ground: {value: ,", "incident_ground: {value: 发生重大事故,"),
        (r"{value: ,", "{value: 3,"),
        (r"{name: ,", "{name: 样例机构（虚构）,"),
        (r"options: }", "options: [样例区（虚构）]}"),
        (r"articles:$", "articles: {1: 0}"),
        (r"\b(name|award_name|short_name|title|text):$", r"\1: 样例文字（虚构）"),
        (r"\bcite:( ?)(?=[,}]|$)", r'cite: "1"\1'),
    ):
        text, count = re.subn(blank, filled, text, flags=re.MULTILINE)
        assert count, blank
    done = tmp_path / "done.yaml"
    done.write_text(text, "utf-8")
    code, out, err = run("check", done)
    assert (code, err) == (0, "")
    assert "无误" in out
    assert "digraph sample_city" in run("diagram", done)[1]


def test_schema_lists_every_key_the_spec_knows():
    _, out, _ = run("schema")
    rows = {line.split()[0]: line for line in out.splitlines()}
    assert "带依据的值：整数" in rows["tiers[].quota"]
    assert "secret_vote（无记名投票）" in rows["stages[].decision.mode"]
    assert "必填" in rows["regulation.title"]
    assert "选填" in rows["stages[].publicity"]
    assert not any(path.endswith("decided") for path in rows)
