"""The choice of HiGHS's method, and what becomes of the answer of a first-order one."""

from __future__ import annotations

import highspy
import numpy as np
import pytest
from scipy.sparse import csr_array

import amd
from amd.compile.choose import choose
from amd.compile.program import compile_program
from solvers import LinearProgram, Settings, Status, get
from solvers.highs_engine import Engine
from solvers.highs_method import choose_method
from solvers.kkt import primal_residual


def program(largest):
    matrix = csr_array(np.array([[1.0, largest], [largest, 1.0]]))
    infinite = np.full(2, np.inf)
    return LinearProgram(np.ones(2), matrix, -infinite, np.ones(2), np.zeros(2), infinite, maximize=True)


@pytest.mark.parametrize(("largest", "scaled"), [(1.0, False), (32.0, False), (33.0, True), (1e6, True)])
def test_only_coefficients_of_unlike_sizes_are_scaled(largest, scaled):
    assert ("simplex_scale_strategy" not in choose_method(program(largest)).options) is scaled


def test_the_usual_scaling_is_the_solvers_default():
    from solvers.highs_engine import SCALED

    assert highspy.Highs().getOptionValue("simplex_scale_strategy")[1] == SCALED


def test_an_empty_program_has_a_method():
    empty = LinearProgram(np.ones(1), csr_array((0, 1)), np.zeros(0), np.zeros(0), np.zeros(1), np.ones(1))
    assert choose_method(empty).options["solver"] == "simplex"


def small_auction():
    problem = amd.load("optimal-auction", N=6)
    return compile_program(problem.environment, problem.design, choose(problem.environment, problem.design, "full"))


@pytest.mark.parametrize("method", ["ipm", "pdlp"])
def test_every_methods_answer_holds_in_the_original_program(method):
    """Presolve makes PDLP's multipliers wrong (HiGHS 1.15 says so itself); the simplex method then finishes."""
    lp = small_auction().program
    settings = Settings(options={"solver": method})
    loose = settings if method == "ipm" else Settings(options={"solver": "pdlp", "pdlp_optimality_tolerance": 1e-2})
    for asked in (settings, loose):
        found = get("highs").solve(lp, asked)
        assert found.status is Status.OPTIMAL
        assert found.objective == pytest.approx(get("highs").solve(lp).objective, abs=1e-8)
        assert primal_residual(lp, found.x) <= 1e-8


def test_a_careful_run_leaves_the_options_as_they_were():
    engine = Engine(small_auction().program, Settings(options={"solver": "pdlp"}))
    assert engine.run_afresh() == "kOptimal"
    assert engine.option("solver") == "pdlp"
    assert engine.option("presolve") == "choose"
    assert engine.basis() is not None
