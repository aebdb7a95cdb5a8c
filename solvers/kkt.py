"""Does an answer hold in the program that was asked? Optimality, infeasibility and rays, recomputed from scratch.

A solver works on a presolved and scaled program and tests its own tolerances there. What is returned to a caller is
measured here, in the original program, by textbook linear-programming duality (Schrijver, Theory of Linear and
Integer Programming, 1986, section 7): weak duality for optima, Farkas' lemma for infeasibility. Signs are those of
`solvers.solution`.

Each measure is the amount beyond rounding: a row whose terms sum to M in absolute value cannot be evaluated more
finely than some units of 2**-52 M, so `ROUNDING` M is forgiven and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from solvers.cones import dual_violation, violation
from solvers.program import BoolArray, FloatArray, LinearProgram

ROUNDING = 2.0**-40  # of the sum of absolute terms: 4096 units in the last place, for sums of some 10^5 terms
SLACK = 10.0  # residuals up to this multiple of the solver's own tolerance are accepted: presolve and scaling lose some
GAP_SLACK = 100.0  # the same for the duality gap relative to the objective, a sum over all rows and columns


@dataclass(frozen=True)
class Residuals:
    """How far a primal and dual answer is from optimal: the worst `primal` and `dual` violation, and the `gap`, the
    sum of all products of multiplier and slack relative to 1 + |objective|. Zero is perfect."""

    primal: float
    dual: float
    gap: float

    def faults(self, tolerance: float) -> str:
        """What is not within tolerance, as a sentence part; empty where all is."""
        limits = {
            "primal": (self.primal, SLACK * tolerance),
            "dual": (self.dual, SLACK * tolerance),
            "duality gap": (self.gap, GAP_SLACK * tolerance),
        }
        return ", ".join(
            f"{name} residual {value:.1e}" for name, (value, limit) in limits.items() if not value <= limit
        )


def primal_residual(program: LinearProgram, x: FloatArray) -> float:
    """The largest violation of a row, a bound, a cone or integrality at `x` (n,), beyond rounding."""
    activity = program.matrix @ x
    noise = ROUNDING * (abs(program.matrix) @ np.abs(x))
    rows = np.maximum(program.row_lower - activity, activity - program.row_upper) - noise
    columns = np.maximum(program.column_lower - x, x - program.column_upper)
    fractions = np.abs(x - np.round(x))[program.integer] if program.integer is not None else np.zeros(0)
    cones = max((violation(cone.kind, x[list(cone.columns)]) for cone in program.cones), default=0.0)
    return float(max(rows.max(initial=0.0), columns.max(initial=0.0), fractions.max(initial=0.0), cones))


def reduced_costs(program: LinearProgram, x: FloatArray, row_dual: FloatArray) -> FloatArray:
    """The column duals (n,) that make the gradient condition hold: cost + quadratic @ x - matrix.T @ row_dual."""
    gradient = program.cost if program.quadratic is None else program.cost + program.quadratic @ x
    return np.asarray(gradient - program.matrix.T @ row_dual)


def residuals(program: LinearProgram, x: FloatArray, row_dual: FloatArray, tolerance: float) -> Residuals:
    """How far `x` (n,) and `row_dual` (m,) are from an optimum of a program without integer columns. Multipliers
    within SLACK * `tolerance` of zero count as zero in the gap."""
    sign = -1.0 if program.maximize else 1.0
    column_dual = sign * reduced_costs(program, x, row_dual)
    noise = ROUNDING * (np.abs(program.cost) + abs(program.matrix).T @ np.abs(row_dual))
    in_cone = _in_cones(program)
    plain = ~in_cone
    rows = _complementarity(sign * row_dual, program.matrix @ x, program.row_lower, program.row_upper, 0.0, tolerance)
    columns = _complementarity(
        column_dual[plain], x[plain], program.column_lower[plain], program.column_upper[plain], noise[plain], tolerance
    )
    cone_dual, cone_gap = _cone_residuals(program, x, column_dual)
    gap = (rows[1] + columns[1] + cone_gap) / (1.0 + abs(program.objective(x)))
    return Residuals(primal_residual(program, x), max(rows[0], columns[0], cone_dual), gap)


def _complementarity(
    dual: FloatArray,
    value: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
    noise: FloatArray | float,
    tolerance: float,
) -> tuple[float, float]:
    """Of multipliers in the sense of minimising: the largest that leans on an infinite bound, and the total product
    of multiplier and distance from the bound it leans on."""
    size = np.maximum(np.abs(dual) - noise, 0.0)
    bound = np.where(dual > 0, lower, upper)
    finite = np.isfinite(bound)
    distance = np.abs(np.where(finite, value - np.where(finite, bound, 0.0), 0.0))
    counted = np.where(size > SLACK * tolerance, size, 0.0)
    return float(size[~finite].max(initial=0.0)), float((counted * distance).sum())


def _in_cones(program: LinearProgram) -> BoolArray:
    mask = np.zeros(program.column_count, dtype=bool)
    for cone in program.cones:
        mask[list(cone.columns)] = True
    return mask


def _cone_residuals(program: LinearProgram, x: FloatArray, column_dual: FloatArray) -> tuple[float, float]:
    """The same two numbers for columns in cones, whose multipliers must lie in the dual cone."""
    parts = [(cone.kind, list(cone.columns)) for cone in program.cones]
    worst = max((dual_violation(kind, column_dual[columns]) for kind, columns in parts), default=0.0)
    return worst, sum(abs(float(column_dual[columns] @ x[columns])) for _, columns in parts)


def farkas_column_dual(program: LinearProgram, row_dual: FloatArray) -> FloatArray:
    """The column multipliers that cancel `row_dual` (m,); rounding noise on columns without the bound is dropped."""
    dual = -np.asarray(program.matrix.T @ row_dual)
    noise = ROUNDING * (abs(program.matrix).T @ np.abs(row_dual))
    bound = np.where(dual > 0, program.column_lower, program.column_upper)
    dual[~np.isfinite(bound) & (np.abs(dual) <= noise)] = 0.0
    return dual


def is_farkas(program: LinearProgram, row_dual: FloatArray, column_dual: FloatArray, tolerance: float) -> bool:
    """Whether the multipliers prove, up to `tolerance` relative to the largest, that no point meets all rows."""
    size = max(np.abs(row_dual).max(initial=0.0), np.abs(column_dual).max(initial=0.0))
    if not (np.isfinite(size) and size > 0):
        return False
    row_leak, row_terms = _bound_terms(row_dual / size, program.row_lower, program.row_upper)
    column_leak, column_terms = _bound_terms(column_dual / size, program.column_lower, program.column_upper)
    terms = np.concatenate([row_terms, column_terms])
    sum_to_zero = np.abs(program.matrix.T @ row_dual + column_dual) / size
    noise = ROUNDING * (abs(program.matrix).T @ np.abs(row_dual)) / size
    leak = max(row_leak, column_leak, float((sum_to_zero - noise).max(initial=0.0)))
    return leak <= tolerance and float(terms.sum()) > max(ROUNDING * float(np.abs(terms).sum()), leak)


def _bound_terms(dual: FloatArray, lower: FloatArray, upper: FloatArray) -> tuple[float, FloatArray]:
    """The largest multiplier on an infinite bound, and multiplier times bound elsewhere."""
    bound = np.where(dual > 0, lower, upper)
    finite = np.isfinite(bound)
    return float(np.abs(dual[~finite]).max(initial=0.0)), dual[finite] * bound[finite]


def is_ray(program: LinearProgram, ray: FloatArray, tolerance: float) -> bool:
    """Whether `ray` (n,) shows that a program with a feasible point is unbounded: up to `tolerance` relative to its
    largest entry it leaves no row or bound, and it improves the objective by more than that."""
    size = float(np.abs(ray).max(initial=0.0))
    if not (np.isfinite(size) and size > 0) or program.cones:
        return False
    direction = ray / size
    move = program.matrix @ direction
    noise = ROUNDING * (abs(program.matrix) @ np.abs(direction))
    leave = max(
        float((_leaving(move, program.row_lower, program.row_upper) - noise).max(initial=0.0)),
        float(_leaving(direction, program.column_lower, program.column_upper).max(initial=0.0)),
    )
    if program.quadratic is not None:
        leave = max(leave, float(np.abs(program.quadratic @ direction).max(initial=0.0)))
    slope = float(program.cost @ direction) * (1.0 if program.maximize else -1.0)
    return leave <= tolerance and slope > max(tolerance, ROUNDING * float(np.abs(program.cost) @ np.abs(direction)))


def _leaving(move: FloatArray, lower: FloatArray, upper: FloatArray) -> FloatArray:
    return np.maximum(np.where(np.isfinite(lower), -move, 0.0), np.where(np.isfinite(upper), move, 0.0))
