"""Assignment markets: unit demand, unit supply and money (Shapley and Shubik 1971).

The core is the set of optimal duals of the assignment program, and a lattice: one of its corners is best for all
buyers, the opposite one for all sellers. At the sellers' worst prices a buyer pays what its presence costs the others
(Leonard 1983; Demange, Gale and Sotomayor 1986).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_array, vstack

from amd.matching.market import UNMATCHED, IntArray, MarketError
from amd.matching.program_parts import FloatArray, solve, sums_by
from solvers import LinearProgram, SolverError, Status


@dataclass(frozen=True, eq=False)
class CorePrices:
    """Utilities of buyers (n,) and prices of goods (m,), net of the sellers' own values."""

    utility: FloatArray
    price: FloatArray


@dataclass(frozen=True, eq=False)
class AssignmentMarket:
    """`good` (n,): each buyer's, -1 for none; `surplus` the greatest total; the two corners of the core."""

    good: IntArray
    surplus: float
    buyers_best: CorePrices
    sellers_best: CorePrices


def assignment_market(value: ArrayLike, cost: ArrayLike | None = None) -> AssignmentMarket:
    """Solve the market of n buyers and m goods.

    `value` (n, m): what each good is worth to each buyer; `cost` (m,): to its seller (default 0). Prices include the
    seller's value. Raises MarketError on wrong shapes or numbers that are not finite.
    """
    values = np.asarray(value, np.float64)
    costs = np.zeros(values.shape[-1]) if cost is None else np.asarray(cost, np.float64)
    if values.ndim != 2 or costs.shape != values.shape[1:]:
        raise MarketError(f"values of shape {values.shape} and costs of shape {costs.shape} do not fit")
    if not (np.isfinite(values).all() and np.isfinite(costs).all()):
        raise MarketError("a value or a cost is not a finite number")
    gain = np.maximum(values - costs, 0.0)
    primal = _assignment_program(gain)
    solution = solve(primal)
    if solution.status is not Status.OPTIMAL or solution.x is None or solution.objective is None:
        raise SolverError(f"the assignment program failed: {solution.status.value}")
    x = solution.x.reshape(gain.shape)
    good = np.where((x > 0.5).any(1) & (_at(values - costs, x) > 0), x.argmax(1), UNMATCHED)
    corners = [_corner(gain, solution.objective, costs, buyers) for buyers in (True, False)]
    return AssignmentMarket(good, solution.objective, *corners)


def _at(gain: FloatArray, x: FloatArray) -> FloatArray:
    best: FloatArray = (gain * (x > 0.5)).max(1, initial=0.0)
    return best


def _assignment_program(gain: FloatArray) -> LinearProgram:
    n, m = gain.shape
    buyer, good = np.divmod(np.arange(n * m, dtype=np.int32), max(m, 1))
    matrix = csr_array(vstack([sums_by(buyer, n), sums_by(good, m)], format="csr"))
    ones = np.ones(n + m)
    return LinearProgram(
        gain.ravel(), matrix, np.full(n + m, -np.inf), ones, np.zeros(n * m), np.full(n * m, np.inf), maximize=True
    )


def _corner(gain: FloatArray, surplus: float, costs: FloatArray, buyers: bool) -> CorePrices:
    """Of the duals with the optimal value, those that give one side most: u_i + p_j ≥ gain_ij, total = surplus."""
    n, m = gain.shape
    primal = _assignment_program(gain)
    total = csr_array(np.ones((1, n + m)))
    wish = np.concatenate([np.full(n, float(buyers)), np.full(m, float(not buyers))])
    matrix = csr_array(vstack([primal.matrix.T, total], format="csr"))
    program = LinearProgram(
        wish,
        matrix,
        np.append(gain.ravel(), -np.inf),
        np.append(np.full(n * m, np.inf), surplus),
        np.zeros(n + m),
        np.full(n + m, np.inf),
        maximize=True,
    )
    solution = solve(program)
    if solution.status is Status.INFEASIBLE:  # rounding in the surplus: the duals' own value is a little above it
        slack = 1e-9 * max(1.0, abs(surplus))
        solution = solve(replace(program, row_upper=np.append(program.row_upper[:-1], surplus + slack)))
    if solution.status is not Status.OPTIMAL or solution.x is None:
        raise SolverError(f"no core prices: {solution.status.value}")
    return CorePrices(solution.x[:n], solution.x[n:] + costs)
