"""Exact solutions of square systems of whole numbers without floats: block triangular form, then each block by
python-flint.

A perfect matching puts nonzeros on the diagonal, and the strong components of the rest are the blocks (Duff and Reid,
An implementation of Tarjan's algorithm for the block triangularization of a matrix, ACM TOMS 4, 1978). Usually slower
than refinement, but how ill-conditioned the matrix is does not matter: the fall-back, and the independent twin.
"""

from __future__ import annotations

from collections import deque
from itertools import pairwise

import numpy as np
from flint import fmpq, fmpz, fmpz_mat
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, maximum_bipartite_matching

from solvers.exact.numbers import Integers, Rationals
from solvers.exact.sparse import Sparse
from solvers.program import IntArray

LARGEST = 500  # rows of a block beyond which a dense exact solve takes minutes


def solve_blocks(square: Sparse, right: Integers) -> Rationals | None:
    """The solution x (size,) of ``square x = right``; None where the matrix is singular or a block too large."""
    ones, shape = np.ones(len(square.column)), (square.size, square.size)
    pattern = csr_array((ones, square.column, square.starts), shape=shape)
    matched = maximum_bipartite_matching(pattern, perm_type="column")
    if (matched < 0).any():
        return None
    owner = np.empty(square.size, dtype=np.int64)
    owner[matched] = np.arange(square.size)
    found: list[fmpq] = [fmpq(0)] * square.size
    for rows in _blocks(square, owner):
        if len(rows) > LARGEST or not _solve_block(square, right, rows, matched[rows].tolist(), found):
            return None
    return Rationals.of(found)


def _blocks(square: Sparse, owner: IntArray) -> list[list[int]]:
    """The rows of each block, in an order in which a block needs only columns of blocks before it."""
    other = owner[square.column]
    graph = csr_array((np.ones(len(other)), (square.row, other)), shape=(square.size, square.size))
    count, label = connected_components(graph, directed=True, connection="strong")
    edges = np.unique(np.column_stack([label[other], label[square.row]]), axis=0)  # from what is needed to who needs it
    edges = edges[edges[:, 0] != edges[:, 1]]
    by_block = np.argsort(label, kind="stable").tolist()
    ends = np.concatenate([[0], np.cumsum(np.bincount(label, minlength=count))]).tolist()
    members = [by_block[start:end] for start, end in pairwise(ends)]
    return [members[block] for block in _topological(count, edges)]


def _topological(count: int, edges: IntArray) -> list[int]:
    """An order of 0, 1, …, count − 1 in which every edge (rows of `edges`) points forward (Kahn, 1962)."""
    starts = np.searchsorted(edges[:, 0], np.arange(count + 1)).tolist()
    heads, waits = edges[:, 1].tolist(), np.bincount(edges[:, 1], minlength=count).tolist()
    ready, order = deque(block for block in range(count) if not waits[block]), []
    while ready:
        block = ready.popleft()
        order.append(block)
        for head in heads[starts[block] : starts[block + 1]]:
            waits[head] -= 1
            if not waits[head]:
                ready.append(head)
    return order


def _solve_block(square: Sparse, right: Integers, rows: list[int], columns: list[int], found: list[fmpq]) -> bool:
    """Fill in the block's columns of `found`; False where it is singular."""
    place = {column: position for position, column in enumerate(columns)}
    dense, sides = [], []
    for row in rows:
        line, side = [0] * len(columns), fmpq(right[row])
        for entry in range(square.starts[row], square.starts[row + 1]):
            column, value = int(square.column[entry]), square.value[entry]
            if column in place:
                line[place[column]] = value
            else:
                side -= found[column] * value
        dense.append(line)
        sides.append(side)
    if len(rows) == 1:
        found[columns[0]] = sides[0] / dense[0][0]
        return True
    return _solve_dense(dense, sides, columns, found)


def _solve_dense(dense: list[list[int]], sides: list[fmpq], columns: list[int], found: list[fmpq]) -> bool:
    below = fmpz(1)
    for side in sides:
        below = below.lcm(side.q)
    try:
        answer = fmpz_mat(dense).solve(fmpz_mat([[side.p * (below // side.q)] for side in sides]))
    except ZeroDivisionError:  # how python-flint says singular
        return False
    for position, column in enumerate(columns):
        found[column] = answer[position, 0] / below
    return True
