"""What is known before a solve: a hint that saves time where it is good, and does no harm where it is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_array

import solvers
from solvers import LinearProgram, Settings, Start, Status


@pytest.fixture(scope="module")
def packing():
    """A set packing program that takes HiGHS more than its root node."""
    rng = np.random.default_rng(1)
    rows, columns = 80, 250
    matrix = csr_array((rng.random((rows, columns)) < 0.08).astype(float))
    worth = rng.integers(10, 100, columns).astype(float)
    return LinearProgram(
        worth,
        matrix,
        np.full(rows, -np.inf),
        np.ones(rows),
        np.zeros(columns),
        np.ones(columns),
        integer=np.ones(columns, bool),
        maximize=True,
    )


@pytest.fixture(scope="module")
def best(packing):
    return solvers.get("highs").solve(packing)


def test_branch_and_bound_begins_with_the_point(packing, best):
    stopped = Settings(options={"mip_max_nodes": 0, "mip_heuristic_effort": 0.0})
    without = solvers.get("highs").solve(packing, stopped)
    given = solvers.get("highs").solve(packing, replace(stopped, start=Start(point=best.x)))
    assert best.status is Status.OPTIMAL
    assert without.status is given.status is Status.LIMIT
    assert without.objective is None or without.objective < best.objective
    assert given.objective == best.objective
    np.testing.assert_array_equal(given.x, best.x)


def test_an_infeasible_point_is_passed_over(packing, best):
    solution = solvers.get("highs").solve(packing, Settings(start=Start(point=np.ones(packing.column_count))))
    assert (solution.status, solution.objective) == (Status.OPTIMAL, best.objective)


def test_the_simplex_method_begins_at_the_basis(packing):
    program = replace(packing, integer=None)
    cold = solvers.get("highs").solve(program)
    warm = solvers.get("highs").solve(program, Settings(start=Start(basis=cold.basis)))
    assert cold.iterations > 10
    assert warm.iterations == 0
    assert warm.objective == pytest.approx(cold.objective, rel=1e-12)


@pytest.mark.parametrize("name", ["highs", "pulp", "cvxpy"])
def test_a_start_of_another_program_is_an_error(name, packing, best):
    if name not in solvers.available():
        pytest.skip(f"the packages of {name} are not installed")
    relaxed = replace(packing, integer=None)
    with pytest.raises(ValueError, match=r"starting point has shape \(2,\), expected \(250,\)"):
        solvers.get(name).solve(relaxed, Settings(start=Start(point=np.zeros(2))))
    basis = solvers.get("highs").solve(relaxed).basis
    with pytest.raises(ValueError, match="starting basis is not of a program of 250 columns and 80 rows"):
        solvers.get(name).solve(relaxed, Settings(start=Start(basis=replace(basis, rows=basis.rows[:-1]))))


def test_back_ends_without_starts_leave_them_aside(packing, best):
    if "pulp" not in solvers.available():
        pytest.skip("the packages of pulp are not installed")
    solution = solvers.get("pulp").solve(packing, Settings(start=Start(point=best.x)))
    assert solution.objective == best.objective
