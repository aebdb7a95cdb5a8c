"""Exact optima for priors with very small masses, against Myerson's formula in fractions."""

from fractions import Fraction
from itertools import pairwise, product
from math import prod

import numpy as np
import pytest

import amd
from amd.proof.certificate import proof_plan, rational_program
from solvers import Status
from solvers.exact import solve_exact

F = Fraction


def ironed(values, mass):
    """Ironed virtual values (Myerson, 1981; Elkind, 2007, for finite types): slopes of the least concave function above
    the revenue from each price, against the probability of selling at it."""
    share = [sum(mass[k:], F(0)) for k in range(len(mass) + 1)]
    points = [(share[k], values[k] * share[k] if k < len(values) else F(0)) for k in range(len(values), -1, -1)]
    hull = [points[0]]
    for point in points[1:]:
        while len(hull) > 1 and slope(hull[-2], hull[-1]) <= slope(hull[-1], point):
            hull.pop()
        hull.append(point)
    parts = [(high[0], slope(low, high)) for low, high in pairwise(hull)]
    return [next(s for q, s in parts if share[k] <= q) for k in range(len(values))]


def slope(low, high):
    return (high[1] - low[1]) / (high[0] - low[0])


def best_revenue(values, mass, bidders):
    """The expected greatest ironed virtual value, where it is positive."""
    virtual = ironed(values, mass)
    profiles = product(range(len(values)), repeat=bidders)
    return sum((prod((mass[k] for k in p), start=F(1)) * max(F(0), *(virtual[k] for k in p)) for p in profiles), F(0))


def tailed(seed, power, size=8):
    """Values, and weights between 10^-power and 1."""
    rng = np.random.default_rng(seed)
    weights = [F(int(rng.integers(1, 1000)), 10 ** int(rng.integers(3, power + 1))) for _ in range(size)]
    values = np.cumsum([F(int(rng.integers(1, 30)), 3) for _ in range(size)]).tolist()
    return values, [one / sum(weights) for one in weights]


def revenue_program(values, mass, bidders):
    task = amd.problem(
        {
            "amd": 1,
            "agents": {
                "bidder": {
                    "count": bidders,
                    "types": {"v": {"values": list(map(str, values)), "prob": list(map(str, mass))}},
                    "value": {"item": "v"},
                }
            },
            "goods": {"item": 1},
            "design": {"maximize": "revenue"},
        }
    ).task
    return rational_program(task.environment, task.design, proof_plan(task.environment, task.design))[1]


def test_the_formula_by_hand():
    # values 4, 5, 10 with masses 1/2, 1/6, 1/3: the revenue curve has the
    # points (1/3, 10/3), (1/2, 5/2), (1, 4): the middle one lies below the chord of slope 1 from (1/3, 10/3) to (1, 4)
    assert ironed([F(4), F(5), F(10)], [F(1, 2), F(1, 6), F(1, 3)]) == [1, 1, 10]
    assert best_revenue([F(10), F(50)], [F(1, 2), F(1, 2)], 2) == F(75, 2)


@pytest.mark.parametrize("bidders", [1, 2])
@pytest.mark.parametrize("power", [12, 15, 18])
@pytest.mark.parametrize("seed", range(3))
def test_revenue(bidders, power, seed):
    values, mass = tailed(seed, power)
    found = solve_exact(revenue_program(values, mass, bidders))
    assert found.proven and found.status is Status.OPTIMAL
    assert found.objective == best_revenue(values, mass, bidders)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(40))
def test_many_tails(seed):
    values, mass = tailed(seed + 100, 15, 20)
    found = solve_exact(revenue_program(values, mass, 2))
    assert found.proven and found.objective == best_revenue(values, mass, 2)
