"""cvxpy with the conic interior-point solver Clarabel: linear, convex quadratic and conic programs, no integers.

An interior-point solution is close to optimal, not on a vertex; tight tolerances are asked for, and `solvers.examine`
measures what comes back. Multipliers follow cvxpy's rule for a minimised problem (its Lagrangian adds them to the
objective), translated to the signs of `solvers.solution`.

`Settings.options` are Clarabel's own settings, for example ``{"max_iter": 500}``.
"""

from __future__ import annotations

import operator
import threading
import time
import warnings
from collections.abc import Callable
from importlib.metadata import version as installed_version
from typing import Any

import cvxpy
import numpy as np
from cvxpy.reductions.solvers.conic_solvers.clarabel_conif import CLARABEL

from solvers.backend import Feature, Settings
from solvers.claim import Claim, Raw
from solvers.examine import CheckedBackend
from solvers.program import BoolArray, ConeKind, FloatArray, LinearProgram
from solvers.solution import SolverError

cp: Any = cvxpy  # cvxpy's annotations cover half of it
_CLAIMS = {
    cp.OPTIMAL: Claim.OPTIMAL,
    cp.OPTIMAL_INACCURATE: Claim.OPTIMAL,  # how inaccurate is measured by `examine`
    cp.INFEASIBLE: Claim.INFEASIBLE,
    cp.INFEASIBLE_INACCURATE: Claim.INFEASIBLE,
    cp.UNBOUNDED: Claim.UNBOUNDED,
    cp.UNBOUNDED_INACCURATE: Claim.UNBOUNDED,
    cp.settings.INFEASIBLE_OR_UNBOUNDED: Claim.AMBIGUOUS,
    cp.USER_LIMIT: Claim.LIMIT,
}
# Clarabel's linear systems are solved to the last digit: with its own settings it stalls near 1e-7 on some programs
_REFINEMENT = {
    "iterative_refinement_max_iter": 50,
    "iterative_refinement_reltol": 1e-15,
    "iterative_refinement_abstol": 1e-15,
}
_WARNINGS = threading.Lock()  # the filters of `warnings` belong to the whole process


class Cvxpy(CheckedBackend):
    """Clarabel through cvxpy."""

    name = "cvxpy"
    features = frozenset(
        {Feature.QUADRATIC, Feature.CONES, Feature.TIME_LIMIT, Feature.DUALS, Feature.FARKAS, Feature.RAYS}
    )

    def version(self) -> str:
        return f"{installed_version('cvxpy')} (Clarabel {installed_version('clarabel')})"

    def run(self, program: LinearProgram, settings: Settings, careful: bool, deadline: float | None) -> Raw:
        model = _Model(program)
        status = _solve(model.problem, _options(settings, careful, deadline))
        claim = _CLAIMS.get(status, Claim.FAILED)
        stats = model.problem.solver_stats
        return Raw(
            claim=claim,
            x=_value(model.x.value) if claim in (Claim.OPTIMAL, Claim.LIMIT) else None,
            row_dual=model.row_dual() if claim is Claim.OPTIMAL else None,
            dual_ray=model.row_dual() if claim is Claim.INFEASIBLE else None,
            iterations=None if stats is None else stats.num_iters,
            message="" if status in (cp.OPTIMAL, cp.INFEASIBLE, cp.UNBOUNDED) else f"Clarabel ended with: {status}",
        )


class _Model:
    """The program in cvxpy's objects, with its rows in three groups: equal, at least, at most."""

    def __init__(self, program: LinearProgram) -> None:
        self.sign = -1.0 if program.maximize else 1.0
        self.rows = program.row_count
        self.x = cp.Variable(program.column_count)
        equal = program.row_lower == program.row_upper
        matrix = program.matrix
        groups: tuple[tuple[BoolArray, FloatArray, float, Callable[[Any, Any], Any]], ...] = (
            (equal, program.row_lower, -1.0, operator.eq),
            (np.isfinite(program.row_lower) & ~equal, program.row_lower, 1.0, operator.ge),
            (np.isfinite(program.row_upper) & ~equal, program.row_upper, -1.0, operator.le),
        )
        self.groups = [
            (np.flatnonzero(mask), sign, relation(matrix[np.flatnonzero(mask)] @ self.x, side[mask]))
            for mask, side, sign, relation in groups
            if mask.any()
        ]
        objective = cp.Minimize(_objective(program, self.x, self.sign))
        constraints = [constraint for _, _, constraint in self.groups]
        self.problem: Any = cp.Problem(objective, constraints + _bounds(program, self.x) + _cones(program, self.x))

    def row_dual(self) -> FloatArray | None:
        dual = np.zeros(self.rows)
        for rows, sign, constraint in self.groups:
            if constraint.dual_value is None:
                return None
            dual[rows] += sign * np.asarray(constraint.dual_value, dtype=float)
        return self.sign * dual


def _objective(program: LinearProgram, x: Any, sign: float) -> Any:
    linear = (sign * program.cost) @ x
    if program.quadratic is None:
        return linear
    return linear + cp.quad_form(x, cp.psd_wrap(sign * program.quadratic)) / 2


def _bounds(program: LinearProgram, x: Any) -> list[Any]:
    lower, upper = program.column_lower, program.column_upper
    fixed = np.flatnonzero(lower == upper)
    low = np.flatnonzero(np.isfinite(lower) & (lower != upper))
    high = np.flatnonzero(np.isfinite(upper) & (lower != upper))
    bounds = [x[fixed] == lower[fixed]] if fixed.size else []
    bounds += [x[low] >= lower[low]] if low.size else []
    return bounds + ([x[high] <= upper[high]] if high.size else [])


def _cones(program: LinearProgram, x: Any) -> list[Any]:
    return [_cone(cone.kind, [x[column] for column in cone.columns]) for cone in program.cones]


def _cone(kind: ConeKind, parts: list[Any]) -> Any:
    if kind is ConeKind.EXPONENTIAL:
        return cp.ExpCone(*parts)
    return cp.SOC(parts[0], cp.hstack(parts[1:]))


def _options(settings: Settings, careful: bool, deadline: float | None) -> dict[str, Any]:
    """The careful way asks for a hundredth of the tolerance, and takes the best that rounding allows."""
    tolerance = settings.tolerance / (100 if careful else 1)
    options: dict[str, Any] = _REFINEMENT | {
        "tol_gap_abs": tolerance,
        "tol_gap_rel": tolerance,
        "tol_feas": tolerance,
        "tol_infeas_rel": tolerance,
    }
    if careful and hasattr(CLARABEL, "ACCEPT_UNKNOWN"):  # cvxpy before 1.7 calls such an end a failure
        options["accept_unknown"] = True
    if deadline is not None:
        options["time_limit"] = max(deadline - time.perf_counter(), 1e-3)
    return options | settings.options


def _solve(problem: Any, options: dict[str, Any]) -> str:
    """cvxpy's status. Its warnings only repeat the status."""
    try:
        with _WARNINGS, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            problem.solve(solver=cp.CLARABEL, **options)
    except cp.SolverError as error:
        return str(error).splitlines()[0]
    except TypeError as error:  # how cvxpy reports an option that Clarabel does not have
        if not str(error).startswith("Clarabel"):
            raise
        raise SolverError(f"solver 'cvxpy' does not take an option: {error}") from error
    return str(problem.status)


def _value(value: Any) -> FloatArray | None:
    return None if value is None else np.asarray(value, dtype=float)
