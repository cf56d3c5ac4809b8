"""From sheets to one score (V5): means, weights, floors, vetoes, leaning, and whether a cut hangs on one reader."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from awards.rulebook import Rubric
from reviews.combining import (
    Weighed,
    aggregate,
    combined,
    composite_percent,
    dropped_positions,
    given_vetoes,
    reaches_floor,
)
from reviews.leaning import leanings
from reviews.stability import IN, OUT, TIED, leave_one_out, places_in_order

POINTS = st.integers(0, 2000).map(lambda halves: Decimal(halves) / 2)
TOTALS = st.lists(POINTS, min_size=1, max_size=9)
SHARE = st.fractions(0, 1, max_denominator=40)
READ = st.dictionaries(
    st.integers(0, 5), st.dictionaries(st.integers(0, 6), SHARE, min_size=1, max_size=5), min_size=1, max_size=5
)
few = settings(max_examples=60, deadline=None)


# -- means -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("totals", "method", "score"),
    [
        ((20, 60, 70, 70, 100), "mean", "64.00"),
        ((20, 60, 70, 70, 100), "trimmed_mean", "66.67"),
        ((60, 100), "trimmed_mean", "80.00"),
        ((70, 70, 70), "trimmed_mean", "70.00"),
        ((1, 1, 2), "mean", "1.33"),
    ],
)
def test_totals_are_combined_as_the_rulebook_says(totals, method, score):
    assert aggregate([Decimal(one) for one in totals], method) == Decimal(score)


@few
@given(TOTALS)
def test_a_trimmed_mean_leaves_out_just_one_highest_and_one_lowest(totals):
    out = dropped_positions(totals, "trimmed_mean")
    assert len(out) == (2 if len(totals) > 2 else 0)
    kept = sorted(one for place, one in enumerate(totals) if place not in out)
    assert kept == (sorted(totals)[1:-1] if len(totals) > 2 else sorted(totals))


@few
@given(TOTALS, st.sampled_from(["mean", "trimmed_mean"]), st.randoms())
def test_the_score_lies_between_the_totals_and_no_order_changes_it(totals, method, random):
    exact = combined([Fraction(one) for one in totals], method)
    assert min(totals) <= exact <= max(totals)
    shuffled = random.sample(totals, len(totals))
    assert combined([Fraction(one) for one in shuffled], method) == exact


# -- stages ------------------------------------------------------------------------------------------------------------


def weighed(*rows):
    return [Weighed(Decimal(str(score)), Decimal(total), Decimal(weight)) for score, total, weight in rows]


def test_b15_the_composite_weighs_on_site_and_defense():
    assert composite_percent(weighed((800, 1000, 70), (90, 100, 30))) == Decimal("83.00")


def test_a_stage_there_was_not_weighs_nothing():
    assert composite_percent(weighed((800, 1000, 70))) == Decimal("80.00")
    assert composite_percent([]) == 0


@few
@given(st.lists(st.tuples(POINTS, st.integers(1, 100)), min_size=1, max_size=3))
def test_the_composite_lies_between_the_stages(rows):
    shares = [score / 10 for score, _ in rows]
    value = composite_percent([Weighed(score, Decimal(1000), Decimal(weight)) for score, weight in rows])
    assert min(shares) - Decimal("0.005") <= value <= max(shares) + Decimal("0.005")


# -- floors ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("score", "total", "reaches"),
    [("600", 1000, True), ("599.99", 1000, False), ("600.01", 1000, True), ("60", 100, True), ("59.5", 100, False)],
)
def test_y11_sixty_per_cent_is_enough_and_nothing_under_it(score, total, reaches):
    assert reaches_floor(Decimal(score), Decimal(total), 60) is reaches


def test_no_floor_is_reached_by_every_score():
    assert reaches_floor(Decimal(0), Decimal(100), None)


def test_y11_rounding_never_lifts_a_composite_onto_the_floor():
    # 599.96 and 599.99 of 1000, half each: 59.9975, which would round to 60.00
    assert composite_percent(weighed((599.96, 1000, 50), (599.99, 1000, 50))) == Decimal("59.99")
    assert composite_percent(weighed((600, 1000, 50), (600, 1000, 50))) == Decimal("60.00")
    assert composite_percent(weighed((845.55, 1000, 50), (845.56, 1000, 50))) == Decimal("84.56")


@few
@given(st.lists(st.tuples(st.integers(59900, 60100), st.integers(1, 99)), min_size=1, max_size=3))
def test_y11_the_rounded_composite_reaches_the_floor_just_when_the_exact_one_does(rows):
    parts = [Weighed(Decimal(cents) / 100, Decimal(1000), Decimal(weight)) for cents, weight in rows]
    exact = sum(Fraction(one.score) * Fraction(one.weight) for one in parts) / sum(
        Fraction(one.weight) for one in parts
    )
    assert (composite_percent(parts) >= 60) == (exact >= 600)


# -- vetoes ------------------------------------------------------------------------------------------------------------


def rubric(by="majority", floor=None):
    return Rubric.model_validate(
        {
            "key": "sample", "title": "样例", "assumed": "样例", "total": {"value": 100, "assumed": "样例"},
            "bands": [{"key": "low", "label": "低", "at_least": 0, "text": "低"},
                      {"key": "high", "label": "高", "at_least": 60, "text": "高"}],
            "vetoes": [{"key": "accident", "title": "重大事故", "text": "有", "by": by, "assumed": "样例"}],
            "items": [{"key": "one", "title": "甲项", "points": 60, "text": "甲", "floor_percent": floor},
                      {"key": "two", "title": "乙项", "points": 40, "text": "乙"}],
        }
    )  # fmt: skip


def sheets(votes, readers, one="60"):
    found = [{"one": {"score": one}, "two": {"score": "40"}} for _ in range(readers)]
    for row in found[:votes]:
        row["accident"] = {"veto": "yes"}
    return found


@pytest.mark.parametrize(
    ("by", "votes", "readers", "vetoed"),
    [("majority", 2, 3, True), ("majority", 1, 3, False), ("majority", 2, 4, False), ("majority", 3, 4, True),
     ("any", 1, 5, True), ("any", 0, 5, False), ("majority", 0, 3, False)],
)  # fmt: skip
def test_a_veto_is_given_by_the_majority_of_the_readers_or_by_any(by, votes, readers, vetoed):
    assert [one.title for one in given_vetoes(rubric(by), sheets(votes, readers))] == ["重大事故"] * vetoed


@pytest.mark.parametrize(("score", "vetoed"), [("36", False), ("35.5", True), ("60", False)])
def test_an_item_under_its_own_floor_bars_whatever_the_total(score, vetoed):
    found = given_vetoes(rubric(floor=60), sheets(0, 3, one=score))
    assert [one.key for one in found] == ["one"] * vetoed


# -- leaning -----------------------------------------------------------------------------------------------------------


def test_a_readers_leaning_is_measured_against_the_others_on_the_same_applications():
    shares = {pk: {1: Fraction(80, 100), 2: Fraction(80, 100), 3: Fraction(70, 100)} for pk in (10, 11, 12)}
    found = leanings(shares)
    assert (found[3].percent, found[3].n, found[3].word) == ("-10.0%", 3, "偏严")
    assert (found[1].percent, found[1].word) == ("+5.0%", "偏宽")
    assert leanings({10: shares[10]})[3].word == "份数少，不作判断"


def test_who_read_alone_leans_nowhere():
    assert leanings({10: {1: Fraction(1)}}) == {}


@few
@given(READ)
def test_the_distances_on_one_application_cancel_out(shares):
    for pk, readers in shares.items():
        found = leanings({pk: readers})
        assert sum((one.mean for one in found.values()), Fraction(0)) == 0
        assert set(found) == (set(readers) if len(readers) > 1 else set())


# -- ties and stability ------------------------------------------------------------------------------------------------


def shares_of(*percents):
    return {place: Fraction(one, 100) for place, one in enumerate(percents)}


@pytest.mark.parametrize(
    ("percents", "places", "found"),
    [((90, 80, 70), 2, [IN, IN, OUT]), ((90, 80, 80), 2, [IN, TIED, TIED]), ((90, 80, 80), 3, [IN, IN, IN]),
     ((90, 80, 80), 1, [IN, OUT, OUT]), ((90, 80), None, [IN, IN]), ((90, 80), 0, [OUT, OUT])],
)  # fmt: skip
def test_where_each_stands_to_the_line(percents, places, found):
    assert list(places_in_order(shares_of(*percents), places).values()) == found


def test_a_barred_name_takes_no_place():
    assert list(places_in_order(shares_of(90, 80, 70), 2, barred=[0]).values()) == [OUT, IN, IN]


def test_a_cut_that_hangs_on_one_reader_says_so():
    totals = {
        10: {1: Fraction(95, 100), 2: Fraction(80, 100), 3: Fraction(80, 100)},
        11: {1: Fraction(80, 100), 2: Fraction(84, 100), 3: Fraction(84, 100)},
    }
    scores = {pk: combined(list(row.values()), "mean") for pk, row in totals.items()}
    found = leave_one_out(totals, scores, lambda rest: combined(rest, "mean"), places=1)
    assert found.places == {10: IN, 11: OUT}
    assert {one.reader: dict(one.moved) for one in found.without if one.flips} == {1: {10: (IN, OUT), 11: (OUT, IN)}}
    assert [one.reader for one in found.flips_of(11)] == [1]
    assert found.lowest[10] == Fraction(80, 100)


@few
@given(READ, st.integers(0, 5))
def test_the_range_without_one_reader_holds_the_score_and_no_more_go_in_than_there_are_places(totals, places):
    scores = {pk: combined(list(row.values()), "mean") for pk, row in totals.items()}
    found = leave_one_out(totals, scores, lambda rest: combined(rest, "mean"), places=places)
    assert all(found.lowest[pk] <= scores[pk] <= found.highest[pk] for pk in totals)
    assert sum(1 for one in found.places.values() if one == IN) <= places
    assert not any(one.flips for one in found.without) or len(totals) > 1
    alone = {next(iter(row)) for row in totals.values() if len(row) == 1}
    for one in found.without:
        if all(one.reader not in row or row.keys() == {one.reader} for row in totals.values()):
            assert one.reader in alone
            assert not one.flips
