"""The reduced form against the full program, Border's constraints against all sets, and hierarchies against both."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import chain, combinations

import numpy as np
import pytest
from environments import auction, designs, goods_auctions, uniform_grid, weights, wished
from hypothesis import assume, given
from hypothesis import strategies as st

from amd.compile.plan import Plan
from amd.compile.program import compile_program
from amd.compile.reduced.border import Population, violations
from amd.compile.reduced.generate import Rounds
from amd.compile.reduced.hierarchy import decompose
from amd.compile.reduced.lift import lift
from amd.compile.reduced.program import applies, build_reduced
from amd.mechanism.audit import audit
from amd.mechanism.audit.interim import audit_interim
from amd.mechanism.interim import InterimMechanism
from amd.model.build import AgentSpec, goods_environment
from amd.model.design import Incentive
from amd.model.environment import Good
from amd.model.numbers import exact_array
from amd.model.types import product_types
from solvers import Settings, Status, get

TOLERANCE = 1e-6


def reduced(environment, design):
    form = build_reduced(environment, design)
    session = get("highs").start(form.program, Settings())
    rounds, solution = Rounds(form), session.solve()
    while solution.status is Status.OPTIMAL and rounds.add_violated(session, solution.x, 1e-9):
        solution = session.solve()
    return form, solution


@given(data=st.data())
def test_the_reduced_form_loses_nothing(data):
    environment = data.draw(goods_auctions())
    design = data.draw(designs(environment, incentives=(Incentive.BAYESIAN, Incentive.NONE)))
    assume(applies(environment, design).applies)
    form, solution = reduced(environment, design)
    full = get("highs").solve(compile_program(environment, design, Plan()).program)
    assert solution.status is full.status
    if full.status is Status.OPTIMAL:
        assert solution.objective == pytest.approx(full.objective, abs=TOLERANCE)
        report = audit(lift(form, solution.x), design)
        assert report.ok(TOLERANCE), report


def all_sets(population, q):
    """The largest violation over every choice of one set of types a class, by brute force."""
    classes = [np.flatnonzero(population.owner == c) for c in range(len(population.count))]
    subsets = [list(chain.from_iterable(combinations(own, size) for size in range(len(own) + 1))) for own in classes]
    worst = -np.inf
    for choice in _product(subsets):
        inside = [list(part) for part in choice]
        nobody = np.prod([(1 - population.mass[part].sum()) ** population.count[c] for c, part in enumerate(inside)])
        given_ = sum((population.weight * q)[part].sum() for part in inside)
        worst = max(worst, given_ - (1 - nobody))
    return worst


def _product(parts):
    if not parts:
        yield ()
        return
    for first in parts[0]:
        for rest in _product(parts[1:]):
            yield (first, *rest)


@st.composite
def populations(draw):
    sizes = draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))
    masses = [np.array(weights(draw, size), dtype=float) for size in sizes]
    counts = [draw(st.integers(1, 3)) for _ in sizes]
    q = np.array(draw(st.lists(st.integers(0, 8), min_size=sum(sizes), max_size=sum(sizes)))) / 8
    return Population.of(masses, counts), q


@given(populations())
def test_prefixes_hold_the_most_violated_sets(case):
    population, q = case
    found = violations(population, q)[2].max()
    assert max(found, 0) == pytest.approx(max(all_sets(population, q), 0), abs=1e-12)


@given(populations())
def test_hierarchies_bring_about_every_feasible_interim_allocation(case):
    population, q = case
    excess = violations(population, q)[2]
    if excess.max() > 0:  # scale down until it is feasible
        right = violations(population, q)[1]
        left = excess + right
        q = q * (right[left > 0] / left[left > 0]).min(initial=1.0)
    assume(violations(population, q)[2].max() <= 1e-12)
    parts = decompose(population, q)
    assert sum(weight for weight, _ in parts) <= 1 + 1e-9
    total = sum((weight * one.interim for weight, one in parts), np.zeros(len(q)))
    assert total == pytest.approx(q, abs=1e-7)


def test_common_thresholds_would_be_wrong_for_unlike_agents():
    """One agent of a single type with q = 1/2, one who is high (q = 1) or low (q = 0) half the time each.

    Nothing is wrong at {q >= 1} or at {q >= 1/2}, which leaves the low type out: Pr = 1 there. With q = 3/4 for the
    first the set of the first and the high type has probability 1, and 3/4 + 1/2 > 1.
    """
    population = Population.of([np.array([1.0]), np.array([0.5, 0.5])], [1, 1])
    assert violations(population, np.array([0.5, 1.0, 0.0]))[2].max() <= 1e-12
    assert violations(population, np.array([0.75, 1.0, 0.0]))[2].max() == pytest.approx(0.25)


def closed_form(bidders, cells):
    """Myerson's revenue on midpoints of equal cells: the expected positive virtual value of the highest value."""
    value = (2 * np.arange(1, cells + 1) - 1) / (2 * cells)
    virtual = value - (1 - np.arange(1, cells + 1) / cells)
    with np.errstate(divide="ignore"):
        some = -np.expm1(bidders * np.log(np.arange(cells) / cells))
    return float((np.maximum(virtual, 0) * -np.diff(some, append=0)).sum())


@pytest.mark.parametrize(
    ("bidders", "cells", "tolerance"), [(2, 20, 1e-12), (2, 1000, 1e-12), (10, 1000, 1e-12), (300, 400, 1e-9)]
)
def test_many_bidders_meet_the_closed_form(bidders, cells, tolerance):
    environment, design = auction(bidders, cells)
    form, solution = reduced(environment, design)
    assert solution.objective == pytest.approx(closed_form(bidders, cells), abs=tolerance)
    mechanism = lift(form, solution.x)
    check = audit_interim if isinstance(mechanism, InterimMechanism) else audit
    assert check(mechanism, design).ok(TOLERANCE)
    outcome = mechanism.at(*([0] * (bidders - 1)), cells - 1)
    paid = list(outcome.payments.values())
    assert paid[-1] > 0.4
    assert sum(paid[:-1]) == pytest.approx(0, abs=1e-9)


def test_two_goods_two_bidders_at_the_lower_ends():
    """Sold together to two bidders with values at the lower ends of 10 × 10 cells: 0.868789."""
    grid = uniform_grid(10)
    low = replace(grid, points=tuple(point - Fraction(1, 20) for point in grid.points))
    types = product_types(("a", "b"), (low, low))
    values = exact_array([x for point in types.points for x in point], (100, 2))
    specs = [AgentSpec(f"bidder[{i}]", types, values, group="bidder") for i in (1, 2)]
    environment = goods_environment(specs, [Good("a", 1), Good("b", 1)])
    _, solution = reduced(environment, wished("revenue", 2))
    assert solution.objective == pytest.approx(0.868789, abs=1e-6)
