"""Cycles of a pool: all of a length, or only those worth more than a threshold, without listing the rest.

A cycle begins at its smallest vertex, its *root*. From each root paths grow an arc at a time, all at once as arrays; a
path is dropped when even the best walk back to the root cannot lift it above the threshold. That bound (a dynamic
program over walks) makes the search with dual prices short, and the search is exact for any length.
"""

from __future__ import annotations

import numpy as np

from amd.matching.exchange.pool import FloatArray, Pool
from amd.matching.market import IntArray


class CycleSearch:
    """The search over one pool, whose arcs must be sorted by source. Altruists are in no cycle."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.start = np.searchsorted(pool.source, np.arange(pool.count + 1))
        self.roots = np.flatnonzero(~pool.altruist)
        has = np.diff(self.start) > 0
        self.sources = np.flatnonzero(has)
        self.first = self.start[:-1][has]

    def count_walks(self, length: int) -> float:
        """At least the number of cycles of this length: closed walks, each counted from every start."""
        pairs = ~self.pool.altruist
        table = np.zeros((self.pool.count, self.pool.count))
        kept = pairs[self.pool.source]
        table[self.pool.source[kept], self.pool.target[kept]] = 1.0
        half = np.linalg.matrix_power(table, length // 2)
        rest = half if length % 2 == 0 else half @ table
        return float((half * rest.T).sum() / length)

    def above(self, length: int, value: FloatArray, threshold: float = -np.inf, most: int | None = None) -> IntArray:
        """(c, length): cycles whose arcs' `value` (k,) adds up to more than `threshold`; with `most`, only so many of
        the best from each root."""
        found = [self._from_root(int(root), length, value, threshold, most) for root in self.roots]
        return np.concatenate([np.empty((0, length), np.int64), *found])

    def _from_root(self, root: int, length: int, value: FloatArray, threshold: float, most: int | None) -> IntArray:
        back = self._ways_back(root, length, value)
        if not back[length][root] > threshold:
            return np.empty((0, length), np.int64)
        paths, total = np.array([[root]], np.int64), np.zeros(1)
        for step in range(1, length):
            paths, total = self._extend(paths, total, value, back[length - step], threshold)
        if most is not None and len(paths) > most:
            total = total + back[1][paths[:, -1]]
            paths = paths[np.argpartition(-total, most)[:most]]
        return paths

    def _extend(
        self, paths: IntArray, total: FloatArray, value: FloatArray, back: FloatArray, threshold: float
    ) -> tuple[IntArray, FloatArray]:
        """Every path by every arc from its end that keeps it simple and can still come back worth enough."""
        first, count = self.start[paths[:, -1]], np.diff(self.start)[paths[:, -1]]
        row = np.repeat(np.arange(len(paths)), count)
        arc = np.arange(row.size) + np.repeat(first - (np.cumsum(count) - count), count)
        vertex = self.pool.target[arc]
        reach = total[row] + value[arc]
        keep = reach + back[vertex] > threshold
        row, vertex, reach = row[keep], vertex[keep], reach[keep]
        simple = (paths[row, 1:] != vertex[:, None]).all(axis=1)
        row, vertex, reach = row[simple], vertex[simple], reach[simple]
        return np.concatenate([paths[row], vertex[:, None]], axis=1), reach

    def _ways_back(self, root: int, length: int, value: FloatArray) -> list[FloatArray]:
        """back[r][v]: the best walk of exactly r arcs from v to the root through vertices above it (-inf: none)."""
        skip = int(np.searchsorted(self.sources, root))
        arcs = slice(self.start[root], None)
        segments, target = self.first[skip:] - self.start[root], self.pool.target[arcs]
        nowhere = np.full(self.pool.count, -np.inf)
        back = [nowhere.copy()]
        back[0][root] = 0.0
        for _ in range(length):
            best = nowhere.copy()
            if segments.size:
                best[self.sources[skip:]] = np.maximum.reduceat(value[arcs] + back[-1][target], segments)
            if len(back) < length:
                best[: root + 1] = -np.inf
                best[self.pool.altruist] = -np.inf
            back.append(best)
        return back
