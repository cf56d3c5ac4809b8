"""E5: every shipped document is one edition for ever, and one spoilt anywhere never breaks the reader."""

import copy
import random
from pathlib import Path

import pytest

from awards.rulebook import RulebookInvalid, load_rulebook
from awards.rulebook.reading import build, read_document

SCHEMES = Path(__file__).parents[2] / "fixtures" / "schemes"
# The digest of what each shipped edition rules. What a round may run on changes only as a new edition.
SHIPPED = {
    "bayannur-2025.yaml": "8f0d5e8f7195eca8dc8b356783953004a351a543d4dda5fe51cc4719b2352d33",
    "urumqi-2025.yaml": "bb4b0a3a07d5bab7a01314f0f00c0b08d28aa70d595b4f7d02d17b74b3a8fe63",
    "yangquan-1.yaml": "121708684dddbd7d970d3a0a7be8e125fb60fcf27cb67b7ae2f5ba468adcdcc2",
    "zhongmu-2025.yaml": "a71672f6dd35fc3a5d85a24dae4fc32f0f03c3aa0b93dbe38c8e5d50f2162ed3",
}


def test_r1_every_shipped_edition_is_here_with_its_digest():
    assert {path.name for path in SCHEMES.glob("*.yaml")} == set(SHIPPED)


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_r1_a_shipped_edition_says_what_it_said_when_it_was_shipped(name):
    book = load_rulebook((SCHEMES / name).read_text("utf-8"))
    assert book.sha256 == SHIPPED[name]
    assert name == f"{book.key}-{book.edition}.yaml"


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_e2_each_value_of_a_shipped_edition_is_a_row_with_its_ground(name):
    rows = load_rulebook((SCHEMES / name).read_text("utf-8")).rules()
    assert len({row.path for row in rows}) == len(rows) > 100
    assert all(row.label and row.value_zh and row.citation_zh for row in rows)
    assert all(row.reason for row in rows if row.assumed)


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
def test_a_document_spoilt_anywhere_is_refused_in_chinese_and_never_breaks_the_reader(seed):
    chance = random.Random(seed)
    name = sorted(SHIPPED)[seed % len(SHIPPED)]
    data = read_document((SCHEMES / name).read_text("utf-8"))[0]
    places = list(_places(data))
    refused: list[RulebookInvalid] = []
    for _ in range(12):
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
    assert len(refused) > 5
    texts = [error.message_zh for invalid in refused for error in invalid.errors]
    assert all(any("\u4e00" <= one <= "\u9fff" for one in text) for text in texts)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_value_that_names_a_part_of_the_document_is_told_by_that_parts_title(name):
    """An officer who confirms 评价依据 reads the title of the criteria, never the key of the file."""
    book = load_rulebook((SCHEMES / name).read_text("utf-8"))
    titles = {one.title for one in book.rubrics}
    told = [row.value_zh for row in book.rules() if row.path.endswith(".review.rubric")]
    assert told
    assert set(told) <= titles
