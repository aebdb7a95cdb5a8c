"""Programs whose rows join no columns: each column is on its own. No solver is needed, and CBC fails on some."""

from __future__ import annotations

import numpy as np

from solvers.program import FloatArray, LinearProgram, whole_bounds


def is_separable(program: LinearProgram) -> bool:
    """Whether every row with a finite bound is empty, and nothing else joins columns."""
    bounded = np.isfinite(program.row_lower) | np.isfinite(program.row_upper)
    entries = np.diff(program.matrix.indptr)[bounded]
    return not entries.any() and program.quadratic is None and not program.cones


def violated_row(program: LinearProgram, tolerance: float) -> FloatArray | None:
    """Row multipliers (m,) of the first empty row that 0 does not meet; None where it meets all."""
    violated = np.where(program.row_lower > tolerance, 1.0, np.where(program.row_upper < -tolerance, -1.0, 0.0))
    first = np.flatnonzero(violated)[:1]
    if not first.size:
        return None
    multipliers = np.zeros(program.row_count)
    multipliers[first] = violated[first]
    return multipliers


def best_point(program: LinearProgram) -> FloatArray:
    """Each column at the bound that its cost prefers, infinite where it would go on for ever; a column without a cost
    is as near to 0 as it may be."""
    lower, upper = whole_bounds(program)
    cost = -program.cost if program.maximize else program.cost
    return np.where(cost > 0, lower, np.where(cost < 0, upper, np.clip(0.0, lower, upper)))


def near_zero(program: LinearProgram) -> FloatArray:
    """The point within the column bounds that is nearest to 0."""
    return np.asarray(np.clip(0.0, *whole_bounds(program)))
