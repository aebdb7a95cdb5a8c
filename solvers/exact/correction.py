"""A better basis, where the exact basic solution shows that the float solver's is not optimal.

With the exact basic solution x, its activities Ax, reduced costs z and multipliers y, the program in the differences
δ = x' − x and σ = Ax' − Ax is: minimise z·δ + y·σ subject to Aδ = σ and the bounds less x and Ax (Gleixner, Steffy and
Wolter, Iterative refinement for linear programming, INFORMS Journal on Computing 28, 2016). These numbers are exact
before they are rounded, and magnified by powers of two so that the largest fault is of order 1: what was below the
tolerance of one solve decides the next.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, eye_array, hstack

from solvers.backend import Settings
from solvers.exact.basic import BasicSolution
from solvers.exact.digits import near_one, scaled_quotients
from solvers.exact.float_form import FAR, Scales, entries, solved_in_floats
from solvers.exact.integral import IntegerProgram, Side
from solvers.exact.numbers import Integers
from solvers.program import FloatArray, IntArray, LinearProgram
from solvers.solution import Basis

MAGNIFY = 30  # binary digits at most: more would push sound bounds and costs out of the range of the solver


def corrected_basis(
    program: IntegerProgram, basis: Basis, found: BasicSolution, settings: Settings, deadline: float | None
) -> tuple[str, Basis | None]:
    """HiGHS's status of the magnified correction, and the basis of its optimum."""
    scales, columns = Scales.of(program), program.column_count
    codes = np.concatenate([basis.columns, basis.rows])
    form = _correction(program, found, scales, codes)
    start = Basis(codes, np.full(program.row_count, -1, dtype=np.int8))
    status, ended = solved_in_floats(form, settings, deadline, start)
    if ended is None:
        return status, None
    # the unit vector of a row is both its explicit difference and the solver's own slack
    rows = np.where(ended.rows == 0, 0, ended.columns[columns:]).astype(np.int8)
    return status, Basis(ended.columns[:columns], rows)


def _correction(
    program: IntegerProgram, found: BasicSolution, scales: Scales, codes: NDArray[np.int8]
) -> LinearProgram:
    """The correction over differences of columns, then of rows (n + m,)."""
    low, high = _room(program, found, scales)
    price = _prices(program, found, scales)
    outside = max(float(low.max(initial=0.0)), float(-high.min(initial=0.0)))
    reach = 2.0 ** _digits(outside)
    matrix = hstack([entries(program, scales), -eye_array(program.row_count)], format="csr")
    zero = np.zeros(program.row_count)
    return LinearProgram(
        cost=price * 2.0 ** _digits(_wrong(price, low, high, codes)),
        matrix=csr_array(matrix),
        row_lower=zero,
        row_upper=zero,
        column_lower=low * reach,
        column_upper=high * reach,
    )


def _room(program: IntegerProgram, found: BasicSolution, scales: Scales) -> tuple[FloatArray, FloatArray]:
    """How far each column and row may move down (<= 0 where it is feasible) and up, in scaled floats."""
    x, unit = found.x, program.bound_scale
    point, activity = x.numerators * unit, program.times(x.numerators)
    lower, upper = (
        np.concatenate(
            [
                _gaps(columns, point, x.denominator, unit, scales.column, absent),
                _gaps(rows, activity, x.denominator, 1, -scales.row, absent),
            ]
        )
        for columns, rows, absent in (
            (program.column_lower, program.row_lower, -np.inf),
            (program.column_upper, program.row_upper, np.inf),
        )
    )
    return lower, upper


def _gaps(side: Side, at: Integers, under: int, unit: int, exponents: IntArray, absent: float) -> FloatArray:
    """Bounds less where x stands, both over `unit`, and x over `under`."""
    gaps = scaled_quotients(side.value * under - at, under * unit, -exponents)
    return np.where(side.there, np.clip(gaps, -FAR, FAR), absent)


def _prices(program: IntegerProgram, found: BasicSolution, scales: Scales) -> FloatArray:
    """Reduced costs of the columns, then multipliers of the rows, in scaled floats, the largest near 1."""
    y = found.whole_dual
    reduced = program.cost * y.denominator - program.transposed_times(y.numerators)
    numbers = np.concatenate([reduced, y.numerators])
    exponents = np.concatenate([scales.column, -scales.row])
    return near_one(numbers, exponents)


def _wrong(price: FloatArray, low: FloatArray, high: FloatArray, codes: NDArray[np.int8]) -> float:
    """The largest price that says that a nonbasic column or row should move."""
    movable = (codes != 0) & (low < high)
    down = np.where(movable & (codes >= 1), price, 0.0)
    up = np.where(movable & ((codes == -1) | (codes == 2)), -price, 0.0)
    return max(float(down.max(initial=0.0)), float(up.max(initial=0.0)))


def _digits(fault: float) -> int:
    """How many binary digits to magnify a fault by."""
    return 0 if fault <= 0 else int(np.clip(-np.floor(np.log2(fault)), 0, MAGNIFY))
