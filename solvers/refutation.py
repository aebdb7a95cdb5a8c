"""Refutations put together by hand as VIPR certificates: named rows, and a tree of cases closed by their multipliers.

Other searches than those over linear programs end in cases too, such as "this statement is true, or it is not". Written
as columns that are 0 or 1 and rows between them, each case is closed by a nonnegative combination of rows (of any sign
for equations) that the bounds of the case contradict. Such a proof is a certificate like those of integer programs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TypeAlias

import numpy as np

from solvers.exact.numbers import Exact
from solvers.exact.program import RationalProgram
from solvers.vipr import Contradiction, Proof, Split, lines

ZERO = Fraction(0)


@dataclass(frozen=True)
class Row:
    """``Σ terms >= bound``, or ``==`` where `equal`; `terms` are columns by name with their numbers."""

    terms: Mapping[str, Fraction]
    bound: Fraction
    equal: bool = False


@dataclass(frozen=True)
class Column:
    """Where a column may be (None: no end), and whether it is whole."""

    lower: Fraction | None = ZERO
    upper: Fraction | None = None
    integer: bool = False


@dataclass(frozen=True)
class Closed:
    """A case that the rows with these weights contradict."""

    weights: Mapping[str, Fraction]


@dataclass(frozen=True)
class Parted:
    """Two cases of a column that is 0 or 1."""

    column: str
    low: Tree
    high: Tree


Tree: TypeAlias = Closed | Parted


@dataclass
class Sheet:
    """Columns and rows by name."""

    columns: dict[str, Column] = field(default_factory=dict)
    rows: dict[str, Row] = field(default_factory=dict)

    def program(self) -> RationalProgram:
        """The program, without a wish. Raises KeyError where a row has a column that is not there."""
        place = {name: k for k, name in enumerate(self.columns)}
        entries = [(r, place[c], value) for r, row in enumerate(self.rows.values()) for c, value in row.terms.items()]
        sides = (
            [row.bound for row in self.rows.values()],
            [row.bound if row.equal else None for row in self.rows.values()],
            [column.lower for column in self.columns.values()],
            [column.upper for column in self.columns.values()],
        )
        names, labels = list(self.columns), list(self.rows)
        return RationalProgram.of(
            [ZERO] * len(place),
            np.array([entry[0] for entry in entries], dtype=np.int64),
            np.array([entry[1] for entry in entries], dtype=np.int64),
            [entry[2] for entry in entries],
            sides,
            integer=np.array([column.integer for column in self.columns.values()]),
            row_names=labels.__getitem__,
            column_names=names.__getitem__,
        )

    def refuted(self, tree: Tree, remarks: Iterable[str] = ()) -> Iterator[str]:
        """The lines of the certificate that no point meets the rows.

        Raises ValueError where a case is not closed by its weights.
        """
        program = self.program()
        place = {name: k for k, name in enumerate(self.columns)}
        at = {name: k for k, name in enumerate(self.rows)}

        def proof(node: Tree, lower: Exact, upper: Exact) -> Proof:
            if isinstance(node, Closed):
                return self._closed(node, replace(program, column_lower=lower, column_upper=upper), place, at)
            column = place[node.column]
            below, above = upper.copy(), lower.copy()
            below[column], above[column] = ZERO, Fraction(1)
            return Split(column, 0, proof(node.low, lower, below), proof(node.high, above, upper))

        return lines(program, proof(tree, program.column_lower, program.column_upper), None, remarks)

    def met(self, point: Mapping[str, Fraction], remarks: Iterable[str] = ()) -> Iterator[str]:
        """The lines of the certificate that this point (0 where nothing is said) meets the rows."""
        best = np.array([point.get(name, ZERO) for name in self.columns], dtype=object)
        return lines(self.program(), None, best, remarks)

    def _closed(
        self, case: Closed, program: RationalProgram, place: Mapping[str, int], at: Mapping[str, int]
    ) -> Contradiction:
        row_dual = np.full(len(at), ZERO, dtype=object)
        column_dual = np.full(len(place), ZERO, dtype=object)
        gain = ZERO
        for name, weight in case.weights.items():
            row = self.rows[name]
            if weight < 0 and not row.equal:
                raise ValueError(f"the multiplier of {name} is negative")
            row_dual[at[name]] = weight
            gain += weight * row.bound
            for column, value in row.terms.items():
                column_dual[place[column]] -= weight * value
        for at_column in np.flatnonzero(column_dual).tolist():
            weight = column_dual[at_column]
            end = (program.column_lower if weight > 0 else program.column_upper)[at_column]
            if end is None:
                raise ValueError(f"the column {program.column_name(at_column)} does not cancel, and has no end")
            gain += weight * end
        if gain <= 0:
            raise ValueError("the rows of a case do not contradict each other")
        return Contradiction(program, row_dual, column_dual)
