"""The program of Farkas multipliers, in whole numbers.

A program has no solution exactly when multipliers of its bounds cancel in every column while their bounds sum to
something positive (Farkas' lemma; Schrijver, Theory of Linear and Integer Programming, 1986, section 7.3).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from solvers.exact.digits import bits, largest, powers_of_two
from solvers.exact.integral import IntegerProgram, Side
from solvers.exact.numbers import Integers, Rationals, objects
from solvers.program import IntArray


@dataclass(frozen=True, eq=False)
class Contradiction:
    """`form`: minimise the sum of absolute row multipliers, each in the scale of its row, such that all columns cancel
    and the bounds sum to `IntegerProgram.bound_scale`. Its columns are absolute multipliers of row lower, row upper,
    column lower and column upper bounds; the first ones belong to the rows `owner`, with the signs `sign`."""

    form: IntegerProgram
    owner: IntArray
    sign: IntArray
    rows: int

    def whole_dual(self, x: Rationals) -> Rationals:
        """The multipliers (m,) of the whole rows, from a solution of the form."""
        dual = objects([0] * self.rows)
        np.add.at(dual, self.owner, x.numerators[: self.owner.size] * self.sign)
        return Rationals(dual, x.denominator)


def contradiction(program: IntegerProgram) -> Contradiction:
    """The program of Farkas multipliers of `program`."""
    rows = [np.flatnonzero(side.there) for side in (program.row_lower, program.row_upper)]
    columns = [np.flatnonzero(side.there) for side in (program.column_lower, program.column_upper)]
    owner, sign = np.concatenate(rows), np.repeat([1, -1], [rows[0].size, rows[1].size])
    held, held_sign = np.concatenate(columns), np.repeat([1, -1], [columns[0].size, columns[1].size])
    gains = [side.value[rows_of] * program.bound_scale for side, rows_of in zip(_row_sides(program), rows, strict=True)]
    gains += [side.value[of] for side, of in zip(_column_sides(program), columns, strict=True)]
    gain = np.concatenate(gains) * np.concatenate([sign, held_sign])
    entry, place = _entries_of(program, owner)
    size, last = owner.size, program.column_count
    total = size + held.size
    weight = powers_of_two(largest(bits(program.value), program.row, program.row_count).clip(0))[owner]
    form = _form(
        row=np.concatenate([program.column[entry], held, np.full(total, last)]),
        column=np.concatenate([place, size + np.arange(held.size), np.arange(total)]),
        value=np.concatenate([program.value[entry] * sign[place], held_sign.astype(object), gain]),
        cost=np.concatenate([weight, objects([0] * held.size)]),
        right=objects([0] * last + [program.bound_scale]),
    )
    return Contradiction(form, owner, sign, program.row_count)


def _row_sides(program: IntegerProgram) -> tuple[Side, Side]:
    return program.row_lower, program.row_upper


def _column_sides(program: IntegerProgram) -> tuple[Side, Side]:
    return program.column_lower, program.column_upper


def _entries_of(program: IntegerProgram, rows: IntArray) -> tuple[IntArray, IntArray]:
    """The entries of these rows, one row after the other, and which of them each entry belongs to."""
    counts = np.diff(program.starts)[rows]
    place = np.repeat(np.arange(rows.size), counts)
    before = np.concatenate([[0], np.cumsum(counts)])[:-1]
    return program.starts[rows][place] + np.arange(place.size) - before[place], place


def _form(row: IntArray, column: IntArray, value: Integers, cost: Integers, right: Integers) -> IntegerProgram:
    """Minimise ``cost @ x`` over x >= 0 with every row equal to `right`; entries at one place do not repeat."""
    kept = np.flatnonzero(np.asarray(value != 0, dtype=bool))
    order = kept[np.lexsort((column[kept], row[kept]))]
    n, m = len(cost), len(right)
    equal = Side(np.ones(m, dtype=bool), right)
    return IntegerProgram(
        starts=np.searchsorted(row[order], np.arange(m + 1)),
        column=column[order],
        value=value[order],
        cost=cost,
        cost_scale=1,
        row_lower=equal,
        row_upper=equal,
        row_scale=objects([1] * m),
        column_lower=Side(np.ones(n, dtype=bool), objects([0] * n)),
        column_upper=Side(np.zeros(n, dtype=bool), objects([0] * n)),
        bound_scale=1,
    )
