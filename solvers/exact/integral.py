"""A rational program in whole numbers: what exact arithmetic is done in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import lcm
from typing import TYPE_CHECKING

import numpy as np

from solvers.exact.numbers import Exact, Integers, Ratios, objects
from solvers.exact.sparse import Sparse
from solvers.program import BoolArray, IntArray

if TYPE_CHECKING:
    from solvers.exact.program import RationalProgram


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
        value, cost = Ratios.of(program.value), Ratios.of(program.cost)
        row_lower, row_upper = _Bounds.of(program.row_lower), _Bounds.of(program.row_upper)
        column_lower, column_upper = _Bounds.of(program.column_lower), _Bounds.of(program.column_upper)
        row_scale = np.lcm(row_lower.below, row_upper.below)
        full = np.flatnonzero(np.diff(program.starts))
        if full.size:
            row_scale[full] = np.lcm(row_scale[full], np.lcm.reduceat(value.below, program.starts[full]))
        bound_scale = lcm(*column_lower.given.denominators(), *column_upper.given.denominators())
        cost_scale = lcm(*cost.denominators()) * (-1 if program.maximize else 1)
        return cls(
            starts=program.starts,
            column=program.column,
            value=value.times(row_scale[program.row]),
            cost=cost.times(cost_scale),
            cost_scale=cost_scale,
            row_lower=row_lower.times(row_scale),
            row_upper=row_upper.times(row_scale),
            row_scale=row_scale,
            column_lower=column_lower.times(objects([bound_scale] * program.column_count)),
            column_upper=column_upper.times(objects([bound_scale] * program.column_count)),
            bound_scale=bound_scale,
        )

    @property
    def row_count(self) -> int:
        return len(self.row_scale)

    @property
    def column_count(self) -> int:
        return len(self.cost)

    @cached_property
    def matrix(self) -> Sparse:
        return Sparse(self.starts, self.column, self.value, self.column_count)

    @property
    def row(self) -> IntArray:
        """The row of each entry."""
        return self.matrix.row

    def times(self, x: Integers) -> Integers:
        """The matrix times x (n,): (m,)."""
        return self.matrix.times(x)

    def transposed_times(self, y: Integers) -> Integers:
        """The transposed matrix times y (m,): (n,)."""
        return self.matrix.transposed.times(y)


@dataclass(frozen=True, eq=False)
class _Bounds:
    """Rational bounds, some of them absent."""

    there: BoolArray
    given: Ratios

    @classmethod
    def of(cls, bounds: Exact) -> _Bounds:
        there = np.array([bound is not None for bound in bounds.tolist()], dtype=bool)
        return cls(there, Ratios.of(bounds[there]))

    @property
    def below(self) -> Integers:
        """The denominators, 1 for absent bounds."""
        below = objects([1] * len(self.there))
        below[self.there] = self.given.below
        return below

    def times(self, scale: Integers) -> Side:
        value = objects([0] * len(self.there))
        value[self.there] = self.given.times(scale[self.there])
        return Side(self.there, value)
