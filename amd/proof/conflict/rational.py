"""Programs as triples of numbers, exact or floats, to which columns and rows can be added, and their solution.

The one place of this package that knows which exact solver there is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from amd.compile.context import Context
from amd.proof.tree import CASES, Branching, Undecided, prove_by_cases
from solvers import LinearProgram, Settings, Status, get
from solvers.exact import RationalProgram, solve_exact

Numbers = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Answer:
    """`possible` (None: not known), the least (or greatest) value, and a point that has it; `proven` in rationals.

    Where the search was given up, `bound` is what no value is better than, and `value` only the best that was found.
    """

    possible: bool | None
    value: Any = None
    x: Numbers | None = None
    proven: bool = False
    bound: Any = None


@dataclass(frozen=True, eq=False)
class Triples:
    """A program: entries (row, column, value), bounds of rows and of columns (infinite floats where there are none)."""

    exact: bool
    cost: Numbers
    row: NDArray[np.int64]
    column: NDArray[np.int64]
    value: Numbers
    bounds: tuple[Numbers, Numbers, Numbers, Numbers]
    integer: NDArray[np.bool_] | None = None
    maximize: bool = False
    offset: Any = 0

    @classmethod
    def of(cls, context: Context, maximize: bool = False, offset: Any = 0) -> Triples:
        """The program that a context's builder holds."""
        builder = context.builder
        if builder.exact:
            entries = builder.entries()
            row, column, value = entries.row, entries.column, entries.value
        else:
            coo = builder.matrix().tocoo()
            row, column, value = coo.row, coo.col, coo.data
        parts = (builder.cost(), row.astype(np.int64), column.astype(np.int64), value, builder.bounds())
        return cls(builder.exact, *parts, builder.integer(), maximize, offset)

    def numbers(self, values: Sequence[Any] | Numbers) -> Numbers:
        """The values as this program's numbers."""
        return np.array(list(values), dtype=object if self.exact else np.float64)

    def freed(self, rows: NDArray[np.bool_]) -> Triples:
        """Without the given rows (which stay, without bounds)."""
        lower, upper = self.bounds[0].copy(), self.bounds[1].copy()
        lower[rows], upper[rows] = -np.inf, np.inf
        return replace(self, bounds=(lower, upper, *self.bounds[2:]))

    def wishing(self, column_costs: Numbers, row: Any, column: Any, value: Any) -> Triples:
        """With further columns, at least 0, of these costs (which replace all others) and entries; to be minimized."""
        count, old = len(column_costs), len(self.cost)
        lower, upper = self.bounds[2], self.bounds[3]
        zero, most = self.numbers([0] * count), self.numbers([np.inf] * count)
        return replace(
            self,
            cost=np.concatenate([self.numbers([0] * old), column_costs]),
            row=np.concatenate([self.row, row]).astype(np.int64),
            column=np.concatenate([self.column, column]).astype(np.int64),
            value=np.concatenate([self.value, self.numbers(value)]),
            bounds=(*self.bounds[:2], np.concatenate([lower, zero]), np.concatenate([upper, most])),
            integer=None if self.integer is None else np.concatenate([self.integer, np.zeros(count, dtype=bool)]),
            maximize=False,
            offset=0,
        )

    def below(self, columns: NDArray[np.int64], caps: Numbers, slack: int | NDArray[np.int64]) -> Triples:
        """With a row ``x[column] - x[slack] <= cap`` for each of the columns; `slack` is one for all or for each."""
        rows = np.arange(len(columns)) + len(self.bounds[0])
        one = [1] * len(columns)
        return replace(
            self,
            row=np.concatenate([self.row, rows, rows]),
            column=np.concatenate([self.column, columns, np.broadcast_to(slack, len(columns))]),
            value=np.concatenate([self.value, self.numbers(one), -self.numbers(one)]),
            bounds=(
                np.concatenate([self.bounds[0], self.numbers([-np.inf] * len(columns))]),
                np.concatenate([self.bounds[1], caps]),
                *self.bounds[2:],
            ),
        )

    def indifferent(self) -> Triples:
        """Without a wish."""
        return replace(self, cost=self.numbers([0] * len(self.cost)), maximize=False, offset=0)

    def solve(self, settings: Settings = Settings(), cases: int = CASES, grain: int = 0) -> Answer:
        """The answer, proven where the program is exact and the proof succeeds, in at most so many `cases`; with
        grain 1 the wish of an integer program has whole values only."""
        if not self.exact:
            return self._in_floats(settings)
        program = self._rational()
        if self.integer is not None and self.integer.any():
            return self._by_cases(program, settings, cases, grain)
        found = solve_exact(program, settings)
        if not found.proven or found.status not in (Status.OPTIMAL, Status.INFEASIBLE):
            return Answer(None)
        return Answer(found.status is Status.OPTIMAL, found.objective, found.x, proven=True)

    def _rational(self) -> RationalProgram:
        return RationalProgram.of(
            self.cost,
            self.row,
            self.column,
            self.value,
            self.bounds,
            maximize=self.maximize,
            offset=Fraction(self.offset),
            integer=self.integer,
        )

    def _by_cases(self, program: RationalProgram, settings: Settings, cases: int, grain: int) -> Answer:
        branching = Branching(lambda found: {"multipliers": []}, lambda column, units: [])
        found = prove_by_cases(program, branching, settings, bool(self.cost.any()), cases, grain)
        if not isinstance(found, Undecided):
            return Answer(found.x is not None, found.objective, found.x, proven=True)
        if found.best is None:
            return Answer(None, bound=found.bound, proven=True)
        if found.bound is None:
            return Answer(True, x=found.best.x, proven=True)  # and the least is not known
        bound = None if found.bound == found.best.objective else found.bound  # which settles it
        return Answer(True, found.best.objective, found.best.x, proven=True, bound=bound)

    def _in_floats(self, settings: Settings) -> Answer:
        shape = (len(self.bounds[0]), len(self.cost))
        row_lower, row_upper, column_lower, column_upper = self.bounds
        program = LinearProgram(
            cost=self.cost,
            matrix=csr_array((self.value, (self.row, self.column)), shape=shape, dtype=np.float64),
            row_lower=row_lower,
            row_upper=row_upper,
            column_lower=column_lower,
            column_upper=column_upper,
            integer=self.integer,
            maximize=self.maximize,
            offset=float(self.offset),
        )
        found = get("highs").solve(program, settings)
        if found.status is Status.INFEASIBLE:
            return Answer(False)
        if found.status is Status.LIMIT and found.bound is not None:
            return Answer(None if found.x is None else True, found.objective, found.x, bound=found.bound)
        if found.status is not Status.OPTIMAL:
            return Answer(None)
        return Answer(True, found.objective, found.x)
