"""Branch and bound on the columns of a set packing problem, or of a part of it.

The fractional column with most score at stake is put in, then left out, depth first. Every bound comes from weak
duality with whatever prices y >= 0 the solver gave: value + Σ y + Σ max(score − y·column, 0).

*Several goals at once.* Goal w asks for the best solution without the columns of group w. A subtree is closed when its
bound beats no goal that it can still serve, so the payments of all winners take one search in place of one for each.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from amd.auctions.cliques import Graph, violated_cliques
from amd.auctions.local import improve
from amd.model.numbers import FloatArray, IntArray
from solvers.subsets import SubsetPrices

RESOLUTION = 1e-9  # relative: totals closer than this are not told apart in double precision
POLISH = 300  # steps of tabu search after a dive
WHOLE = 1e-6

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Goals:
    """`group` (n,) of each column, -1 for none; goal w is the best packing without group w.

    `reached` (W,) is what is to be beaten, and `chosen` the positions that reach it. Every packing met that serves the
    first goal by more than `enough` is kept in `above`.
    """

    group: IntArray
    reached: FloatArray
    chosen: list[IntArray]
    enough: float = np.inf
    above: list[IntArray] = field(default_factory=list)

    def open(self, columns: IntArray) -> Mask:
        """(W,): the goals that a solution with these columns can serve."""
        still = np.ones(len(self.reached), dtype=bool)
        groups = self.group[columns]
        still[groups[groups >= 0]] = False
        return still

    def floor(self, columns: IntArray) -> float:
        """The least value that a solution with these columns must beat to be of any use."""
        still = self.open(columns)
        return float(self.reached[still].min()) if still.any() else np.inf

    def offer(self, columns: IntArray, score: FloatArray) -> None:
        """Take a packing for every goal that it serves better; with the group's columns left out for the others."""
        for w in range(len(self.reached)):
            own = columns[self.group[columns] != w]
            value = float(score[own].sum())
            if w == 0 and value > self.enough:
                self.above.append(own)
            if value > self.reached[w]:
                self.reached[w], self.chosen[w] = value, own


class OutOfTimeError(Exception):
    """The deadline has passed."""


@dataclass(eq=False)
class Search:
    """What all parts of a search share: `score` (n,) and `conflicts` (n, n) of columns, goals, and the clock."""

    score: FloatArray
    conflicts: Graph
    goals: Goals
    deadline: float | None
    random: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))

    def lost(self, bound: float, columns: IntArray) -> bool:
        """Whether a bound on what these columns and more are worth is of no use for any goal."""
        floor = self.goals.floor(columns)
        return bound <= floor + RESOLUTION * abs(floor)

    def late(self) -> bool:
        """Whether the deadline has passed."""
        return self.deadline is not None and time.perf_counter() > self.deadline

    def check_clock(self) -> None:
        """Raises OutOfTimeError after the deadline."""
        if self.late():
            raise OutOfTimeError


class Part:
    """Packings that hold the columns `held` and some of `columns` (k,), and the prices of their relaxation.

    `rows` (m, k): sets of `columns` of which at most one is chosen. After `solve`, `bound` and the `reduced` scores
    (k,) are those of its prices.
    """

    def __init__(self, score: FloatArray, rows: Mask, columns: IntArray, held: tuple[int, ...] = ()) -> None:
        self.held, self.columns, self.score, self.rows = held, columns, score, _useful(rows)
        self.top = -np.inf  # a bound on all packings that were found to be of no use
        if len(columns):
            self.prices = SubsetPrices(score, sparse(self.rows), np.ones(len(self.rows)))

    def solve(self, active: Mask, floor: float = -np.inf) -> tuple[FloatArray, float]:
        """(x over all columns, a proven bound on packings of the `active` ones)."""
        x, self.dual = self.prices.solve(active, floor)
        self.reduced = self.score - self.dual @ self.rows
        self.bound = float(self.dual.sum() + np.maximum(self.reduced[active], 0.0).sum())
        return np.where(active, x, 0.0), self.bound

    def add_cliques(self, cliques: list[IntArray]) -> None:
        """Further rows: positions in `columns` that exclude each other."""
        fresh = np.zeros((len(cliques), len(self.columns)), dtype=bool)
        for number, clique in enumerate(cliques):
            fresh[number, clique] = True
        self.prices.add_rows(sparse(fresh), np.ones(len(fresh)))
        self.rows = np.vstack([self.rows, fresh])

    def drop_rows(self, rows: IntArray) -> None:
        """Take out rows of price 0; the last bound stays what it is."""
        self.prices.drop_rows(rows)
        self.rows = np.delete(self.rows, rows, axis=0)
        self.dual = np.delete(self.dual, rows)


def tighten_part(state: Search, part: Part, rounds: int, most: int) -> None:
    """Add violated clique inequalities to a part, in so many `rounds` of at most so many."""
    graph = state.conflicts[np.ix_(part.columns, part.columns)]
    everything = np.ones(len(part.columns), dtype=bool)
    held = np.array(part.held, dtype=np.int64)
    value = float(state.score[held].sum())
    for _ in range(rounds):
        state.check_clock()
        x, bound = part.solve(everything)
        if state.lost(value + bound, held):
            return
        cliques = violated_cliques(x, graph, most)
        if not cliques:
            return
        part.add_cliques(cliques)


def _useful(rows: Mask) -> Mask:
    """The rows that exclude something, and one for every column that is in none."""
    kept = rows[rows.sum(axis=1) > 1]
    alone = np.flatnonzero(~kept.any(axis=0))
    single = np.zeros((len(alone), rows.shape[1]), dtype=bool)
    single[np.arange(len(alone)), alone] = True
    return np.vstack([kept, single])


def sparse(rows: Mask) -> csr_array:
    """The same rows with ones."""
    return csr_array(rows.astype(np.float64))


def dive(state: Search, part: Part) -> None:
    """One good solution: put in what the relaxation is surest of, again and again; then tabu search from there."""
    chosen = list(part.held)
    active = np.ones(len(part.columns), dtype=bool)
    while active.any():
        state.check_clock()
        x, _ = part.solve(active)
        surest = int(np.argmax(np.where(active, x, -1.0)))
        for column in np.flatnonzero(x > 1 - WHOLE).tolist() or [surest]:
            if active[column]:
                chosen.append(int(part.columns[column]))
                active &= ~state.conflicts[part.columns[column], part.columns]
                active[column] = False
    found = np.sort(np.array(chosen, dtype=np.int64))
    state.goals.offer(found, state.score)
    state.goals.offer(
        improve(state.conflicts, state.score, found, state.random, min(POLISH, 10 * len(state.score))), state.score
    )


def exhaust(state: Search, part: Part, active: Mask | None = None, nodes: float = np.inf) -> bool:
    """Search the packings of a part's `active` columns through, depth first; whether so many `nodes` were enough."""
    everything = np.ones(len(part.columns), dtype=bool) if active is None else active.copy()
    stack: list[tuple[Mask, tuple[int, ...]]] = [(everything, part.held)]
    while stack and nodes > 0:
        nodes -= 1
        active, held = stack.pop()
        columns = np.array(held, dtype=np.int64)
        state.goals.offer(columns, state.score)
        part.top = max(part.top, float(state.score[columns].sum()))
        if active.any():
            column = _branch(state, part, active, columns)
            if column >= 0:
                without = active.copy()
                without[column] = False
                own = part.columns[column]
                stack.append((without, held))
                stack.append((without & ~state.conflicts[own, part.columns], (*held, int(own))))
    return not stack


def _branch(state: Search, part: Part, active: Mask, held: IntArray) -> int:
    """The column to branch on, -1 where nothing better is left. Columns that are in nothing better become inactive."""
    state.check_clock()
    value = float(state.score[held].sum())
    x, bound = part.solve(active, state.goals.floor(held) - value)
    if state.lost(value + bound, held):
        part.top = max(part.top, value + bound)
        return -1
    bounds = value + bound + np.minimum(part.reduced, 0.0)
    useless = active & (bounds <= state.goals.floor(held))
    part.top = max(part.top, float(bounds[useless].max(initial=-np.inf)))
    active &= ~useless
    x = x * active
    stake = np.where((x > WHOLE) & (x < 1 - WHOLE), part.score * x * (1 - x), 0.0)
    if stake.any():
        return int(np.argmax(stake))
    return _among_whole(state, part, active, np.flatnonzero(x > 0.5), held, value + bound)


def _among_whole(state: Search, part: Part, active: Mask, whole: IntArray, held: IntArray, bound: float) -> int:
    """Where the relaxation chose `whole` columns: offer them. Branch on one that keeps a goal from being served; on any
    where a solve that stopped early left it unclear that they are best.
    """
    own = part.columns[whole]
    if not state.conflicts[np.ix_(own, own)].any():
        state.goals.offer(np.concatenate([held, own]), state.score)
    if state.lost(bound, held):
        part.top = max(part.top, bound)
        return -1
    groups = state.goals.group[own]
    hindered = (groups >= 0) & state.goals.open(held)[groups]
    if hindered.any():
        return int(whole[hindered][0])
    return int(np.argmax(np.where(active, part.score, -np.inf))) if active.any() else -1
