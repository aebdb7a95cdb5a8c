"""Weighted set packing: maximise score @ x over 0/1 vectors x with matrix @ x <= upper, proved optimal.

1. The linear relaxation, tightened by clique inequalities, gives a bound D, prices and reduced costs.
2. A first solution, found greedily, sets the value L to beat.
3. A column whose reduced cost proves that no solution with it beats L is left out (reduced-cost fixing).
4. The rest is searched through by `amd.auctions.standing` where columns exclude each other pairwise (single units,
   XOR), and is a small integer program otherwise.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack

from amd.auctions.branching import RESOLUTION, Goals
from amd.auctions.cliques import MOST_COLUMNS, Graph, clique_rows, conflict_graph, violated_cliques
from amd.auctions.local import improve
from amd.auctions.search import Searched, search
from amd.auctions.standing import Standing
from amd.model.numbers import FloatArray, IntArray
from solvers import LinearProgram, Session, Settings, Solution, SolverError, Status, get

ROUNDS = 40  # of clique separation
KERNEL = 150  # columns of the first integer program
KERNEL_TIME = 0.25  # of the time limit, where there is one
STEPS = 1500  # of tabu search for the first packings of several goals
LEAST_PROGRESS = 0.002  # of the gap to the best known solution, in a round


@dataclass(frozen=True, eq=False)
class Packing:
    """`labels` (n,) say what the columns are; `score` (n,), `matrix` (m, n), `upper` (m,)."""

    labels: IntArray
    score: FloatArray
    matrix: csr_array
    upper: FloatArray

    def program(self, integer: bool) -> LinearProgram:
        """The packing problem, or its linear relaxation."""
        count = len(self.labels)
        return LinearProgram(
            cost=self.score,
            matrix=self.matrix,
            row_lower=np.full(self.matrix.shape[0], -np.inf),
            row_upper=self.upper,
            column_lower=np.zeros(count),
            column_upper=np.ones(count),
            integer=np.ones(count, dtype=bool) if integer else None,
            maximize=True,
        )

    def keep(self, positions: IntArray) -> Packing:
        """Only the columns at these positions."""
        matrix = csr_array(self.matrix[:, positions])
        return replace(self, labels=self.labels[positions], score=self.score[positions], matrix=matrix)

    def value(self, positions: IntArray) -> float:
        """The score of choosing these positions."""
        return float(self.score[positions].sum())


@dataclass(frozen=True, eq=False)
class Relaxed:
    """The optimum of a linear relaxation of `packing`: `x` (n,), its `value`, and the rows' prices `dual` (m,) >= 0.

    `packing` is the problem with the binding clique inequalities as rows below its own; `cliques` are their labels.
    """

    packing: Packing
    x: FloatArray
    value: float
    dual: FloatArray
    cliques: tuple[IntArray, ...] = ()


@dataclass(frozen=True, eq=False)
class Packed:
    """The chosen positions and a proven upper `bound` on any solution; `proven` unless a limit ended the search.

    `above` are further solutions that are worth more than what was said to be enough.
    """

    chosen: IntArray
    bound: float
    proven: bool
    above: tuple[IntArray, ...] = ()


def relax(packing: Packing, solver: str, settings: Settings) -> Relaxed:
    """The linear relaxation as it stands. Raises SolverError when the solver fails."""
    return _relaxed(packing, get(solver).solve(packing.program(False), replace(settings, time_limit=None)))


def tighten(
    packing: Packing, known: Sequence[IntArray], reached: float, solver: str, settings: Settings, rounds: int = ROUNDS
) -> Relaxed:
    """The relaxation with clique inequalities: the `known` ones (by labels) and those found violated, round by round.

    Ends when none is found, when the bound stops falling, or when it proves that nothing beats `reached`.
    """
    pool = [_positions(packing, clique) for clique in known]
    graph = conflict_graph(packing.matrix, packing.upper) if len(packing.labels) <= MOST_COLUMNS else None
    session = get(solver).start(packing.program(False), replace(settings, time_limit=None))
    _add(session, pool, len(packing.labels))
    relaxed = _relaxed(packing, session.solve())
    for _ in range(rounds if graph is not None else 0):
        fresh = violated_cliques(relaxed.x, graph) if graph is not None else []
        if not fresh or relaxed.value <= reached * (1 + RESOLUTION):
            break
        _add(session, fresh, len(packing.labels))
        pool += fresh
        before, relaxed = relaxed.value, _relaxed(packing, session.solve())
        if relaxed.value > before - LEAST_PROGRESS * (before - reached):
            break
    return _with_cliques(packing, relaxed, pool)


def _positions(packing: Packing, clique: IntArray) -> IntArray:
    return np.flatnonzero(np.isin(packing.labels, clique))


def _add(session: Session, cliques: list[IntArray], columns: int) -> None:
    if cliques:
        count = len(cliques)
        session.add_rows(clique_rows(cliques, columns), np.full(count, -np.inf), np.ones(count))


def _with_cliques(packing: Packing, relaxed: Relaxed, pool: list[IntArray]) -> Relaxed:
    """The binding cliques as rows of the packing; a slack row has price 0, so the bound stays what it is."""
    rows = packing.matrix.shape[0]
    binding = [number for number in range(len(pool)) if relaxed.dual[rows + number] > 0]
    kept = [pool[number] for number in binding]
    stronger = replace(
        packing,
        matrix=csr_array(vstack([packing.matrix, clique_rows(kept, len(packing.labels))], format="csr")),
        upper=np.concatenate([packing.upper, np.ones(len(kept))]),
    )
    dual = np.concatenate([relaxed.dual[:rows], relaxed.dual[rows + np.array(binding, dtype=np.int64)]])
    cliques = tuple(packing.labels[clique] for clique in kept)
    return Relaxed(stronger, relaxed.x, relaxed.value, dual, cliques)


def _relaxed(packing: Packing, solution: Solution) -> Relaxed:
    if solution.status is not Status.OPTIMAL or solution.x is None or solution.row_dual is None:
        raise SolverError(f"winner determination, relaxed: {solution.status.value} {solution.message}".rstrip())
    return Relaxed(packing, solution.x, float(packing.score @ solution.x), np.maximum(solution.row_dual, 0.0))


def pack(relaxed: Relaxed, first: IntArray, solver: str, settings: Settings, enough: float | None = None) -> Packed:
    """The best solution, knowing the feasible one `first`. Raises SolverError when the solver fails.

    A solution worth more than `enough` ends the search, and none worth less is looked for. Where columns do not exclude
    each other pairwise, a kernel of the most promising ones is solved first. Its solution usually closes all columns
    outside the kernel, and is then optimal; otherwise what is still open is solved. `settings.time_limit` is shared by
    the two.
    """
    packing, end = relaxed.packing, deadline(settings)
    if solver == "highs" and pairwise(packing):
        return _searched(relaxed, first, end, enough)
    part = _kernel(relaxed, packing.value(first))
    best, bound, proven = _solve_part(packing, part, first, solver, _left(settings, end, KERNEL_TIME))
    rest = still_open(relaxed, packing.value(best))
    satisfied = enough is not None and packing.value(best) > enough
    if not (proven and np.isin(rest, part).all()) and not satisfied:
        part = rest
        best, bound, proven = _solve_part(packing, part, best, solver, _left(settings, end))
    covered = bool(np.isin(rest, part).all())
    reached = packing.value(best)
    bound = max(bound, reached) if covered else relaxed.value
    return Packed(best, max(min(bound, relaxed.value), reached), proven and covered)


def pairwise(packing: Packing) -> bool:
    """Whether two columns that fit with each other in every row make all rows fit: every row is a set of columns of
    which at most one is chosen."""
    plain = bool((packing.matrix.data == 1).all() and (packing.upper == 1).all())
    return plain and len(packing.labels) <= MOST_COLUMNS


def search_goals(relaxed: Relaxed, group: IntArray, starts: list[IntArray], end: float | None) -> Searched:
    """The best packing without each group of columns (`amd.auctions.search`), each improved from a packing known.

    `starts` has a packing for each goal, positions, that holds none of its group; the packing must be `pairwise`.
    """
    packing, random = relaxed.packing, np.random.default_rng(0)
    conflicts = conflict_graph(packing.matrix, packing.upper)
    known = [_improved(conflicts, packing.score, group != w, start, random) for w, start in enumerate(starts)]
    reached = np.array([packing.value(columns) for columns in known])
    rest = still_open(relaxed, float(reached.min()))
    place = np.full(len(packing.labels), -1)
    place[rest] = np.arange(len(rest))
    goals = Goals(group[rest], reached, [place[columns][place[columns] >= 0] for columns in known])
    small = packing.keep(rest)
    inner = conflicts[np.ix_(rest, rest)]
    found = search(small.score, small.matrix, inner, relaxed.dual, goals, end)
    better = found.reached > reached
    chosen = [rest[new] if up else old for new, old, up in zip(found.chosen, known, better, strict=True)]
    return Searched(chosen, found.reached, found.bound, found.proven)


def _improved(
    conflicts: Graph, score: FloatArray, allowed: NDArray[np.bool_], start: IntArray, random: np.random.Generator
) -> IntArray:
    """Positions of a packing of `allowed` columns at least as good as `start`."""
    part = np.flatnonzero(allowed)
    inside = np.flatnonzero(np.isin(part, start))
    return part[improve(conflicts[np.ix_(part, part)], score[part], inside, random, min(STEPS, 10 * len(part)))]


def _searched(relaxed: Relaxed, first: IntArray, end: float | None, enough: float | None) -> Packed:
    packing, value = relaxed.packing, relaxed.packing.value(first)
    if relaxed.value <= value * (1 + RESOLUTION) or (enough is not None and relaxed.value <= enough):
        return Packed(first, max(value, relaxed.value), True)
    everything = np.ones(len(packing.labels), dtype=bool)
    found = Standing(packing.score, packing.matrix).best(everything, first, end, enough)
    reached = packing.value(found.chosen[0])
    return Packed(found.chosen[0], max(min(found.bound, relaxed.value), reached), found.proven, tuple(found.above))


def _kernel(relaxed: Relaxed, reached: float) -> IntArray:
    """The open columns, or the `KERNEL` of them that cost the bound least."""
    rest = still_open(relaxed, reached)
    loss = np.maximum(relaxed.packing.matrix.T @ relaxed.dual - relaxed.packing.score, 0.0)
    return np.sort(rest[np.argsort(loss[rest], kind="stable")[:KERNEL]])


def _solve_part(
    packing: Packing, part: IntArray, best: IntArray, solver: str, settings: Settings
) -> tuple[IntArray, float, bool]:
    """(positions, bound on solutions within `part`, proven): the better of `best` and what `part` offers."""
    if not len(part):
        return best, packing.value(best), True
    small = packing.keep(part)
    solution = get(solver).solve(small.program(True), settings)
    if solution.status not in (Status.OPTIMAL, Status.LIMIT):
        raise SolverError(f"winner determination: {solution.status.value} {solution.message}".rstrip())
    proven = solution.status is Status.OPTIMAL
    found = part[np.zeros(0, dtype=np.int64) if solution.x is None else np.flatnonzero(solution.x > 0.5)]
    bound = solution.bound if solution.bound is not None and np.isfinite(solution.bound) else np.inf
    return (found if packing.value(found) > packing.value(best) else best), bound, proven


def deadline(settings: Settings) -> float | None:
    """When `settings.time_limit` will have passed, on the clock of `time.perf_counter`; None without one."""
    return None if settings.time_limit is None else time.perf_counter() + settings.time_limit


def _left(settings: Settings, end: float | None, share: float = 1.0) -> Settings:
    if end is None:
        return settings
    return replace(settings, time_limit=max(share * (end - time.perf_counter()), 0.01))


def greedy(packing: Packing, x: FloatArray, start: IntArray | None = None) -> IntArray:
    """Positions of a maximal set of columns that fit: those labelled in `start` first, then by falling share x of the
    relaxation, then by score per root of size. The matrix must be nonnegative."""
    columns = csr_array(packing.matrix.T)
    size = np.maximum(np.diff(columns.indptr), 1)
    later = np.ones(len(x), dtype=bool) if start is None else ~np.isin(packing.labels, start)
    left = packing.upper.copy()
    taken = []
    for column in np.lexsort((-packing.score / np.sqrt(size), -np.round(x, 6), later)):
        part = slice(columns.indptr[column], columns.indptr[column + 1])
        rows, units = columns.indices[part], columns.data[part]
        if (left[rows] >= units).all():
            left[rows] -= units
            taken.append(int(column))
    return np.array(sorted(taken), dtype=np.int64)


def still_open(relaxed: Relaxed, reached: float) -> IntArray:
    """Positions of columns that some solution better than `reached` could hold.

    For any prices y ≥ 0, every solution with column b is worth at most y·upper + Σ_c max(r_c, 0) + min(r_b, 0), where
    r = score − y·matrix (weak duality, with b held at 1).
    """
    packing = relaxed.packing
    reduced = packing.score - packing.matrix.T @ relaxed.dual
    ceiling = float(relaxed.dual @ packing.upper + np.maximum(reduced, 0.0).sum())
    slack = RESOLUTION * max(abs(ceiling), 1.0)
    return np.flatnonzero(ceiling + np.minimum(reduced, 0.0) >= reached - slack)
