"""Stable matchings under ties: weak, strong and super stability as one integer program, and super stability directly.

For a pair e of applicant a and program p with c places write A> and A≥ for the matched entries of a that are better
than, or at least as good as, e; P> and P≥ likewise on the list of p. With 0/1 variables (pairs of their own included in
A≥ and P≥, so that a matched pair never blocks)

* weak:    c A≥ + P≥ ≥ c                                     (Kwanashie and Manlove 2014)
* strong:  c A≥ + P> ≥ c  and  c (A> + x) + P≥ ≥ c
* super:   c (A> + x) + P> ≥ c

say exactly that e does not block. A weakly stable matching always exists, the largest is NP-hard to find (Manlove et
al. 2002); strongly and super stable ones may not exist, and all of them have the same size (Irving, Manlove and Scott
2000).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array, diags_array, eye_array, vstack

from amd.matching.audit import Stability
from amd.matching.chosen import FloatArray
from amd.matching.market import UNMATCHED, Market, Matching
from amd.matching.program_parts import list_prefixes, program_prefixes, solve, sums_by
from solvers import LinearProgram, Settings, SolverError, Status


@dataclass(frozen=True, eq=False)
class TiesAnswer:
    """`matching` is None where none exists; `proven` is false when a time limit cut the search short, and then `bound`
    is how large a matching may still be."""

    matching: Matching | None
    proven: bool
    bound: int


def largest_stable(
    market: Market,
    notion: Stability = Stability.WEAK,
    cost: FloatArray | None = None,
    settings: Settings = Settings(),
) -> TiesAnswer:
    """The largest matching that is stable in the sense of `notion`, proven, or the proof by search that there is none.

    With `cost` (k,) at the entries of the applicants' lists, the cheapest instead (of any size).
    """
    program = stability_program(market, notion, cost)
    solution = solve(program, settings)
    method = f"largest matching, {notion.name.lower()} stability" if cost is None else "cheapest stable matching"
    if solution.status is Status.INFEASIBLE:
        return TiesAnswer(None, True, 0)
    if solution.x is None:
        if solution.status is Status.LIMIT:
            return TiesAnswer(None, False, market.applicant_count)
        raise SolverError(f"no answer on stable matchings: {solution.status.value}; {solution.message}")
    chosen = np.flatnonzero(solution.x > 0.5)
    assignment = np.full(market.applicant_count, UNMATCHED, np.int64)
    assignment[market.applicants.owner[chosen]] = market.applicants.choice[chosen]
    bound = solution.bound if solution.bound is not None else market.applicant_count
    return TiesAnswer(Matching(assignment, method), solution.status is Status.OPTIMAL, int(np.floor(bound + 1e-6)))


def stability_program(market: Market, notion: Stability, cost: FloatArray | None = None) -> LinearProgram:
    """The integer program over pairs: places, and that no pair blocks."""
    lists, k = market.applicants, market.applicants.entries
    blocks = stability_rows(market, notion)
    places = market.capacity[lists.choice].astype(np.float64)
    matrix = vstack(
        [sums_by(lists.owner, market.applicant_count), sums_by(lists.choice, market.program_count), *blocks],
        format="csr",
    )
    upper = np.concatenate([np.ones(market.applicant_count), market.capacity, np.full(len(blocks) * k, np.inf)])
    lower = np.concatenate([np.full(market.applicant_count + market.program_count, -np.inf), *[places] * len(blocks)])
    return LinearProgram(
        np.ones(k) if cost is None else cost,
        csr_array(matrix),
        lower,
        upper.astype(np.float64),
        np.zeros(k),
        np.ones(k),
        integer=np.ones(k, np.bool_),
        maximize=cost is None,
    )


def stability_rows(market: Market, notion: Stability) -> list[csr_array]:
    """Matrices (k, k) whose rows, at least the number of places of the pair's program, say that no pair blocks."""
    places = diags_array(market.capacity[market.applicants.choice].astype(np.float64))
    itself = eye_array(market.applicants.entries, format="csr")
    ours, theirs = list_prefixes(market.applicants, True), program_prefixes(market, True)
    if notion is Stability.WEAK:
        return [csr_array(places @ ours + theirs)]
    ours_better, theirs_better = list_prefixes(market.applicants, False), program_prefixes(market, False)
    if notion is Stability.STRONG:
        return [csr_array(places @ ours + theirs_better), csr_array(places @ (ours_better + itself) + theirs)]
    return [csr_array(places @ (ours_better + itself) + theirs_better)]
