"""Programs whose solutions are certificates, and programs that need no solver.

Textbook linear programming (Schrijver, Theory of Linear and Integer Programming, 1986, sections 7.3 and 8.2). The
Farkas program is feasible exactly when the original has no point; the ray program has a negative optimum exactly when
the original's recession cone improves the objective.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array, eye_array, hstack, vstack

from solvers.program import FloatArray, IntArray, LinearProgram, whole_bounds


@dataclass(frozen=True, eq=False)
class FarkasProgram:
    """A linear program over the absolute multipliers of finite bounds. Its columns are, in order, row lower, row upper,
    column lower and column upper bounds, as listed by the index arrays."""

    program: LinearProgram
    rows: tuple[IntArray, IntArray]
    columns: tuple[IntArray, IntArray]

    def row_dual(self, solution: FloatArray, count: int) -> FloatArray:
        """The signed row multipliers (count,) of a solution of the program."""
        lower, upper = self.rows
        dual = np.zeros(count)
        dual[lower] += solution[: lower.size]
        dual[upper] -= solution[lower.size : lower.size + upper.size]
        return dual


def farkas_program(program: LinearProgram) -> FarkasProgram:
    """Minimise the sum of absolute multipliers subject to: they cancel every column, and their bounds sum to one."""
    rows = (np.flatnonzero(np.isfinite(program.row_lower)), np.flatnonzero(np.isfinite(program.row_upper)))
    columns = (np.flatnonzero(np.isfinite(program.column_lower)), np.flatnonzero(np.isfinite(program.column_upper)))
    transposed = csr_array(program.matrix.T)
    unit = csr_array(eye_array(program.column_count))
    cancel = hstack(
        [transposed[:, rows[0]], -transposed[:, rows[1]], unit[:, columns[0]], -unit[:, columns[1]]], format="csr"
    )
    row_bounds = (program.row_lower[rows[0]], -program.row_upper[rows[1]])
    column_bounds = (program.column_lower[columns[0]], -program.column_upper[columns[1]])
    gain = csr_array(np.concatenate([*row_bounds, *column_bounds]).reshape(1, -1))
    right = np.append(np.zeros(program.column_count), 1.0)
    size = gain.shape[1]
    form = LinearProgram(
        cost=np.ones(size),
        matrix=csr_array(vstack([cancel, gain], format="csr")),
        row_lower=right,
        row_upper=right,
        column_lower=np.zeros(size),
        column_upper=np.full(size, np.inf),
    )
    return FarkasProgram(form, rows, columns)


def ray_program(program: LinearProgram) -> LinearProgram:
    """The steepest direction (in the box of ±1) within the recession cone of a program without cones."""
    matrix, lower, upper = program.matrix, program.row_lower, program.row_upper
    row_lower, row_upper = _recession(lower, -np.inf), _recession(upper, np.inf)
    if program.quadratic is not None:  # the objective must be linear along the ray
        matrix = csr_array(vstack([matrix, program.quadratic], format="csr"))
        flat = np.zeros(program.column_count)
        row_lower, row_upper = np.concatenate([row_lower, flat]), np.concatenate([row_upper, flat])
    return LinearProgram(
        cost=program.cost,
        matrix=matrix,
        row_lower=row_lower,
        row_upper=row_upper,
        column_lower=_recession(program.column_lower, -1.0),
        column_upper=_recession(program.column_upper, 1.0),
        maximize=program.maximize,
    )


def bounded_by_columns(program: LinearProgram) -> bool:
    """Whether the bounds of the columns alone keep a linear objective from improving without limit."""
    sign = -1.0 if program.maximize else 1.0
    falls, rises = sign * program.cost > 0, sign * program.cost < 0
    free = (falls & ~np.isfinite(program.column_lower)) | (rises & ~np.isfinite(program.column_upper))
    return program.quadratic is None and not free.any()


def _recession(bound: FloatArray, free: float) -> FloatArray:
    return np.where(np.isfinite(bound), 0.0, free)


def without_objective(program: LinearProgram) -> LinearProgram:
    """The same constraints with nothing to optimise: it is optimal or infeasible, never unbounded."""
    return replace(program, cost=np.zeros(program.column_count), quadratic=None, maximize=False, offset=0.0)


def crossed_bounds(program: LinearProgram) -> str:
    """A sentence about the first row or column with its lower bound above its upper bound; empty without one."""
    rows = np.flatnonzero(program.row_lower > program.row_upper)
    if rows.size:
        return f"row {program.row_name(int(rows[0]))} has its lower bound above its upper bound"
    columns = np.flatnonzero(program.column_lower > program.column_upper)
    if columns.size:
        return f"column {program.column_name(int(columns[0]))} has its lower bound above its upper bound"
    return ""


def column_without_integer(program: LinearProgram) -> str:
    """A sentence about the first integer column with no whole number between its bounds; empty without one."""
    lower, upper = whole_bounds(program)
    columns = np.flatnonzero(lower > upper)
    return (
        f"column {program.column_name(int(columns[0]))} has no whole number between its bounds" if columns.size else ""
    )
