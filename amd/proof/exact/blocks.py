"""Exact solutions of square systems without floats: block triangular form, then each block by python-flint.

Duff and Reid's block triangular form (An implementation of Tarjan's algorithm for the block triangularization of a
matrix, 1978): a perfect matching puts nonzeros on the diagonal, and the strong components of the rest are the blocks.
Slower than refinement, but it does not care how ill-conditioned the matrix is: the fall-back, and the twin in tests.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from flint import fmpq, fmpq_mat
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, maximum_bipartite_matching

from amd.proof.exact.program import ZERO, Exact, objects
from amd.proof.exact.refinement import Square
from solvers.program import IntArray

LARGEST = 400  # rows of a block beyond which a dense exact solve takes minutes


def solve_blocks(square: Square, right: Exact) -> Exact | None:
    """The solution x (size,) of ``square x = right``; None where the matrix is singular or has a block too large."""
    pattern = csr_array((np.ones(len(square.row)), (square.row, square.column)), shape=(square.size, square.size))
    matched = maximum_bipartite_matching(pattern, perm_type="column")
    if (matched < 0).any():
        return None
    entries = _entries(square)
    found: list[Fraction] = [ZERO] * square.size
    for rows in _blocks(square, matched):
        if len(rows) > LARGEST or not _solve_one(rows, matched, entries, right, found):
            return None
    return objects(found)


def _entries(square: Square) -> list[dict[int, Fraction]]:
    """Each row's entries by column."""
    rows: list[dict[int, Fraction]] = [{} for _ in range(square.size)]
    for row, column, value in zip(square.row.tolist(), square.column.tolist(), square.value.tolist(), strict=True):
        rows[row][column] = value
    return rows


def _blocks(square: Square, matched: IntArray) -> list[list[int]]:
    """Rows of each block, in an order in which a block needs only the columns of blocks before it."""
    owner = np.empty(square.size, dtype=np.int64)
    owner[matched] = np.arange(square.size)
    needs = csr_array((np.ones(len(square.row)), (square.row, owner[square.column])), shape=(square.size,) * 2)
    count, label = connected_components(needs, directed=True, connection="strong")
    members: list[list[int]] = [[] for _ in range(count)]
    for row, block in enumerate(label.tolist()):
        members[block].append(row)
    waits: list[set[int]] = [set() for _ in range(count)]
    for a, b in zip(label[square.row].tolist(), label[owner[square.column]].tolist(), strict=True):
        if a != b:
            waits[a].add(b)
    return [members[block] for block in _order(waits)]


def _order(waits: list[set[int]]) -> list[int]:
    """A topological order: everything after what it waits for."""
    wanted_by: list[list[int]] = [[] for _ in waits]
    for one, before in enumerate(waits):
        for other in before:
            wanted_by[other].append(one)
    left = [len(before) for before in waits]
    ready = [one for one, count in enumerate(left) if count == 0]
    for one in ready:  # grows while it is read
        for later in wanted_by[one]:
            left[later] -= 1
            if left[later] == 0:
                ready.append(later)
    return ready


def _solve_one(
    rows: list[int], matched: IntArray, entries: list[dict[int, Fraction]], right: Exact, found: list[Fraction]
) -> bool:
    """Solves for the columns of one block; False where it is singular."""
    columns = [int(matched[row]) for row in rows]
    inside = set(columns)
    sides = []
    for row in rows:
        known = sum((value * found[column] for column, value in entries[row].items() if column not in inside), ZERO)
        sides.append(right[row] - known)
    if len(rows) == 1:
        found[columns[0]] = sides[0] / entries[rows[0]][columns[0]]
        return True
    dense = [[_flint(entries[row].get(column, ZERO)) for column in columns] for row in rows]
    try:
        answer = fmpq_mat(dense).solve(fmpq_mat([[_flint(side)] for side in sides]))
    except ZeroDivisionError:
        return False
    for place, column in enumerate(columns):
        value = answer[place, 0]
        found[column] = Fraction(int(value.p), int(value.q))
    return True


def _flint(value: Fraction) -> fmpq:
    return fmpq(value.numerator, value.denominator)
