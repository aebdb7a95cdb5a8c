"""Optimal income taxation with finitely many abilities (Mirrlees, 1971; Weymark, 1986, for finite types).

A person of ability w_k who earns y works y/w_k and suffers (y/w_k)²/2. A tax schedule is a menu of pairs of earnings
and consumption; by the revelation principle it is a direct mechanism, and what must hold is that nobody prefers another
type's pair. With θ_k = 1/w_k², consumption utility a and b = y²/2, utility is a − θ_k b, so incentives between
neighbours imply all others, because θ falls strictly.

* Utility linear in consumption: exact. With welfare weights λ that do not rise in ability the downward incentives bind,
  and type k earns y_k = 1/θ̂_k with the *virtual* disutility θ̂_k = θ_k + (Λ_k − F_k)(θ_k − θ_{k+1})/f_k, ironed where
  it rises.
* Utility log(consumption): a convex program in (a, b).

Either way the highest ability faces no marginal tax, and no ability a negative one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import block_array, csr_array, diags_array, eye_array

from amd.classics.arrays import Array, Number, Numbers, number, numbers, prior
from amd.classics.virtual import iron
from amd.pictures import Pictured
from solvers import Cone, ConeKind, LinearProgram, Settings, SolverError, Status, get


@dataclass(frozen=True, eq=False)
class Tax(Pictured):
    """The best schedule, one entry an ability: `earnings`, `consumption`, `utility`, the `tax` paid and the `marginal`
    rate.

    `marginal` is 1 less the person's marginal rate of substitution of consumption for earnings. `welfare` Σ f λ u.
    """

    ability: Array
    earnings: Array
    consumption: Array
    utility: Array
    marginal: Array
    welfare: Any

    @property
    def tax(self) -> Array:
        """Earnings less consumption."""
        return np.asarray(self.earnings - self.consumption)


def quasilinear_tax(
    ability: Numbers, probability: Numbers | None = None, weights: Numbers | None = None, spending: Number = 0
) -> Tax:
    """The best tax when utility is consumption − (y/w)²/2, exact for exact input.

    `weights` λ (K,), nonincreasing, scaled so that Σ f λ = 1 (default equal); `spending` is what the state needs a
    head.
    Raises ValueError for weights that rise or are negative.
    """
    w, f = prior(ability, probability)
    welfare_weights = _weights(weights, f)
    theta = 1 / (w * w)
    steps = np.append(theta[:-1] - theta[1:], 0 * theta[:1])
    excess = np.cumsum(f * welfare_weights) - np.cumsum(f)
    virtual = theta + excess * steps / f
    earnings = 1 / -iron(-virtual, f)[0]
    effort = earnings * earnings / 2
    rent = np.append(0 * effort[:1], np.cumsum((steps * effort)[:-1]))
    lowest = (f * (earnings - theta * effort - rent)).sum() - number(spending)
    utility = lowest + rent
    return Tax(
        w, earnings, utility + theta * effort, utility, 1 - theta * earnings, (f * welfare_weights * utility).sum()
    )


def _weights(weights: Numbers | None, f: Array) -> Array:
    given = numbers([1] * len(f) if weights is None else weights, "weights")
    if given.shape != f.shape or (given < 0).any() or not given.any() or (np.diff(given) > 0).any():
        raise ValueError("the welfare weights must be nonnegative, one an ability, and not rise with ability")
    return np.asarray(given / (f * given).sum() + 0 * f)


def logarithmic_tax(
    ability: Numbers,
    probability: Numbers | None = None,
    weights: Numbers | None = None,
    spending: Number = 0,
    solver: str = "cvxpy",
    settings: Settings = Settings(tolerance=1e-8),
) -> Tax:
    """The best tax when utility is log(consumption) − (y/w)²/2, by convex programming in double precision.

    Columns, each (K,): a = log-consumption utility, b = y²/2, y, c, with c ≥ exp(a) and y² ≤ 2b as cones; both bind at
    an optimum. Raises ValueError for bad weights, SolverError when the solver finds no optimum (such as spending that
    cannot be financed).
    """
    w, f = (array.astype(np.float64) for array in prior(ability, probability))
    welfare_weights = _weights(weights, f).astype(np.float64)
    program = _log_program(w, f, welfare_weights, float(number(spending)))
    solution = get(solver).solve(program, settings)
    if solution.status is not Status.OPTIMAL or solution.x is None:
        raise SolverError(f"no optimal tax was found: {solution.status.value}")
    a, b, y, c = solution.x[: 4 * len(w)].reshape(4, -1)
    utility = a - b / w**2
    return Tax(w, y, c, utility, 1 - y / w**2 * c, float(f * welfare_weights @ utility))


def _log_program(w: Array, f: Array, weights: Array, spending: float) -> LinearProgram:
    """Columns, each (K,): a, b, y, c, b + 1/2, b − 1/2 and ones. Columns in cones have no bounds of their own."""
    K = len(w)
    theta, eye = 1 / w**2, eye_array(K, format="csr")
    a, b, y, c, plus, minus, one = np.arange(7 * K).reshape(7, K)
    step = (eye_array(K, k=1, format="csr") - eye)[: K - 1]  # the neighbour above less this one
    blocks = [
        [-step, diags_array(theta[:-1]) @ step, None, None, None, None, None],
        [step, -diags_array(theta[1:]) @ step, None, None, None, None, None],
        [csr_array((1, K)), None, f[None, :], -f[None, :], None, None, None],
        [None, -eye, None, None, eye, None, None],
        [None, -eye, None, None, None, eye, None],
        [None, None, None, None, None, None, eye],
    ]
    half, free = np.full(K, 0.5), np.full(7 * K, np.inf)
    fixed = np.concatenate([half, -half, np.ones(K)])
    cost = np.zeros(7 * K)
    cost[a], cost[b] = f * weights, -f * weights * theta
    cones = [Cone(ConeKind.EXPONENTIAL, (int(a[k]), int(one[k]), int(c[k]))) for k in range(K)]
    cones += [Cone(ConeKind.SECOND_ORDER, (int(plus[k]), int(y[k]), int(minus[k]))) for k in range(K)]
    return LinearProgram(
        cost,
        csr_array(block_array(blocks if K > 1 else blocks[2:], format="csr")),
        np.concatenate([np.zeros(2 * (K - 1)), [spending], fixed]),
        np.concatenate([np.full(2 * K - 1, np.inf), fixed]),
        -free,
        free,
        maximize=True,
        cones=tuple(cones),
    )
