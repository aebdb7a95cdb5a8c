"""Exact solutions of square systems of whole numbers, from one float factorisation.

Fixed-point iterative refinement with rational reconstruction (Wan, An algorithm to solve integer linear systems
exactly using numerical methods, Journal of Symbolic Computation 41, 2006; Ursic and Patarra, 1983). The floats only
propose digits: a solution is returned when it solves the system in whole numbers.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from flint import fmpq
from scipy.sparse import csc_array
from scipy.sparse.linalg import splu

from solvers.exact.digits import largest, powers_of_two, scaled_floats, whole
from solvers.exact.numbers import Integers, Rationals, compact, difference, objects, product, shifted, single
from solvers.exact.reconstruction import reconstruct, reconstruct_each
from solvers.exact.sparse import Sparse, group_sums
from solvers.program import FloatArray, IntArray

FIRST_STEP = 28  # binary digits asked of the first solves with the factors; later ones ask for what proved to be good
LONGEST_STEP = 44
SHORTEST_STEP = 4  # factors that give fewer digits a round are of no use
FIRST_TRY = 56  # digits at which a reconstruction is first tried, and by how much the next try is later
PATIENCE = 1.5
USELESS = 2.0**900  # a float solution as large as this, or not a number, says nothing


@dataclass(frozen=True, eq=False)
class FloatSolve:
    """An approximate solver of one system, for right sides scaled by ``2**-right_bits`` and solutions scaled by
    ``2**-unit_bits``, so that all its floats are of ordinary size."""

    apply: Callable[[FloatArray], FloatArray]
    right_bits: IntArray
    unit_bits: IntArray


def factorised(square: Sparse) -> tuple[FloatSolve, FloatSolve]:
    """Solvers of the system and of its transpose, from a sparse LU of the matrix with rows and columns scaled by powers
    of two. Raises RuntimeError where that is singular in floats."""
    row_bits = largest(square.sizes, square.row, square.size)
    column_bits = largest(square.sizes - row_bits[square.row], square.column, square.size)
    value = square.scaled(row_bits[square.row] + column_bits[square.column])
    lu = splu(csc_array((value, (square.row, square.column)), shape=(square.size, square.size)))
    direct = FloatSolve(lu.solve, row_bits, -column_bits)
    return direct, FloatSolve(lambda right: lu.solve(right, trans="T"), column_bits, -row_bits)


def refine(square: Sparse, right: Integers, solver: FloatSolve, deadline: float | None = None) -> Rationals | None:
    """The solution x (size,) of ``square x = right``, or None where the digits do not settle (before `deadline`).

    The unknown is z = 2^e x, in units of 2^(e + unit_bits) >= 1. With X = 0 and r = 2^e `right`, each round takes d,
    2^s times the float solution for r rounded to units, and keeps X ← 2^s X + d and r ← 2^s r − M d: after rounds
    of k digits in all, z = 2^(−k) (X + M⁻¹ r) exactly. The residual r stays small as long as the factors are good for
    s digits.
    """
    if not square.size:
        return Rationals(right, 1)
    shift = max(-int(solver.unit_bits.min()), 0)
    unit, scale = compact(powers_of_two(shift + solver.unit_bits)), solver.right_bits + shift
    found, residual = _Digits(), shifted(compact(right), shift)
    step, due = FIRST_STEP, FIRST_TRY
    rest, least = scaled_floats(residual, scale), max(_rounding(square, solver), 1.0)
    guess, before = solver.apply(rest), _size(rest)
    while _size(guess) < USELESS and step >= SHORTEST_STEP and not _past(deadline):
        part = product(whole(np.rint(np.ldexp(guess, step))), unit)
        found.append(part.astype(object), step)
        residual = difference(shifted(residual, step), square.product(part))
        rest = scaled_floats(residual, scale)
        guess = solver.apply(rest)
        if found.count >= due or not rest.any():
            due = int(PATIENCE * found.count)
            error = product(whole(np.ceil(np.abs(guess)) + 2), unit).astype(object)
            digits = (found.joined(), found.count + shift, error)
            answer = reconstruct(*digits)
            if answer is not None and _solves(square, right, answer):
                return answer
            each = reconstruct_each(*digits) if answer is None else None
            if each is not None and _solves_each(square, right, each):
                return Rationals.of(each)
        step, before = _next_step(step, _size(rest) / max(before, least)), _size(rest)
    return None


class _Digits:
    """A vector of growing numbers: X ← 2^s X + d. Long numbers are joined with ones as long, so that joining costs
    little more than the digits there are."""

    def __init__(self) -> None:
        self.parts: list[tuple[Integers, int]] = []
        self.count = 0

    def append(self, part: Integers, bits: int) -> None:
        self.parts.append((part, bits))
        self.count += bits
        while len(self.parts) > 1 and self.parts[-2][1] <= self.parts[-1][1]:
            self._join()

    def _join(self) -> None:
        (high, above), (low, below) = self.parts[-2:]
        self.parts[-2:] = [((high << below) + low, above + below)]

    def joined(self) -> Integers:
        """X, after at least one append."""
        while len(self.parts) > 1:
            self._join()
        return self.parts[0][0]


def _next_step(step: int, growth: float) -> int:
    """More digits where the residual did not grow, fewer by those that it grew by."""
    return min(step + 4, LONGEST_STEP) if growth <= 1 else step - int(np.ceil(np.log2(growth)))


def _size(values: FloatArray) -> float:
    return float(np.abs(values).max(initial=0.0))


def _rounding(square: Sparse, solver: FloatSolve) -> float:
    """The largest scaled residual that rounding digits to units can leave."""
    sizes = np.abs(square.scaled(solver.right_bits[square.row] - solver.unit_bits[square.column]))
    return float(np.bincount(square.row, weights=sizes).max())


def _solves(square: Sparse, right: Integers, answer: Rationals) -> bool:
    found = square.product(compact(answer.numerators))
    return not difference(found, product(compact(right), single(answer.denominator))).any()


def _solves_each(square: Sparse, right: Integers, answer: list[fmpq]) -> bool:
    """The same, row by row, without a common denominator of all."""
    products = square.value * objects(answer)[square.column]
    return bool((group_sums(products, square.starts) == right).all())


def _past(deadline: float | None) -> bool:
    return deadline is not None and time.perf_counter() > deadline
