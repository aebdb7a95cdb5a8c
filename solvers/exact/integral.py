"""A rational program in whole numbers: what exact arithmetic is done in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import lcm
from typing import TYPE_CHECKING, Any

import numpy as np

from solvers.exact.numbers import WORD, Exact, Integers, Ratios, Whole, known_words, single
from solvers.exact.sparse import Sparse
from solvers.program import BoolArray, IntArray

if TYPE_CHECKING:
    from solvers.exact.program import RationalProgram


@dataclass(frozen=True, eq=False)
class Side:
    """Bounds of one side as whole numbers; where `there` is False there is no bound and `value` is 0. `word` are the
    same values in machine words, where all fit."""

    there: BoolArray
    value: Integers
    word: IntArray | None = None

    @property
    def whole(self) -> Whole:
        """The values in machine words, where all fit."""
        return self.value if self.word is None else self.word

    @classmethod
    def of(cls, there: BoolArray, value: Whole) -> Side:
        """From Python integers or machine words."""
        return cls(there, value.astype(object), known_words(value))


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
    word: IntArray | None = None  # the matrix in machine words, where they are known already

    @classmethod
    def of(cls, program: RationalProgram) -> IntegerProgram:
        value, cost = Ratios.of(program.value.tolist()), Ratios.of(program.cost.tolist())
        row_lower, row_upper = _Bounds.of(program.row_lower), _Bounds.of(program.row_upper)
        column_lower, column_upper = _Bounds.of(program.column_lower), _Bounds.of(program.column_upper)
        scales = _row_scales(program.starts, value, row_lower, row_upper)
        bound_scale = lcm(column_lower.given.common, column_upper.given.common)
        cost_scale = cost.common * (-1 if program.maximize else 1)
        entries = value.times(scales[program.row])
        return cls(
            starts=program.starts,
            column=program.column,
            value=entries.astype(object),
            word=known_words(entries),
            cost=cost.times(single(cost_scale)).astype(object),
            cost_scale=cost_scale,
            row_lower=row_lower.times(scales),
            row_upper=row_upper.times(scales),
            row_scale=scales.astype(object),
            column_lower=column_lower.times(single(bound_scale)),
            column_upper=column_upper.times(single(bound_scale)),
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
        return Sparse(self.starts, self.column, self.value, self.column_count, self.word)

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
        listed = bounds.tolist()
        present = [bound for bound in listed if bound is not None]
        there = np.ones(len(listed), dtype=bool)
        if len(present) < len(listed):
            there = np.array([bound is not None for bound in listed], dtype=bool)
        return cls(there, Ratios.of(present))

    def times(self, scale: Whole) -> Side:
        """The bounds times a scale each, or one for all."""
        given = self.given.times(scale[self.there] if scale.size > 1 else scale)
        value: Any = np.zeros(len(self.there), dtype=given.dtype)
        value[self.there] = given
        return Side.of(self.there, value)


def _row_scales(starts: IntArray, value: Ratios, lower: _Bounds, upper: _Bounds) -> Whole:
    """The least whole numbers that clear the denominators of each row and its bounds (m,), in machine words where
    all fit."""
    longest_scale = lcm(value.common, lower.given.common, upper.given.common).bit_length()
    kind: Any = np.int64 if longest_scale <= WORD else object
    scales = np.ones(len(starts) - 1, dtype=kind)
    for side in (lower, upper):
        scales[side.there] = np.lcm(scales[side.there], side.given.below.astype(kind))
    full = np.flatnonzero(np.diff(starts))
    if full.size:
        scales[full] = np.lcm(scales[full], np.lcm.reduceat(value.below.astype(kind), starts[full]))
    return scales
