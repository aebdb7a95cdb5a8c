"""From a point near an optimum to the optimum: exact where it succeeds, None where it does not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

import solvers
from solvers import LinearProgram, Status
from solvers.face import polish

INF = np.inf


def test_a_vertex_by_hand(build):
    """max 3a + 2b with a + b <= 4, a + 3b <= 8, a <= 3: the optimum is (3, 1) with multipliers 2, 0."""
    lp = build([3, 2], [[1, 1], [1, 3]], [-INF, -INF], [4, 8], [(0, 3), (0, INF)], maximize=True)
    x, row_dual = polish(lp, np.array([2.99, 1.02]), np.array([1.9, 0.05]))
    np.testing.assert_allclose(x, [3, 1], atol=1e-12)
    np.testing.assert_allclose(row_dual, [2, 0], atol=1e-12)


def test_an_edge_of_optima_keeps_the_nearest_point(build):
    """max a + b with a + b <= 1: every point of the edge is optimal, and (0.3, 0.7) stays."""
    lp = build([1, 1], [[1, 1]], [-INF], [1], maximize=True)
    x, row_dual = polish(lp, np.array([0.3001, 0.7001]), np.array([1.001]))
    np.testing.assert_allclose(x, [0.3, 0.7], atol=1e-12)
    np.testing.assert_allclose(row_dual, [1], atol=1e-12)


def test_nothing_is_made_of_a_program_without_solutions(build):
    lp = build([1, 1], [[1, 1], [1, 1]], [2, -INF], [INF, 1])
    assert polish(lp, np.array([0.7, 0.7]), np.array([1.0, -1.0])) is None


def known(rng, rows, columns, maximize):
    """A program with a strictly complementary optimum that was chosen first: signs of the multipliers follow from
    which bounds hold with equality, and the costs from the multipliers. More rows are tight than columns are free."""
    matrix = rng.integers(-3, 4, (rows, columns)) * (rng.random((rows, columns)) < 0.4)
    x = rng.integers(-4, 5, columns) / 2.0
    at = rng.choice([-1, 0, 1, 2], columns, p=[0.4, 0.3, 0.2, 0.1])
    lower = np.where(at == -1, x, np.where(at == 2, -INF, x - rng.integers(1, 4, columns)))
    upper = np.where(at == 1, x, np.where(at == 2, INF, x + rng.integers(1, 4, columns)))
    reduced = np.where(at == -1, 1.0, np.where(at == 1, -1.0, 0.0)) * rng.integers(1, 4, columns)
    tight = rng.choice([-1, 0, 1, 3], rows, p=[0.4, 0.3, 0.2, 0.1])
    value = matrix @ x
    below = np.where((tight == -1) | (tight == 3), value, value - rng.integers(1, 4, rows))
    above = np.where((tight == 1) | (tight == 3), value, np.where(tight == -1, INF, value + 2))
    y = np.select([tight == -1, tight == 1, tight == 3], [1.0, -1.0, 0.5], 0.0) * rng.integers(1, 4, rows)
    sign = -1.0 if maximize else 1.0
    cost = sign * (matrix.T @ y + reduced)
    lp = LinearProgram(cost, csr_array(matrix.astype(float)), below, above, lower, upper, maximize=maximize)
    return lp, x, sign * y


@given(st.integers(0, 10**6), st.integers(1, 12), st.integers(1, 8), st.booleans())
def test_a_chosen_optimum_is_found_again(seed, rows, columns, maximize):
    """From a thousandth beside it. The values are equal, though the pair may be another of the same face."""
    rng = np.random.default_rng(seed)
    lp, x, y = known(rng, rows, columns, maximize)
    found = polish(lp, x + 1e-3 * rng.standard_normal(columns), y + 1e-3 * rng.standard_normal(rows))
    assert found is not None
    assert lp.objective(found[0]) == pytest.approx(lp.objective(x), abs=1e-9)
    assert within(lp, found[0])
    assert dual_value(lp, found[1]) == pytest.approx(lp.objective(x), abs=1e-7)


def within(lp, x):
    value = lp.matrix @ x
    inside = (value >= lp.row_lower - 1e-10) & (value <= lp.row_upper + 1e-10)
    return inside.all() and (x >= lp.column_lower).all() and (x <= lp.column_upper).all()


def dual_value(lp, y):
    """The bound on the objective that multipliers prove: each times the bound it leans on."""
    sign = -1.0 if lp.maximize else 1.0
    parts = []
    reduced = sign * (lp.cost - lp.matrix.T @ y)
    for dual, lower, upper in ((sign * y, lp.row_lower, lp.row_upper), (reduced, lp.column_lower, lp.column_upper)):
        dual = np.where(np.abs(dual) < 1e-10, 0, dual)
        bound = np.where(dual > 0, lower, upper)
        parts.append((dual * np.where(dual == 0, 0, bound)).sum())
    return sign * sum(parts) + lp.offset


@given(st.integers(0, 10**6))
def test_whatever_is_found_is_optimal(seed):
    """From a point that has nothing to do with the program: mostly nothing, and otherwise an optimum."""
    rng = np.random.default_rng(seed)
    lp, x, _ = known(rng, 8, 6, True)
    found = polish(lp, rng.standard_normal(6), rng.standard_normal(8))
    if found is not None:
        assert within(lp, found[0])
        assert lp.objective(found[0]) == pytest.approx(lp.objective(x), abs=1e-8)
        assert dual_value(lp, found[1]) == pytest.approx(lp.objective(x), abs=1e-7)


def test_a_guess_that_is_wrong_in_one_place_is_mended(build):
    """min a + 2b with a + b >= 1 and a row b >= 0.2, which is taken for slack at first, as it has no multiplier."""
    lp = build([1, 2], [[1, 1], [0, 1]], [1, 0.2], [INF, INF])
    x, row_dual = polish(lp, np.array([0.9, 0.15]), np.array([1.9, 0.0]))
    np.testing.assert_allclose(x, [0.8, 0.2], atol=1e-12)
    np.testing.assert_allclose(row_dual, [1, 1], atol=1e-12)


def test_scaled_costs_make_no_difference():
    rng = np.random.default_rng(3)
    lp, x, y = known(rng, 12, 8, False)
    small = replace(lp, cost=lp.cost * 1e-7)
    found = polish(small, x + 1e-4 * rng.standard_normal(8), 1e-7 * (y + 1e-4 * rng.standard_normal(12)))
    assert found is not None
    optimum = solvers.get("highs").solve(lp)
    assert optimum.status is Status.OPTIMAL
    assert small.objective(found[0]) == pytest.approx(1e-7 * optimum.objective, rel=1e-9, abs=1e-16)
