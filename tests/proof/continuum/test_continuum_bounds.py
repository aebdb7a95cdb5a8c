"""Brackets of the continuum against closed forms from the literature."""

import json
import math
from fractions import Fraction

import pytest

from amd.proof.bounds import bounds, outward
from amd.proof.continuum.laws import PiecewiseLaw, uniform_law

F = Fraction
TWO_GOODS = (12 + 2 * math.sqrt(2)) / 27  # Manelli and Vincent 2006, uniform on the unit square
THREE_GOODS = 0.8755  # Giannakopoulos and Koutsoupias 2018, straight-jacket auction, to four places


def width(found):
    return float((found.upper - found.lower) / found.lower)


@pytest.mark.parametrize(
    ("bidders", "truth", "most"),
    [(1, F(1, 4), 0.0), (2, F(5, 12), 1e-4), (3, F(17, 32), 1e-3)],  # Myerson 1981
)
def test_optimal_auction_of_one_good(auction_task, bidders, truth, most):
    found = bounds(auction_task([uniform_law()], bidders))
    assert found.lower <= truth <= found.upper
    assert width(found) <= most
    assert "C3" in found.relations


def test_one_good_welfare_is_the_expected_highest_value(auction_task):
    found = bounds(auction_task([uniform_law()], 2, maximize="welfare"), cells=40)
    assert found.lower <= F(2, 3) <= found.upper
    assert width(found) <= 1e-3


def test_one_buyer_two_goods(auction_task):
    found = bounds(auction_task([uniform_law()] * 2))
    assert found.lower <= F(TWO_GOODS) <= found.upper
    assert width(found) <= 1e-3
    assert {"C2", "C3", "C5", "C6 menu"} <= set(found.relations)


@pytest.mark.slow
def test_one_buyer_three_goods(auction_task):
    found = bounds(auction_task([uniform_law()] * 3))
    assert float(found.lower) <= THREE_GOODS + 1e-4
    assert float(found.upper) >= THREE_GOODS - 1e-4
    assert width(found) <= 0.01


def test_two_bidders_two_goods(auction_task):
    found = bounds(auction_task([uniform_law()] * 2, 2), cells=6)
    assert F(5, 6) - F(1, 1000) <= found.lower <= F(5, 6)  # sold separately
    assert 0.868789 <= found.upper <= 0.92  # the grid at the lower cell ends reaches 0.868789


def test_second_best_of_bilateral_trade(trade_task, no_deficit):
    found = bounds(trade_task(budget=no_deficit), cells=1)
    assert found.upper == F(9, 64)  # Myerson and Satterthwaite 1983
    assert width(found) <= 1e-3
    assert "the budget is asked for in expectation only" in " ".join(found.reasons)


@pytest.mark.parametrize("cells", [1, 2, 3])
def test_smallest_subsidy_for_efficient_trade(trade_task, cells):
    found = bounds(trade_task("deficit", least=True, efficient=True), cells=cells)
    assert found.lower == found.upper == F(1, 6)


def test_efficient_trade_without_subsidy_is_impossible(trade_task, no_deficit):
    found = bounds(trade_task(budget=no_deficit, efficient=True), cells=2)
    assert (found.lower, found.upper, found.verdict) == (None, None, "impossible")
    assert found.cells == 1 and "efficient" in found.relations


def test_prior_with_two_densities(auction_task):
    """Mass 2/3 on [0, 1/2], 1/3 on [1/2, 1]: R(p) = p (1 − F(p)) is largest at p = 3/8: 3/16 against 1/2 · 1/3."""
    law = PiecewiseLaw((F(0), F(1, 2), F(1)), (F(2, 3), F(1, 3)))
    found = bounds(auction_task([law]), cells=8)
    assert found.lower <= F(3, 16) <= found.upper
    assert width(found) <= 1e-3


def test_json_rounds_outward(auction_task):
    found = bounds(auction_task([uniform_law()], 3), cells=10, mechanism_cells=30)
    data = json.loads(json.dumps(found.to_json()))
    assert F(data["lower"]) <= F(data["lower_exact"]) <= F(data["upper_exact"]) <= F(data["upper"])
    assert data["cells"] == 10


@pytest.mark.parametrize("value", [F(1, 3), F(-1, 3), F(1, 2), F(2, 3)])
def test_outward(value):
    assert F(outward(value, -math.inf)) <= value <= F(outward(value, math.inf))
