"""The optimal auction for bidders with constant relative risk aversion of their wealth (Maskin and Riley, 1984).

n like bidders of value θ_k have utility u of money (`amd.classics.utility`). A bidder that wins with probability G
pays b when it wins and a when it loses; y = θ − b and z = −a are its money then. With X = G u(y), Y = (1 − G) u(z), and
c the inverse of u,

    revenue from it    θG − G c(X/G) − (1 − G) c(Y/(1 − G))
    participation      X_k + Y_k ≥ 0
    k bids as l        X_k + Y_k ≥ G_l h(X_l/G_l) + Y_l,   h(x) = u(θ_k − θ_l + c(x)).

c is convex because u is concave, so revenue is concave. h'(x) = u'(Δ + y)/u'(y) with y = c(x) and Δ = θ_k − θ_l, and
h'' has the sign of A(y) − A(Δ + y) for the absolute risk aversion A = −u''/u'. A falls here, so h is convex for Δ > 0:
*downward* incentives are convex constraints, upward ones are not. The program has all downward ones and no upward one,
and the result is refused unless every upward one holds; then it is optimal. (With increasing absolute risk aversion the
downward ones would not be convex, and this method says nothing.) Payments that are random given winning or losing are
no better: they cost more for the same X, and by the convexity of h give a higher type that bids as l more. Feasibility
is Border's condition for the sets of highest types, which suffices where G is nondecreasing; that is checked, too. With
little aversion an irregular prior fails it: pooling needs upward incentives, which this program does not have.

Every convex function is of one ratio, so it is replaced by tangents, more of them where the last solution needs them
(Kelley, 1960): a sequence of linear programs, whose optimum is an upper bound that falls to the best revenue.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array, vstack

from amd.classics.arrays import Numbers, prior
from amd.classics.risk import NEGLIGIBLE, RiskAverseAuction
from amd.classics.utility import Utility
from amd.model.numbers import FloatArray, IntArray
from solvers import LinearProgram, Settings, Solution, SolverError, Status, get

ROUNDS = 200
FIRST = 24  # tangents of each function to begin with
MOST = 1e3  # times the highest value: money that is never paid
ACCURACY = 1e-8  # of utilities and money relative to the highest value, in the end


@dataclass(frozen=True, eq=False)
class _Terms:
    """Convex functions V ≥ P·e(X/P), one an entry: columns of V and X, of G in P, whether P = 1 − G, and Δ.

    e is h with this Δ, or the inverse c of utility where Δ is NaN.
    """

    value: IntArray
    utility: IntArray
    share: IntArray
    losing: FloatArray
    step: FloatArray


def relative_risk_auction(
    values: Numbers,
    probability: Numbers | None = None,
    bidders: int = 2,
    risk_aversion: float = 1.0,
    wealth: float = 1.0,
    solver: str = "highs",
    settings: Settings = Settings(),
) -> RiskAverseAuction:
    """The revenue-maximising auction for `bidders` like bidders of this relative risk aversion γ > 0 of their wealth.

    `revenue` is what the mechanism earns, within about 1e-7 of the highest value of the best. Raises ValueError for a
    bad prior, γ ≤ 0, no wealth or no bidder; SolverError when the solver fails, or where an upward incentive is
    violated or the chance to win falls with the value, which this program does not settle.
    """
    v, f = (array.astype(np.float64) for array in prior(values, probability))
    if risk_aversion <= 0 or wealth <= 0 or bidders < 1:
        raise ValueError("risk aversion and wealth must be positive, and there must be a bidder")
    utility = Utility(risk_aversion, wealth)
    x = _solve(v, f, bidders, utility, solver, settings)
    win, wins, loses = x[: 3 * len(v)].reshape(3, -1)
    high, low = _money(utility, wins, win), _money(utility, loses, 1 - win)
    _refuse(v, win, high, low, utility)
    paid = np.where(win > NEGLIGIBLE, win * (v - high), 0.0) - np.where(win < 1 - NEGLIGIBLE, (1 - win) * low, 0.0)
    return RiskAverseAuction(v, win, v - high, -low, float(bidders * (f @ paid)))


def _money(utility: Utility, total: FloatArray, share: FloatArray) -> FloatArray:
    sure = share > NEGLIGIBLE
    return np.where(sure, utility.inverse(np.where(sure, total, 0.0) / np.where(sure, share, 1.0)), np.nan)


def _refuse(v: FloatArray, win: FloatArray, high: FloatArray, low: FloatArray, utility: Utility) -> None:
    """Participation and every incentive, up and down, in the original functions; and the order of chances to win."""
    chance = np.where(np.isnan(high), 0.0, win)
    money = np.where(np.isnan(high), 0.0, high)
    rest = np.where(np.isnan(low), 0.0, (1 - win) * utility.of(np.where(np.isnan(low), 0.0, low)))
    told = chance * utility.of(v[:, None] - v[None, :] + money) + rest
    gain = float((np.maximum(told, 0.0) - np.diag(told)[:, None]).max())
    if gain > 10 * NEGLIGIBLE * float(v[-1]):
        raise SolverError(f"a type would gain {gain:.3g} by another bid or none: this program does not settle it")
    if (np.diff(win) < -NEGLIGIBLE).any():
        raise SolverError("the chance to win falls with the value: this program does not settle such a prior")


def _solve(v: FloatArray, f: FloatArray, n: int, utility: Utility, solver: str, settings: Settings) -> FloatArray:
    program, terms = _program(v, f, n)
    top = float(v[-1])
    low = max(-0.9 * utility.wealth, -top)
    money = np.tile(np.linspace(low, top, FIRST), (len(terms.value), 1))
    rows = [_tangents(terms, np.repeat(np.arange(len(money)), FIRST), money.ravel(), utility, program.matrix.shape[1])]
    for _ in range(ROUNDS):
        solution = get(solver).solve(_with(program, rows), settings)
        x = _optimal(solution)
        share = np.where(terms.losing > 0, 1 - x[terms.share], x[terms.share])
        ratio = x[terms.utility] / np.maximum(share, NEGLIGIBLE)
        at = np.clip(utility.inverse(ratio), -utility.wealth * (1 - 1e-6), MOST * top)
        value, slope = _function(terms, at, utility)
        short = value * share + slope * (x[terms.utility] - share * utility.of(at)) - x[terms.value]
        missing = np.flatnonzero(short > ACCURACY * top)
        if not len(missing):
            return x
        rows.append(_tangents(terms, missing, at[missing], utility, len(x)))
    raise SolverError(f"tangents did not settle in {ROUNDS} rounds")


def _optimal(solution: Solution) -> FloatArray:
    if solution.status is not Status.OPTIMAL or solution.x is None:
        raise SolverError(f"no optimal auction was found: {solution.status.value}")
    return solution.x


def _function(terms: _Terms, money: FloatArray, utility: Utility) -> tuple[FloatArray, FloatArray]:
    """(e, e') at the utility of this money, one entry a term."""
    inverse = np.isnan(terms.step)
    moved = money + np.where(inverse, 0.0, terms.step)
    slope = utility.slope(money)
    value = np.where(inverse, money, utility.of(moved))
    return value, np.where(inverse, 1.0, utility.slope(moved)) / slope


def _tangents(
    terms: _Terms, which: IntArray, money: FloatArray, utility: Utility, columns: int
) -> tuple[csr_array, FloatArray]:
    """Rows V − e'X − (e − e'x)P ≥ 0 of the terms `which` at these amounts of money, with P = G or 1 − G."""
    chosen = _Terms(*(getattr(terms, name)[which] for name in terms.__dataclass_fields__))
    value, slope = _function(chosen, money, utility)
    rest = value - slope * utility.of(money)
    sign = np.where(chosen.losing > 0, -1.0, 1.0)
    index = np.arange(len(which))
    data = np.concatenate([np.ones(len(which)), -slope, -rest * sign])
    place = np.concatenate([chosen.value, chosen.utility, chosen.share])
    matrix = csr_array((data, (np.tile(index, 3), place)), shape=(len(which), columns))
    return matrix, np.where(chosen.losing > 0, rest, 0.0)


def _with(program: LinearProgram, rows: list[tuple[csr_array, FloatArray]]) -> LinearProgram:
    below = np.concatenate([lower for _, lower in rows])
    return LinearProgram(
        program.cost,
        csr_array(vstack([program.matrix, *(matrix for matrix, _ in rows)])),
        np.concatenate([program.row_lower, below]),
        np.concatenate([program.row_upper, np.full(len(below), np.inf)]),
        program.column_lower,
        program.column_upper,
        maximize=True,
    )


def _program(v: FloatArray, f: FloatArray, n: int) -> tuple[LinearProgram, _Terms]:
    """Columns G, X, Y, C, D (K,) and M, one a pair of a higher and a lower type, with the linear rows and the terms."""
    K = len(v)
    higher, lower = np.tril_indices(K, -1)
    G, X, Y, C, D = np.arange(5 * K).reshape(5, K)
    M = 5 * K + np.arange(len(higher))
    size, top = 5 * K + len(M), float(v[-1])
    border = np.zeros((K, size))
    border[:, :K] = np.triu(np.tile(n * f, (K, 1)))
    taking_part = np.zeros((K, size))
    taking_part[np.arange(K), X] = taking_part[np.arange(K), Y] = 1
    honest = np.zeros((len(M), size))
    pair = np.arange(len(M))
    honest[pair, X[higher]] = honest[pair, Y[higher]] = 1
    honest[pair, Y[lower]] = honest[pair, M] = -1
    below = np.concatenate([[0.0], np.cumsum(f)[:-1]])
    cost = np.zeros(size)
    cost[G], cost[C], cost[D] = n * f * v, -n * f, -n * f
    bound = np.full(size, MOST * top)
    least = -bound
    least[G], bound[G] = 0.0, 1.0
    program = LinearProgram(
        cost,
        csr_array(np.vstack([border, taking_part, honest])),
        np.concatenate([np.full(K, -np.inf), np.zeros(K + len(M))]),
        np.concatenate([1 - below**n, np.full(K + len(M), np.inf)]),
        least,
        bound,
        maximize=True,
    )
    nothing = np.full(K, np.nan)
    terms = _Terms(
        np.concatenate([C, D, M]),
        np.concatenate([X, Y, X[lower]]),
        np.concatenate([G, G, G[lower]]),
        np.concatenate([np.zeros(K), np.ones(K), np.zeros(len(M))]),
        np.concatenate([nothing, nothing, v[higher] - v[lower]]),
    )
    return program, terms
