"""School choice rules against the published example and their axioms."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from amd.matching.market import MarketError, lists_from
from amd.matching.random_assignment import probabilistic_serial, random_serial_dictatorship_probabilities
from amd.matching.school import (
    immediate_acceptance,
    random_serial_dictatorship,
    serial_dictatorship,
    top_trading_cycles,
)
from amd.matching.ties import break_ties


def test_boston_example(schools):
    assert (immediate_acceptance(schools).assignment + 1).tolist() == [2, 1, 3, 3, 1, 4, 3, 2]


def test_top_trading_cycles_example(schools):
    assert (top_trading_cycles(schools).assignment + 1).tolist() == [2, 1, 3, 3, 1, 4, 2, 4]


def test_priority_at_an_unwanted_program_can_be_traded(make):
    """1 holds first priority at B, wants only A; 2 holds it at A, wants only B: they trade, if B may point at 1."""
    market = make([[0], [1], [0]], [[1, 2, 0], [0, 1]], [1, 1])
    assert top_trading_cycles(market).assignment.tolist() == [-1, 1, 0]
    assert top_trading_cycles(market, lists_from([[1, 2, 0], [0, 1]])).assignment.tolist() == [0, 1, -1]


def dominated(market, assignment, everything) -> bool:
    """Is there a matching that nobody likes less and somebody more?"""
    now = market.tier_at(assignment)
    return any((t <= now).all() and (t < now).any() for t in everything)


@pytest.mark.parametrize("rule", [immediate_acceptance, top_trading_cycles, random_serial_dictatorship])
def test_pareto_efficient(random_market, matchings_by_force, rule):
    rng = np.random.default_rng(0)
    for _ in range(150):
        market = random_market(rng, 5, 3, 2, 0.8)
        everything = [market.tier_at(np.array(m)) for m in matchings_by_force(market)]
        assert not dominated(market, rule(market).assignment, everything)


def test_serial_dictatorship_order(make):
    market = make([[0, 1], [0, 1], [0]], [[0, 1, 2], [0, 1, 2]])
    assert serial_dictatorship(market, [1, 0, 2]).assignment.tolist() == [1, 0, -1]
    with pytest.raises(MarketError, match="permutation"):
        serial_dictatorship(market, [0, 0, 2])


def test_probabilistic_serial_and_random_dictatorship_differ(make):
    """Bogomolnaia and Moulin (2001), first example: 1, 2: a b c d; 3, 4: b a d c."""
    rows = [[0, 1, 2, 3], [0, 1, 2, 3], [1, 0, 3, 2], [1, 0, 3, 2]]
    market = make(rows, [[0, 1, 2, 3]] * 4)
    half = Fraction(1, 2)
    assert probabilistic_serial(market)[0] == {0: half, 2: half}
    assert probabilistic_serial(market)[3] == {1: half, 3: half}
    serial = random_serial_dictatorship_probabilities(market)
    assert serial[0] == {0: Fraction(5, 12), 1: Fraction(1, 12), 2: Fraction(5, 12), 3: Fraction(1, 12)}


def test_probabilistic_serial_is_envy_free(random_market):
    """In the sense of stochastic dominance: every own upper set has at least the probability another's share gives."""
    rng = np.random.default_rng(5)
    for _ in range(100):
        market = random_market(rng, 5, 3, 2, 1.0)
        shares = probabilistic_serial(market)
        for a in range(5):
            mine = theirs = Fraction(0)
            for other in range(5):
                mine = theirs = Fraction(0)
                for p in market.applicants.of(a).tolist():
                    mine, theirs = mine + shares[a].get(p, 0), theirs + shares[other].get(p, 0)
                    assert mine >= theirs


def test_lotteries_repeat_and_differ(make_tied):
    market = make_tied([[[p] for p in range(3)] for _ in range(6)], [[list(range(6))] for _ in range(3)])
    single, multiple = break_ties(market, "single", 4), break_ties(market, "multiple", 4)
    assert single.is_strict and multiple.is_strict
    orders = np.split(single.programs.choice, 3)
    assert all((o == orders[0]).all() for o in orders)
    assert any((o != multiple.programs.choice[:6]).any() for o in np.split(multiple.programs.choice, 3))
    assert (break_ties(market, "single", 4).programs.choice == single.programs.choice).all()
    assert (break_ties(market, "single", 5).programs.choice != single.programs.choice).any()
