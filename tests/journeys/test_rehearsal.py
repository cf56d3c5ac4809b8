"""`manage.py rehearse`: a whole round apart, every fate in it, the same by the same seed; and what it would refuse."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
import pytest
from django.conf import settings
from pypdf import PdfReader

APPLICANTS, SEED = 10, 7


def rehearse(*arguments: str, **extra: str) -> subprocess.Popen[str]:
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "rehearse", *arguments]
    return subprocess.Popen(
        command, env=os.environ | extra, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd="/"
    )


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory):
    """The same round twice at once, once with its papers, beside a configured portal that must not be touched."""
    folder = tmp_path_factory.mktemp("rehearsed")
    configured = {
        "DJANGO_SETTINGS_MODULE": "award_portal.settings",
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing",
        "PORTAL_VAR_DIR": str(folder / "var"),
    }
    running = [
        rehearse(
            "urumqi", "--applicants", str(APPLICANTS), "--seed", str(SEED), "--json", str(folder / f"{name}.json"),
            *papers, **configured,
        )
        for name, papers in (("first", ("--documents", str(folder / "first"))), ("second", ("--no-pdf",)))
    ]  # fmt: skip
    said = [one.communicate() for one in running]
    assert [one.returncode for one in running] == [0, 0], said
    return folder, said[0][0]


def told(folder: Path, name: str = "first") -> dict:
    return json.loads((folder / f"{name}.json").read_text("utf-8"))


def test_every_fate_has_its_end_and_the_sum_is_the_applicants(rehearsed):
    summary = told(rehearsed[0])
    assert summary["applicants"] == APPLICANTS == sum(summary["outcomes"].values())
    # one each: declined for a listing, withdrawn, late (still in its own publicity), disqualified by an objection
    for state in ("not_recommended", "withdrawn", "self_publicity", "disqualified"):
        assert summary["outcomes"][state] == 1, state
    assert sorted(one["outcome"] for one in summary["objections"]) == ["dismissed", "dismissed", "upheld"]
    assert summary["outcomes"]["awarded"] == len(summary["awards"]) > 0


def test_u12_u13_objections_came_incomplete_twice_together_and_late_and_nobody_was_left_untold(rehearsed):
    summary = told(rehearsed[0])
    first, beside, upheld = sorted(summary["objections"], key=lambda one: (one["outcome"], one["merged"]))
    assert (first["completed"], first["joined"], first["merged"], first["escalated"]) == (True, 1, False, 0)
    assert (beside["completed"], beside["joined"], beside["merged"]) == (False, 0, True)
    assert upheld["escalated"] == 1, "left past its three working days"
    assert list(upheld["followed"]) == ["disqualified"]
    assert summary["list_changes"] == 1
    assert all(one["objector_told"] and one["recommender_told"] for one in summary["objections"])
    assert summary["late_objections"] == [{"used": True}]


def test_u20_the_ban_is_met_at_the_door_of_the_next_round(rehearsed):
    assert "起方可申报" in told(rehearsed[0])["afterwards"]["refused_next_time"]


def test_u4_awards_keep_the_quotas(rehearsed):
    tiers = Counter(one["tier"] for one in told(rehearsed[0])["awards"] if not one["outside_quota"])
    assert tiers["main"] <= 3
    assert tiers["nominee"] <= 2
    assert set(tiers) == {"main", "nominee"}


def test_u11_every_publicity_ran_five_working_days_by_the_state_councils_calendar(rehearsed):
    notices = told(rehearsed[0])["notices"]
    kinds = {one["kind"] for one in notices}
    assert kinds == {"recommendation_publicity", "acceptance_publicity", "award_publicity"}
    for one in notices:
        first, last = date.fromisoformat(one["starts_on"]), date.fromisoformat(one["ends_on"])
        days = [first + timedelta(days=day) for day in range((last - first).days + 1)]
        assert sum(chinese_calendar.is_workday(day) for day in days) == one["days"] == 5
        assert chinese_calendar.is_workday(first)
        assert chinese_calendar.is_workday(last)


def test_every_paper_is_a_pdf_as_listed_and_numbered_without_a_gap(rehearsed):
    folder, _ = rehearsed
    papers = told(folder)["documents"]
    files = {one.name.split(" ")[0]: one for one in (folder / "first").glob("*.pdf")}
    assert sorted(files) == sorted(one["number"] for one in papers)
    for one in papers:
        content = files[one["number"]].read_bytes()
        assert hashlib.sha256(content).hexdigest() == one["sha256"]
        assert len(PdfReader(files[one["number"]]).pages) == one["pages"] > 0
    by_year: dict[str, list[int]] = {}
    for one in papers:
        _, year, number = one["number"].rsplit("-", 2)
        by_year.setdefault(year, []).append(int(number))
    assert len(by_year) == 2, "the round, and the case of the next year"
    for numbers in by_year.values():
        assert sorted(numbers) == list(range(1, len(numbers) + 1))
    assert any("取消奖励决定" in one["title"] for one in papers)
    assert any("证书" in one["title"] for one in papers)


def test_the_same_seed_is_the_same_round(rehearsed):
    """To the last byte of the papers, too: tests.documents.test_pictures renders one again in another process."""
    first, second = told(rehearsed[0]), told(rehearsed[0], "second")
    assert first.pop("elapsed_s") > 0
    second.pop("elapsed_s")
    assert {one.pop("sha256") for one in second["documents"]} == {""}
    assert all(len(one.pop("sha256")) == 64 for one in first["documents"])
    for one in (*first["documents"], *second["documents"]):
        del one["pages"]
    assert first == second
    assert first["audit"]["verified"] is True
    assert first["audit"]["records"] > first["steps"] > 50


def test_nothing_configured_is_touched_and_people_get_a_table(rehearsed):
    folder, table = rehearsed
    # settings make the directory and this machine's secrets; a rehearsal leaves no database and no file there
    assert {one.name for one in (folder / "var").iterdir()} <= {"secret_key", "field_key", "identity_key"}
    for word in (
        "推荐公示", "获奖建议名单公示", "5个工作日", "获奖", "撤回申报", "核对相符", "补正后受理1件", "并案办理1件",
        "逾期上报1件", "名单变更公告1件", "再次申报：",
    ):  # fmt: skip
        assert word in table


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["atlantis"], "urumqi"),
        (["urumqi", "--applicants", "0"], "申报组织数"),
        (["urumqi", "--applicants", "100000"], "申报组织数"),
    ],
)
def test_a_wrong_call_is_refused_in_words(arguments, word, tmp_path):
    child = rehearse(*arguments, PORTAL_VAR_DIR=str(tmp_path))
    _, error = child.communicate()
    assert child.returncode == 1
    assert word in error
    assert "Traceback" not in error


def test_the_childs_door_opens_only_to_a_directory_apart(tmp_path):
    """Started by hand on what is configured, the child refuses before it touches anything."""
    child = subprocess.run(
        [sys.executable, "-m", "award_portal.rehearsal.apart", "urumqi"], cwd=settings.BASE_DIR, check=False,
        env=os.environ | {"PORTAL_VAR_DIR": str(tmp_path), "REHEARSAL": "1", "PORTAL_APART": str(tmp_path / "other"),
                          "DJANGO_SETTINGS_MODULE": "award_portal.settings"},
        capture_output=True, text=True,
    )  # fmt: skip
    assert child.returncode != 0
    assert "独立的临时目录" in child.stderr
    assert not (tmp_path / "demo.sqlite3").exists()
