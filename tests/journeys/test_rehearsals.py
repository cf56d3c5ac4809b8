"""Each scheme from call to certificate by its document alone (E5): what its own regulation asks, counted by hand."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
import pytest
from django.conf import settings

APPLICANTS = 7
# a whole round with its papers takes a while where the machine does other things too
pytestmark = pytest.mark.timeout(1200)
YUNTAI = Path(__file__).parent / "regulations" / "yuntai-1.yaml"


@dataclass(frozen=True)
class Asked:
    """What a regulation asks of a round, written down by hand."""

    scheme: str
    windows: dict[str, tuple[int, str]]  # publicity → (days, how they are counted)
    quota: dict[str, int]
    papers: tuple[str, ...]
    never: tuple[str, ...]  # words of other schemes that none of its papers may carry


SCHEMES = {
    "zhongmu": Asked(
        "zhongmu", {"award_publicity": (5, "working")}, {"main": 4},
        ("同意推荐", "通报", "候选名单公示"), ("推荐公示", "受理名单公示", "答辩", "表彰决定"),
    ),
    "bayannur": Asked(
        "bayannur",
        {"acceptance_publicity": (5, "working"), "public_comment": (5, "working"), "award_publicity": (7, "working")},
        {"main": 3, "nominee": 3},
        ("公开征求意见", "拟表彰奖励名单公示", "决议"), ("内部公示", "推荐公示", "表决票"),
    ),
    "yangquan": Asked(
        "yangquan", {"award_publicity": (5, "working")}, {"main": 3, "nominee": 5},
        ("评审结果公示",), ("推荐公示", "受理名单公示", "答辩", "表决票"),
    ),
    "yuntai": Asked(
        str(YUNTAI), {"acceptance_publicity": (10, "calendar"), "award_publicity": (10, "calendar")},
        {"gold": 2, "silver": 3}, ("审议决议", "授奖公告", "授奖决定", "考评报告"),
        ("表彰决定", "推荐公示", "奖牌", "表决票"),
    ),
}  # fmt: skip


@pytest.fixture(scope="module", params=sorted(SCHEMES))
def played(request, tmp_path_factory) -> tuple[Asked, dict]:
    """One whole round of the scheme, rehearsed apart; broken invariants make it fail.

    The papers are numbered and not rendered: tests.documents renders each kind of every scheme.
    """
    asked, told = SCHEMES[request.param], tmp_path_factory.mktemp("rehearsals") / "told.json"
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "rehearse", asked.scheme]
    done = subprocess.run(
        [*command, "--applicants", str(APPLICANTS), "--seed", "3", "--no-pdf", "--json", str(told)],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return asked, json.loads(told.read_text("utf-8"))


def test_every_publicity_ran_the_days_its_regulation_asks_and_there_was_no_other(played):
    asked, told = played
    assert {one["kind"] for one in told["notices"]} == set(asked.windows)
    for one in told["notices"]:
        days, kind = asked.windows[one["kind"]]
        first, last = date.fromisoformat(one["starts_on"]), date.fromisoformat(one["ends_on"])
        every = [first + timedelta(days=day) for day in range((last - first).days + 1)]
        counted = every if kind == "calendar" else [day for day in every if chinese_calendar.is_workday(day)]
        assert len(counted) == days


def test_the_quota_is_kept_and_everybody_came_to_an_end(played):
    asked, told = played
    tiers = Counter(one["tier"] for one in told["awards"] if not one["outside_quota"])
    assert tiers
    assert set(tiers) <= set(asked.quota)
    assert all(count <= asked.quota[tier] for tier, count in tiers.items())
    assert told["outcomes"]["awarded"] == len(told["awards"])
    assert sum(told["outcomes"].values()) == APPLICANTS
    assert told["audit"]["verified"] is True


def test_its_papers_speak_its_own_words(played):
    asked, told = played
    titles = "　".join(one["title"] for one in told["documents"])
    assert [word for word in asked.papers if word not in titles] == []
    assert [word for word in asked.never if word in titles] == []


def test_objections_were_settled_both_ways(played):
    asked, told = played
    cases = told["objections"]
    assert {one["outcome"] for one in cases} == {"dismissed", "upheld"}
    assert told["outcomes"]["disqualified"] >= 1
    assert all(one["objector_told"] and one["recommender_told"] for one in cases)
    assert sum(one["completed"] for one in cases) == 1
    assert sum(one["merged"] for one in cases) == 1
    # Z17.8 asks nobody who they are: no second filing can be joined to the first
    assert sum(one["joined"] for one in cases) == (0 if asked.scheme == "zhongmu" else 1)
    assert sum(one["escalated"] for one in cases) >= 1
    assert sum(one["extended"] for one in cases) == 1
    upheld = sum(one["outcome"] == "upheld" for one in cases)
    # article 17 of 云台 has no experts investigate
    assert sum(one["expert_opinions"] for one in cases) == (0 if asked.scheme == str(YUNTAI) else upheld)
    assert [one["used"] for one in told["late_objections"]] == [True]


def test_b16_only_where_the_regulation_says_so_the_leading_body_cancels(played):
    """Elsewhere the finding puts out by itself; each time a name leaves a list that is announced."""
    asked, told = played
    followed = [one["followed"] for one in told["objections"] if one["followed"]]
    cancelled = [one["cancellation"] for one in followed if "cancellation" in one]
    assert [text.endswith("决定取消其授奖资格。") for text in cancelled] == [True] * (asked.scheme == "bayannur")
    assert len(followed) == told["outcomes"]["disqualified"] == told["list_changes"]


def test_u11_many_names_on_paper_are_divided_between_two_panels_and_each_is_judged_once(played):
    _, told = played
    divided = [one for one in told["panels"] if one["group"]]
    assert [one["group"] for one in divided] == ["第一评审组", "第二评审组"]
    assert {one["stage"] for one in divided} == {"document_review"}
    assert len(divided) < len(told["panels"]), "the stages after it have one panel"
    assert min(one["members"] for one in divided) >= 3
    assert min(one["judged"] for one in divided) >= 1
    assert 6 <= sum(one["judged"] for one in divided) <= APPLICANTS


def test_everybody_visited_or_heard_and_their_panels_have_a_review_notice(played):
    _, told = played
    met = [one for one in told["panels"] if not one["group"]]
    # one paper to each of those it concerns, one at least to the panel of each stage
    assert told["review_notices"] >= sum(one["judged"] for one in met) + len(met)


def test_y22_the_supervising_department_has_checked_and_was_answered(played):
    _, told = played
    assert (told["spot_checks"], told["advice_answered"]) == (1, 1)


def test_y2_only_the_scheme_that_admits_individuals_awards_them(played):
    asked, told = played
    people = sum(one["person"] for one in told["awards"])
    assert (people > 0) == (asked.scheme == "yangquan")


def test_b28_a_year_on_one_report_is_in_and_the_others_are_late_where_they_are_handed_in(played):
    asked, told = played
    after = told["afterwards"]
    assert (after["paid"] > 0) == (asked.scheme in ("zhongmu", "bayannur", "yangquan"))
    assert after["accounted"] == (1 if asked.scheme in ("zhongmu", "bayannur") else 0)
    assert after["reported"] == (1 if asked.scheme in ("zhongmu", "bayannur") else 0)
    # Z29: what is made and kept is never late; a winner that lost its award owes nothing more
    assert (0 < after["late"] < len(told["awards"])) == (asked.scheme == "bayannur")


def test_the_ban_of_the_later_year_is_met_at_the_door_of_the_next_round(played):
    """Wherever its regulation bars whoever cheated from applying again (Z14, B22); Y21 bars nobody."""
    asked, told = played
    assert ("起方可申报" in told["afterwards"]["refused_next_time"]) == (asked.scheme != "yangquan")
