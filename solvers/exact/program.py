"""Linear programs with exact rational data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from solvers.exact.integral import IntegerProgram
from solvers.exact.numbers import ZERO, Exact, as_fraction, exact, floats, objects
from solvers.program import BoolArray, IntArray, LinearProgram, Names


@dataclass(frozen=True, eq=False)
class RationalProgram:
    """Minimise (or maximise) ``cost @ x + offset`` subject to ``row_lower <= A x <= row_upper`` and
    ``column_lower <= x <= column_upper``, all numbers exact.

    A has the entry ``value[j]`` at (``row[j]``, ``column[j]``), sorted by row and column, each place at most once and
    nonzero. Numbers are `Fraction` in object arrays; a bound that is not there is None. `integer` is None when no
    column is. Build one with `RationalProgram.of`.
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
    row_names: Names | None = None
    column_names: Names | None = None

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
        """From exact numbers (int, Fraction, flint.fmpq) in any order of entries; entries at one place are added.

        `bounds` are row lower, row upper, column lower and column upper, with None (or ±inf) for absent ones. Raises
        TypeError for a float and ValueError where lengths disagree or an index is out of range.
        """
        costs, values = exact(cost), exact(value)
        row_lower, row_upper, column_lower, column_upper = (_bounds(side) for side in bounds)
        _require(len(row_lower) == len(row_upper), "row bounds have different lengths")
        _require(len(column_lower) == len(column_upper) == len(costs), "costs and column bounds have different lengths")
        row, column = np.asarray(row, dtype=np.int64), np.asarray(column, dtype=np.int64)
        _require(len(row) == len(column) == len(values), "rows, columns and values have different lengths")
        _require(not len(row) or (row.min() >= 0 and row.max() < len(row_lower)), "a row index is out of range")
        _require(not len(row) or (column.min() >= 0 and column.max() < len(costs)), "a column index is out of range")
        row, column, values = _summed(row, column, values)
        return cls(costs, row, column, values, row_lower, row_upper, column_lower, column_upper, **rest)

    @property
    def row_count(self) -> int:
        return len(self.row_lower)

    @property
    def column_count(self) -> int:
        return len(self.cost)

    @cached_property
    def starts(self) -> IntArray:
        """Where each row's entries begin, and the end (m + 1,)."""
        return np.searchsorted(self.row, np.arange(self.row_count + 1))

    @cached_property
    def whole(self) -> IntegerProgram:
        """The relaxed program in whole numbers."""
        return IntegerProgram.of(self)

    def to_float(self) -> LinearProgram:
        """The program with every number rounded to the nearest double."""
        shape = (self.row_count, self.column_count)
        return LinearProgram(
            cost=floats(self.cost),
            matrix=csr_array((floats(self.value), self.column, self.starts), shape=shape),
            row_lower=floats(self.row_lower, -np.inf),
            row_upper=floats(self.row_upper, np.inf),
            column_lower=floats(self.column_lower, -np.inf),
            column_upper=floats(self.column_upper, np.inf),
            integer=self.integer,
            maximize=self.maximize,
            offset=float(self.offset),
            row_names=self.row_names,
            column_names=self.column_names,
        )

    def row_name(self, row: int) -> str:
        return _name(self.row_names, row, "r")

    def column_name(self, column: int) -> str:
        return _name(self.column_names, column, "x")

    def relaxed(self) -> RationalProgram:
        """Without integrality."""
        return replace(self, integer=None)


def _name(names: Names | None, index: int, prefix: str) -> str:
    if names is None:
        return f"{prefix}{index}"
    return names(index) if callable(names) else names[index]


def _bounds(values: Iterable[Any]) -> Exact:
    return objects([None if _is_absent(value) else as_fraction(value) for value in values])


def _is_absent(value: Any) -> bool:
    return value is None or (isinstance(value, float) and value in (np.inf, -np.inf))


def _summed(row: IntArray, column: IntArray, value: Exact) -> tuple[IntArray, IntArray, Exact]:
    """Sorted by row and column, repeated places added up, zeros dropped."""
    order = np.lexsort((column, row))
    row, column, value = row[order], column[order], value[order]
    new = np.ones(len(row), dtype=bool)
    new[1:] = (np.diff(row) != 0) | (np.diff(column) != 0)
    if not new.all():
        starts = np.flatnonzero(new)
        row, column, value = row[starts], column[starts], np.add.reduceat(value, starts)
    kept = np.array([bool(one) for one in value.tolist()], dtype=bool)
    return (row, column, value) if kept.all() else (row[kept], column[kept], value[kept])


def _require(condition: bool, otherwise: str) -> None:
    if not condition:
        raise ValueError(otherwise)
