"""The best auction of one good when the prior is only known to be one of several: greatest worst-case revenue.

The mechanism is dominant-strategy incentive compatible with ex post participation, so it does not lean on a prior. Its
greatest payments are p_i = v_k Q_i(k) − Σ_{l<k} (v_{l+1} − v_l) Q_i(l), whatever the prior; revenue under each prior is
then linear in the allocation Q, and its least value over the priors is maximised by one linear program. By duality the
answer is also the least optimal revenue over mixtures of the priors, and the multipliers are the least favourable
mixture.
Priors are joint, so correlated ones are allowed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import coo_array, csr_array, eye_array, kron, vstack

from amd.classics.arrays import Numbers, numbers, require_prior
from amd.classics.payments import greatest_payments
from amd.model.numbers import FloatArray
from amd.pictures import Pictured
from solvers import LinearProgram, Settings, SolverError, Status, get


@dataclass(frozen=True, eq=False)
class RobustAuction(Pictured):
    """`allocation` and `payments` (K_1, …, K_n, n), the guaranteed `revenue`, that `under` each prior (P,), and the
    least favourable `mixture` of the priors (P,)."""

    allocation: FloatArray
    payments: FloatArray
    revenue: float
    under: FloatArray
    mixture: FloatArray


def robust_auction(
    values: Sequence[Numbers], priors: Sequence[Any], solver: str = "highs", settings: Settings = Settings()
) -> RobustAuction:
    """The auction of greatest worst-case revenue. `values[i]` (K_i,) rising, each prior (K_1, …, K_n).

    Raises ValueError for bad values or priors, SolverError when the solver finds no optimum.
    """
    grids = [numbers(v).astype(np.float64) for v in values]
    tables = [np.asarray(numbers(p, "prior"), dtype=np.float64) for p in priors]
    _require(grids, tables)
    gains = np.stack([_virtual_revenue(grids, table) for table in tables])
    program = _program(grids, gains)
    solution = get(solver).solve(program, settings)
    if solution.status is not Status.OPTIMAL or solution.x is None or solution.row_dual is None:
        raise SolverError(f"no optimal auction was found: {solution.status.value}")
    shape = tuple(len(v) for v in grids)
    allocation = np.moveaxis(solution.x[:-1].reshape(len(grids), *shape), 0, -1)
    monotone = _monotone(allocation)
    payments = np.stack([greatest_payments(v, monotone[..., i], axis=i) for i, v in enumerate(grids)], axis=-1)
    under = np.array([(table[..., None] * payments).sum() for table in tables])
    mixture = np.abs(solution.row_dual[: len(tables)])
    return RobustAuction(monotone, payments, float(under.min()), under, mixture)


def _monotone(allocation: FloatArray) -> FloatArray:
    """Rounds the solver's last digits away so that each bidder's chance never falls in its own value."""
    columns = [np.maximum.accumulate(np.clip(allocation[..., i], 0, 1), axis=i) for i in range(allocation.shape[-1])]
    rising = np.stack(columns, axis=-1)
    return np.asarray(rising / max(1.0, float(rising.sum(axis=-1).max())))


def _require(grids: list[FloatArray], tables: list[FloatArray]) -> None:
    if not grids or not tables:
        raise ValueError("there must be a bidder and a prior")
    for v in grids:
        require_prior(v, np.full(len(v), 1 / len(v)))
    shape = tuple(len(v) for v in grids)
    for position, table in enumerate(tables):
        if table.shape != shape or (table < 0).any() or abs(table.sum() - 1) > 1e-12:
            raise ValueError(f"prior {position + 1} must be {shape} probabilities that sum to 1")


def _virtual_revenue(grids: list[FloatArray], table: FloatArray) -> FloatArray:
    """(n, *shape): the coefficient of Q_i(θ) in revenue: v p(θ) − (v⁺ − v)·Pr[own value higher, the others the
    same].
    """
    rows = []
    for i, v in enumerate(grids):
        shape = [-1 if j == i else 1 for j in range(len(grids))]
        above = np.flip(np.cumsum(np.flip(table, i), axis=i), i) - table
        step = np.append(np.diff(v), 0.0)
        rows.append(v.reshape(shape) * table - step.reshape(shape) * above)
    return np.stack(rows)


def _program(grids: list[FloatArray], gains: FloatArray) -> LinearProgram:
    """Columns Q (n·|Θ|, agent by agent) and the guaranteed revenue; rows: priors, supply, monotonicity."""
    n, shape = len(grids), tuple(len(v) for v in grids)
    size = int(np.prod(shape))
    index = np.arange(n * size).reshape(n, *shape)
    priced = csr_array(np.hstack([gains.reshape(len(gains), -1), -np.ones((len(gains), 1))]))
    supply = kron(np.ones((1, n)), eye_array(size), format="csr")
    pairs = [(np.delete(index[i], 0, i).ravel(), np.delete(index[i], -1, i).ravel()) for i in range(n)]
    upper, lower = (np.concatenate([pair[side] for pair in pairs]) for side in (0, 1))
    row = np.arange(len(upper))
    data = np.concatenate([np.ones(len(row)), -np.ones(len(row))])
    rising = coo_array((data, (np.tile(row, 2), np.concatenate([upper, lower]))), shape=(len(row), n * size))
    rest = csr_array(vstack([supply, rising], format="csr"))
    rest.resize((rest.shape[0], n * size + 1))
    matrix = csr_array(vstack([priced, rest], format="csr"))
    return LinearProgram(
        cost=np.append(np.zeros(n * size), 1.0),
        matrix=matrix,
        row_lower=np.concatenate([np.zeros(len(gains)), np.full(size, -np.inf), np.zeros(len(row))]),
        row_upper=np.concatenate([np.full(len(gains), np.inf), np.ones(size), np.full(len(row), np.inf)]),
        column_lower=np.append(np.zeros(n * size), -np.inf),
        column_upper=np.append(np.ones(n * size), np.inf),
        maximize=True,
    )
