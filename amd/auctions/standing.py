"""One set packing problem that is solved again and again: without some of its columns, or with other scores.

VCG payments ask for the best packing without each winner, core payments for the best at ever new scores. What depends
on neither is kept from solve to solve: which columns exclude each other, the clique inequalities found, and the basis
of the relaxation. A solve

1. improves a packing that is known by tabu search;
2. solves the relaxation from the last basis, adds violated clique inequalities, improves what its solution suggests,
   and leaves out the columns that its prices exclude (reduced-cost fixing);
3. branches on what is left where the gap is small, which needs a few dozen programs. Otherwise, or where that takes
   more than `NODES`, hands it to HiGHS for `GLANCE` seconds, whose cuts close what many packings of one value keep
   open, and where that is not enough searches it part by part (`amd.auctions.search`).
"""

from __future__ import annotations

import time

import numpy as np
from scipy.sparse import csr_array

from amd.auctions.branching import RESOLUTION, Goals, Mask, OutOfTimeError, Part, Search, exhaust, sparse
from amd.auctions.cliques import Graph, conflict_graph, violated_cliques
from amd.auctions.local import fill, improve
from amd.auctions.memory import Memory
from amd.auctions.search import Recall, Searched, search
from amd.model.numbers import FloatArray, IntArray
from solvers import LinearProgram, Settings, Status, get

ROUNDS = 40  # of clique separation in a solve
LEAST_PROGRESS = 0.002  # of the gap to the best known packing, in a round
SPARE = 60  # rows of price 0 beyond those of the problem that are kept for later
STEPS = 400  # of tabu search for the first packing
TIGHT = 0.06  # the gap, relative to what is to be beaten, up to which the whole problem is branched on at first
NODES = 600  # programs that are spent on it
GLANCE = 2.0  # seconds on the clock for HiGHS's branch and bound; it is not asked again once they were not enough
LOWERED = 0.8  # of a gap at which that was not enough, is what counts as tight from then on


class Standing:
    """The problem: `score` (n,), `matrix` (m, n) of rows of which at most one column is chosen, `cliques` known."""

    memory: Memory | None = None

    def __init__(self, score: FloatArray, matrix: csr_array, cliques: list[IntArray] | None = None) -> None:
        self.score = score
        self.conflicts: Graph = conflict_graph(matrix, np.ones(matrix.shape[0]))
        self.part = Part(score, matrix.toarray() > 0, np.arange(len(score)))
        self.own_rows, self.tight, self.glances = len(self.part.rows), TIGHT, True
        if cliques:
            self.part.add_cliques(cliques)

    def remember(self, group: IntArray, spare: float) -> None:
        """From now on keep what searches by parts prove (`amd.auctions.memory`); for solves with all columns allowed.

        A packing holds at most one column of each `group` (n,). Proofs then hold up to `spare`.
        """
        self.memory = Memory(self.conflicts, group, self.score, spare)

    def rescore(self, score: FloatArray) -> None:
        """From now on with these scores (n,); columns of score 0 or less are never chosen."""
        self.score = self.part.score = score
        self.part.prices.set_score(score)

    def best(
        self,
        allowed: Mask,
        start: IntArray,
        end: float | None = None,
        enough: float | None = None,
    ) -> Searched:
        """The best packing of the `allowed` columns, from the packing `start` of some of them.

        Nothing worth `enough` or less is looked for, and what is met above it is kept in `above`. `end` is a deadline
        of `time.perf_counter`. Raises SolverError when the solver fails.
        """
        active = allowed & (self.score > 0)
        known = self._improved(active, start)
        value = float(self.score[known].sum())
        nowhere = np.full(len(self.score), -1)
        floor = value if enough is None else max(value, enough)
        goals = Goals(nowhere, np.array([floor]), [known], np.inf if enough is None else enough)
        state = Search(self.score, self.conflicts, goals, end)
        bound = self._tightened(state, active)
        try:
            proven = self._search(state, active, bound)
        except OutOfTimeError:
            proven = False
        reached = float(self.score[goals.chosen[0]].sum())
        ceiling = float(goals.reached[0]) if proven else bound
        return Searched(goals.chosen, np.array([reached]), max(ceiling, reached), proven, goals.above)

    def _improved(self, active: Mask, start: IntArray) -> IntArray:
        """Positions of a packing of `active` columns at least as good as the active ones of `start`."""
        own = np.flatnonzero(active)
        inside = np.flatnonzero(np.isin(own, start))
        graph = self.conflicts[np.ix_(own, own)]
        return own[improve(graph, self.score[own], inside, np.random.default_rng(0), min(STEPS, 10 * len(own)))]

    def _tightened(self, state: Search, active: Mask) -> float:
        """A bound from the relaxation with clique inequalities, whose prices are those of `self.part` now."""
        nothing = np.zeros(0, dtype=np.int64)
        x, bound = self.part.solve(active)
        for _ in range(ROUNDS):
            fresh = [] if state.late() or state.lost(bound, nothing) else violated_cliques(x, self.conflicts)
            if not fresh:
                break
            self.part.add_cliques(fresh)
            before, (x, bound) = bound, self.part.solve(active)
            if bound > before - LEAST_PROGRESS * (before - state.goals.floor(nothing)):
                break
        if not state.lost(bound, nothing):
            self._round(state, active, x)
        spare = self.own_rows + np.flatnonzero(self.part.dual[self.own_rows :] <= 0)
        if len(spare) > SPARE:
            self.part.drop_rows(spare)
        return bound

    def _round(self, state: Search, active: Mask, x: FloatArray) -> None:
        """Offer the packing that takes first what the relaxation is surest of, improved by tabu search."""
        start = fill(self.conflicts, np.where(active, self.score, 0.0), x + self.score / self.score.max())
        state.goals.offer(start, self.score)
        state.goals.offer(self._improved(active, start), self.score)

    def _search(self, state: Search, active: Mask, bound: float) -> bool:
        """Search what the relaxation leaves open; always to the end, or until something better than enough is found."""
        floor = state.goals.floor(np.zeros(0, dtype=np.int64))
        if bound <= floor + RESOLUTION * abs(floor):
            return True
        dual, bounds = self.part.dual, bound + np.minimum(self.part.reduced, 0.0)
        left = active & (bounds > floor)
        if bound <= floor + self.tight * abs(floor):
            if exhaust(state, self.part, left, NODES):
                return True
            self.tight = LOWERED * (bound - floor) / abs(floor)
        if state.goals.reached[0] > state.goals.enough:
            return False  # enough is known, and there may be more
        if self.glances and self._handed_over(state, left):
            return True
        if self.memory is None:
            return self._by_parts(state, np.flatnonzero(left), dual, None).proven
        names = np.flatnonzero(left)
        recall = self.memory.recall(names, self.memory.closed(self.score, floor, left))
        self.memory.begin(self.score, floor, left, bounds)
        found = self._by_parts(state, names, dual, recall)
        self.memory.close(names[found.closed], found.tops)
        return found.proven

    def _handed_over(self, state: Search, left: Mask) -> bool:
        """Whether HiGHS found the best packing of the columns `left` in time, which is then offered."""
        columns = np.flatnonzero(left)
        rows = csr_array(sparse(self.part.rows[:, columns]))
        program = LinearProgram(
            cost=self.score[columns],
            matrix=rows,
            row_lower=np.full(rows.shape[0], -np.inf),
            row_upper=np.ones(rows.shape[0]),
            column_lower=np.zeros(len(columns)),
            column_upper=np.ones(len(columns)),
            integer=np.ones(len(columns), dtype=bool),
            maximize=True,
        )
        seconds = GLANCE if state.deadline is None else min(GLANCE, max(state.deadline - time.perf_counter(), 0.0))
        solution = get("highs").solve(program, Settings(time_limit=seconds))
        if solution.x is not None:
            state.goals.offer(columns[solution.x > 0.5], self.score)
        self.glances = solution.status is Status.OPTIMAL
        return self.glances

    def _by_parts(self, state: Search, left: IntArray, dual: FloatArray, recall: Recall | None) -> Searched:
        place = np.full(len(self.score), -1)
        place[left] = np.arange(len(left))
        goals = state.goals
        found = search(
            self.score[left],
            csr_array(sparse(self.part.rows[:, left])),
            self.conflicts[np.ix_(left, left)],
            dual,
            Goals(
                goals.group[left],
                goals.reached.copy(),
                [place[columns][place[columns] >= 0] for columns in goals.chosen],
                goals.enough,
            ),
            state.deadline,
            goals.enough,
            recall,
        )
        for columns in [*found.above, *found.chosen]:
            goals.offer(left[columns], self.score)
        return found
