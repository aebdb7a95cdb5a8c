"""A rational program in whole numbers: what exact arithmetic is done in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import lcm
from typing import TYPE_CHECKING, Any

import numpy as np

from solvers.exact.numbers import WORD, Exact, Integers, Ratios, objects
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
        row_scale = _row_scales(program.starts, value, row_lower, row_upper)
        bound_scale = lcm(column_lower.given.common, column_upper.given.common)
        cost_scale = cost.common * (-1 if program.maximize else 1)
        return cls(
            starts=program.starts,
            column=program.column,
            value=value.times(row_scale[program.row]),
            cost=cost.times(objects([cost_scale])),
            cost_scale=cost_scale,
            row_lower=row_lower.times(row_scale),
            row_upper=row_upper.times(row_scale),
            row_scale=row_scale,
            column_lower=column_lower.times(objects([bound_scale])),
            column_upper=column_upper.times(objects([bound_scale])),
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

    def times(self, scale: Integers) -> Side:
        """The bounds times a scale each, or one for all."""
        value = objects([0] * len(self.there))
        value[self.there] = self.given.times(scale[self.there] if scale.size > 1 else scale)
        return Side(self.there, value)


def _row_scales(starts: IntArray, value: Ratios, lower: _Bounds, upper: _Bounds) -> Integers:
    """The least whole numbers that clear the denominators of each row and its bounds (m,)."""
    longest_scale = lcm(value.common, lower.given.common, upper.given.common).bit_length()
    kind: Any = np.int64 if longest_scale <= WORD else object
    scales = np.ones(len(starts) - 1, dtype=kind)
    for side in (lower, upper):
        scales[side.there] = np.lcm(scales[side.there], side.given.below.astype(kind))
    full = np.flatnonzero(np.diff(starts))
    if full.size:
        scales[full] = np.lcm(scales[full], np.lcm.reduceat(value.below.astype(kind), starts[full]))
    return np.asarray(scales, dtype=object)
