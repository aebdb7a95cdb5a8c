"""Exact solutions of square systems, from one float factorisation and digits found by refinement.

Fixed-point iterative refinement with rational reconstruction (Wan, An algorithm to solve integer linear systems
exactly using numerical methods, 2006; Gleixner, Steffy and Wolter, Iterative refinement for linear programming,
2016). The floats only propose digits: a solution is returned when it solves the system in whole numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import lcm

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array
from scipy.sparse.linalg import splu

from amd.proof.exact.program import Exact, common, objects, sums
from solvers.program import FloatArray, IntArray

STEP = 28  # binary digits asked of each solve with the factors
ROUNDS = 400  # so at most some 11,000 digits
Apply = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True, eq=False)
class Square:
    """A square matrix (size, size) with `value[j]` at (`row[j]`, `column[j]`)."""

    size: int
    row: IntArray
    column: IntArray
    value: Exact

    def transposed(self) -> Square:
        return Square(self.size, self.column, self.row, self.value)


class Factors:
    """A sparse LU of the matrix, its rows and columns scaled by powers of two. Raises RuntimeError where singular."""

    def __init__(self, square: Square) -> None:
        value = square.value.astype(float)
        self.down = powers(np.abs(value), square.row, square.size)
        value = value * self.down[square.row]
        self.right = powers(np.abs(value), square.column, square.size)
        value = value * self.right[square.column]
        self.lu = splu(csc_array((value, (square.row, square.column)), shape=(square.size, square.size)))

    def solve(self, right: FloatArray) -> FloatArray:
        return np.asarray(self.lu.solve(right * self.down)) * self.right

    def solve_transposed(self, right: FloatArray) -> FloatArray:
        return np.asarray(self.lu.solve(right * self.right, trans="T")) * self.down


def powers(sizes: FloatArray, group: IntArray, count: int) -> FloatArray:
    """For each row (or column) the power of two that brings its largest entry near 1."""
    largest = np.zeros(count)
    np.maximum.at(largest, group, sizes)
    exponent = np.frexp(np.where(largest > 0, largest, 1.0))[1]
    return np.ldexp(1.0, -exponent)


def refine(square: Square, right: Exact, apply: Apply) -> Exact | None:
    """The solution x (size,) of ``square x = right``, or None where the digits do not settle.

    Every equation is scaled to whole numbers M x = b. With r = b, each round asks the factors for 2^s times the
    solution of M d = r, rounds it, and keeps r ← 2^s r − M d exactly: after rounds of k digits in all,
    x = X / 2^k + 2^(−k) M⁻¹ r.
    """
    if square.size == 0:
        return right
    system = _Whole.of(square, right)
    digits, found, residual, step, due = 0, objects([0] * square.size), system.right, STEP, 2
    size = system.size_of(residual)
    for round_ in range(1, ROUNDS + 1):
        guess = apply(system.in_floats(residual)) * 2.0**step
        if not np.isfinite(guess).all():
            return None
        part = objects([int(value) for value in np.rint(guess).tolist()])
        rest = residual * (1 << step) - system.times(part) * system.below
        now = system.size_of(rest)
        if now > 4 * size and now > 4:  # fewer digits of this solve were good than were used
            step -= int(np.log2(now / size)) + 1 if size > 0 else step
            if step < 4:
                return None
            continue
        residual, size, found, digits = rest, max(now, size), found * (1 << step) + part, digits + step
        settled = not residual.any()
        if settled or round_ >= due:
            due = int(round_ * 1.6) + 1
            answer = reconstruct(found, digits, settled)
            if answer is not None and system.solved_by(*answer):
                numerators, below = answer
                return objects([Fraction(one, below) for one in numerators.tolist()])
            if settled:
                return None
    return None


@dataclass(frozen=True, eq=False)
class _Whole:
    """A system whose equations were scaled to whole numbers; `right` stands over the denominator `below`."""

    square: Square
    value: Exact
    right: Exact
    scales: list[int]
    below: int

    @classmethod
    def of(cls, square: Square, right: Exact) -> _Whole:
        numerators, below = common(right)
        order = np.argsort(square.row, kind="stable")
        sorted_square = Square(square.size, square.row[order], square.column[order], square.value[order])
        listed = sorted_square.value.tolist()
        ends = np.searchsorted(sorted_square.row, np.arange(square.size + 1)).tolist()
        under = [one.denominator for one in listed]
        scales = [lcm(*under[a:b]) for a, b in pairwise(ends)]
        wide = objects(scales)[sorted_square.row].tolist()
        value = objects([one.numerator * (scale // one.denominator) for one, scale in zip(listed, wide, strict=True)])
        return cls(sorted_square, value, numerators * objects(scales), scales, below)

    def times(self, x: Exact) -> Exact:
        return sums(self.value * x[self.square.column], self.square.row, self.square.size)

    def in_floats(self, residual: Exact) -> FloatArray:
        """The residual of the unscaled system."""
        pairs = zip(residual.tolist(), self.scales, strict=True)
        return np.array([one / (scale * self.below) for one, scale in pairs])

    def size_of(self, residual: Exact) -> float:
        return float(np.abs(self.in_floats(residual)).max(initial=0.0))

    def solved_by(self, numerators: Exact, below: int) -> bool:
        """Whether numerators / below solves the system, exactly."""
        return bool((self.times(numerators) * self.below == self.right * below).all())


def reconstruct(found: Exact, digits: int, settled: bool) -> tuple[Exact, int] | None:
    """Numerators over a common denominator D that `found` / 2^digits is close to; None where the digits are too few.

    D grows: entries that D does not make whole nearly enough give it another factor, the denominator of their best
    approximation (by continued fractions).
    """
    if settled:
        return found, 1 << digits
    one, below = 1 << digits, 1
    close = 1 << (digits // 2)
    while True:
        scaled = found * below
        nearest = (scaled + (one >> 1)) // one
        far: NDArray[np.int64] = np.flatnonzero(abs(scaled - nearest * one) > close)
        if not len(far):
            return nearest, below
        room = close // below
        if room < 2:
            return None
        extra = Fraction(int(scaled[far[0]]), one).limit_denominator(room).denominator
        if extra == 1:
            return None
        below *= extra
