"""Branch and bound for weighted set packing where the linear relaxation is far above the best solution.

Large bundles that overlap at random leave gaps of 5 to 10 % that no cutting planes close, and a general solver branches
on one bundle at a time. Here

1. columns are ordered by falling score, and a solution belongs to its *first* column k: it holds k and later columns
   that do not conflict with it. Once a large bundle is in, what is left is small and its relaxation tight;
2. each such part has a linear program of its own, with clique inequalities, that shrinks along its subtree and is
   solved again from the last basis (`solvers.subsets`);
3. within a part the fractional column with most score at stake is put in, then left out.

Every bound comes from weak duality with whatever prices y >= 0 the solver gave: value + Σ y + Σ max(score − y·column,
0).

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
SEPARATIONS = 2  # rounds of clique inequalities for a part
CUTS = 40  # in a round
DIVES = 40  # parts, of ten times as many or more, that are searched for good solutions before any is searched through
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


@dataclass(frozen=True, eq=False)
class Searched:
    """For each goal the `chosen` positions and their value `reached` (W,); `bound` on what any open part could give.

    `proven` is False where the deadline came first, or `above` holds packings that are worth more than enough.
    """

    chosen: list[IntArray]
    reached: FloatArray
    bound: float
    proven: bool
    above: list[IntArray] = field(default_factory=list)


class _OutOfTimeError(Exception):
    """The deadline has passed."""


@dataclass(eq=False)
class _Search:
    score: FloatArray  # (n,), columns in the order of the search
    rows: Mask  # (m, n)
    conflicts: Graph
    goals: Goals
    deadline: float | None
    random: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))

    def lost(self, bound: float, columns: IntArray) -> bool:
        floor = self.goals.floor(columns)
        return bound <= floor + RESOLUTION * abs(floor)

    def check_clock(self) -> None:
        if self.deadline is not None and time.perf_counter() > self.deadline:
            raise _OutOfTimeError


def search(
    score: FloatArray,
    matrix: csr_array,
    conflicts: Graph,
    dual: FloatArray,
    goals: Goals,
    deadline: float | None = None,
    enough: float = np.inf,
) -> Searched:
    """The best packings for all goals: rows of `matrix` (m, n) are sets of columns of which at most one is chosen.

    `conflicts` (n, n) says which columns share a row; `dual` (m,) are prices of the relaxation. Ends at `deadline` (of
    `time.perf_counter`), or once the first goal is served by more than `enough`, then with `proven` False. Raises
    SolverError when the solver fails.
    """
    order = np.argsort(-score, kind="stable")
    place = np.argsort(order)
    chosen = [np.sort(place[columns]) for columns in goals.chosen]
    inner = Goals(goals.group[order], goals.reached.copy(), chosen, enough)
    state = _Search(score[order], (matrix.toarray() > 0)[:, order], conflicts[np.ix_(order, order)], inner, deadline)
    bound, proven = _through(state, dual)
    found, above = ([np.sort(order[columns]) for columns in sets] for sets in (inner.chosen, inner.above))
    return Searched(found, inner.reached, bound, proven, above)


def _through(state: _Search, dual: FloatArray) -> tuple[float, bool]:
    """Go through the parts, the most promising first; (bound on what is left, all done)."""
    parts = _parts(state, dual)
    ceiling = max((ub for ub, _ in parts), default=-np.inf)
    try:
        for _, first in parts[: min(DIVES, len(parts) // 10)]:
            _dive(state, _Part(state, first))
        for ceiling, first in parts:
            if state.goals.above:
                return ceiling, False
            if not state.lost(ceiling, np.array([first])):
                _exhaust(state, _Part(state, first))
    except _OutOfTimeError:
        return max(ceiling, float(state.goals.reached.max())), False
    return float(state.goals.reached.max()), True


def _parts(state: _Search, dual: FloatArray) -> list[tuple[float, int]]:
    """(upper bound, first column) of every part that may hold something better, the highest bound first.

    A score is split over the column's rows in proportion to the prices; a packing is worth no more than the sum, over
    rows, of the greatest share among the columns that are left.
    """
    reduced = state.score - dual @ state.rows
    ceiling = float(dual.sum() + np.maximum(reduced, 0.0).sum())
    share = state.rows.T * dual[None, :]
    share *= (state.score / np.maximum(share.sum(axis=1), 1e-300))[:, None]
    unpriced = ~(share.sum(axis=1) >= state.score * (1 - 1e-9))
    share[unpriced, np.argmax(state.rows[:, unpriced], axis=0)] = state.score[unpriced]
    found = []
    for first in range(len(state.score)):
        if state.lost(ceiling + min(float(reduced[first]), 0.0), np.array([first])):
            continue
        later = _later(state, first)
        bound = float(state.score[first] + (share[later].max(axis=0).sum() if len(later) else 0.0))
        if not state.lost(bound, np.array([first])):
            found.append((bound, first))
    return sorted(found, key=lambda part: (-part[0], part[1]))


def _later(state: _Search, first: int) -> IntArray:
    return first + 1 + np.flatnonzero(~state.conflicts[first, first + 1 :])


class _Part:
    """The solutions whose first column is `first`: `columns` that may follow it, and the prices of their relaxation."""

    def __init__(self, state: _Search, first: int) -> None:
        self.state, self.first, self.columns = state, first, _later(state, first)
        self.score = state.score[self.columns]
        self.rows = _useful(state.rows[:, self.columns])
        if len(self.columns):
            self.prices = SubsetPrices(self.score, _sparse(self.rows), np.ones(len(self.rows)))
            self._tighten()

    def _tighten(self) -> None:
        graph = self.state.conflicts[np.ix_(self.columns, self.columns)]
        everything = np.ones(len(self.columns), dtype=bool)
        for _ in range(SEPARATIONS):
            x, bound = self.solve(everything)
            if self.state.lost(self.state.score[self.first] + bound, np.array([self.first])):
                return
            cliques = violated_cliques(x, graph, CUTS)
            if not cliques:
                return
            fresh = np.zeros((len(cliques), len(self.columns)), dtype=bool)
            for number, clique in enumerate(cliques):
                fresh[number, clique] = True
            self.prices.add_rows(_sparse(fresh), np.ones(len(fresh)))
            self.rows = np.vstack([self.rows, fresh])

    def solve(self, active: Mask, floor: float = -np.inf) -> tuple[FloatArray, float]:
        """(x over all columns, a proven bound on packings of the `active` ones)."""
        self.state.check_clock()
        x, prices = self.prices.solve(active, floor)
        self.reduced = self.score - prices @ self.rows
        self.bound = float(prices.sum() + np.maximum(self.reduced[active], 0.0).sum())
        return np.where(active, x, 0.0), self.bound


def _useful(rows: Mask) -> Mask:
    """The rows that exclude something, and one for every column that is in none."""
    kept = rows[rows.sum(axis=1) > 1]
    alone = np.flatnonzero(~kept.any(axis=0))
    single = np.zeros((len(alone), rows.shape[1]), dtype=bool)
    single[np.arange(len(alone)), alone] = True
    return np.vstack([kept, single])


def _sparse(rows: Mask) -> csr_array:
    return csr_array(rows.astype(np.float64))


def _dive(state: _Search, part: _Part) -> None:
    """One good solution: put in what the relaxation is surest of, again and again; then tabu search from there."""
    chosen = [part.first]
    active = np.ones(len(part.columns), dtype=bool)
    while active.any():
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


def _exhaust(state: _Search, part: _Part) -> None:
    """Search a part through, depth first."""
    stack: list[tuple[Mask, tuple[int, ...]]] = [(np.ones(len(part.columns), dtype=bool), (part.first,))]
    while stack:
        active, held = stack.pop()
        columns = np.array(held)
        state.goals.offer(columns, state.score)
        value = float(state.score[columns].sum())
        if not active.any():
            continue
        x, bound = part.solve(active, state.goals.floor(columns) - value)
        if state.lost(value + bound, columns):
            continue
        floor = state.goals.floor(columns)
        active &= value + bound + np.minimum(part.reduced, 0.0) > floor  # what costs too much is in no better solution
        column = _branching(state, part, x * active, columns)
        if column >= 0:
            without = active.copy()
            without[column] = False
            own = part.columns[column]
            stack.append((without, held))
            stack.append((without & ~state.conflicts[own, part.columns], (*held, int(own))))


def _branching(state: _Search, part: _Part, x: FloatArray, held: IntArray) -> int:
    """The fractional column with most score at stake; -1 where the relaxation is whole and serves all goals."""
    stake = part.score * x * (1 - x)
    column = int(np.argmax(np.where((x > WHOLE) & (x < 1 - WHOLE), stake, -1.0)))
    if WHOLE < x[column] < 1 - WHOLE:
        return column
    whole = np.flatnonzero(x > 0.5)
    state.goals.offer(np.concatenate([held, part.columns[whole]]), state.score)
    groups = state.goals.group[part.columns[whole]]
    hindered = (groups >= 0) & state.goals.open(held)[groups]
    return int(whole[hindered][0]) if hindered.any() else -1
