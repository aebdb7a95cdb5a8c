"""A program put together from blocks of columns and families of rows, all as arrays.

Everything here works for floats and for exact rationals alike: an exact program is built by the same code from
object arrays.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from amd.model.numbers import IntArray
from solvers import LinearProgram

Numbers = NDArray[Any]  # float64, or Fractions in an object array

PIECE = 50_000  # entries of a family put together at a time
SAMPLE = 32  # lines looked at to tell how many entries a line has


@dataclass(frozen=True, eq=False)
class Columns:
    """A block of columns: `index` has the block's shape and holds the column numbers."""

    name: str
    index: IntArray
    label: Callable[[tuple[int, ...]], str]
    first: IntArray

    def __getitem__(self, key: Any) -> IntArray:
        return np.asarray(self.index[key])

    def take(self, x: Numbers) -> Numbers:
        """The block's part of a solution, in the block's shape."""
        return x[self.index]


@dataclass(frozen=True, eq=False)
class Terms:
    """Coefficients of some rows: `value` at (`row`, `column`); rows count from 0 within their family."""

    row: IntArray
    column: IntArray
    value: Numbers

    def __neg__(self) -> Terms:
        return Terms(self.row, self.column, -self.value)

    def scaled(self, factor: Numbers) -> Terms:
        """Each row multiplied by its factor."""
        return Terms(self.row, self.column, self.value * factor[self.row])


def terms(row: Any, column: Any, value: Any) -> Terms:
    """Terms from arrays that broadcast against each other; zero coefficients are dropped."""
    row, column, value = np.broadcast_arrays(row, column, value)
    row, column, value = row.ravel(), column.ravel(), value.ravel()
    keep = value != 0
    return Terms(row, column, value) if keep.all() else Terms(row[keep], column[keep], value[keep])


def pieces(index: IntArray, parts: Callable[[IntArray], list[Terms]]) -> list[tuple[int, int]]:
    """Where to cut the lines of a family so that no piece has many more than PIECE entries."""
    sample = index[:SAMPLE]
    entries = sum(len(part.value) for part in parts(sample))
    step = max(SAMPLE, int(PIECE * len(sample) / max(entries, 1)))
    return [(begin, min(begin + step, len(index))) for begin in range(0, len(index), step)]


@dataclass(frozen=True, eq=False)
class Family:
    """Rows of one kind. `index` (rows, d) says which: types, reports, profiles, as the kind's label explains."""

    kind: str
    start: int
    index: IntArray
    label: Callable[[tuple[int, ...]], str]
    agent: int | None = None

    @property
    def count(self) -> int:
        return len(self.index)


@dataclass
class ProgramBuilder:
    """Collects columns and rows; `build` makes the program."""

    exact: bool = False
    columns: list[Columns] = field(default_factory=list)
    families: list[Family] = field(default_factory=list)
    column_count: int = 0
    row_count: int = 0
    _column_parts: list[tuple[Numbers, Numbers, bool]] = field(default_factory=list)
    _row_parts: list[tuple[Numbers, Numbers]] = field(default_factory=list)
    _terms: list[Terms] = field(default_factory=list)  # of an exact program
    _blocks: list[csr_array] = field(default_factory=list)  # of a float program, one below the other
    _cost: list[tuple[IntArray, Numbers]] = field(default_factory=list)
    _zero: list[IntArray] = field(default_factory=list)

    def add_columns(
        self,
        name: str,
        shape: tuple[int, ...],
        lower: Any,
        upper: Any,
        label: Callable[[tuple[int, ...]], str],
        *,
        integer: bool = False,
        orbits: IntArray | None = None,
    ) -> Columns:
        """A block of columns; bounds broadcast against its shape. Cells of one orbit share a column: `orbits` holds the
        first of each cell's orbit, flat."""
        if orbits is None:
            first = place = np.arange(prod(shape))
            bounds = [self._spread(bound, shape) for bound in (lower, upper)]
        else:
            flat = orbits.ravel()
            leads = flat == np.arange(len(flat))
            first, place = np.flatnonzero(leads), (np.cumsum(leads) - 1)[flat]
            bounds = [self._spread(bound, shape).flat[first] for bound in (lower, upper)]
        self._column_parts.append((bounds[0], bounds[1], integer))
        index = place + self.column_count if self.column_count else place
        block = Columns(name, index.reshape(shape), label, first)
        self.columns.append(block)
        self.column_count += len(first)
        return block

    def add_rows(
        self,
        kind: str,
        index: IntArray,
        parts: list[Terms] | Callable[[IntArray], list[Terms]],
        lower: Any,
        upper: Any,
        label: Callable[[tuple[int, ...]], str],
        agent: int | None = None,
    ) -> Family:
        """A family of rows ``lower <= sum of parts <= upper``; bounds broadcast against (rows,).

        Large families hand over a function from some lines of `index` to their parts, so that they are put together
        a piece at a time and never need much more memory than the matrix itself.
        """
        count = len(index)
        start = self.row_count
        for begin, end in pieces(index, parts) if callable(parts) else [(0, count)]:
            self._add_entries(parts(index[begin:end]) if callable(parts) else parts, start + begin, end - begin)
        self._row_parts.append((self._numbers(lower, (count,)), self._numbers(upper, (count,))))
        return self.note_rows(kind, index, label, agent)

    def _add_entries(self, parts: list[Terms], start: int, count: int) -> None:
        """Entries of `count` rows from row `start` on."""
        part = self.gather(parts)
        if self.exact:
            self._terms.append(Terms(part.row + start, part.column, part.value))
            return
        block = csr_array((part.value, (part.row, part.column)), shape=(count, self.column_count), dtype=np.float64)
        block.eliminate_zeros()
        self._blocks.append(block)

    def note_rows(
        self, kind: str, index: IntArray, label: Callable[[tuple[int, ...]], str], agent: int | None = None
    ) -> Family:
        """Takes note of rows that went straight to a solver, so that they have their names."""
        family = Family(kind, self.row_count, index.reshape(len(index), prod(index.shape[1:])), label, agent)
        self.families.append(family)
        self.row_count += len(index)
        return family

    def forget_rows(self, rows: IntArray) -> None:
        """Takes note that rows of which note was taken have been dropped; those below them move up."""
        dropped = np.zeros(self.row_count, dtype=bool)
        dropped[rows] = True
        start, left = 0, []
        for family in self.families:
            kept = family.index[~dropped[family.start : family.start + family.count]]
            if len(kept) or not family.count:
                left.append(replace(family, start=start, index=kept))
            start += len(kept)
        self.families, self.row_count = left, start

    def fix_zero(self, columns: IntArray) -> None:
        """Fixes these columns at zero."""
        self._zero.append(columns.ravel())

    def add_cost(self, part: Terms) -> None:
        """Adds to the objective (the rows of `part` are ignored)."""
        self._cost.append((part.column, part.value))

    def _numbers(self, value: Any, shape: tuple[int, ...]) -> Numbers:
        numbers = np.asarray(value, dtype=object if self.exact else np.float64)
        if numbers.ndim == 0:  # the same for all: one number is held
            return np.broadcast_to(numbers, (prod(shape),))
        return np.broadcast_to(numbers, shape).ravel()

    def _spread(self, value: Any, shape: tuple[int, ...]) -> Numbers:
        """The numbers in this shape; what repeats is held once."""
        return np.broadcast_to(np.asarray(value, dtype=object if self.exact else np.float64), shape)

    def gather(self, parts: list[Terms]) -> Terms:
        """The parts laid end to end."""
        if not parts:
            return Terms(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), self._numbers(0, (0,)))
        return Terms(
            np.concatenate([part.row for part in parts]),
            np.concatenate([part.column for part in parts]),
            np.concatenate([part.value for part in parts]),
        )

    def cost(self) -> Numbers:
        """The objective's coefficients (columns,)."""
        cost = self._numbers(0, (self.column_count,)).copy()
        for column, value in self._cost:
            np.add.at(cost, column, value)
        return cost

    def entries(self) -> Terms:
        """All coefficients of an exact program."""
        return self.gather(self._terms)

    def matrix(self) -> csr_array:
        """All coefficients of a float program."""
        if len(self._blocks) != 1 or self._blocks[0].shape[1] != self.column_count:
            self._blocks = [self._stacked()]
        return self._blocks[0]

    def _stacked(self) -> csr_array:
        """The blocks one below the other; each gives up its arrays as they are copied, so that no two whole matrices
        are ever held."""
        counts = np.concatenate([np.zeros(1, dtype=np.int64), *(np.diff(block.indptr) for block in self._blocks)])
        data = np.concatenate([np.zeros(0), *(block.data for block in self._blocks)])
        indices = [block.indices for block in self._blocks]
        self._blocks = []
        column = np.concatenate([np.zeros(0, dtype=np.int32), *indices])
        return csr_array((data, column, np.cumsum(counts)), shape=(len(counts) - 1, self.column_count))

    def bounds(self) -> tuple[Numbers, Numbers, Numbers, Numbers]:
        """Row lower, row upper, column lower, column upper."""
        empty = self._numbers(0, (0,))
        rows = [np.concatenate([empty, *(part[side] for part in self._row_parts)]) for side in (0, 1)]
        columns = [
            self._laid_out([lower for lower, _, _ in self._column_parts]),
            self._laid_out([upper for _, upper, _ in self._column_parts]),
        ]
        for zero in self._zero:
            columns[1][zero] = 0
        return rows[0], rows[1], columns[0], columns[1]

    def _laid_out(self, parts: list[Numbers]) -> Numbers:
        """The parts, of any shapes, end to end."""
        whole, start = self._numbers(0, (self.column_count,)).copy(), 0
        for part in parts:
            whole[start : start + part.size].reshape(part.shape)[...] = part
            start += part.size
        return whole

    def integer(self) -> NDArray[np.bool_] | None:
        """Which columns are whole numbers, or None."""
        if not any(integer for _, _, integer in self._column_parts):
            return None
        return np.concatenate([np.full(lower.size, integer) for lower, _, integer in self._column_parts])

    def build(self, *, maximize: bool, offset: float = 0.0) -> LinearProgram:
        """The float program. The matrix comes first: while its blocks are stacked they take most of the room."""
        matrix = self.matrix()
        row_lower, row_upper, column_lower, column_upper = self.bounds()
        return LinearProgram(
            cost=self.cost(),
            matrix=matrix,
            row_lower=row_lower,
            row_upper=row_upper,
            column_lower=column_lower,
            column_upper=column_upper,
            integer=self.integer(),
            maximize=maximize,
            offset=offset,
            row_names=self.row_name,
            column_names=self.column_name,
        )

    def row_name(self, row: int) -> str:
        """The name of a row, such as ``incentive buyer 3->2``."""
        starts = [family.start for family in self.families]
        family = self.families[int(np.searchsorted(starts, row, side="right")) - 1]
        while row - family.start >= family.count:  # empty families share their start with the next one
            family = self.families[self.families.index(family) + 1]
        return family.label(tuple(int(part) for part in family.index[row - family.start]))

    def column_name(self, column: int) -> str:
        """The name of a column, such as ``payment[buyer]@3,2``."""
        start = 0
        for block in self.columns:
            if column < start + len(block.first):
                cell = np.unravel_index(block.first[column - start], block.index.shape)
                return block.label(tuple(int(part) for part in cell))
            start += len(block.first)
        raise IndexError(column)
