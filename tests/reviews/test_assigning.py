"""Who reads what: even, free of conflict, by field and then by lot; worked out the same by anybody."""

from __future__ import annotations

from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviews.assigning import CannotSpread, Reading, Spread, balance_readers, lot, worth

PEOPLE = [f"e{number}" for number in range(5)]
PAPERS = [f"a{number}" for number in range(3)]
PAIRS = list(product(PEOPLE, PAPERS))


def reading(papers=PAPERS, people=PEOPLE, readers=2, **given) -> Reading:
    load = given.pop("load", {})
    values = {
        "wanted": dict.fromkeys(papers, readers),
        "experts": {one: load.get(one, 0) for one in people},
        "seed": "x",
    }
    return Reading(**values | given)


def judged(one: Reading, readers: dict[str, list[str]]) -> tuple[int, int, int]:
    """Every spread's worth by trying them all: squares of loads, matches, sum of lots; the least is the best."""
    loads = dict(one.experts)
    for experts in readers.values():
        for expert in experts:
            loads[expert] += 1
    chosen = [(expert, paper) for paper, experts in readers.items() for expert in experts]
    return (
        sum(load * load for load in loads.values()),
        -sum(pair in one.fitting for pair in chosen),
        sum(lot(one.seed, *pair) for pair in chosen),
    )


def every_spread(one: Reading):
    free = [[e for e in one.experts if (e, paper) not in one.barred] for paper in one.wanted]
    choices = [combinations(who, one.wanted[paper]) for who, paper in zip(free, one.wanted, strict=True)]
    for chosen in product(*choices):
        yield {paper: list(experts) for paper, experts in zip(one.wanted, chosen, strict=True)}


@settings(max_examples=25, deadline=None)
@given(
    barred=st.sets(st.sampled_from(PAIRS), max_size=5), fitting=st.sets(st.sampled_from(PAIRS)),
    load=st.dictionaries(st.sampled_from(PEOPLE), st.integers(0, 3)), seed=st.text(max_size=5),
)  # fmt: skip
def test_no_other_spread_is_more_even_nor_as_even_with_more_matches_nor_luckier(barred, fitting, load, seed):
    one = reading(barred=frozenset(barred), fitting=frozenset(fitting), load=load, seed=seed)
    everything = list(every_spread(one))
    if not everything:
        with pytest.raises(CannotSpread):
            balance_readers(one)
        return
    best = min(everything, key=lambda readers: judged(one, readers))
    found = balance_readers(one).readers
    assert {key: sorted(value) for key, value in found.items()} == {key: sorted(value) for key, value in best.items()}


def test_the_order_things_are_given_in_is_no_matter():
    one = reading(fitting=frozenset(PAIRS[::2]))
    turned = reading(papers=PAPERS[::-1], people=PEOPLE[::-1], fitting=frozenset(PAIRS[::2]))
    assert balance_readers(one).readers == balance_readers(turned).readers


def test_another_seed_hands_out_otherwise():
    papers = [f"a{number}" for number in range(8)]
    spreads = {str(balance_readers(reading(papers=papers, seed=str(seed))).readers) for seed in range(5)}
    assert len(spreads) == 5


def test_work_done_before_counts():
    found = balance_readers(reading(papers=["a0"], load={"e0": 4, "e1": 4, "e2": 4}))
    assert found.readers == {"a0": ["e3", "e4"]}
    assert worth(reading(papers=["a0"], load={"e0": 4}), found) == {
        "highest": 4, "lowest": 0, "spread": 4, "matches": 0, "readings": 2,
    }  # fmt: skip


def test_evenness_is_not_given_up_for_one_who_can_read_nothing():
    barred = frozenset(("e0", paper) for paper in PAPERS)
    loads = balance_readers(reading(readers=3, barred=barred)).load()
    assert sorted(loads.values()) == [2, 2, 2, 3]


def test_a_match_is_never_paid_with_evenness():
    found = balance_readers(reading(readers=1, fitting=frozenset(("e0", paper) for paper in PAPERS)))
    assert sorted(found.load().values()) == [1, 1, 1]
    assert found.load()["e0"] == 1


def test_too_few_free_readers_are_told_for_each_application():
    with pytest.raises(CannotSpread) as short:
        balance_readers(reading(papers=["a0", "a1"], people=PEOPLE[:3], readers=3, barred=frozenset({("e1", "a0")})))
    assert (short.value.short, short.value.limit) == ({"a0": 2}, 0)


def test_a_limit_that_leaves_too_few_is_told_with_the_application_that_lacks_them():
    with pytest.raises(CannotSpread) as short:
        balance_readers(reading(people=PEOPLE[:3], limit=1))
    assert short.value.limit == 1
    assert sum(short.value.short.values()) < 2 * len(short.value.short)
    assert sorted(balance_readers(reading(people=PEOPLE[:3], limit=2)).load().values()) == [2, 2, 2]


def test_nothing_wanted_is_nothing_given():
    assert balance_readers(reading(readers=0)) == Spread({one: [] for one in PAPERS})
