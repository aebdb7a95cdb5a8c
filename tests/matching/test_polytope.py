"""The link to linear programming, against rotations and brute force."""

from __future__ import annotations

import numpy as np
import pytest

from amd.matching.assignment import assignment_market
from amd.matching.audit import is_stable
from amd.matching.chosen import best_stable
from amd.matching.market import MarketError
from amd.matching.polytope import best_in_polytope, polytope_violation, seats, stable_lottery
from amd.matching.rotations import all_stable_matchings


def indicator(market, assignment):
    x = np.zeros(market.applicants.entries)
    entry = market.entry_at(assignment)
    x[entry[entry >= 0]] = 1
    return x


@pytest.mark.parametrize(("n", "m", "capacity"), [(8, 8, 1), (9, 4, 3)])
def test_vertices_are_stable_matchings(random_market, n, m, capacity):
    """A random direction is best at one stable matching, the one rotations find by another road."""
    rng = np.random.default_rng(n)
    for _ in range(25):
        market = random_market(rng, n, m, capacity, 0.9)
        cost = rng.normal(size=market.applicants.entries)
        x, value = best_in_polytope(market, cost)
        assert np.abs(x - x.round()).max() < 1e-9
        assert (x.round() == indicator(market, best_stable(market, cost).assignment)).all()
        assert value == pytest.approx(cost @ x)


def test_seats_keep_stable_matchings_one_to_one(random_market):
    rng = np.random.default_rng(4)
    for _ in range(30):
        market = random_market(rng, 8, 3, 3, 1.0)
        split = seats(market)
        merged = sorted(
            tuple(np.where(a >= 0, split.program[a], -1).tolist()) for a in all_stable_matchings(split.market)
        )
        assert merged == sorted(tuple(a.tolist()) for a in all_stable_matchings(market))


def test_a_mixture_becomes_a_lottery_over_stable_matchings(knuth):
    everything = list(all_stable_matchings(knuth))
    rng = np.random.default_rng(0)
    for _ in range(20):
        weight = rng.dirichlet(np.ones(len(everything)))
        x = sum(w * indicator(knuth, a) for w, a in zip(weight, everything, strict=True))
        lottery = stable_lottery(knuth, x)
        assert lottery.probability.sum() == pytest.approx(1)
        assert all(is_stable(knuth, m.assignment) for m in lottery.matchings)
        again = sum(
            p * indicator(knuth, m.assignment) for p, m in zip(lottery.probability, lottery.matchings, strict=True)
        )
        assert np.abs(again - x).max() < 1e-6


def test_unmatched_applicants_stay_so_in_the_lottery(random_market):
    rng = np.random.default_rng(6)
    for _ in range(30):
        market = random_market(rng, 7, 6, 1, 0.7)
        everything = list(all_stable_matchings(market))
        x = np.mean([indicator(market, a) for a in everything], axis=0)
        assert all(is_stable(market, m.assignment) for m in stable_lottery(market, x).matchings)


def test_an_unstable_point_is_refused(knuth):
    uniform = np.full(16, 0.25)
    assert polytope_violation(knuth, uniform) < 1e-12  # the average of the four Latin stable matchings
    swapped = np.zeros(16)
    swapped[[2, 5, 10, 12]] = 1
    with pytest.raises(MarketError, match="no mixture"):
        stable_lottery(knuth, swapped / 2)


def test_shapley_shubik_houses():
    """Shapley and Shubik (1971): sellers' values 18, 15, 19; buyers 23 26 20 / 22 24 21 / 21 22 17 (thousands)."""
    value = [[23, 26, 20], [22, 24, 21], [21, 22, 17]]
    answer = assignment_market(value, [18, 15, 19])
    assert answer.surplus == pytest.approx(16)  # 26 - 15 + 21 - 19 + 21 - 18
    assert answer.good.tolist() == [1, 2, 0]
    for corner in (answer.buyers_best, answer.sellers_best):
        profit = corner.price - [18, 15, 19]
        assert corner.utility.sum() + profit.sum() == pytest.approx(16)
        assert (corner.utility[:, None] + corner.price >= np.array(value) - 1e-7).all()
        assert (corner.utility >= -1e-9).all() and (profit >= -1e-9).all()
    assert (answer.buyers_best.price <= answer.sellers_best.price + 1e-9).all()


def test_lowest_prices_are_vickrey_prices():
    """Leonard (1983): the buyers' best corner gives each its marginal contribution."""
    rng = np.random.default_rng(2)
    for _ in range(8):
        value = rng.integers(0, 20, (4, 3)).astype(float)
        answer = assignment_market(value)
        for i in range(4):
            without = assignment_market(np.delete(value, i, axis=0)).surplus
            assert answer.buyers_best.utility[i] == pytest.approx(answer.surplus - without, abs=1e-7)


def test_nobody_trades_at_a_loss():
    answer = assignment_market([[1.0]], [2.0])
    assert answer.good.tolist() == [-1] and answer.surplus == 0
    with pytest.raises(MarketError, match="do not fit"):
        assignment_market([[1.0]], [1.0, 2.0])
