"""The stable-matching polytope: linear programs over stable matchings, and lotteries from their solutions.

With strict lists and one place each, the points x ≥ 0 with sums at most 1 and, for each pair e,
A≥ + P> ≥ 1 (matched entries at least as good for the applicant, or better for the program) are the convex hull of the
stable matchings (Vande Vate 1989, Rothblum 1992; Roth, Rothblum and Vande Vate 1993). Programs with several places are
split into seats, all in the same order for everybody: stable matchings correspond one to one (Gusfield and Irving 1989,
section 1.6.5), and probabilities of seats add up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array, vstack

from amd.matching.market import UNMATCHED, EntryArray, IntArray, Lists, Market, MarketError, Matching
from amd.matching.program_parts import FloatArray, list_prefixes, program_prefixes, solve, sums_by
from amd.matching.ties import positions
from solvers import LinearProgram, Settings, SolverError, Status

_FLOAT = 1e-7  # answers of the float solver: a point this close to the polytope counts as in it


@dataclass(frozen=True, eq=False)
class Seats:
    """A market in which every place is a program of its own: `program` (seats,) and `entry` (K,), the entry of the
    original applicants' lists behind each entry of the new ones."""

    market: Market
    program: IntArray
    entry: IntArray


def seats(market: Market) -> Seats:
    """Split programs into seats. On applicants' lists a program becomes its seats, first to last; each seat keeps the
    program's list."""
    market.require_strict()
    program = np.repeat(np.arange(market.program_count), market.capacity)
    first = np.concatenate([[0], np.cumsum(market.capacity)])[:-1]
    places = market.capacity[market.applicants.choice]
    entry = np.repeat(np.arange(market.applicants.entries), places)
    choice = (first[market.applicants.choice[entry]] + _count_up(places)).astype(np.int32)
    start = np.concatenate([[0], np.cumsum(places)])[market.applicants.start]
    ours = Lists(start, choice, positions(start))
    lengths = np.diff(market.programs.start)[program]
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    source = np.repeat(market.programs.start[program], lengths) + _count_up(lengths)
    theirs = Lists(offsets, market.programs.choice[source], market.programs.tier[source])
    return Seats(Market(ours, theirs, np.ones(program.size, np.int64)), program, entry)


def _count_up(lengths: IntArray) -> IntArray:
    """0, 1, …, lengths[0] - 1, 0, 1, …"""
    return np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)


def stable_polytope(market: Market, cost: FloatArray, maximize: bool = False) -> LinearProgram:
    """The linear program over the polytope of a strict market with one place each; `cost` (k,) at the entries of the
    applicants' lists. Raises MarketError when a list has a tie or a program several places (use `seats`)."""
    market.require_strict()
    if (market.capacity != 1).any():
        raise MarketError("the polytope is that of one place each: split programs into seats first")
    lists, k = market.applicants, market.applicants.entries
    matrix = vstack(
        [
            sums_by(lists.owner, market.applicant_count),
            sums_by(lists.choice, market.program_count),
            list_prefixes(lists, True) + program_prefixes(market, False),
        ],
        format="csr",
    )
    sums = market.applicant_count + market.program_count
    lower = np.concatenate([np.full(sums, -np.inf), np.ones(k)])
    upper = np.concatenate([np.ones(sums), np.full(k, np.inf)])
    return LinearProgram(cost, csr_array(matrix), lower, upper, np.zeros(k), np.full(k, np.inf), maximize=maximize)


def best_in_polytope(market: Market, cost: FloatArray, maximize: bool = False) -> tuple[FloatArray, float]:
    """Probabilities (k,) at the entries of the applicants' lists, and the value, of a best point of the polytope."""
    split = seats(market)
    solution = solve(stable_polytope(split.market, cost[split.entry], maximize), Settings())
    if solution.status is not Status.OPTIMAL or solution.x is None or solution.objective is None:
        raise SolverError(f"the program over stable matchings failed: {solution.status.value}")
    x = np.bincount(split.entry, solution.x, market.applicants.entries).astype(np.float64)
    return x, solution.objective


def polytope_violation(market: Market, x: FloatArray) -> float:
    """By how much `x` (k,) breaks the inequalities of a market with one place each (0 where it is in the polytope)."""
    return max(0.0, stable_polytope(market, np.zeros(x.size)).violation(x))


@dataclass(frozen=True, eq=False)
class Lottery:
    """Matchings and their probabilities (positive, sum 1)."""

    probability: FloatArray
    matchings: tuple[Matching, ...]


def stable_lottery(market: Market, x: FloatArray) -> Lottery:
    """Write a point of the polytope as a lottery over stable matchings (Teo and Sethuraman 1998, theorem 6).

    Lay each applicant's probabilities along [0, 1), best program first: at every u, giving each applicant the program
    at u is a stable matching. One place each. Raises MarketError when `x` (k,) is not in the polytope.
    """
    excess = polytope_violation(market, x)
    if excess > _FLOAT:
        raise MarketError(f"the probabilities are no mixture of stable matchings: an inequality fails by {excess:.3g}")
    lists = market.applicants
    x = np.where(x > _FLOAT, x, 0.0)
    total = np.bincount(lists.owner, x, lists.count)
    x = x / np.where(total > 0.5, total, 1.0)[lists.owner]  # within the tolerance, each is matched surely or never
    ends = np.cumsum(x) - np.concatenate([[0.0], np.cumsum(x)])[lists.start[lists.owner]]
    cuts = np.unique(np.concatenate([[0.0, 1.0], ends[(x > 0) & (ends > _FLOAT) & (ends < 1 - _FLOAT)]]))
    cuts = cuts[np.append(np.diff(cuts) > _FLOAT, True)]
    middle = (cuts[1:] + cuts[:-1]) / 2
    assignments = [_at(lists, x, ends, u) for u in middle]
    return Lottery(np.diff(cuts) / (cuts[-1] - cuts[0]), tuple(Matching(a, "stable lottery") for a in assignments))


def _at(lists: Lists, x: FloatArray, ends: FloatArray, u: float) -> IntArray:
    assignment = np.full(lists.count, UNMATCHED, np.int64)
    here = (x > 0) & (ends - x <= u) & (u < ends)
    owner: EntryArray = lists.owner[here]
    assignment[owner] = lists.choice[here]
    return assignment
