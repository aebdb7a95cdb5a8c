"""The optimal face: from a point near an optimum to an optimum, without a basis.

Claim. Of a linear program that minimises let some rows T be called tight, each at one of its bounds, some columns N
fixed, each at one of its bounds, and B be the others. Let x have its columns N at their bounds, meet the rows T with
equality and break no bound; let y be zero off T, have the sign of its bound on T, and let the reduced costs z = c - A'y
be zero on B and have the sign of their bound on N. Then x and y are optimal: every product of a multiplier and the
distance from its bound is zero (complementary slackness). Both are solutions of linear systems with the one matrix
A_TB, and those nearest to a given pair are found by least squares.

A partition with such x and y that are positive wherever they may be always exists (Goldman and Tucker, 1956), and an
iteration that tends to a strictly complementary pair shows it long before it is precise: a row is tight where its
multiplier is larger than its slack, in units of the program (Mehrotra and Ye, Mathematical Programming 62, 1993, for
interior-point methods). A guess that is wrong in a few places is mended: what x breaks becomes tight, and what y or z
break becomes slack, which leaves x as it is.

Degenerate programs, of which a simplex method visits the same point in thousands of bases, are no harder than others:
their tight rows outnumber their columns B, so that y has room. Nothing is promised: the answer is None where no
partition was found. What is found is checked here to `EXACT`, and by `solvers.examine` once more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from solvers.program import FloatArray, IntArray, LinearProgram

EXACT = 1e-11  # what an equation or a bound may miss, in units of the program
ROUGH = 1e-6  # the same while the partition is looked for
PASSES = 20  # guesses at the partition, for x and for y
STEPS = 10_000  # of one least-squares solution
STALLED = 1e-14  # of the slope there was: least squares has arrived
LOWER, FREE, UPPER = -1, 0, 1


@dataclass(eq=False)
class _Sides:
    """Rows or columns with their bounds; `at` (k,) says which stand at a bound. Where both bounds are one, they always
    do, and multipliers of either sign are right."""

    lower: FloatArray
    upper: FloatArray
    at: IntArray

    @classmethod
    def guess(cls, value: FloatArray, dual: FloatArray, lower: FloatArray, upper: FloatArray) -> _Sides:
        """At the bound that the multiplier leans on, where that is nearer than the multiplier is large."""
        at = np.where((dual > 0) & (value - lower < dual), LOWER, FREE)
        at = np.where((dual < 0) & (upper - value < -dual), UPPER, at)
        return cls(lower, upper, np.where(lower == upper, LOWER, at))

    def bound(self, other: FloatArray) -> FloatArray:
        """The bound where there is one to stand at, `other` elsewhere."""
        return np.where(self.at == LOWER, self.lower, np.where(self.at == UPPER, self.upper, other))

    def hold(self, value: FloatArray, tolerance: float) -> bool:
        """Moves what breaks a bound to it; returns whether nothing did."""
        below, above = self.lower - value > tolerance, value - self.upper > tolerance
        self.at = np.where(below, LOWER, np.where(above, UPPER, self.at))
        return not (below | above).any()

    def release(self, dual: FloatArray, tolerance: float) -> bool:
        """Frees what a multiplier of the wrong sign holds; returns whether nothing did."""
        wrong = (self.lower < self.upper) & (self.at * dual > tolerance)
        self.at = np.where(wrong, FREE, self.at)
        return not wrong.any()


def polish(program: LinearProgram, x: FloatArray, row_dual: FloatArray) -> tuple[FloatArray, FloatArray] | None:
    """An optimal solution (n,) and its multipliers (m,) near a pair that is nearly so; None where none is found."""
    unit = unit_of_cost(program)
    cost, dual = program.cost / unit, row_dual / unit
    matrix = csr_array(program.matrix)
    rows = _Sides.guess(matrix @ x, dual, program.row_lower, program.row_upper)
    columns = _Sides.guess(x, cost - matrix.T @ dual, program.column_lower, program.column_upper)
    point = _primal(matrix, x, rows, columns)
    if point is None:
        return None
    multipliers = _dual(matrix, cost, dual, rows, columns)
    return None if multipliers is None else (point, multipliers * unit)


def unit_of_cost(program: LinearProgram) -> float:
    """The largest cost, negative where the program maximises: divided by it, costs are to be minimised and at most 1
    in size."""
    size = float(np.abs(program.cost).max(initial=0.0)) or 1.0
    return -size if program.maximize else size


def _primal(matrix: csr_array, x: FloatArray, rows: _Sides, columns: _Sides) -> FloatArray | None:
    """The solution on the face nearest to x; what it breaks joins the face."""
    tolerance = ROUGH
    for _ in range(PASSES):
        x = columns.bound(x)
        tight, free = rows.at != FREE, columns.at == FREE
        short = (rows.bound(np.zeros(len(tight))) - matrix @ x)[tight]
        x[free] += _least_squares(csr_array(matrix[tight][:, free]), short, tolerance)
        value = matrix @ x
        if np.abs(rows.bound(value) - value).max(initial=0.0) > tolerance:
            return None
        rows_hold, columns_hold = rows.hold(value, tolerance), columns.hold(x, tolerance)
        if rows_hold and columns_hold:
            if tolerance == EXACT:
                return np.clip(x, columns.lower, columns.upper)
            tolerance = EXACT
    return None


def _dual(matrix: csr_array, cost: FloatArray, y: FloatArray, rows: _Sides, columns: _Sides) -> FloatArray | None:
    """The multipliers of the face nearest to y; what they would hold with the wrong sign leaves the face."""
    tolerance = ROUGH
    for _ in range(PASSES):
        tight, free = rows.at != FREE, columns.at == FREE
        y = np.where(tight, y, 0.0)
        left = (cost - matrix.T @ y)[free]
        y[tight] += _least_squares(csr_array(matrix[tight][:, free].T), left, tolerance)
        reduced = cost - matrix.T @ y
        if np.abs(reduced[free]).max(initial=0.0) > tolerance:
            return None
        rows_hold, columns_hold = rows.release(y, tolerance), columns.release(reduced, tolerance)
        if rows_hold and columns_hold:
            if tolerance == EXACT:
                return y
            tolerance = EXACT
    return None


def _least_squares(matrix: csr_array, right: FloatArray, tolerance: float) -> FloatArray:
    """The shortest solution of ``matrix @ d = right``, or of the nearest equation that has one, by conjugate gradients
    (CGLS; Björck, Numerical Methods for Least Squares Problems, 1996, section 7.4).

    Inner products are summed by numpy, not by BLAS, whose threads would wait for each other at vectors of this size.
    """
    back = csr_array(matrix.T)
    d, residual = np.zeros(matrix.shape[1]), right.copy()
    slope = back @ residual
    direction, size = slope.copy(), _square(slope)
    nothing = size * STALLED**2
    for _ in range(STEPS):
        if size <= nothing or np.abs(residual).max(initial=0.0) <= tolerance / 100:
            break
        moved = matrix @ direction
        step = size / _square(moved)
        d += step * direction
        residual -= step * moved
        slope = back @ residual
        before, size = size, _square(slope)
        direction = slope + (size / before) * direction
    return d


def _square(vector: FloatArray) -> float:
    return float((vector * vector).sum())
