"""The optimal auction for risk-averse bidders (Maskin and Riley, 1984), constant absolute risk aversion, finite types.
(`amd.classics.relative_risk` has constant relative risk aversion.)

n like bidders of value θ_k have utility (1 − exp(−r·money))/r. A bidder that wins with probability G pays b when it
wins and a when it loses. With X = G e^{rb} and Y = (1 − G) e^{ra} its utility is (1 − e^{−rθ}X − Y)/r: linear, so
incentives are linear in (X, Y), and neighbours imply all others because e^{−rθ} falls strictly. The seller's revenue
from it,

    G b + (1 − G) a = (G/r) log(X/G) + ((1 − G)/r) log(Y/(1 − G)),

is concave in (G, X, Y), being a sum of perspectives of the logarithm, so the best auction is a convex program with
exponential cones. Payments that are random given winning are no better: they only lower the logarithm's argument.
Feasibility is Border's condition for the sets of highest types, which suffices where G is nondecreasing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import coo_array, csr_array

from amd.classics.arrays import Numbers, prior
from amd.model.numbers import FloatArray
from amd.pictures import Pictured
from solvers import Cone, ConeKind, LinearProgram, Settings, SolverError, Status, get


@dataclass(frozen=True, eq=False)
class RiskAverseAuction(Pictured):
    """The best auction, one entry a value: chance to `win`, payment `if_wins`, payment `if_loses`, and the `revenue`.

    Payments are NaN where their event has (numerically) no probability.
    """

    values: FloatArray
    win: FloatArray
    if_wins: FloatArray
    if_loses: FloatArray
    revenue: float


NEGLIGIBLE = 1e-6  # a probability below this leaves its payment undetermined at the solver's tolerance


def risk_averse_auction(
    values: Numbers,
    probability: Numbers | None = None,
    bidders: int = 2,
    risk_aversion: float = 1.0,
    solver: str = "cvxpy",
    settings: Settings = Settings(tolerance=1e-8),
) -> RiskAverseAuction:
    """The revenue-maximising auction for `bidders` like bidders with this coefficient of absolute risk aversion r > 0.

    Raises ValueError for a bad prior, r ≤ 0 or no bidder; SolverError when the solver fails or its allocation is not
    nondecreasing, where the relaxed feasibility would not be enough.
    """
    v, f = (array.astype(np.float64) for array in prior(values, probability))
    if risk_aversion <= 0 or bidders < 1:
        raise ValueError("risk aversion must be positive, and there must be a bidder")
    solution = get(solver).solve(_program(v, f, bidders, risk_aversion), settings)
    if solution.status is not Status.OPTIMAL or solution.x is None or solution.objective is None:
        raise SolverError(f"no optimal auction was found: {solution.status.value}")
    win, high, low = solution.x[: 3 * len(v)].reshape(3, -1)
    if (np.diff(win) < -NEGLIGIBLE).any():
        raise SolverError("the chance to win falls with the value: this program does not settle such a prior")
    return RiskAverseAuction(
        v,
        win,
        _reference(v) + _log_ratio(high, win) / risk_aversion,
        _log_ratio(low, 1 - win) / risk_aversion,
        solution.objective,
    )


def _log_ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    sure = below > NEGLIGIBLE
    return np.asarray(np.where(sure, np.log(np.where(sure, above, 1.0) / np.where(sure, below, 1.0)), np.nan))


def _reference(v: FloatArray) -> float:
    return float(v[0] + v[-1]) / 2


def _program(v: FloatArray, f: FloatArray, n: int, r: float) -> LinearProgram:
    """Columns, each (K,): G, X·e^{−rw}, Y, r·G·(b − w), r·(1 − G)·a, 1 − G; w keeps them near 1."""
    K = len(v)
    win, high, low, paid, fee, lose = np.arange(6 * K).reshape(6, K)
    rows: list[tuple[Any, Any]] = []
    lower: list[float] = []
    upper: list[float] = []
    weight = np.exp(-r * (v - _reference(v)))
    for k, other in [(k, k + 1) for k in range(K - 1)] + [(k + 1, k) for k in range(K - 1)]:
        rows.append(([high[other], low[other], high[k], low[k]], [weight[k], 1, -weight[k], -1]))
    lower += [0.0] * len(rows)
    upper += [np.inf] * len(rows)
    rows += [([high[k], low[k]], [weight[k], 1]) for k in range(K)]  # participation: utility at least 0
    lower += [-np.inf] * K
    upper += [1.0] * K
    below = np.concatenate([[0.0], np.cumsum(f)[:-1]])
    rows += [(win[k:], n * f[k:]) for k in range(K)]  # Border: some bidder of the highest types wins at most surely
    lower += [-np.inf] * K
    upper += (1 - below**n).tolist()
    rows += [([win[k], lose[k]], [1, 1]) for k in range(K)]
    lower += [1.0] * K
    upper += [1.0] * K
    index = np.repeat(np.arange(len(rows)), [len(columns) for columns, _ in rows])
    column = np.concatenate([np.asarray(columns) for columns, _ in rows])
    data = np.concatenate([np.asarray(entries, float) for _, entries in rows])
    matrix = csr_array(coo_array((data, (index, column)), shape=(len(rows), 6 * K)))
    free = np.full(6 * K, np.inf)  # the cones hold every column in its range
    cost = np.zeros(6 * K)
    cost[paid] = cost[fee] = n * f / r
    cost[win] = n * f * _reference(v)
    cones = [Cone(ConeKind.EXPONENTIAL, (int(paid[k]), int(win[k]), int(high[k]))) for k in range(K)]
    cones += [Cone(ConeKind.EXPONENTIAL, (int(fee[k]), int(lose[k]), int(low[k]))) for k in range(K)]
    return LinearProgram(
        cost,
        matrix,
        np.array(lower),
        np.array(upper),
        -free,
        free,
        maximize=True,
        cones=tuple(cones),
    )
