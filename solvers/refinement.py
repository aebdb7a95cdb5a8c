"""Exact solutions of square systems of whole numbers, from one float factorisation.

Fixed-point iterative refinement with rational reconstruction (Wan, An algorithm to solve integer linear systems
exactly using numerical methods, Journal of Symbolic Computation 41, 2006; Ursic and Patarra, 1983). The floats only
propose digits: a solution is returned when it solves the system in whole numbers.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import csc_array
from scipy.sparse.linalg import splu

from solvers.integral import group_sums
from solvers.program import FloatArray, IntArray
from solvers.rational import Integers, Rationals, objects
from solvers.reconstruction import reconstruct

FIRST_STEP = 28  # binary digits asked of the first solves with the factors; later ones ask for what proved to be good
LONGEST_STEP = 44
SHORTEST_STEP = 4  # factors that give fewer digits a round are of no use
FIRST_TRY = 56  # digits at which a reconstruction is first tried, and by how much the next try is later
PATIENCE = 1.5


@dataclass(frozen=True, eq=False)
class Square:
    """A square matrix of whole numbers in CSR arrays."""

    starts: IntArray
    column: IntArray
    value: Integers

    @property
    def size(self) -> int:
        return len(self.starts) - 1

    @cached_property
    def row(self) -> IntArray:
        """The row of each entry."""
        return np.repeat(np.arange(self.size), np.diff(self.starts))

    @cached_property
    def transposed(self) -> Square:
        order = np.argsort(self.column, kind="stable")
        starts = np.concatenate([[0], np.cumsum(np.bincount(self.column, minlength=self.size))])
        return Square(starts, self.row[order], self.value[order])

    def times(self, x: Integers) -> Integers:
        return group_sums(self.value * x[self.column], self.starts)


@dataclass(frozen=True, eq=False)
class FloatSolve:
    """An approximate solver of one system, for right sides scaled by ``2**-right_bits`` and solutions scaled by
    ``2**-unit_bits``, so that all its floats are of ordinary size."""

    apply: Callable[[FloatArray], FloatArray]
    right_bits: IntArray
    unit_bits: IntArray


def factorised(square: Square) -> tuple[FloatSolve, FloatSolve]:
    """Solvers of the system and of its transpose, from a sparse LU of the matrix with rows and columns scaled by powers
    of two. Raises RuntimeError where that is singular in floats."""
    entry_bits = bits(square.value)
    row_bits = largest(entry_bits, square.row, square.size)
    column_bits = largest(entry_bits - row_bits[square.row], square.column, square.size)
    value = scaled_floats(square.value, row_bits[square.row] + column_bits[square.column])
    lu = splu(csc_array((value, (square.row, square.column)), shape=(square.size, square.size)))
    direct = FloatSolve(lu.solve, row_bits, -column_bits)
    return direct, FloatSolve(lambda right: lu.solve(right, trans="T"), column_bits, -row_bits)


def refine(square: Square, right: Integers, solver: FloatSolve, deadline: float | None = None) -> Rationals | None:
    """The solution x (size,) of ``square x = right``, or None where the digits do not settle (before `deadline`).

    The unknown is z = 2^e x, in units of 2^(e + unit_bits) >= 1. With X = 0 and r = 2^e `right`, each round takes d,
    2^s times the float solution for r rounded to units, and keeps X ← 2^s X + d and r ← 2^s r − M d: after rounds
    of k digits in all, z = 2^(−k) (X + M⁻¹ r) exactly. The residual r stays small as long as the factors are good for
    s digits.
    """
    if not square.size:
        return Rationals(right, 1)
    shift = max(-int(solver.unit_bits.min()), 0)
    unit, scale = powers_of_two(shift + solver.unit_bits), solver.right_bits + shift
    found, residual = objects([0] * square.size), right << shift
    digits, step, due = 0, FIRST_STEP, FIRST_TRY
    rest, least = scaled_floats(residual, scale), max(_rounding(square, solver), 1.0)
    guess, before = solver.apply(rest), _size(rest)
    while np.isfinite(guess).all() and step >= SHORTEST_STEP and not _past(deadline):
        part = whole(np.rint(np.ldexp(guess, step))) * unit
        found, residual, digits = (found << step) + part, (residual << step) - square.times(part), digits + step
        rest = scaled_floats(residual, scale)
        guess = solver.apply(rest)
        if digits >= due or not rest.any():
            due = int(PATIENCE * digits)
            error = whole(np.ceil(np.abs(guess)) + 2) * unit
            answer = reconstruct(found, digits + shift, error)
            if answer is not None and _solves(square, right, answer):
                return answer
        step, before = _next_step(step, _size(rest) / max(before, least)), _size(rest)
    return None


def _next_step(step: int, growth: float) -> int:
    """More digits where the residual did not grow, fewer by those that it grew by."""
    return min(step + 4, LONGEST_STEP) if growth <= 1 else step - int(np.ceil(np.log2(growth)))


def _size(values: FloatArray) -> float:
    return float(np.abs(values).max(initial=0.0))


def _rounding(square: Square, solver: FloatSolve) -> float:
    """The largest scaled residual that rounding digits to units can leave."""
    sizes = np.abs(scaled_floats(square.value, solver.right_bits[square.row] - solver.unit_bits[square.column]))
    return float(np.bincount(square.row, weights=sizes).max())


def _solves(square: Square, right: Integers, answer: Rationals) -> bool:
    return bool((square.times(answer.numerators) == right * answer.denominator).all())


def _past(deadline: float | None) -> bool:
    return deadline is not None and time.perf_counter() > deadline


def bits(values: Integers) -> IntArray:
    """The length of each whole number in binary digits, about (floats round up at powers of two)."""
    try:
        return np.asarray(np.frexp(values.astype(float))[1], dtype=np.int64)
    except OverflowError:
        return np.array([int(value).bit_length() for value in values.tolist()], dtype=np.int64)


def scaled_floats(values: Integers, exponents: IntArray) -> FloatArray:
    """``values * 2.0**-exponents`` for whole numbers of any length."""
    try:
        return np.asarray(np.ldexp(values.astype(float), -exponents))
    except OverflowError:
        excess = np.maximum(bits(values) - 100, 0)
        shortened = objects([value >> shift for value, shift in zip(values.tolist(), excess.tolist(), strict=True)])
        return np.asarray(np.ldexp(shortened.astype(float), excess - exponents))


def whole(values: FloatArray) -> Integers:
    """Whole floats as Python integers."""
    if np.abs(values).max(initial=0.0) < 2.0**62:
        return values.astype(np.int64).astype(object)
    return objects([int(value) for value in values.tolist()])


def powers_of_two(exponents: IntArray) -> Integers:
    """``2**exponents`` for exponents >= 0."""
    return objects([1 << exponent for exponent in exponents.tolist()])


def largest(sizes: IntArray, group: IntArray, count: int) -> IntArray:
    """The largest size in each group (count,), 0 for empty groups."""
    least = np.iinfo(np.int64).min
    found = np.full(count, least)
    np.maximum.at(found, group, sizes)
    return np.where(found == least, 0, found)
