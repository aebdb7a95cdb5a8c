"""Every bundled problem answers what the catalogue says, whichever way it is solved."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import amd
from amd.files import kind_of
from solvers import Feature, get

PROBLEMS = Path(__file__).resolve().parents[2] / "problems"

# Of the value (or absolutely, below 1). Simplex solutions are exact up to rounding, 1e-14 here; Clarabel is an interior
# point method and stops at a relative gap of 1e-9 of its scaled program.
CLOSE = {"highs": 1e-9, "pulp": 1e-9, "cvxpy": 1e-8}


def file_of(case) -> Path:
    return PROBLEMS / f"{case.name}.yaml"


def solve(case, **how):
    return amd.load(file_of(case), **case.overrides).solve(**how)


def assert_answer(result, case):
    assert result.status.name.lower() == case.status, result.message
    if case.status != "optimal":
        assert result.mechanism is None
        return
    close = CLOSE[result.solver[0]]
    assert result.audit.ok(close * scale(result)), result.audit.to_json()
    if case.value is None:
        assert result.objective is None
        return
    if case.digits is not None:  # a published value, rounded to so many digits
        assert result.objective == pytest.approx(float(case.value), abs=0.5 * 10.0**-case.digits)
    else:
        assert result.objective == pytest.approx(float(case.value), rel=close, abs=close)


def scale(result) -> float:
    """The largest value of an agent: what violations are measured against."""
    agents = result.task.environment.agents
    return max(1.0, *(abs(float(value)) for agent in agents for value in agent.values.ravel()))


def test_the_catalogue_holds_every_bundled_file(catalogue):
    files = {
        os.fspath(path.relative_to(PROBLEMS).with_suffix(""))
        for path in PROBLEMS.rglob("*.yaml")
        if kind_of(path) == "mechanism"
    }
    assert files == set(catalogue)


def test_names_are_distinct_without_their_folders(catalogue):
    stems = [name.rpartition("/")[2] for name in catalogue]
    assert len(stems) == len(set(stems))


def test_file_introduces_itself(bundled):
    task = amd.load(file_of(bundled)).task
    assert task.title and task.source
    assert 100 < len(task.notes) < 900
    assert task.design is not None


def test_bundled_name_is_the_file(bundled):
    assert amd.load(bundled.stem).task.digest == amd.load(file_of(bundled)).task.digest


def test_answer(bundled):
    assert_answer(solve(bundled), bundled)


def test_answer_with_settings(varied):
    assert_answer(solve(varied), varied)


def test_full_program_agrees(bundled):
    result = solve(bundled, formulation="full")
    assert result.formulation.reductions == ()
    assert_answer(result, bundled)


@pytest.mark.parametrize("solver", ["pulp", "cvxpy"])
def test_back_ends_agree(bundled, solver):
    deterministic = amd.load(file_of(bundled)).task.design.deterministic
    if deterministic and Feature.INTEGER not in get(solver).features:
        with pytest.raises(amd.SolverError, match="integer"):
            solve(bundled, solver=solver)
        return
    assert_answer(solve(bundled, solver=solver), bundled)
