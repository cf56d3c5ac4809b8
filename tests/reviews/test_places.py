"""How places are given, against brute force: quota, sub-quotas, kept places, floors, nominee lists, ties (U4, Y11)."""

from __future__ import annotations

from decimal import Decimal
from itertools import combinations, product

from hypothesis import given
from hypothesis import strategies as st

from reviews.places import (
    Limit,
    Places,
    RankedTier,
    Scored,
    breaches,
    fill_places,
    levels_of,
    places_for_tied,
    rank_names,
    reaches,
    reserved_for_groups,
)

NAMES = range(6)


def subsets(keys):
    return [frozenset(one) for size in range(len(keys) + 1) for one in combinations(sorted(keys), size)]


groups = st.builds(
    Limit,
    members=st.frozensets(st.sampled_from(list(NAMES)), max_size=6),
    at_most=st.none() | st.integers(0, 4),
    at_least=st.integers(0, 2),
)
some_places = st.builds(Places, seats=st.integers(0, 5), limits=st.lists(groups, max_size=2).map(tuple))
levels = st.lists(st.integers(1, 3), min_size=6, max_size=6).map(lambda ranks: levels_of(dict(enumerate(ranks))))


def fewest_by_brute_force(chosen, places):
    """Tries every number of further names, each in whatever groups names can be in together."""
    floors = [one for one in places.limits if one.at_least]
    if not floors:
        return 0
    kinds = {tuple(key in one.members for one in floors) for key in frozenset().union(*(one.members for one in floors))}
    kinds |= {tuple(one is own for one in floors) for own in floors}
    have = [len(one.members & chosen) for one in floors]
    for count in range(9):
        for picked in product(sorted(kinds), repeat=count):
            got = [have[n] + sum(kind[n] for kind in picked) for n in range(len(floors))]
            if all(number >= one.at_least for number, one in zip(got, floors, strict=True)):
                return count
    raise AssertionError


def holds(chosen, places):
    whole = places.taken | chosen
    return (
        all(one.at_most is None or len(one.members & whole) <= one.at_most for one in places.limits)
        and len(whole) + fewest_by_brute_force(whole, places) <= places.seats
    )


@given(places=some_places, chosen=st.frozensets(st.sampled_from(list(NAMES))))
def test_a_choice_is_refused_exactly_when_it_breaks_a_limit_or_takes_a_kept_place(places, chosen):
    assert reserved_for_groups(chosen, places) == fewest_by_brute_force(chosen, places)
    assert (breaches(chosen, places) == []) == holds(chosen, places)


@given(places=some_places, order=st.permutations(list(NAMES)))
def test_without_ties_each_name_in_its_order_gets_a_place_if_one_may_be_given_to_it(places, order):
    taken: frozenset[int] = frozenset()
    for name in order:
        if holds(taken | {name}, places):
            taken |= {name}
    filling = fill_places([[name] for name in order], places)
    assert (filling.elected, filling.tied) == (taken, frozenset())
    assert filling.seats_left == places.seats - len(taken)


@given(places=some_places, table=levels)
def test_of_the_first_level_only_who_is_in_every_largest_choice_is_elected(places, table):
    allowed = [one for one in subsets(table[0]) if not one or holds(one, places)]
    most = max(len(one) for one in allowed)
    largest = [one for one in allowed if len(one) == most]
    filling = fill_places(table[:1], places)
    assert filling.elected == frozenset.intersection(*largest)
    assert filling.tied == frozenset.union(*largest) - filling.elected
    assert filling.contested == most - len(filling.elected)


@given(places=some_places, table=levels)
def test_however_a_tie_is_settled_the_places_hold(places, table):
    filling = fill_places(table, places)
    assert not filling.elected & filling.tied
    assert not filling.elected or holds(filling.elected, places)
    assert bool(filling.tied) == bool(filling.contested)
    assert filling.contested <= filling.seats_left
    again = places_for_tied(places, filling)
    for votes in ({key: 9 - key for key in filling.tied}, {key: key for key in filling.tied}):
        settled = fill_places(levels_of(votes), again)
        whole = filling.elected | settled.elected
        assert len(settled.elected) <= filling.contested
        assert not whole or holds(whole, places)


@given(seats=st.integers(0, 6), table=levels)
def test_without_limits_who_shares_the_last_place_is_tied_and_nobody_below_moves_up(seats, table):
    filling = fill_places(table, Places(seats))
    left = seats
    for level in table:
        if len(level) <= left:
            assert set(level) <= filling.elected
            left -= len(level)
        else:
            assert filling.tied == (frozenset(level) if left else frozenset())
            break


def test_one_place_kept_for_small_firms_stays_vacant_when_none_of_them_is_chosen():
    kept = Places(3, (Limit(frozenset({9}), at_least=1, label="sme"),))
    assert fill_places([[1], [2], [3]], kept).elected == {1, 2}
    assert fill_places([[1], [2], [3], [9]], kept).elected == {1, 2, 9}


def test_a_tie_for_the_only_place_of_a_group_leaves_the_other_places_to_those_below():
    capped = Places(2, (Limit(frozenset({1, 2}), at_most=1),))
    filling = fill_places([[1, 2], [3]], capped)
    assert (filling.elected, filling.tied, filling.contested) == ({3}, {1, 2}, 1)


# -- by score ----------------------------------------------------------------------------------------------------------


def scored(*percents, repeats=()):
    return [
        Scored(key, Decimal(value), frozenset({"main"} if key in repeats else ())) for key, value in enumerate(percents)
    ]


def tiers(main=1, nominee=2, **given):
    return [
        RankedTier("main", Places(main), **given),
        RankedTier("nominee", Places(nominee), given.get("floor_percent")),
    ]


def test_y11_under_the_floor_nobody_and_the_place_stays_vacant():
    found = rank_names(scored("60", "59.99", "80"), tiers(2, 2, floor_percent=60), further_ballot=True)
    assert found.tiers == {2: "main", 0: "main"}
    assert reaches(Decimal(60), 60)
    assert not reaches(Decimal("59.99"), 60)


def test_y23_a_repeat_winner_takes_no_place_and_the_next_in_order_has_it():
    found = rank_names(scored("90", "80", "70", repeats={0}), tiers(1, 1), further_ballot=True)
    assert found.tiers == {0: "main", 1: "main", 2: "nominee"}
    assert found.outside == {0}


def test_y23_a_repeat_winner_under_the_line_is_no_winner_and_no_repeat_of_the_lower_tier():
    found = rank_names(scored("90", "70", "80", repeats={1}), tiers(1, 2), further_ballot=True)
    assert found.tiers == {0: "main", 2: "nominee", 1: "nominee"}
    assert found.outside == frozenset()


def test_a_repeat_winner_the_meeting_does_not_list_is_on_no_list():
    found = rank_names(scored("90", "80", "70", repeats={0}), tiers(1, 1), further_ballot=True, refused={0})
    assert found.tiers == {1: "main", 2: "nominee"}


def test_a_tie_at_the_last_place_stops_the_ranking_until_hands_are_raised():
    names = scored("90", "90", "70")
    open_tie = rank_names(names, tiers(), further_ballot=True)
    assert (open_tie.unsettled, open_tie.tied["main"], open_tie.tiers) == ("main", {0, 1}, {})
    settled = rank_names(names, tiers(votes={0: 4, 1: 5}), further_ballot=True)
    assert settled.tiers == {1: "main", 0: "nominee", 2: "nominee"}
    equal = rank_names(names, tiers(votes={0: 5, 1: 5}), further_ballot=True)
    assert equal.tiers == {0: "nominee", 1: "nominee"}, "still equal: vacant, and nobody moves up from below"
    assert rank_names(names, tiers(), further_ballot=False).tiers == {0: "nominee", 1: "nominee"}


def test_winners_are_chosen_from_the_nominee_list_whichever_tier_is_written_first():
    nominee_first = [RankedTier("main", Places(1), chosen_from="nominee"), RankedTier("nominee", Places(2))]
    found = rank_names(scored("70", "90", "80"), nominee_first, further_ballot=True)
    assert found.tiers == {1: "main", 2: "nominee"}


@given(percents=st.lists(st.integers(50, 70), min_size=1, max_size=6, unique=True), main=st.integers(0, 3),
       nominee=st.integers(0, 3), repeats=st.frozensets(st.integers(0, 5)))  # fmt: skip
def test_y11_no_order_but_that_of_the_scores(percents, main, nominee, repeats):
    found = rank_names(scored(*percents, repeats=repeats), tiers(main, nominee, floor_percent=60), further_ballot=True)
    expected: dict[int, str] = {}
    order = sorted(range(len(percents)), key=lambda key: -percents[key])
    for tier, seats in (("main", main), ("nominee", nominee)):
        left = seats
        for key in order:
            if key in expected or percents[key] < 60 or not left:
                continue
            expected[key] = tier
            left -= not (tier == "main" and key in repeats)
    assert found.tiers == expected
    assert found.outside == {key for key, tier in expected.items() if tier == "main" and key in repeats}
