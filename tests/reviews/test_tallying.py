"""Counting is arithmetic: more than half of those who could vote on the name, most votes first, ties at the line."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.tallying import Tally, decide_ballot, is_quorate

HALF, TWO_THIRDS = Fraction(1, 2), Fraction(2, 3)


def counted(*votes: int, base: int = 9) -> list[Tally]:
    return [Tally(key, votes_for=number, base=base) for key, number in enumerate(votes)]


@pytest.mark.parametrize(
    ("present", "electorate", "quorate"),
    [(6, 9, True), (5, 9, False), (7, 10, True), (6, 10, False), (2, 3, True), (0, 0, False), (1, 1, True)],
)
def test_a_quorum_is_two_thirds_of_the_electorate_and_not_one_less(present, electorate, quorate):
    assert is_quorate(present, electorate, quorum=TWO_THIRDS) is quorate


@pytest.mark.parametrize(("votes", "base", "carried"), [(5, 9, True), (4, 8, False), (5, 8, True), (4, 9, False)])
def test_a_majority_is_more_than_half_of_those_who_could_vote_on_the_name(votes, base, carried):
    outcome = decide_ballot([Tally(1, votes_for=votes, base=base)], seats=1, majority=HALF)
    assert (outcome.elected == {1}) is carried


def test_the_most_votes_first_within_the_seats():
    outcome = decide_ballot(counted(6, 9, 7, 8), seats=3, majority=HALF)
    assert outcome.elected == {1, 2, 3}
    assert (outcome.tied, outcome.seats_left) == (frozenset(), 0)


def test_equal_votes_above_the_line_are_no_tie():
    assert decide_ballot(counted(7, 7, 6), seats=2, majority=HALF).elected == {0, 1}


def test_names_that_share_the_last_place_are_tied_and_none_of_them_is_elected():
    outcome = decide_ballot(counted(9, 6, 6, 5), seats=2, majority=HALF)
    assert (outcome.elected, outcome.tied, outcome.seats_left) == ({0}, {1, 2}, 1)


def test_names_below_the_majority_are_neither_elected_nor_tied():
    outcome = decide_ballot(counted(4, 4, 4), seats=2, majority=HALF)
    assert (outcome.elected, outcome.tied, outcome.seats_left) == (frozenset(), frozenset(), 2)


def test_a_name_for_which_all_are_recused_is_not_elected():
    assert decide_ballot([Tally(1, votes_for=0, base=0)], seats=1, majority=HALF).elected == frozenset()


@given(
    votes=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=8),
    seats=st.integers(0, 5),
)
def test_whatever_the_counts_the_seats_are_kept_and_nobody_with_more_votes_is_passed_over(votes, seats):
    tallies = [Tally(key, min(pair), max(pair)) for key, pair in enumerate(votes)]
    outcome = decide_ballot(tallies, seats=seats, majority=HALF)
    by_key = {one.key: one for one in tallies}
    assert len(outcome.elected) + outcome.seats_left == seats
    assert not outcome.elected & outcome.tied
    assert all(by_key[key].votes_for * 2 > by_key[key].base for key in outcome.elected | outcome.tied)
    assert not outcome.tied or len(outcome.tied) > outcome.seats_left
    # whoever carried the majority and is not elected has no more votes than anybody elected, and no seat is free
    for one in tallies:
        if one.votes_for * 2 > one.base and one.key not in outcome.elected:
            assert all(by_key[key].votes_for > one.votes_for for key in outcome.elected)
            assert outcome.seats_left == 0 or one.key in outcome.tied or outcome.tied
