"""E5: another city's award is another document. The orders and modes of the other three texts are only data."""

import copy
import random
from pathlib import Path

import pytest

from awards.rulebook import RulebookInvalid
from awards.rulebook.reading import build, read_document

DOCUMENT = Path(__file__).parents[2] / "fixtures" / "schemes" / "urumqi-2025.yaml"


@pytest.fixture
def data():
    return read_document(DOCUMENT.read_text("utf-8"))[0]


def arrange(data, *order):
    """The document's stages in another order, those not named left out."""
    stages = {stage["state"]: stage for stage in data["stages"]}
    data["stages"] = [stages[state] for state in order]
    return {stage["state"]: stage for stage in data["stages"]}


def test_b14_a_city_that_visits_before_it_hears_and_asks_the_public_before_it_deliberates(data):
    comment = copy.deepcopy(next(stage for stage in data["stages"] if stage["state"] == "award_publicity"))
    data["stages"].append(comment | {"state": "public_comment", "label": "公开征求意见"})
    data["labels"]["states"]["public_comment"] = "公开征求意见"
    stages = arrange(
        data, "recommendation_review", "qualification", "acceptance_publicity", "document_review", "onsite_review",
        "defense", "public_comment", "deliberation", "award_publicity", "approval",
    )  # fmt: skip
    stages["award_publicity"]["publicity"]["days"] = {"value": 7, "cite": "11.8"}
    stages["deliberation"]["decision"]["mode"]["value"] = "resolution"
    book = build(data)
    assert book.next_stage("draft") == "recommendation_review"
    assert book.next_stage("recommendation_review") == "qualification"
    assert book.next_stage("onsite_review") == "defense"
    assert book.next_stage("defense") == "public_comment"
    assert book.decision.mode.value == "resolution"
    row = book.rule("stages.award_publicity.publicity.days")
    assert row.value_zh == "7个工作日"
    with pytest.raises(RulebookInvalid, match="不得另行设定"):
        book.with_parameters({row.path: 8})


def test_z17_a_city_with_two_legs_of_recommendation_and_no_defense(data):
    stages = arrange(
        data, "self_publicity", "recommendation_review", "qualification", "document_review", "onsite_review",
        "deliberation", "award_publicity", "approval",
    )  # fmt: skip
    stages["recommendation_review"]["legs"] = [
        {"key": "regulator", "label": "市场监督管理部门初审", "cite": "11.3"},
        {"key": "township", "label": "乡镇人民政府（街道办事处）同意并盖章", "cite": "11.3"},
    ]
    data["scoring"]["composite"]["value"] = [
        {"state": "document_review", "percent": 40},
        {"state": "onsite_review", "percent": 60},
    ]
    book = build(data)
    assert [leg.key for leg in book.stage("recommendation_review").legs] == ["regulator", "township"]
    assert not book.has_stage("defense")
    assert book.review_states == ("document_review", "onsite_review")


def test_y11_a_city_that_ranks_by_score_above_a_floor_and_admits_individuals(data):
    decision = next(stage for stage in data["stages"] if stage["state"] == "deliberation")["decision"]
    decision["mode"] = {"value": "rank", "cite": "11"}
    decision["floor_percent"] = {"value": 60, "cite": "11"}
    data["applicants"].append({"key": "person", "label": "个人", "subject": "individual", "cite": "2"})
    for each in (data["categories"][0], data["rubrics"][0]):
        each["subjects"] = ["organization", "individual"]
    data["eligibility"]["conditions"][0]["subject"] = None
    data["tiers"][0]["bonus"] = [
        {"subject": "organization", "yuan": {"value": 300000, "cite": "15"}},
        {"subject": "individual", "yuan": {"value": 100000, "cite": "15"}},
    ]
    data["tiers"][0]["repeat_winner"] = {"value": "honour_only_outside_quota", "cite": "16"}
    book = build(data)
    assert book.decision.floor_percent.value == 60
    assert book.rule("tiers.main.bonus.organization.yuan").value_zh == "300,000元"
    assert book.rule("tiers.main.bonus.individual.yuan").value == 100000
    assert book.rule("tiers.main.repeat_winner").value_zh == "只授予荣誉，不发奖金，不占名额"


def _places(node, loc=()):
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for step, value in inner:
        yield (*loc, step)
        yield from _places(value, (*loc, step))


JUNK = [
    None, True, -1, 10**30, 1.5, float("nan"), "", "三", "0/0", "11.2;", [], {}, [None], [[]], {1: 2},
    {"value": None}, {"value": [], "cite": "4"}, {"cite": 4}, [{"key": []}], [{"state": {}}], {"key": {}},
]  # fmt: skip


@pytest.mark.parametrize("seed", range(8))
def test_a_document_spoilt_anywhere_is_refused_in_chinese_and_never_breaks_the_reader(data, seed):
    chance = random.Random(seed)
    places = list(_places(data))
    refused: list[RulebookInvalid] = []
    for _ in range(25):
        spoilt = copy.deepcopy(data)
        *way, last = chance.choice(places)
        here = spoilt
        for step in way:
            here = here[step]
        here[last] = copy.deepcopy(chance.choice(JUNK))
        try:
            build(spoilt).rules()
        except RulebookInvalid as invalid:
            refused.append(invalid)
    assert len(refused) > 12
    texts = [error.message_zh for invalid in refused for error in invalid.errors]
    assert all(any("\u4e00" <= one <= "\u9fff" for one in text) for text in texts)
