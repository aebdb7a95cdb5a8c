"""Bilateral trade and screening."""

from fractions import Fraction

import numpy as np
import pytest

from amd.classics.bilateral import (
    best_posted_price,
    double_vickrey,
    linear_double_auction,
    market,
    posted_price,
    second_best,
    smallest_subsidy,
)
from amd.classics.myerson import cell_means
from amd.classics.screening import screening_menu

Q = Fraction


def uniform_market(cells):
    return market(cell_means(0, 1, cells), cell_means(0, 1, cells))


@pytest.mark.parametrize(("cells", "welfare"), [(10, Q(189, 1250)), (20, Q(323, 2200))])
def test_second_best_on_the_grid(cells, welfare):
    found = second_best(uniform_market(cells))
    assert found.welfare == welfare and found.multiplier > 0


@pytest.mark.parametrize("cells", range(2, 13))
def test_smallest_subsidy_and_where_the_theorem_starts(cells):
    """(N − 1)(N − 5)/(6N²): efficient trade balances its budget on grids of up to 5 cells, and from 6 it cannot."""
    grid = uniform_market(cells)
    assert smallest_subsidy(grid) == Q((cells - 1) * (cells - 5), 6 * cells**2)
    first_best = (grid.mass * np.maximum(grid.gains, 0)).sum()
    assert (second_best(grid).welfare == first_best) == (cells <= 5)


def test_double_vickrey_pays_the_pie_twice():
    """E[(V − C)⁺] = 1/6 for uniform; on N cells at their means (N² − 1)/(6N²)."""
    for cells in (4, 10, 40):
        rule = double_vickrey(uniform_market(cells))
        assert rule.deficit == rule.welfare == Q(cells**2 - 1, 6 * cells**2)


def test_best_posted_price():
    """At the price 1/2 trade gains E[V − C; V ≥ 1/2 ≥ C] = 1/4 · 1/2 = 1/8 (cells not cut by the price are exact)."""
    assert posted_price(uniform_market(10), Q(1, 2)).welfare == Q(1, 8)
    price, rule = best_posted_price(uniform_market(11))
    assert price == Q(1, 2) and rule.deficit == 0
    assert abs(rule.welfare - Q(1, 8)) < Q(1, 11)


def test_linear_double_auction():
    """Chatterjee and Samuelson (1983): bids 2v/3 + 1/12, asks 2c/3 + 1/4, trade iff v ≥ c + 1/4, welfare 9/64."""
    half = linear_double_auction(Q(1, 2))
    assert (half.bid_slope, half.bid_intercept) == (Q(2, 3), Q(1, 12))
    assert (half.ask_slope, half.ask_intercept) == (Q(2, 3), Q(1, 4))
    assert half.trade_line == (1, Q(-1, 4)) and half.welfare == Q(9, 64)
    others = [linear_double_auction(Q(k, 10)).welfare for k in range(11)]
    assert max(others) == others[5] and others[0] == others[10] == Q(1, 8)


@pytest.mark.parametrize("k", [Q(0), Q(1, 4), Q(1, 2), Q(1)])
def test_linear_double_auction_is_an_equilibrium(k):
    """No bid on a fine grid does better than the linear one, by exact integration over the seller's cost."""
    rule = linear_double_auction(k)

    def payoff(v, bid):
        top = min(max((bid - rule.ask_intercept) / rule.ask_slope, Q(0)), Q(1))  # trade iff c <= top
        mean_ask = rule.ask_slope * top / 2 + rule.ask_intercept
        return top * (v - k * bid - (1 - k) * mean_ask)

    for v in (Q(1, 3), Q(2, 3), Q(9, 10)):
        own = payoff(v, rule.bid_slope * v + rule.bid_intercept)
        assert all(payoff(v, Q(b, 60)) <= max(own, 0) for b in range(61))


def test_second_best_refuses_what_it_cannot_answer():
    irregular = market([1, 2, 10], [0, 8], [Q(1, 5), Q(1, 5), Q(3, 5)])
    with pytest.raises(ValueError, match="not monotone"):
        second_best(irregular)


def test_bad_weight():
    with pytest.raises(ValueError, match="between 0 and 1"):
        linear_double_auction(Q(2))


def test_screening_two_types_by_hand():
    """Types 2 and 3, equally likely, cost q²/2 (Mussa and Rosen, 1978): φ = (1, 3), prices 2·1 and 2 + 3·2."""
    menu = screening_menu([2, 3])
    assert menu.quality.tolist() == [1, 3] and menu.price.tolist() == [2, 8]
    assert menu.efficient.tolist() == [2, 3] and menu.quality[-1] == menu.efficient[-1]
    assert menu.profit == Q(1, 2) * (2 - Q(1, 2)) + Q(1, 2) * (8 - Q(9, 2))


def test_screening_pools_where_virtual_values_fall():
    menu = screening_menu([4, 5, 10], [Q(1, 2), Q(1, 4), Q(1, 4)])
    assert menu.quality.tolist() == [2, 2, 10]


def test_screening_excludes_below_the_marginal_cost():
    menu = screening_menu([1, 4], linear=Q(1), curvature=Q(2))
    assert menu.quality.tolist() == [0, Q(3, 2)]


def test_screening_needs_convex_cost():
    with pytest.raises(ValueError, match="convex"):
        screening_menu([1, 2], curvature=0)
