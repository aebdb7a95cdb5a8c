"""What is particular to CBC: its faults, its files, its log."""

from __future__ import annotations

import tempfile

import numpy as np
import pytest

import solvers
from solvers import Settings, SolverError, Status

pulp_backend = pytest.importorskip("solvers.pulp", reason="PuLP is not installed")
INF = np.inf


@pytest.fixture(scope="module")
def cbc():
    return solvers.get("pulp")


def test_the_module_of_the_same_name_is_the_real_one():
    assert pulp_backend.pulp.LpProblem.__module__.startswith("pulp")


def test_no_file_is_left_behind(cbc, build, hard, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    cbc.solve(build([1, 1], [[1, 1]], [1], [INF]))
    cbc.solve(hard, Settings(time_limit=0.1))
    with pytest.raises(SolverError):
        cbc.solve(build([1, 1], [[1, 1]], [1], [INF]), Settings(options={"nonsense": 1}))
    assert list(tmp_path.iterdir()) == []


def test_answers_have_all_their_digits(cbc, build):
    solution = cbc.solve(build([1], [[3]], [1], [INF]))
    assert solution.x[0] == pytest.approx(1 / 3, abs=1e-15)


def test_preprocessing_that_errs_is_not_used(cbc, build):
    # min 3x - 3y + 2z, y - z <= 3, 4x >= -1, x and z whole: y = 5/2, z = 1, -11/2; CBC's preprocessing says -4
    program = build(
        [3, -3, 2],
        [[0, 1, -1], [4, 0, 0], [0, 0, 0]],
        [-INF, -1, -1],
        [3, INF, INF],
        [(-2, 1), (0, 2.5), (0.5, 4)],
        integer=[True, False, True],
    )
    solution = cbc.solve(program)
    assert solution.status is Status.OPTIMAL
    assert solution.objective == pytest.approx(-5.5)


def test_an_infeasible_program_on_which_cbc_crashes(cbc, build):
    program = build(
        [0, 0, 0, 0],
        [[3, 0, -1, 0], [-3, 0, 0, -1]],
        [0, 0],
        [INF, INF],
        [(-2, 1)] * 3 + [(0.5, 1)],
        integer=[True, False, False, False],
    )
    assert cbc.solve(program).status is Status.INFEASIBLE


def test_an_unbounded_program_that_cbc_calls_optimal(cbc, build, check):
    program = build([0, 0, 1], [[-4, 0, 0]], [-INF], [0], [(-3, INF), (-3, INF), (-INF, INF)])
    check.unbounded(program, cbc.solve(program))


def test_a_bound_read_from_the_log_is_rounded_outward(build):
    log = "Result - Stopped on time limit\n\nObjective value:  3.000\nLower bound:                    0.123\nGap: inf\n"
    program = build([1], bounds=[(0, 1)], integer=[True])
    assert pulp_backend._bound(log, program, None, 1.0) == pytest.approx(0.1225)
    assert pulp_backend._bound(log, program, None, -1.0) == pytest.approx(-0.1225)
    assert pulp_backend._bound("no such line", program, None, 1.0) is None


def test_a_gap_is_a_wish_and_is_heard(cbc, build):
    rng = np.random.default_rng(0)
    weights = rng.integers(1, 1000, (5, 40)).astype(float)
    value = weights.mean(axis=0) + rng.integers(0, 500, 40)
    program = build(
        value,
        weights,
        [-INF] * 5,
        np.floor(weights.sum(axis=1) / 2),
        [(0, 1)] * 40,
        integer=[True] * 40,
        maximize=True,
    )
    solution = cbc.solve(program, Settings(gap=0.05))
    assert solution.status is Status.OPTIMAL
    assert solution.bound >= solution.objective >= 0.95 * solution.bound - 1e-6
