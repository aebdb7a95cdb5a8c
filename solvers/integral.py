"""A rational program in whole numbers: what exact arithmetic is done in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import lcm

import numpy as np

from solvers.program import BoolArray, IntArray
from solvers.rational import Exact, Integers, RationalProgram, objects


@dataclass(frozen=True, eq=False)
class Side:
    """Bounds of one side as whole numbers; where `there` is False there is no bound and `value` is 0."""

    there: BoolArray
    value: Integers


@dataclass(frozen=True, eq=False)
class IntegerProgram:
    """Minimise ``cost @ x``: the rational program with row i multiplied by ``row_scale[i]`` > 0 and its costs by
    `cost_scale`, which is negative where the rational program is maximised. Column bounds are those of
    ``bound_scale * x``. The matrix is in CSR arrays of Python integers with sorted columns.
    """

    starts: IntArray
    column: IntArray
    value: Integers
    cost: Integers
    cost_scale: int
    row_lower: Side
    row_upper: Side
    row_scale: Integers
    column_lower: Side
    column_upper: Side
    bound_scale: int

    @classmethod
    def of(cls, program: RationalProgram) -> IntegerProgram:
        row_scale = _row_scales(program)
        ones = objects([1] * program.column_count)
        bound_scale = lcm(*_denominators(program.column_lower), *_denominators(program.column_upper))
        cost_scale = lcm(*_denominators(program.cost)) * (-1 if program.maximize else 1)
        return cls(
            starts=program.starts,
            column=program.column,
            value=_scaled(program.value, row_scale[program.row]),
            cost=_scaled(program.cost, ones * cost_scale),
            cost_scale=cost_scale,
            row_lower=_side(program.row_lower, row_scale),
            row_upper=_side(program.row_upper, row_scale),
            row_scale=row_scale,
            column_lower=_side(program.column_lower, ones * bound_scale),
            column_upper=_side(program.column_upper, ones * bound_scale),
            bound_scale=bound_scale,
        )

    @property
    def row_count(self) -> int:
        return len(self.row_scale)

    @property
    def column_count(self) -> int:
        return len(self.cost)

    @cached_property
    def row(self) -> IntArray:
        """The row of each entry."""
        return np.repeat(np.arange(self.row_count), np.diff(self.starts))

    @cached_property
    def by_column(self) -> tuple[IntArray, IntArray]:
        """The entries in an order sorted by column, and where each column begins in it (n + 1,)."""
        counts = np.bincount(self.column, minlength=self.column_count)
        return np.argsort(self.column, kind="stable"), np.concatenate([[0], np.cumsum(counts)])

    def times(self, x: Integers) -> Integers:
        """The matrix times x (n,): (m,)."""
        return group_sums(self.value * x[self.column], self.starts)

    def transposed_times(self, y: Integers) -> Integers:
        """The transposed matrix times y (m,): (n,)."""
        order, starts = self.by_column
        return group_sums((self.value * y[self.row])[order], starts)


def group_sums(values: Integers, starts: IntArray) -> Integers:
    """The sums of ``values[starts[k] : starts[k + 1]]``, 0 for empty groups."""
    sums = objects([0] * (len(starts) - 1))
    full = np.flatnonzero(np.diff(starts))
    if full.size:
        sums[full] = np.add.reduceat(values, starts[full])
    return sums


def _row_scales(program: RationalProgram) -> Integers:
    """The least whole numbers that clear the denominators of each row and its bounds (m,)."""
    starts = program.starts.tolist()
    below = [value.denominator for value in program.value.tolist()]
    lower, upper = program.row_lower.tolist(), program.row_upper.tolist()
    return objects(
        [
            lcm(
                *set(below[starts[row] : starts[row + 1]]),
                *(bound.denominator for bound in (lower[row], upper[row]) if bound is not None),
            )
            for row in range(program.row_count)
        ]
    )


def _denominators(values: Exact) -> set[int]:
    return {value.denominator for value in values.tolist() if value is not None}


def _scaled(values: Exact, scale: Integers) -> Integers:
    pairs = zip(values.tolist(), scale.tolist(), strict=True)
    return objects([value.numerator * (factor // value.denominator) for value, factor in pairs])


def _side(bounds: Exact, scale: Integers) -> Side:
    there = np.array([bound is not None for bound in bounds.tolist()], dtype=bool)
    value = objects([0] * len(bounds))
    value[there] = _scaled(bounds[there], scale[there])
    return Side(there, value)
