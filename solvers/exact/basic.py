"""The exact solution that belongs to a basis.

Nonbasic rows and columns stand at the bound that the basis names. What is left is a square system: the nonbasic rows
in the basic columns. Its solution gives x; its transpose, with the costs of the basic columns on the right, gives the
multipliers of the nonbasic rows; those of basic rows are zero (textbook simplex method).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solvers.exact.integral import IntegerProgram, Side
from solvers.exact.numbers import Integers, Rationals, objects
from solvers.exact.refinement import factorised, refine
from solvers.exact.sparse import Sparse
from solvers.solution import Basis

Solve = Callable[[Sparse, Integers, bool], Rationals | None]  # from (square, right side, transposed)


@dataclass(frozen=True, eq=False)
class BasicSolution:
    """x (n,) and the multipliers (m,) of the whole rows of the minimised program; nothing says they are feasible."""

    x: Rationals
    whole_dual: Rationals


class BasisSystem:
    """The square system of a basis. Raises ValueError where the basis is not square."""

    def __init__(self, program: IntegerProgram, basis: Basis) -> None:
        self.program = program
        self.rows, self.columns = np.flatnonzero(basis.rows != 0), np.flatnonzero(basis.columns == 0)
        if self.rows.size != self.columns.size:
            raise ValueError("the basis is not square")
        self.x = standing(program.column_lower, program.column_upper, basis.columns)
        sides = standing(program.row_lower, program.row_upper, basis.rows)[self.rows]
        self.right = sides * program.bound_scale - self._of_nonbasic_columns()[self.rows]
        self.square = self._square()

    def _of_nonbasic_columns(self) -> Integers:
        """What the nonbasic columns contribute to each row (m,), times the bound scale."""
        moved = self.x.astype(bool)[self.program.column]
        if not moved.any():
            return objects([0] * self.program.row_count)
        return self.program.times(self.x)

    def _square(self) -> Sparse:
        program, size = self.program, self.rows.size
        place = np.full(program.column_count, -1)
        place[self.columns] = np.arange(size)
        inside = np.zeros(program.row_count, dtype=bool)
        inside[self.rows] = True
        kept = np.flatnonzero(inside[program.row] & (place[program.column] >= 0))
        counts = np.bincount(program.row[kept], minlength=program.row_count)[self.rows]
        starts = np.concatenate([[0], np.cumsum(counts)])
        return Sparse.of(starts, place[program.column[kept]], program.matrix.entries[kept], size)

    def primal(self, solve: Solve) -> Rationals | None:
        """x (n,)."""
        found = solve(self.square, self.right, False)
        if found is None:
            return None
        numerators = self.x * found.denominator
        numerators[self.columns] = found.numerators
        return Rationals(numerators, found.denominator * self.program.bound_scale)

    def dual(self, solve: Solve, cost: Integers) -> Rationals | None:
        """The multipliers (m,) of the whole rows for costs (n,)."""
        found = solve(self.square, cost[self.columns], True)
        if found is None:
            return None
        numerators = objects([0] * self.program.row_count)
        numerators[self.rows] = found.numerators
        return Rationals(numerators, found.denominator)


def refinement(square: Sparse, deadline: float | None = None) -> Solve | None:
    """A solver of systems with this matrix, by refinement; None where the matrix is singular in floats."""
    if square.size == 0:
        return lambda square, right, transposed: Rationals(right, 1)
    try:
        direct, transpose = factorised(square)
    except RuntimeError:  # singular in floats
        return None

    def solve(square: Sparse, right: Integers, transposed: bool) -> Rationals | None:
        if transposed:
            return refine(square.transposed, right, transpose, deadline)
        return refine(square, right, direct, deadline)

    return solve


def standing(lower: Side, upper: Side, code: NDArray[np.int8]) -> Integers:
    """Where nonbasic rows or columns stand: at the bound of their code, at their only one, or at zero; basic ones 0."""
    at_upper = upper.there & ((code == 1) | ~lower.there)
    value = np.where(at_upper, upper.value, lower.value)
    value[(code == 0) | ~(lower.there | upper.there)] = 0
    return np.asarray(value, dtype=object)


def multipliers(program: IntegerProgram, whole_dual: Rationals) -> Rationals:
    """The multipliers of the rational program's rows from those of the whole ones."""
    sign = -1 if program.cost_scale < 0 else 1
    return Rationals(whole_dual.numerators * program.row_scale * sign, whole_dual.denominator * abs(program.cost_scale))
