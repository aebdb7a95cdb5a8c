"""The programs of an exchange: who takes part in what, at most once.

* *Cycle formulation*: a 0/1 column for each cycle (Abraham, Blum and Sandholm 2007; Roth, Sönmez and Ünver 2007).
* *PICEF*: chains as a flow, a column for each arc at each position of a chain, so that their number grows with the cap
  and not with the number of chains (Dickerson, Manlove, Plaut, Sandholm and Trimble 2016).
* *Chains listed* like cycles, where success differs between arcs and a chain's worth does not add up over positions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array, hstack, vstack

from amd.matching.exchange.pool import FloatArray, Pool
from amd.matching.exchange.rules import Objective
from amd.matching.market import BoolArray, IntArray
from solvers import LinearProgram


@dataclass(frozen=True, eq=False)
class Group:
    """Cycles, or chains, of one length as columns: `vertices` (c, l) in order, `arcs` (c, l) or (c, l - 1)."""

    is_chain: bool
    vertices: IntArray
    arcs: IntArray

    def values(self, goal: Objective) -> FloatArray:
        return goal.chain_values(self.arcs) if self.is_chain else goal.cycle_values(self.arcs)

    def keep(self, kept: BoolArray) -> Group:
        return Group(self.is_chain, self.vertices[kept], self.arcs[kept])

    @property
    def size(self) -> int:
        return len(self.vertices)


def cycle_group(pool: Pool, vertices: IntArray) -> Group:
    return Group(False, vertices, pool.arc_of(vertices, np.roll(vertices, -1, axis=1)))


def chain_group(pool: Pool, vertices: IntArray) -> Group:
    return Group(True, vertices, pool.arc_of(vertices[:, :-1], vertices[:, 1:]))


@dataclass(frozen=True, eq=False)
class ChainArcs:
    """PICEF's columns: arc `arc[i]` at position `position[i]` (1 first) of a chain of at most `cap` arcs."""

    arc: IntArray
    position: IntArray
    cap: int

    def values(self, goal: Objective) -> FloatArray:
        chance = goal.uniform if self.size else 1.0
        if chance is None:
            raise ValueError("a chain's worth adds up over positions only where all arcs have one chance of success")
        values: FloatArray = goal.arc[self.arc] * chance**self.position + goal.end * (self.position == 1)
        return values

    def keep(self, kept: BoolArray) -> ChainArcs:
        return ChainArcs(self.arc[kept], self.position[kept], self.cap)

    @property
    def size(self) -> int:
        return self.arc.size


def chain_arcs(pool: Pool, cap: int) -> ChainArcs:
    """All arcs at all positions that a walk from an altruist can reach."""
    here, arcs, positions = pool.altruist, [], []
    for position in range(1, cap + 1):
        usable = np.flatnonzero(here[pool.source])
        arcs.append(usable)
        positions.append(np.full(usable.size, position))
        here = np.zeros(pool.count, np.bool_)
        here[pool.target[usable]] = True
    nothing = [np.empty(0, np.int64)]
    return ChainArcs(np.concatenate(nothing + arcs), np.concatenate(nothing + positions), cap)


@dataclass(frozen=True, eq=False)
class Master:
    """Columns: the groups one after the other, then the chain arcs. Rows: vertices, flows, goals already met."""

    pool: Pool
    groups: tuple[Group, ...]
    chains: ChainArcs

    def values(self, goal: Objective) -> FloatArray:
        return np.concatenate([*(group.values(goal) for group in self.groups), self.chains.values(goal)])

    def program(self, goal: Objective, met: Sequence[tuple[Objective, float]], integer: bool) -> LinearProgram:
        """Maximize `goal`, with every goal in `met` at least at its value."""
        floors = [csr_array(self.values(other)[None, :]) for other, _ in met]
        flows = self._flows()
        matrix = csr_array(vstack([self._usage(), flows, *floors], format="csr"))
        free = matrix.shape[0] - len(met)
        lower = np.append(np.full(free, -np.inf), [value - other.offset for other, value in met])
        upper = np.concatenate([np.ones(self.pool.count), np.zeros(flows.shape[0]), np.full(len(met), np.inf)])
        columns = matrix.shape[1]
        # Each column stands in some row "at most 1": a bound of its own would only hide its reduced cost.
        return LinearProgram(
            self.values(goal),
            matrix,
            lower,
            upper,
            np.zeros(columns),
            np.full(columns, 1.0 if integer else np.inf),
            integer=np.ones(columns, np.bool_) if integer else None,
            maximize=True,
            offset=goal.offset,
        )

    def _usage(self) -> csr_array:
        """(n, columns): how often each vertex is used. Altruists are used by the first arc of a chain."""
        parts = [_incidence(group.vertices, self.pool.count) for group in self.groups]
        into = _incidence(self.pool.target[self.chains.arc][:, None], self.pool.count)
        first = np.where(self.chains.position == 1, self.pool.source[self.chains.arc], -1)
        starts = _incidence(first[:, None], self.pool.count)
        return csr_array(hstack([*parts, into + starts], format="csr"))

    def _flows(self) -> csr_array:
        """Row (v, j): what leaves v at position j + 1 is at most what enters it at position j."""
        n, cap = self.pool.count, max(self.chains.cap, 1)
        position, column = self.chains.position, np.arange(self.chains.size)
        leaving, entering = position > 1, position < cap
        row = np.concatenate(
            [
                (position[leaving] - 2) * n + self.pool.source[self.chains.arc[leaving]],
                (position[entering] - 1) * n + self.pool.target[self.chains.arc[entering]],
            ]
        )
        sign = np.concatenate([np.ones(leaving.sum()), -np.ones(entering.sum())])
        offset = sum(group.size for group in self.groups)
        columns = offset + np.concatenate([column[leaving], column[entering]])
        shape = (n * (cap - 1), offset + self.chains.size)
        return csr_array((sign, (row, columns)), shape=shape)


def _incidence(vertices: IntArray, count: int) -> csr_array:
    """(count, c): 1 where the vertex is among those of the column; negative vertices are nobody."""
    column = np.repeat(np.arange(len(vertices)), vertices.shape[1])
    vertex = vertices.ravel()
    here = vertex >= 0
    return csr_array((np.ones(here.sum()), (vertex[here], column[here])), shape=(count, len(vertices)))


def read_chains(pool: Pool, chains: ChainArcs, chosen: IntArray) -> list[list[int]]:
    """Follow the chosen columns from each altruist."""
    step = {(int(pool.source[chains.arc[i]]), int(chains.position[i])): int(pool.target[chains.arc[i]]) for i in chosen}
    found = []
    for altruist in np.flatnonzero(pool.altruist).tolist():
        path = [altruist]
        while (following := step.get((path[-1], len(path)))) is not None:
            path.append(following)
        if len(path) > 1:
            found.append(path)
    return found


def listed_chains(pool: Pool, cap: int, limit: int) -> list[Group] | None:
    """Every chain of at most `cap` arcs, grouped by length; None when there are more than `limit`."""
    start = np.searchsorted(pool.source, np.arange(pool.count + 1))
    paths = np.flatnonzero(pool.altruist)[:, None]
    groups, total = [], 0
    for _ in range(cap):
        count = np.diff(start)[paths[:, -1]]
        if total + count.sum() > 4 * limit:
            return None
        row = np.repeat(np.arange(len(paths)), count)
        arc = np.arange(row.size) + np.repeat(start[paths[:, -1]] - (np.cumsum(count) - count), count)
        simple = (paths[row] != pool.target[arc][:, None]).all(axis=1)
        paths = np.concatenate([paths[row[simple]], pool.target[arc[simple]][:, None]], axis=1)
        groups.append(chain_group(pool, paths))
        total += len(paths)
    return groups if total <= limit else None
