"""Branch and bound for weighted set packing where the linear relaxation is far above the best solution.

Large bundles that overlap at random leave gaps of 5 to 10 % that no cutting planes close, and a general solver branches
on one bundle at a time. Here

1. columns are ordered by falling score, and a solution belongs to its *first* column k: it holds k and later columns
   that do not conflict with it. Once a large bundle is in, what is left is small and its relaxation tight;
2. each such part has a linear program of its own, with clique inequalities, that shrinks along its subtree and is
   solved again from the last basis (`solvers.subsets`);
3. within a part it is branched on one column at a time (`amd.auctions.branching`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from scipy.sparse import csr_array

from amd.auctions.branching import Goals, Mask, OutOfTimeError, Part, Search, dive, exhaust, tighten_part
from amd.auctions.cliques import Graph
from amd.model.numbers import FloatArray, IntArray

SEPARATIONS = 2  # rounds of clique inequalities for a part
CUTS = 40  # in a round
DIVES = 40  # parts, of ten times as many or more, that are searched for good solutions before any is searched through


@dataclass(frozen=True, eq=False)
class Searched:
    """For each goal the `chosen` positions and their value `reached` (W,); `bound` on what any open part could give.

    `proven` is False where the deadline came first, or `above` holds packings that are worth more than enough. Packings
    whose first column is one of `closed` are worth at most the `tops` beside it.
    """

    chosen: list[IntArray]
    reached: FloatArray
    bound: float
    proven: bool
    above: list[IntArray] = field(default_factory=list)
    closed: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    tops: FloatArray = field(default_factory=lambda: np.zeros(0))


@dataclass(frozen=True, eq=False)
class Recall:
    """What searches of the same columns before this one know.

    `names` (n,) of the columns, by which clique inequalities of parts are kept in `cuts`, each (k, `count`); their
    lasting `rank` (n,), by which they are ordered; the parts to `skip` (n,); their `age` (n,): the greater it is the
    later a part was closed, and the later it comes; and the number of `dives` worth trying.
    """

    names: IntArray
    count: int
    rank: FloatArray
    skip: Mask
    age: IntArray
    cuts: dict[int, Mask]
    dives: int = DIVES

    def ordered(self, order: IntArray) -> Recall:
        """The same with columns in another order."""
        return replace(self, names=self.names[order], rank=self.rank[order], skip=self.skip[order], age=self.age[order])

    def known_cuts(self, first: int, columns: IntArray) -> Mask | None:
        """(k, len(columns)): the clique inequalities that a part had before, None at the first time."""
        cuts = self.cuts.get(int(self.names[first]))
        return None if cuts is None else cuts[:, self.names[columns]]

    def keep_cuts(self, first: int, columns: IntArray, rows: Mask) -> None:
        """Keep the clique inequalities `rows` (k, len(columns)) of a part."""
        cuts = np.zeros((len(rows), self.count), dtype=bool)
        cuts[:, self.names[columns]] = rows
        self.cuts[int(self.names[first])] = cuts


def search(
    score: FloatArray,
    matrix: csr_array,
    conflicts: Graph,
    dual: FloatArray,
    goals: Goals,
    deadline: float | None = None,
    enough: float = np.inf,
    recall: Recall | None = None,
) -> Searched:
    """The best packings for all goals: rows of `matrix` (m, n) are sets of columns of which at most one is chosen.

    `conflicts` (n, n) says which columns share a row; `dual` (m,) are prices of the relaxation. Ends at `deadline` (of
    `time.perf_counter`), or once the first goal is served by more than `enough`, then with `proven` False. Raises
    SolverError when the solver fails.
    """
    order = np.argsort(-(score if recall is None else recall.rank), kind="stable")
    place = np.argsort(order)
    chosen = [np.sort(place[columns]) for columns in goals.chosen]
    inner = Goals(goals.group[order], goals.reached.copy(), chosen, enough)
    state = Search(score[order], conflicts[np.ix_(order, order)], inner, deadline)
    own = None if recall is None else recall.ordered(order)
    rows = (matrix.toarray() > 0)[:, order]
    parts = _parts(state, rows, dual)
    if own is not None:
        parts = sorted((part for part in parts if not own.skip[part[1]]), key=lambda part: own.age[part[1]])
    tops: dict[int, float] = {}
    bound, proven = _through(state, rows, parts, tops, own)
    found, above = ([np.sort(order[columns]) for columns in sets] for sets in (inner.chosen, inner.above))
    closed = order[np.fromiter(tops, np.int64, len(tops))]
    return Searched(found, inner.reached, bound, proven, above, closed, np.fromiter(tops.values(), float, len(tops)))


def _through(
    state: Search, rows: Mask, parts: list[tuple[float, int]], tops: dict[int, float], recall: Recall | None
) -> tuple[float, bool]:
    """Go through the parts; (bound on what is left, all done). Bounds of those that are closed go to `tops`."""
    ceiling = max((bound for bound, _ in parts), default=-np.inf)
    dives = DIVES if recall is None else recall.dives
    try:
        for _, first in parts[: min(dives, len(parts) // 10)]:
            dive(state, _part(state, rows, first, recall))
        for bound, first in parts:
            if state.goals.above:
                return ceiling, False
            if not state.lost(bound, np.array([first])):
                part = _part(state, rows, first, recall)
                exhaust(state, part)
                if not state.goals.above:
                    tops[first] = part.top
    except OutOfTimeError:
        return max(ceiling, float(state.goals.reached.max())), False
    return float(state.goals.reached.max()), not state.goals.above


def _parts(state: Search, rows: Mask, dual: FloatArray) -> list[tuple[float, int]]:
    """(upper bound, first column) of every part that may hold something better, the highest bound first.

    A score is split over the column's rows in proportion to the prices; a packing is worth no more than the sum, over
    rows, of the greatest share among the columns that are left.
    """
    reduced = state.score - dual @ rows
    ceiling = float(dual.sum() + np.maximum(reduced, 0.0).sum())
    share = rows.T * dual[None, :]
    share *= (state.score / np.maximum(share.sum(axis=1), 1e-300))[:, None]
    unpriced = ~(share.sum(axis=1) >= state.score * (1 - 1e-9))
    share[unpriced, np.argmax(rows[:, unpriced], axis=0)] = state.score[unpriced]
    found = []
    for first in range(len(state.score)):
        if state.lost(ceiling + min(float(reduced[first]), 0.0), np.array([first])):
            continue
        later = _later(state, first)
        bound = float(state.score[first] + (share[later].max(axis=0).sum() if len(later) else 0.0))
        if not state.lost(bound, np.array([first])):
            found.append((bound, first))
    return sorted(found, key=lambda part: (-part[0], part[1]))


def _later(state: Search, first: int) -> IntArray:
    return first + 1 + np.flatnonzero(~state.conflicts[first, first + 1 :])


def _part(state: Search, rows: Mask, first: int, recall: Recall | None) -> Part:
    """The solutions whose first column is `first`, tightened."""
    columns = _later(state, first)
    own = rows[:, columns]
    known = None if recall is None else recall.known_cuts(first, columns)
    if known is not None:
        return Part(state.score[columns], np.vstack([own, known]), columns, (first,))
    part = Part(state.score[columns], own, columns, (first,))
    if len(columns):
        before = len(part.rows)
        tighten_part(state, part, SEPARATIONS, CUTS)
        if recall is not None:
            recall.keep_cuts(first, columns, part.rows[before:])
    return part
