"""The closed forms and the linear program are twins: the same optimum, to the last digit that a double holds.

The closed form is a feasible mechanism of exactly known value (audited in rationals); the program's optimum, a double,
must be the double nearest to that rational up to `SIMPLEX`.
"""

from fractions import Fraction

import numpy as np
import pytest

import amd
from amd.classics.agv import expected_externality
from amd.classics.bilateral import market, second_best, smallest_subsidy
from amd.classics.game import best_responses, direct_mechanism, sealed_bid_game
from amd.classics.myerson import cell_means, optimal_auction
from amd.classics.payments import identity_gap
from amd.classics.screening import screening_menu
from amd.classics.taxation import quasilinear_tax
from amd.classics.vcg import vcg_mechanism
from amd.mechanism.direct import Mechanism

Q = Fraction
SIMPLEX = 1e-9  # a simplex optimum of numbers of order 1 to 100, up to rounding

IRREGULAR = {
    "low pool": ([4, 5, 10], [Q(1, 2), Q(1, 4), Q(1, 4)]),
    "two pools": ([1, 2, 3, 4, 9, 10, 20], [Q(k, 40) for k in (10, 1, 10, 2, 12, 1, 4)]),
    "two humps": ([2, 3, 4, 5, 6, 7], [Q(k, 20) for k in (6, 5, 1, 1, 4, 3)]),
    "long tail": ([6, 7, 8, 12, 30], [Q(k, 10) for k in (5, 1, 1, 2, 1)]),
}


def one_good(values, probability, n, wish="revenue", more=""):
    return amd.loads(
        f"""
amd: 1
agents:
  bidder:
    count: {n}
    types: {{v: {{values: [{", ".join(map(str, values))}], prob: [{", ".join(map(str, probability))}]}}}}
    value: {{object: v}}
goods: {{object: 1}}
design:
  maximize: {wish}
{more}
"""
    )


def trade(cells, design):
    return amd.loads(
        f"""
amd: 1
agents:
  buyer: {{types: {{v: {{uniform: [0, 1], cells: {cells}}}}}, value: {{trade: v}}}}
  seller: {{types: {{c: {{uniform: [0, 1], cells: {cells}}}}}, value: {{trade: -c}}}}
outcomes: [keep, trade]
design: {design}
"""
    )


def assert_same(result, exact):
    assert result.optimal
    assert result.objective == pytest.approx(float(exact), rel=SIMPLEX, abs=SIMPLEX)


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("name", IRREGULAR)
def test_ironing_is_the_pooling_of_the_program(name, n):
    """Same revenue, and types in a pool win equally often in the program's own solution."""
    values, probability = IRREGULAR[name]
    auction = optimal_auction([(values, probability)] * n)
    assert not auction.bidders[0].regular
    problem = one_good(values, probability, n)
    result = problem.solve(formulation="full")
    assert_same(result, auction.revenue)
    closed = Mechanism.from_exact(problem.environment, *auction.rule())
    assert problem.check(closed, exact=True).ok()
    prior = problem.environment.float_prior
    for i in range(n):
        others = tuple(axis for axis in range(n) if axis != i)
        shape = tuple(-1 if axis == i else 1 for axis in range(n))
        mass = prior / np.array([float(f) for f in probability]).reshape(shape)
        q = (result.mechanism.allocation[..., i] * mass).sum(axis=others)
        for first, last in auction.bidders[i].pools:
            assert q[first : last + 1] == pytest.approx(q[first], abs=1e-7)


@pytest.mark.parametrize(("n", "cells"), [(2, 20), (3, 10)])
def test_uniform_grids(n, cells):
    points = cell_means(0, 1, cells)
    problem = one_good(points, [Q(1, cells)] * cells, n)
    assert_same(problem.solve(), optimal_auction([(points, None)] * n).revenue)


def test_unlike_bidders_and_own_value():
    problem = amd.loads(
        """
amd: 1
agents:
  weak: {types: {v: {values: [1, 2, 4], prob: [1/2, 1/3, 1/6]}}, value: {object: v}}
  strong: {types: {v: {values: [2, 5, 6, 9]}}, value: {object: v}}
goods: {object: {supply: 1, cost: 3/2}}
design: {maximize: profit, incentive: dominant, participation: ex_post}
"""
    )
    weak, strong = ([1, 2, 4], [Q(1, 2), Q(1, 3), Q(1, 6)]), ([2, 5, 6, 9], None)
    auction = optimal_auction([weak, strong], Q(3, 2))
    assert_same(problem.solve(), auction.profit)
    assert problem.check(Mechanism.from_exact(problem.environment, *auction.rule()), exact=True).ok()


@pytest.mark.parametrize("cells", [6, 10])
def test_second_best_of_trade(cells):
    grid = market(cell_means(0, 1, cells), cell_means(0, 1, cells))
    result = trade(cells, "{maximize: welfare, budget: {balanced: ex_ante}}").solve()
    assert_same(result, second_best(grid).welfare)


@pytest.mark.parametrize("cells", [3, 5, 6, 9])
def test_smallest_subsidy_of_efficient_trade(cells):
    grid = market(cell_means(0, 1, cells), cell_means(0, 1, cells))
    result = trade(cells, "{minimize: deficit, require: [efficient]}").solve()
    assert_same(result, smallest_subsidy(grid))


def test_vickrey_is_feasible_and_the_program_does_better_on_a_coarse_grid():
    """License: VCG collects 20, the best efficient rule 30 (the payment identity leaves room between 10 and 50)."""
    problem = one_good([10, 50], [Q(1, 2), Q(1, 2)], 2, more="  require: [efficient]\n  incentive: dominant\n")
    vickrey = Mechanism.from_exact(problem.environment, *vcg_mechanism(problem.environment))
    assert problem.check(vickrey, exact=True).ok()
    assert vickrey.exact_payments.sum() / 4 == 20
    assert_same(problem.solve(), 30)


def test_expected_externality_is_feasible_for_the_program_it_answers():
    problem = one_good([1, 2, 5], [Q(1, 4), Q(1, 2), Q(1, 4)], 3, "welfare", "  budget: {balanced: ex_post}\n")
    found = expected_externality(problem.environment)
    closed = Mechanism.from_exact(problem.environment, found.allocation, found.payments)
    assert found.individually_rational and problem.check(closed, exact=True).ok()
    welfare = (problem.environment.exact_prior * (found.allocation * _values(problem)).sum(axis=-1)).sum()
    assert_same(problem.solve(), welfare)


def _values(problem):
    """(*shape, n): each bidder's value at each profile."""
    values = [agent.values[:, 0] for agent in problem.environment.agents]
    return np.stack(np.meshgrid(*values, indexing="ij"), axis=-1)


def test_no_equilibrium_of_a_format_beats_the_program():
    """The revelation principle at work: a first-price equilibrium's direct mechanism is feasible, so revenue is
    below.
    """
    problem = one_good([0, 1, 2, 3], [Q(1, 4)] * 4, 2)
    game = sealed_bid_game(problem.environment, [Q(k, 2) for k in range(7)])
    mechanism = direct_mechanism(game, best_responses(game))
    assert problem.check(mechanism, exact=True).ok()
    assert mechanism.exact_payments.sum() / 16 < Q(problem.solve().objective)


@pytest.mark.parametrize("name", IRREGULAR)
def test_payment_identity_holds_in_the_program_s_solution(name):
    values, probability = IRREGULAR[name]
    result = one_good(values, probability, 2).solve(formulation="full")
    mass = np.array([float(f) for f in probability])
    q, m = (table[..., 0] @ mass for table in (result.mechanism.allocation, result.mechanism.payments))
    assert identity_gap(np.array(values, dtype=float), q, m) <= 1e-7


def test_screening_by_quality():
    """Qualities 0 to 3 in halves as outcomes with costs q²/2: the grid holds the closed form's qualities."""
    menu = screening_menu([2, 3, 4], [Q(1, 4), Q(1, 4), Q(1, 2)])
    steps = [Q(k, 2) for k in range(9)]
    assert set(menu.quality) <= set(steps)
    outcomes = ", ".join(f"q{k}: {{cost: {q * q / 2}}}" for k, q in enumerate(steps))
    worth = ", ".join(f"q{k}: {q} * t" for k, q in enumerate(steps))
    problem = amd.loads(
        f"""
amd: 1
agents:
  buyer: {{types: {{t: {{values: [2, 3, 4], prob: [1/4, 1/4, 1/2]}}}}, value: {{{worth}}}}}
outcomes: {{{outcomes}}}
design: {{maximize: profit}}
"""
    )
    assert_same(problem.solve(), menu.profit)


def test_income_tax():
    """Abilities 1 and 2, all weight on the poor: earnings 4/7 and 4 as outcomes of a program with transfers."""
    tax = quasilinear_tax([1, 2], weights=[1, 0])
    grid = sorted({Q(0), Q(1, 2), Q(1), Q(2), Q(3), *tax.earnings, Q(5)})
    outcomes = ", ".join(f"y{k}: {{cost: {-y}}}" for k, y in enumerate(grid))
    worth = ", ".join(f"y{k}: -({y})^2 / (2 * w^2)" for k, y in enumerate(grid))
    problem = amd.loads(
        f"""
amd: 1
agents:
  citizen: {{types: {{w: {{values: [1, 2]}}}}, value: {{{worth}}}}}
outcomes: {{{outcomes}}}
design: {{maximize: profit}}
"""
    )
    # a state that maximises revenue subject to nobody below utility 0 is Rawls's with the poor's utility moved to 0
    assert_same(problem.solve(), tax.utility[0])
