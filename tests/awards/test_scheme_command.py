"""`manage.py scheme check | load | show`: what an official who writes a rulebook sees."""

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
