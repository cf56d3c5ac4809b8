"""`manage.py demo`: rounds of four awards at different points on Monday 2026-03-02, served, kept, started over."""

from __future__ import annotations

import contextlib
import http.cookiejar
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings

# nine rounds are played for the demo
pytestmark = pytest.mark.timeout(1200)
MANAGE = str(settings.BASE_DIR / "manage.py")


def environment(folder: Path, **extra: str) -> dict[str, str]:
    bare = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    return bare | {"DJANGO_SETTINGS_MODULE": "award_portal.settings", "PORTAL_VAR_DIR": str(folder)} | extra


def demo(folder: Path, *arguments: str, rehearsal: str = "1") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, MANAGE, "demo", *arguments], env=environment(folder, REHEARSAL=rehearsal), check=False,
        capture_output=True, text=True,
    )  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    done = demo(folder, "--no-serve")
    assert done.returncode == 0, done.stderr
    return folder, done.stdout


def rows(folder: Path, query: str) -> list[tuple]:
    with sqlite3.connect(folder / "demo.sqlite3") as database:
        return database.execute(query).fetchall()


def states(folder: Path, scheme: str, ordinal: int) -> Counter:
    found = rows(
        folder,
        "SELECT state FROM applications_application a JOIN awards_round r ON a.round_id = r.id "
        f"JOIN awards_scheme s ON r.scheme_id = s.id WHERE s.key = '{scheme}' AND r.ordinal = {ordinal}",
    )
    return Counter(state for (state,) in found)


def test_rounds_of_four_awards_stand_at_telling_moments(built):
    folder, _ = built
    assert states(folder, "urumqi", 1)["awarded"] == 5
    assert set(states(folder, "urumqi", 2)) == {"deliberation"}
    assert set(states(folder, "urumqi", 3)) == {"document_review"}
    assert states(folder, "urumqi", 4)["recommendation_publicity"] == 3
    assert states(folder, "urumqi", 5) == {"draft": 1, "self_publicity": 1}
    assert states(folder, "zhongmu", 1)["qualification"] == 2
    assert set(states(folder, "zhongmu", 2)) == {"recommendation_review"}
    assert states(folder, "bayannur", 1)["awarded"] > 0
    assert set(states(folder, "bayannur", 2)) == {"public_comment"}
    assert set(states(folder, "yangquan", 1)) == {"deliberation"}
    meetings = rows(folder, "SELECT state, held_on FROM reviews_meeting ORDER BY held_on DESC LIMIT 2")
    assert meetings == [("preparing", "2026-03-02")] * 2
    assert rows(folder, "SELECT count(*) FROM applications_legconsent WHERE verdict = ''") == [(2,)]
    people = "SELECT count(*) FROM applications_application a JOIN organizations_organization o "
    assert rows(folder, people + "ON a.organization_id = o.id WHERE o.subject = 'individual'")[0][0] > 0


def test_every_desk_of_objections_and_supervision_opens_on_something_that_waits(built):
    folder, _ = built

    def count(query: str) -> int:
        return rows(folder, f"SELECT count(*) FROM {query}")[0][0]

    for state in ("received", "incomplete", "investigating"):
        assert count(f"objections_objection WHERE state = '{state}'") == 1, state
    assert count("objections_question WHERE answered_at IS NULL") == 1
    assert count("objections_situationreport") == 2
    assert count("supervision_case WHERE state = 'inquiry'") == 1
    assert count("supervision_casequestion WHERE answered_at IS NULL") == 1
    assert count("supervision_supervisionadvice WHERE answered_at IS NULL") == 1
    assert count("supervision_spotcheck WHERE closed_at IS NULL") == 1
    assert count("supervision_yearlyreport WHERE late_at IS NOT NULL AND first_filed_at IS NULL") == 2
    assert count("awards_award WHERE state = 'revoked'") == 1
    assert count("awards_ban WHERE starts_on < '2026-03-02' AND ends_on > '2026-03-02'") == 1


def test_it_says_what_it_does_and_who_can_sign_in(built):
    _, said = built
    for word in ("载入4个奖项的规则文件", "演练9届评审", "演示数据就绪", "yanlian-2026"):
        assert word in said
    for role in (
        "申报组织",
        "推荐单位",
        "同意推荐单位",
        "被征求意见部门",
        "办公室",
        "评审专家",
        "审议机构成员",
        "审定机关",
        "纪检监察",
        "系统管理员",
        "异议调查，待说明",
        "监督案件，待说明",
        "前不予受理申报",
    ):
        assert role in said
    assert len(said.splitlines()) < 40
    assert "Traceback" not in said


def test_a_second_start_keeps_the_data(built):
    folder, _ = built
    before = rows(folder, "SELECT count(*), max(id) FROM applications_step")
    again = demo(folder, "--no-serve")
    assert again.returncode == 0
    assert "沿用上次的演示数据" in again.stdout
    assert rows(folder, "SELECT count(*), max(id) FROM applications_step") == before


def test_outside_rehearsal_settings_there_is_no_demo(tmp_path):
    refused = demo(tmp_path, "--no-serve", rehearsal="0")
    assert refused.returncode == 1
    assert "演练环境" in refused.stderr


class Visitor:
    """A browser of few words: cookies, forms, no scripts."""

    def __init__(self, port: int) -> None:
        self.root = f"http://127.0.0.1:{port}"
        jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))

    def get(self, path: str) -> str:
        with self.opener.open(self.root + path, timeout=60) as answer:
            return answer.read().decode()

    def post(self, page: str, path: str, **fields: str) -> str:
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token is not None
        body = urllib.parse.urlencode(fields | {"csrfmiddlewaretoken": token[1]}).encode()
        with self.opener.open(self.root + path, body, timeout=120) as answer:
            return answer.read().decode()

    def wait(self, child: subprocess.Popen[bytes]) -> str:
        """The first page, as soon as the server answers."""
        give_up = time.monotonic() + 90
        while True:
            try:
                return self.get("/")
            except (urllib.error.URLError, ConnectionError):
                assert time.monotonic() < give_up, "the demo does not answer"
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.wait(timeout=0.2)
                    pytest.fail("the demo ended")


@pytest.fixture
def served(built):
    folder, _ = built
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    child = subprocess.Popen(
        [sys.executable, MANAGE, "demo", "--port", str(port)], env=environment(folder, REHEARSAL="1"),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    visitor = Visitor(port)
    try:
        yield visitor, visitor.wait(child), folder
    finally:
        child.send_signal(signal.SIGTERM)
        child.wait(timeout=60)


def test_it_is_served_with_the_rehearsal_bar_and_jumps_to_the_next_moment(served):
    visitor, home, folder = served
    assert "2026年3月2日" in home
    assert "下一个节点" in home
    address = re.search(r'action="([^"]*travel[^"]*)"', home)
    assert address is not None
    later = visitor.post(home, address[1], to="next", next="/")
    assert "演练时间已到2026年3月2日17:01" in later, "half of the days of an investigation are over"
    due = visitor.post(later, address[1], to="date", date="2026-03-10", next="/")
    assert "2026年3月10日" in due
    # two of the three recommendation publicities have run; the third has an open objection
    assert states(folder, "urumqi", 4) == {"recommendation": 2, "recommendation_publicity": 1}
    back = visitor.post(due, address[1], to="date", date="2026-03-05", next="/")
    assert "时钟只能向前拨" in back


def test_start_over_forgets_everything(built):
    """Near the end of the file: whatever the served demo lived through is gone; one award alone is quickly played."""
    folder, _ = built
    again = demo(folder, "--no-serve", "--reset", "--scheme", "zhongmu")
    assert again.returncode == 0, again.stderr
    assert "清空演示数据" in again.stdout
    assert states(folder, "urumqi", 4) == {}
    assert states(folder, "zhongmu", 1)["qualification"] == 2
    assert rows(folder, "SELECT key FROM awards_scheme") == [("zhongmu",)]


def test_an_award_the_demo_does_not_have_is_refused_before_anything_is_forgotten(built):
    folder, _ = built
    refused = demo(folder, "--no-serve", "--reset", "--scheme", "atlantis")
    assert refused.returncode == 1
    assert "zhongmu" in refused.stderr
    assert (folder / "demo.sqlite3").exists()
