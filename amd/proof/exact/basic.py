"""The exact solution that belongs to a basis.

Nonbasic rows and columns stand at the bound that the basis names. What is left is a square system: the nonbasic rows,
in the basic columns. Its solution gives x; its transpose, with the costs of the basic columns on the right, gives the
multipliers of the nonbasic rows; those of basic rows are zero.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from amd.proof.exact.blocks import solve_blocks
from amd.proof.exact.program import ZERO, Exact, RationalProgram, objects, sums
from amd.proof.exact.refinement import Apply, Factors, Square, refine
from solvers.program import IntArray
from solvers.solution import Basis


@dataclass(frozen=True, eq=False)
class Basic:
    """x (n,) and the row multipliers (m,) of a basis, in rationals; nothing says that they are feasible."""

    x: Exact
    row_dual: Exact


def basic_solution(program: RationalProgram, basis: Basis) -> Basic | None:
    """The basic solution, or None where the basis matrix is not square, singular, or beyond what digits can settle."""
    rows, columns = np.flatnonzero(basis.rows != 0), np.flatnonzero(basis.columns == 0)
    if len(rows) != len(columns):
        return None
    x = standing(program.column_lower, program.column_upper, basis.columns)
    square = _square(program, rows, columns)
    right = standing(program.row_lower, program.row_upper, basis.rows)[rows] - _fixed(program, x, columns)[rows]
    factors = _factors(square)
    part = _solve(square, right, None if factors is None else factors.solve)
    if part is None:
        return None
    dual = _solve(square.transposed(), program.cost[columns], None if factors is None else factors.solve_transposed)
    if dual is None:
        return None
    row_dual = objects([ZERO] * program.row_count)
    x[columns], row_dual[rows] = part, dual
    return Basic(x, row_dual)


def standing(lower: Exact, upper: Exact, code: np.ndarray[tuple[int], np.dtype[np.int8]]) -> Exact:
    """Where nonbasic rows or columns stand: at the bound of their code, at their only one, or at zero; basic: 0."""
    found = []
    for low, high, at in zip(lower.tolist(), upper.tolist(), code.tolist(), strict=True):
        near, other = (high, low) if at == 1 else (low, high)
        value = near if near is not None else other
        found.append(ZERO if at == 0 or value is None else value)
    return objects(found)


def _square(program: RationalProgram, rows: IntArray, columns: IntArray) -> Square:
    place_row = np.full(program.row_count, -1)
    place_column = np.full(program.column_count, -1)
    place_row[rows], place_column[columns] = np.arange(len(rows)), np.arange(len(columns))
    kept = np.flatnonzero((place_row[program.row] >= 0) & (place_column[program.column] >= 0))
    row, column = place_row[program.row[kept]], place_column[program.column[kept]]
    return Square(len(rows), row, column, program.value[kept])


def _fixed(program: RationalProgram, x: Exact, columns: IntArray) -> Exact:
    """What the nonbasic columns contribute to each row."""
    basic = np.zeros(program.column_count, dtype=bool)
    basic[columns] = True
    kept = np.flatnonzero(~basic[program.column] & (x[program.column] != 0))
    return sums(program.value[kept] * x[program.column[kept]], program.row[kept], program.row_count)


def _factors(square: Square) -> Factors | None:
    if square.size == 0:
        return None
    try:
        return Factors(square)
    except RuntimeError:  # singular in floats; it may still be regular in rationals
        return None


def _solve(square: Square, right: Exact, apply: Apply | None) -> Exact | None:
    found = None if apply is None else refine(square, right, apply)
    return solve_blocks(square, right) if found is None else found
