"""Linear programs with rational coefficients, as sparse arrays of `fractions.Fraction`, and their checks.

`optimality_fault` and `farkas_fault` decide, in integer arithmetic and without looking at how the numbers were
found, whether a primal and a dual solution prove an optimum, and whether multipliers prove that there is no solution
(LP duality and Farkas' lemma; Schrijver, Theory of Linear and Integer Programming, 1986, sections 7.3 and 7.4).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from math import lcm
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from solvers.program import BoolArray, IntArray, LinearProgram

Exact: TypeAlias = NDArray[np.object_]

ZERO = Fraction(0)


@dataclass(frozen=True, eq=False)
class RationalProgram:
    """Minimise (or maximise) ``cost @ x + offset`` subject to ``row_lower <= A x <= row_upper`` and
    ``column_lower <= x <= column_upper``.

    A has the entry `value[j]` at (`row[j]`, `column[j]`), each place at most once, sorted by row. Numbers are
    `Fraction` in object arrays; a bound that is not there is None. `integer` is None when no column is.
    `RationalProgram.of` accepts unsorted and repeated entries, whole numbers, and infinite floats for absent bounds.
    """

    cost: Exact
    row: IntArray
    column: IntArray
    value: Exact
    row_lower: Exact
    row_upper: Exact
    column_lower: Exact
    column_upper: Exact
    maximize: bool = False
    offset: Fraction = ZERO
    integer: BoolArray | None = None

    @classmethod
    def of(
        cls,
        cost: Iterable[Any],
        row: IntArray,
        column: IntArray,
        value: Iterable[Any],
        bounds: tuple[Iterable[Any], Iterable[Any], Iterable[Any], Iterable[Any]],
        **rest: Any,
    ) -> RationalProgram:
        """The program of plain numbers; `bounds` are those of rows (lower, upper), then of columns."""
        row, column, values = _summed(np.asarray(row), np.asarray(column), exact(value))
        row_lower, row_upper, column_lower, column_upper = (_bounds(side) for side in bounds)
        return cls(exact(cost), row, column, values, row_lower, row_upper, column_lower, column_upper, **rest)

    @property
    def row_count(self) -> int:
        return len(self.row_lower)

    @property
    def column_count(self) -> int:
        return len(self.cost)

    @cached_property
    def starts(self) -> IntArray:
        """Where each row's entries begin, and their end (m + 1,)."""
        return np.searchsorted(self.row, np.arange(self.row_count + 1))

    @cached_property
    def scales(self) -> list[int]:
        """For each row the least whole number that clears its denominators (m,)."""
        starts = self.starts.tolist()
        below = [value.denominator for value in self.value.tolist()]
        return [lcm(*below[begin:end]) for begin, end in pairwise(starts)]

    @cached_property
    def whole(self) -> Exact:
        """The entries times their row's scale, as Python integers."""
        scales = np.array(self.scales, dtype=object)[self.row].tolist()
        pairs = zip(self.value.tolist(), scales, strict=True)
        return objects([one.numerator * (scale // one.denominator) for one, scale in pairs])

    @cached_property
    def matrix(self) -> csr_array:
        """A in floats."""
        shape = (self.row_count, self.column_count)
        return csr_array((self.value.astype(float), self.column, self.starts), shape=shape)

    def to_float(self) -> LinearProgram:
        """The same program with every number rounded to the nearest double."""
        return LinearProgram(
            cost=self.cost.astype(float),
            matrix=self.matrix,
            row_lower=_floats(self.row_lower, -np.inf),
            row_upper=_floats(self.row_upper, np.inf),
            column_lower=_floats(self.column_lower, -np.inf),
            column_upper=_floats(self.column_upper, np.inf),
            integer=self.integer,
            maximize=self.maximize,
            offset=float(self.offset),
        )

    def relaxed(self) -> RationalProgram:
        """Without integrality."""
        return replace(self, integer=None)

    def objective(self, x: Exact) -> Fraction:
        """The objective at x."""
        return _dot(self.cost, x) + self.offset

    def activity(self, x: Exact) -> Exact:
        """A x."""
        numerators, below = common(x)
        scales = zip(self.products(numerators).tolist(), self.scales, strict=True)
        return objects([Fraction(total, scale * below) if total else ZERO for total, scale in scales])

    def products(self, numerators: Exact) -> Exact:
        """Each row's scale times A times whole numbers, as whole numbers."""
        return sums(self.whole * numerators[self.column], self.row, self.row_count)

    def transposed(self, y: Exact) -> Exact:
        """Aᵀ y."""
        scaled = objects([one / scale if one else ZERO for one, scale in zip(y.tolist(), self.scales, strict=True)])
        numerators, below = common(scaled)
        totals = sums(self.whole * numerators[self.row], self.column, self.column_count)
        return objects([Fraction(total, below) if total else ZERO for total in totals.tolist()])


def optimality_fault(program: RationalProgram, x: Exact, y: Exact) -> str:
    """Why x and the row multipliers y do not prove that x is optimal; empty when they do.

    x must meet every bound. With z = cost − Aᵀy each multiplier must have a bound of its sign to lean on, and the dual
    value, the sum of multipliers times those bounds, must be the value of x. Shapes: x (n,), y (m,).
    """
    fault = _outside("row", program.activity(x), program.row_lower, program.row_upper)
    fault = fault or _outside("column", x, program.column_lower, program.column_upper)
    if fault:
        return fault
    value = dual_value(program, y, program.cost - program.transposed(y))
    if value is None:
        return "a multiplier has no bound to lean on"
    return "" if value + program.offset == program.objective(x) else "primal and dual values differ"


def dual_value(program: RationalProgram, y: Exact, z: Exact) -> Fraction | None:
    """The bound on the objective (without its offset) that multipliers of rows and columns prove; None without one."""
    if program.maximize:
        below = (
            _support(-y, program.row_lower, program.row_upper),
            _support(-z, program.column_lower, program.column_upper),
        )
        return None if below[0] is None or below[1] is None else -(below[0] + below[1])
    parts = _support(y, program.row_lower, program.row_upper), _support(z, program.column_lower, program.column_upper)
    return None if parts[0] is None or parts[1] is None else parts[0] + parts[1]


def farkas_fault(program: RationalProgram, y: Exact) -> str:
    """Why the row multipliers y do not prove that the program has no solution; empty when they do.

    Any solution has y·(A x) + z·x = 0 with z = −Aᵀy, and the left side is at least the sum of the multipliers times the
    bounds that they lean on; the proof is that this sum is positive.
    """
    rows = _support(y, program.row_lower, program.row_upper)
    columns = _support(-program.transposed(y), program.column_lower, program.column_upper)
    if rows is None or columns is None:
        return "a multiplier has no bound to lean on"
    return "" if rows + columns > 0 else "the multipliers do not contradict each other"


def _support(multipliers: Exact, lower: Exact, upper: Exact) -> Fraction | None:
    """The least value of multipliers · t over lower <= t <= upper; None where it is unbounded."""
    at = np.flatnonzero(multipliers != 0)
    chosen = [
        low if one > 0 else high
        for one, low, high in zip(multipliers[at].tolist(), lower[at].tolist(), upper[at].tolist(), strict=True)
    ]
    return None if any(one is None for one in chosen) else _dot(multipliers[at], objects(chosen))


def _outside(what: str, values: Exact, lower: Exact, upper: Exact) -> str:
    triples = zip(values.tolist(), lower.tolist(), upper.tolist(), strict=True)
    for place, (value, low, high) in enumerate(triples):
        if (low is not None and value < low) or (high is not None and value > high):
            return f"{what} {place} is outside its bounds"
    return ""


def _dot(one: Exact, other: Exact) -> Fraction:
    """Their inner product, over one common denominator each."""
    (a, below_a), (b, below_b) = common(one), common(other)
    return Fraction(sum((a * b).tolist()), below_a * below_b)


def common(values: Exact) -> tuple[Exact, int]:
    """Whole numerators over the least common denominator, and that denominator."""
    listed = values.tolist()
    below = lcm(*{one.denominator for one in listed})
    return objects([one.numerator * (below // one.denominator) for one in listed]), below


def sums(values: Exact, group: IntArray, count: int) -> Exact:
    """The sum of the values of each group (count,), in Python integers."""
    found = np.full(count, 0, dtype=object)
    if len(values):
        order = np.argsort(group, kind="stable")
        starts = np.flatnonzero(np.diff(group[order], prepend=-1))
        found[group[order][starts]] = np.add.reduceat(values[order], starts)
    return found


def objects(values: list[Any]) -> Exact:
    """An object array of these things."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def exact(values: Iterable[Any]) -> Exact:
    """An object array of Fractions."""
    return objects([one if type(one) is Fraction else Fraction(one) for one in values])


def _bounds(values: Iterable[Any]) -> Exact:
    listed = [None if one is None or (isinstance(one, float) and np.isinf(one)) else Fraction(one) for one in values]
    return objects(listed)


def _floats(bounds: Exact, absent: float) -> NDArray[np.float64]:
    return np.array([absent if one is None else float(one) for one in bounds.tolist()], dtype=float)


def _summed(row: IntArray, column: IntArray, value: Exact) -> tuple[IntArray, IntArray, Exact]:
    """Sorted by row and column, repeated places added up, zeros dropped."""
    order = np.lexsort((column, row))
    row, column, value = row[order].astype(np.int64), column[order].astype(np.int64), value[order]
    if len(row):
        new = np.ones(len(row), dtype=bool)
        new[1:] = (np.diff(row) != 0) | (np.diff(column) != 0)
        starts = np.flatnonzero(new)
        row, column = row[starts], column[starts]
        value = value if len(starts) == len(value) else np.add.reduceat(value, starts)
    kept = np.flatnonzero(value != 0)
    return row[kept], column[kept], value[kept]
