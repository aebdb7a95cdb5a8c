"""Sessions that go near an optimum first: the same answers as the simplex method's, or the simplex method."""

from __future__ import annotations

import time

import numpy as np
import pytest
from scipy.sparse import csr_array

import solvers
from solvers import Settings, first_order, highs_method
from solvers.first_order import FirstOrder

INF = np.inf


@pytest.fixture
def small_is_large(monkeypatch):
    monkeypatch.setattr(highs_method, "LARGE", 1)


@pytest.fixture
def transport(build):
    """Five sources, six sinks: supplies at most 1, demands at least 0.8 of each sink, random costs."""
    rng = np.random.default_rng(2)
    rows = np.vstack([np.kron(np.eye(5), np.ones(6)), np.kron(np.ones(5), np.eye(6))])
    lower, upper = [-INF] * 5 + [0.8] * 6, [1.0] * 5 + [INF] * 6
    return build(rng.integers(1, 20, 30), rows, lower, upper)


def session(lp, settings=Settings()):
    return solvers.get("highs").start(lp, settings)


def test_the_answer_is_that_of_the_simplex_method(small_is_large, transport, check):
    near = session(transport)
    x = near.approach(1e-4)
    solution = near.solve()
    best = solvers.get("highs").solve(transport)
    assert np.abs(transport.matrix @ x - transport.row_upper)[:5].min() < 1e-2
    check.optimal(transport, solution)
    assert solution.objective == pytest.approx(best.objective, abs=1e-10)
    assert best.basis is not None
    assert near.basis() is None


def test_rows_come_and_go(small_is_large, transport, check):
    """A row that cuts the optimum off, and a further one that is taken out again."""
    near = session(transport)
    near.approach(1e-4)
    first = near.solve()
    best = int(np.argmax(first.x))
    cut = csr_array(np.eye(30)[[best, best]])
    near.add_rows(cut, np.full(2, -INF), np.array([0.3, 0.1]))
    near.drop_rows(np.array([transport.row_count + 1]))
    near.approach(1e-3)
    second = near.solve()
    check.optimal(near.program, second)
    assert second.objective == pytest.approx(solvers.get("highs").solve(near.program).objective, abs=1e-10)
    assert second.objective > first.objective + 1e-3


def test_the_simplex_method_takes_over_where_no_face_is_found(small_is_large, transport, monkeypatch, check):
    monkeypatch.setattr(first_order, "polish", lambda *_: None)
    near = session(transport)
    assert near.approach(1e-4) is not None
    check.optimal(transport, near.solve())
    assert near.basis() is not None
    assert near.approach(1e-4) is None  # and keeps it


def test_a_face_that_is_wrong_is_not_believed(small_is_large, transport, monkeypatch, check):
    monkeypatch.setattr(first_order, "polish", lambda lp, x, y: (np.zeros(30), np.zeros(11)))
    near = session(transport)
    near.approach(1e-4)
    check.optimal(transport, near.solve())


def test_an_infeasible_program_is_found_to_be_so(small_is_large, transport, check):
    near = session(transport)
    near.approach(1e-3)
    near.add_rows(csr_array(np.ones((1, 30))), np.full(1, 7.0), np.full(1, INF))
    near.approach(1e-3)
    check.infeasible(near.program, near.solve())


def test_nothing_is_found_after_the_deadline(transport):
    first = FirstOrder(Settings())
    assert first.approach(transport, 1e-4, time.perf_counter() - 1) is None
    assert first.optimum(transport, time.perf_counter() - 1) is None
    assert first.optimum(transport, time.perf_counter() + 60) is not None


@pytest.mark.parametrize(
    "settings", [Settings(options={"solver": "simplex"}), Settings(options={"solver": "pdlp"})], ids=str
)
def test_a_method_that_was_asked_for_is_used(small_is_large, transport, settings):
    assert session(transport, settings).approach(1e-4) is None


def test_small_programs_are_solved(transport):
    assert session(transport).approach(1e-4) is None


@pytest.mark.parametrize("name", ["pulp", "cvxpy"])
def test_other_back_ends_would_rather_solve(name, transport):
    if name not in solvers.available():
        pytest.skip(f"the packages of {name} are not installed")
    assert solvers.get(name).start(transport).approach(1e-4) is None
