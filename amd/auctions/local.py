"""Good packings quickly: tabu search over sets of columns no two of which conflict.

A step puts in the column whose score less the scores of those it drives out is greatest, even where that is negative;
what was driven out stays out for some steps, unless it makes the best packing so far (Glover, 1989). After many steps
without progress a random column is forced in and a part of the rest is dropped.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from amd.auctions.cliques import Graph
from amd.model.numbers import FloatArray, IntArray

PATIENCE = 150  # steps without progress before a shake
SHAKEN = 0.4  # of the columns, dropped by a shake
TENURE = (7, 17)  # steps for which a column that was driven out stays out


def fill(conflicts: Graph, score: FloatArray, key: FloatArray) -> IntArray:
    """Positions of a maximal packing, taken greedily by falling `key` (n,), among columns of positive score."""
    free = score > 0
    taken = []
    for column in np.argsort(-key, kind="stable"):
        if free[column]:
            taken.append(int(column))
            free &= ~conflicts[column]
            free[column] = False
    return np.array(sorted(taken), dtype=np.int64)


def improve(conflicts: Graph, score: FloatArray, start: IntArray, random: np.random.Generator, steps: int) -> IntArray:
    """Positions of the best packing met in so many steps from `start`; `conflicts` (n, n), `score` (n,) >= 0."""
    inside = np.zeros(len(score), dtype=bool)
    inside[start] = True
    blocked = np.asarray(conflicts[:, inside] @ score[inside], dtype=np.float64)  # the score that a column drives out
    value = best = record = float(score[inside].sum())
    found, until, last = inside.copy(), np.zeros(len(score), dtype=np.int64), 0
    for step in range(steps):
        column, out = _move(conflicts, score, inside, blocked, (until > step) & (value + score - blocked <= best))
        if column < 0 or step - last > PATIENCE:
            column, out = _shake(conflicts, inside, random)
            last, record = step, -np.inf
        if column < 0:
            break
        inside[out] = False
        inside[column] = True
        blocked += conflicts[column] * score[column] - conflicts[out].T @ score[out]
        until[out] = step + random.integers(*TENURE, len(out))
        value += float(score[column] - score[out].sum())
        if value > record * (1 + 1e-12):
            record, last = value, step
        if value > best * (1 + 1e-12):
            best, found = value, inside.copy()
    return np.flatnonzero(found)


def _move(
    conflicts: Graph, score: FloatArray, inside: NDArray[np.bool_], blocked: FloatArray, tabu: NDArray[np.bool_]
) -> tuple[int, IntArray]:
    """(column to put in, columns it drives out); -1 where every column is in or tabu."""
    gain = np.where(inside | tabu, -np.inf, score - blocked)
    column = int(np.argmax(gain)) if len(gain) else -1
    if column < 0 or gain[column] == -np.inf:
        return -1, np.zeros(0, dtype=np.int64)
    return column, np.flatnonzero(inside & conflicts[column])


def _shake(conflicts: Graph, inside: NDArray[np.bool_], random: np.random.Generator) -> tuple[int, IntArray]:
    outside = np.flatnonzero(~inside)
    if not len(outside):
        return -1, outside
    column = int(random.choice(outside))
    return column, np.flatnonzero(inside & (conflicts[column] | (random.random(len(inside)) < SHAKEN)))
