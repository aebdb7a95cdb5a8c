"""Which stable matching: egalitarian, minimum-regret, median, sex-equal, or best for any linear wish.

A rotation changes a sum over matched pairs by a fixed amount, so a linear wish is a cheapest closed set of rotations: a
linear program whose matrix is a network's, hence with integral vertices (Irving, Leather and Gusfield 1987).
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from amd.matching.market import NO_TIER, IntArray, Market, MarketError, Matching
from amd.matching.rotations import RotationPoset, bits_of, find_rotations
from solvers import LinearProgram, Settings, SolverError, Status, get

FloatArray: TypeAlias = NDArray[np.float64]

_INTEGRAL = 1e-6  # a simplex vertex of an integral polytope misses integers by rounding only


def pair_cost(market: Market) -> FloatArray:
    """(k,): the ranks of both partners added up (1 for a first choice), at each entry of the applicants' lists."""
    return market.applicants.tier.astype(np.float64) + market.priority + 2.0


def best_stable(market: Market, cost: FloatArray) -> Matching:
    """The stable matching of least total `cost` (k,), one number for each entry of the applicants' lists."""
    if cost.shape != (market.applicants.entries,):
        raise MarketError(f"{market.applicants.entries} listed pairs but costs of shape {cost.shape}")
    poset = find_rotations(market)
    return Matching(poset.eliminate(cheapest_closed_set(poset, changes(poset, cost))), "cheapest stable matching")


def egalitarian(market: Market) -> Matching:
    """The stable matching with the least sum of ranks over both sides."""
    return Matching(best_stable(market, pair_cost(market)).assignment, "egalitarian stable matching")


def changes(poset: RotationPoset, cost: FloatArray) -> FloatArray:
    """(r,): by how much each rotation changes the total of `cost` (k,) over matched pairs."""
    return np.array([cost[list(r.joins)].sum() - cost[list(r.leaves)].sum() for r in poset.rotations])


def _order_rows(poset: RotationPoset, extra: int = 0) -> csr_array:
    """x_i - x_j <= 0 for each j before i: (edges, r + extra)."""
    edges = [(i, j) for i, before in enumerate(poset.before) for j in before]
    rows = np.repeat(np.arange(len(edges)), 2)
    columns = np.array(edges, np.int64).reshape(-1)
    data = np.tile([1.0, -1.0], len(edges))
    return csr_array((data, (rows, columns)), shape=(len(edges), len(poset.rotations) + extra))


def cheapest_closed_set(poset: RotationPoset, weight: FloatArray) -> int:
    """The closed set of rotations of least total `weight` (r,), as bits."""
    count = len(poset.rotations)
    if not count:
        return 0
    matrix = _order_rows(poset)
    edges = matrix.shape[0]
    program = LinearProgram(weight, matrix, np.full(edges, -np.inf), np.zeros(edges), np.zeros(count), np.ones(count))
    return _as_bits(_solve(program))


def _solve(program: LinearProgram) -> FloatArray:
    solution = get("highs").solve(program, Settings())
    if solution.status is not Status.OPTIMAL or solution.x is None:
        raise SolverError(f"no stable matching could be chosen: {solution.status.value}")
    return solution.x


def _as_bits(x: FloatArray) -> int:
    if np.abs(x - x.round()).max(initial=0.0) > _INTEGRAL:
        raise SolverError("the solver stopped away from a vertex: its answer is not integral")
    return sum(1 << int(i) for i in np.flatnonzero(x > 0.5))


def minimum_regret(market: Market) -> Matching:
    """The stable matching whose worst-off matched participant, on either side, ranks its partner best; of several, the
    one that applicants like best (Knuth 1976; Gusfield 1987)."""
    poset = find_rotations(market)
    levels = np.unique(np.concatenate([market.applicants.tier, market.priority]))
    low, high = 0, levels.size - 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if _within(poset, int(levels[middle])) is not None else (middle + 1, high)
    closed = _within(poset, int(levels[low])) if levels.size else 0
    if closed is None:
        raise RuntimeError("no stable matching within the greatest tier of all")
    return Matching(poset.eliminate(closed), "minimum-regret stable matching")


def _within(poset: RotationPoset, level: int) -> int | None:
    """The smallest closed set after which nobody is beyond tier `level`, or None.

    A program must lose everybody beyond it, and each of them leaves in a rotation or never; no rotation may send an
    applicant beyond it.
    """
    market = poset.market
    first, last = market.entry_at(poset.best), market.entry_at(poset.worst)
    if market.applicants.tier[first[first >= 0]].max(initial=0) > level:
        return None
    if market.priority[last[last >= 0]].max(initial=0) > level:
        return None
    closed = 0
    for i, rotation in enumerate(poset.rotations):
        if (market.priority[list(rotation.leaves)] > level).any():
            closed |= poset.down[i]
    for i in bits_of(closed):
        if (market.applicants.tier[list(poset.rotations[i].joins)] > level).any():
            return None
    return closed


def median(market: Market, limit: int = 100_000) -> Matching:
    """The (generalized) median stable matching: each applicant gets the median of its places over all N stable
    matchings, the lower one for even N; the result is stable again (Teo and Sethuraman 1998).

    Raises MarketError when there are more than `limit` stable matchings: all have to be listed.
    """
    poset = find_rotations(market)
    entries = []
    for closed in poset.closed_sets():
        entries.append(market.entry_at(poset.eliminate(closed)))
        if len(entries) > limit:
            raise MarketError(f"more than {limit} stable matchings: too many to take their median")
    middle = np.sort(np.array(entries), axis=0)[(len(entries) - 1) // 2]
    assignment = np.where(middle >= 0, np.append(market.applicants.choice, NO_TIER)[middle], -1).astype(np.int64)
    return Matching(assignment, "median stable matching")


def sex_equal(market: Market) -> Matching:
    """The stable matching with the least difference between the two sides' sums of ranks, by a mixed-integer program
    over rotations (the problem is NP-hard: Kato 1993)."""
    poset = find_rotations(market)
    count = len(poset.rotations)
    if not count:
        return Matching(poset.best, "sex-equal stable matching")
    difference = (market.applicants.tier - market.priority).astype(np.float64)
    entry = market.entry_at(poset.best)
    at_best = float(difference[entry[entry >= 0]].sum())
    weight = changes(poset, difference)
    order = _order_rows(poset, extra=1)
    edges = order.shape[0]
    # The last column t is at least the difference and its negative.
    matrix = csr_array(np.vstack([order.toarray(), np.append(weight, -1.0), np.append(-weight, -1.0)]))
    program = LinearProgram(
        np.append(np.zeros(count), 1.0),
        matrix,
        np.full(edges + 2, -np.inf),
        np.append(np.zeros(edges), [-at_best, at_best]),
        np.zeros(count + 1),
        np.append(np.ones(count), np.inf),
        integer=np.append(np.ones(count, np.bool_), False),
    )
    closed = _as_bits(_solve(program)[:count])
    return Matching(poset.eliminate(closed), "sex-equal stable matching")


def total_ranks(market: Market, assignment: IntArray) -> tuple[int, int]:
    """The sums of ranks (1 for a first choice) of matched applicants, and of programs over whom they admit."""
    entry = market.entry_at(assignment)
    entry = entry[entry >= 0]
    return int((market.applicants.tier[entry] + 1).sum()), int((market.priority[entry] + 1).sum())
