"""Core-selecting payments of least revenue, nearest to VCG (Day and Raghavan, 2007; Day and Cramton, 2012).

A coalition C of bidders blocks payments p if it could offer the seller more than the winners W pay. The core asks that

    Σ_{i ∈ W∖C} p_i ≥ w(C) − Σ_{i ∈ W∩C} bid_i    (net of reserves) for every C,

with w(C) the best value of C's bids. Coalitions are generated while some block (`amd.auctions.blocking`), beginning
with those that the VCG payments come from. A linear program finds the least total payment, and a least-squares problem
the point of that total nearest to VCG; both grow by the coalitions, until none blocks.
Payments are in double precision, and the last winner determination proves that nobody blocks by more than `BLOCKING`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import nnls
from scipy.sparse import csr_array

from amd.auctions.bids import CombinatorialAuction
from amd.auctions.blocking import Blockers, Coalition, Position, bargaining
from amd.auctions.vickrey import Vickrey
from amd.auctions.winner import Winners
from amd.model.numbers import FloatArray
from solvers import LinearProgram, Settings, SolverError, Status, get

BLOCKING = 1e-7  # relative to the value: a coalition's advantage below this is rounding
ROUNDS = 1000


@dataclass(frozen=True, eq=False)
class CorePayments:
    """`payments` (N,), the `coalitions` that were generated, and the most that any coalition gains by `blocking`."""

    payments: FloatArray
    coalitions: tuple[Coalition, ...]
    blocking: float
    proven: bool


def core_payments(
    auction: CombinatorialAuction,
    winners: Winners,
    vickrey: Vickrey,
    solver: str = "highs",
    settings: Settings = Settings(),
) -> CorePayments:
    """The core payments of least revenue nearest to VCG.

    `settings.time_limit` holds for each search for coalitions; when it ends one that has found none, `proven` is False.
    Where the winners themselves are not proven there may be no core payments: VCG payments come back, not proven.
    Raises SolverError where generation does not end.
    """
    position = bargaining(auction, winners, vickrey)
    payments = position.vickrey
    if not winners.proven:
        return CorePayments(payments, (), winners.bound - float((payments - position.reserve).sum()), False)
    limit = BLOCKING * max(float(winners.value), 1e-300)
    blockers = Blockers(position, limit, solver, settings)
    known = map(position.coalition, vickrey.allocations)
    strongest: dict[frozenset[int], Coalition] = {}
    if _strengthen(strongest, (each for each in known if position.advantage(each, payments) > limit), position, limit):
        payments = _nearest(position, list(strongest.values()), solver)
    for _ in range(ROUNDS):
        blocking = blockers.find(payments)
        if not blocking.coalitions:
            proven = blocking.proven and vickrey.proven
            return CorePayments(payments, tuple(strongest.values()), max(blocking.bound, 0.0), proven)
        if not _strengthen(strongest, blocking.coalitions, position, limit):
            raise SolverError(f"core payments: rounding leaves a coalition that gains {blocking.advantage:g}")
        payments = _nearest(position, list(strongest.values()), solver)
    raise SolverError(f"core payments: more than {ROUNDS} rounds of coalitions restrict them")


def _strengthen(
    strongest: dict[frozenset[int], Coalition], found: Iterable[Coalition], position: Position, limit: float
) -> bool:
    """Whether any coalition asks more than the known one with the same winners, which it then replaces."""
    grown = False
    for coalition in found:
        inside = frozenset(coalition.members) & frozenset(position.who.tolist())
        if inside not in strongest or coalition.least > strongest[inside].least + limit / 4:
            strongest[inside] = coalition
            grown = True
    return grown


def _nearest(position: Position, coalitions: list[Coalition], solver: str) -> FloatArray:
    who = position.who
    low, high = position.vickrey[who], np.maximum(position.offered[who], position.vickrey[who])
    pays = np.array([[float(i not in coalition.members) for i in who] for coalition in coalitions])
    least = np.array([coalition.least for coalition in coalitions])
    payments = np.zeros(len(position.offered))
    payments[who] = nearest_to_vcg(low, high, pays, least, solver)
    return payments


def nearest_to_vcg(
    low: FloatArray, high: FloatArray, pays: FloatArray, least: FloatArray, solver: str = "highs"
) -> FloatArray:
    """Payments (n,) of least total, then nearest to `low` (n,), with low <= p <= `high` (n,) and pays @ p >= least.

    `pays` (m, n) says who pays for each coalition to stay, `least` (m,) how much. Raises SolverError where there are
    none.
    """
    scale = max(float(high.max()), 1e-300)
    room, need = (high - low) / scale, (least - pays @ low) / scale
    total = _least_total(pays, need, room, solver)
    count = len(low)
    G = np.vstack([pays, np.eye(count), -np.eye(count), -np.ones((1, count))])
    h = np.concatenate([need, np.zeros(count), -room, [-(total + 1e-10)]])
    return np.asarray(low + scale * np.clip(least_distance(G, h), 0.0, room))


def _least_total(pays: FloatArray, need: FloatArray, room: FloatArray, solver: str) -> float:
    count = len(room)
    program = LinearProgram(
        cost=np.ones(count),
        matrix=csr_array(pays),
        row_lower=need,
        row_upper=np.full(len(need), np.inf),
        column_lower=np.zeros(count),
        column_upper=room,
    )
    solution = get(solver).solve(program, Settings())
    if solution.status is not Status.OPTIMAL or solution.objective is None:
        raise SolverError(f"core payments: {solution.status.value}")
    return solution.objective


def least_distance(G: FloatArray, h: FloatArray) -> FloatArray:
    """The shortest x with G @ x >= h, by nonnegative least squares (Lawson and Hanson, 1974, chapter 23).

    Raises SolverError when no x meets the rows.
    """
    E = np.vstack([G.T, h])
    target = np.append(np.zeros(G.shape[1]), 1.0)
    u, _ = nnls(E, target, maxiter=50 * E.shape[1])
    residual = E @ u - target
    if abs(residual[-1]) < 1e-14:
        raise SolverError("core payments: no payments meet all coalitions")
    return np.asarray(-residual[:-1] / residual[-1])
