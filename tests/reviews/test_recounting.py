"""A meeting's ballots counted again from the export alone, without the portal (V8)."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from fractions import Fraction

import pytest
from django.conf import settings
from django.urls import reverse

from award_portal.lib import clock
from reviews.ballot_export import export_ballots
from reviews.recounting import NotAnExport, recount
from reviews.roll_calls import record_roll_call
from tests.factories import make_user

from .meeting_builders import build_deliberation, edition_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def deliberation(frozen, calendars):
    return build_deliberation()


@pytest.fixture
def voted(deliberation):
    """Two ballots: a tie for the last of three seats, and the further one among the tied."""
    meeting = deliberation.meeting()
    deliberation.elect(meeting, "main", 8, 7, 6, 6)
    deliberation.elect(meeting, "main", 7, 1)
    return meeting


@pytest.fixture
def export(voted):
    return json.loads(json.dumps(export_ballots(voted)))


def faults(export) -> list[str]:
    return [fault for one in recount(export) for fault in one.faults]


def test_the_count_on_record_is_the_count_of_the_slips_tie_and_further_ballot_included(export):
    assert [len(one["names"]) for one in export["ballots"]] == [4, 2]
    assert sum(one["declared"]["tied"] for one in export["ballots"][0]["names"]) == 2
    assert sum(one["declared"]["elected"] for one in export["ballots"][1]["names"]) == 1
    assert faults(export) == []


def test_the_export_says_nothing_of_who_voted(deliberation, voted, export):
    text = json.dumps(export, ensure_ascii=False)
    for one in deliberation.members:
        assert one.username not in text
        assert str(one) not in text
    for ballot in export["ballots"]:
        for name in ballot["names"]:
            assert name["slips"] == sorted(name["slips"])


def _one_more_for(export):
    export["ballots"][0]["names"][3]["slips"].append("for")


def _a_slip_turned(export):
    slips = export["ballots"][0]["names"][0]["slips"]
    slips[slips.index("for")] = "against"


def _another_elected(export):
    first, second = export["ballots"][1]["names"]
    first["declared"]["elected"], second["declared"]["elected"] = False, True


def _a_count_written_over(export):
    export["ballots"][0]["names"][1]["declared"]["for"] -= 1


def _a_tie_hidden(export):
    for one in export["ballots"][0]["names"]:
        one["declared"]["tied"] = False


def _a_base_lowered(export):
    export["ballots"][0]["names"][0]["base"] = 3


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_one_more_for, "多于收回的表决票"),
        (_a_slip_turned, "计票条为7票"),
        (_another_elected, "重新计算"),
        (_a_count_written_over, "登记为6票"),
        (_a_tie_hidden, "末位票数相同"),
        (_a_base_lowered, "多于可以就其表决的3人"),
    ],
)
def test_whatever_is_changed_in_it_is_named(export, change, said):
    changed = copy.deepcopy(export)
    change(changed)
    assert said in "；".join(faults(changed))


@pytest.mark.parametrize(
    "broken", [{}, {"format": "ballots/1"}, {"format": "ballots/1", "majority": "x", "ballots": []}]
)
def test_what_is_no_export_is_refused(broken):
    with pytest.raises(NotAnExport):
        recount(broken)


def test_a_groups_limit_is_part_of_the_count(deliberation):
    """The rulebook's own sub-quotas are tested in test_list_decisions; here the places go through the file."""
    meeting = deliberation.meeting()
    deliberation.elect(meeting, "main", 9, 9, 5, 4)
    export = json.loads(json.dumps(export_ballots(meeting)))
    (ballot,) = export["ballots"]
    names = [one["application"] for one in ballot["names"]]
    ballot["places"]["limits"] = [{"label": "样例组", "at_most": 1, "at_least": 0, "members": names[:2]}]
    assert Fraction(export["majority"]) == Fraction(1, 2)
    # of two equal names of a group that may have one place, neither is elected: the record says otherwise
    said = "；".join(faults(export))
    assert said.count("登记为当选，重新计算不是当选") == 2


def test_a_vote_by_name_is_counted_without_the_names(frozen, calendars):
    deliberation = build_deliberation(edition_text=edition_with("roll_call"))
    meeting = deliberation.meeting()
    said = {one.pk: "for" if place < 3 else "against" for place, one in enumerate(deliberation.applications)}
    choices = dict.fromkeys(meeting.members.values_list("pk", flat=True), said)
    record_roll_call(meeting, tier="main", choices=choices, by=deliberation.officer, at=clock.now())
    export = export_ballots(meeting)
    assert [len(one["slips"]) for one in export["ballots"][0]["names"]] == [9, 9, 9, 9]
    assert faults(export) == []


def test_the_command_needs_the_file_and_python_alone(export, tmp_path):
    """Apart from the project's settings, in isolated mode: nothing of the portal is set up."""
    path = tmp_path / "ballots.json"
    path.write_text(json.dumps(export), "utf-8")

    def run(file) -> subprocess.CompletedProcess[str]:
        bare = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        return subprocess.run(
            [sys.executable, "-S", "-m", "reviews.recounting", str(file)], cwd=settings.BASE_DIR, env=bare, check=False,
            capture_output=True, text=True, encoding="utf-8",
        )  # fmt: skip

    good = run(path)
    assert (good.returncode, good.stderr) == (0, "")
    assert "2次表决，与登记的结果一致" in good.stdout
    _another_elected(export)
    path.write_text(json.dumps(export), "utf-8")
    bad = run(path)
    assert bad.returncode == 1
    assert "2处不符" in bad.stdout
    assert run(tmp_path / "nothing.json").returncode == 2


def test_those_of_the_meeting_fetch_it_and_nobody_else(client, deliberation, voted):
    address = reverse("reviews:ballots_json", args=[voted.public_id])
    for user, status in ((deliberation.officer, 200), (deliberation.members[0], 200), (make_user(), 404)):
        client.force_login(user)
        answer = client.get(address)
        assert answer.status_code == status
    client.force_login(deliberation.officer)
    assert faults(client.get(address).json()) == []


def test_of_an_open_ballot_nothing_is_exported(deliberation):
    meeting = deliberation.meeting()
    ballot, _ = deliberation.open(meeting)
    deliberation.cast(ballot, 3, 3, 3, 3)
    assert export_ballots(meeting)["ballots"] == []
