"""Core-selecting payments of least revenue, nearest to VCG (Day and Raghavan, 2007; Day and Cramton, 2012).

A coalition C of bidders blocks payments p if it could offer the seller more than the winners W pay. The core asks that

    Σ_{i ∈ W∖C} p_i ≥ w(C) − Σ_{i ∈ W∩C} bid_i    (net of reserves) for every C,

with w(C) the best value of C's bids. The most violated coalition is found by a winner determination in which every
winner is charged its present surplus for taking part: once for all its bids. Tabu search finds most coalitions; only
where it finds none is the proof tried. A linear program finds the least total
payment, and a least-squares problem the point of that total nearest to VCG; both grow by the coalition, until none
blocks.
Payments are in double precision, and the last winner determination proves that nobody blocks by more than `BLOCKING`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import nnls
from scipy.sparse import block_array, coo_array, csr_array

from amd.auctions.bids import CombinatorialAuction
from amd.auctions.cliques import conflict_graph
from amd.auctions.local import fill, improve
from amd.auctions.packing import Packing, pack, pairwise, tighten
from amd.auctions.vickrey import Vickrey, totals, winning_bidders
from amd.auctions.winner import Winners, bid_packing
from amd.model.numbers import FloatArray, IntArray
from solvers import LinearProgram, Settings, SolverError, Status, get

BLOCKING = 1e-7  # relative to the value: a coalition's advantage below this is rounding
ROUNDS = 1000
ATTEMPTS = 8  # of tabu search for coalitions, before a proof is tried
STEPS = 800  # in each


@dataclass(frozen=True, eq=False)
class Coalition:
    """A coalition that restricts the payments: its `members` (positions), and the `least` that other winners pay."""

    members: tuple[int, ...]
    least: float


@dataclass(frozen=True, eq=False)
class CorePayments:
    """`payments` (N,), the `coalitions` that were generated, and the most that any coalition gains by `blocking`."""

    payments: FloatArray
    coalitions: tuple[Coalition, ...]
    blocking: float
    proven: bool


@dataclass(frozen=True, eq=False)
class _Position:
    """Where the bargaining stands: the winners `who`, and (N,) what they `offered`, its `reserve`, and VCG."""

    auction: CombinatorialAuction
    winners: Winners
    who: IntArray
    offered: FloatArray
    reserve: FloatArray
    vickrey: FloatArray


def core_payments(
    auction: CombinatorialAuction,
    winners: Winners,
    vickrey: Vickrey,
    solver: str = "highs",
    settings: Settings = Settings(),
) -> CorePayments:
    """The core payments of least revenue nearest to VCG. Raises SolverError where generation does not end."""
    offered, reserve = (total.astype(float) for total in totals(auction, winners))
    payments = vickrey.payments.astype(float)
    position = _Position(auction, winners, winning_bidders(auction, winners), offered, reserve, payments)
    coalitions: list[Coalition] = []
    limit = BLOCKING * max(float(winners.value), 1e-300)
    random = np.random.default_rng(0)
    for _ in range(ROUNDS):
        quick = _quickly_found(position, payments, limit, random, {known.members for known in coalitions})
        if not quick:
            found = _most_blocking(position, payments, limit, solver, settings)
            if found.advantage <= limit:
                return CorePayments(payments, tuple(coalitions), max(found.bound, 0.0), found.proven and vickrey.proven)
            if any(found.coalition.members == known.members for known in coalitions):
                raise SolverError(f"core payments: rounding leaves a coalition that gains {found.advantage:g}")
            quick = [found.coalition, *found.others]
        coalitions += {coalition.members: coalition for coalition in quick}.values()
        payments = _nearest(position, coalitions, solver)
    raise SolverError(f"core payments: more than {ROUNDS} coalitions restrict them")


@dataclass(frozen=True, eq=False)
class _Blocking:
    """A coalition, what it gains by blocking, and a bound on what any coalition gains, `proven` equal or not.

    `others` block too.
    """

    coalition: Coalition
    advantage: float
    bound: float
    proven: bool
    others: tuple[Coalition, ...] = ()


def _most_blocking(
    position: _Position, payments: FloatArray, limit: float, solver: str, settings: Settings
) -> _Blocking:
    """A coalition that gains more than `limit` by blocking, or the proof that there is none."""
    surplus, paid = _surplus(position, payments)
    packing, scale = _charged(position.auction, surplus)
    if not len(packing.labels):
        return _Blocking(Coalition((), 0.0), -paid, -paid, True)
    first = np.flatnonzero(np.isin(packing.labels, _labels(position, surplus)))
    relaxed = tighten(packing, position.winners.cliques, packing.value(first), solver, settings)
    packed = pack(relaxed, first, solver, settings, enough=packing.value(first) + limit / scale)
    coalition, advantage = _coalition(position, packing, packed.chosen, surplus, paid)
    others = tuple(_coalition(position, packing, chosen, surplus, paid)[0] for chosen in packed.above)
    return _Blocking(coalition, advantage, packed.bound * scale - paid, packed.proven, others)


def _quickly_found(
    position: _Position,
    payments: FloatArray,
    limit: float,
    random: np.random.Generator,
    known: set[tuple[int, ...]],
) -> list[Coalition]:
    """New coalitions that gain more than `limit` by blocking, found by tabu search; none is no proof."""
    surplus, paid = _surplus(position, payments)
    packing, _ = _charged(position.auction, surplus)
    if not len(packing.labels) or not pairwise(packing):
        return []
    conflicts = conflict_graph(packing.matrix, packing.upper)
    size = np.sqrt(np.diff(packing.matrix.tocsc().indptr))
    winning = np.flatnonzero(np.isin(packing.labels, position.winners.bids))
    found = {}
    for attempt in range(ATTEMPTS):
        key = packing.score / size * (1 + random.random(len(size)))
        start = fill(conflicts, packing.score, key) if attempt else winning
        chosen = improve(conflicts, packing.score, start, random, min(STEPS, 10 * len(size)))
        coalition, advantage = _coalition(position, packing, chosen, surplus, paid)
        if advantage > limit and coalition.members not in known:
            found[coalition.members] = coalition
    return list(found.values())


def _surplus(position: _Position, payments: FloatArray) -> tuple[FloatArray, float]:
    """((N,) what each winner keeps of its bid, what the winners pay above the reserves)."""
    who = position.who
    surplus = np.zeros(len(position.auction.bidders))
    surplus[who] = np.maximum(position.offered[who] - payments[who], 0.0)
    return surplus, float((payments - position.reserve)[who].sum())


def _coalition(
    position: _Position, packing: Packing, chosen: IntArray, surplus: FloatArray, paid: float
) -> tuple[Coalition, float]:
    """The bidders of the `chosen` columns, and what they and the seller gain by blocking."""
    auction, who = position.auction, position.who
    bids = packing.labels[chosen]
    bids = bids[bids < len(auction.owner)]
    members = np.unique(auction.owner[bids])
    inside, outside = np.intersect1d(members, who), np.setdiff1d(who, members)
    worth = float(sum(auction.gain[b] for b in bids))
    least = worth - (position.offered - position.reserve)[inside].sum() + position.reserve[outside].sum()
    return Coalition(tuple(int(i) for i in members), float(least)), worth - surplus[inside].sum() - paid


def _charged(auction: CombinatorialAuction, surplus: FloatArray) -> tuple[Packing, float]:
    """The packing problem with each bidder charged its surplus once, and the worth of one unit of score.

    An XOR bidder's charge is taken off each of its bids. An OR bidder i gets a column of its own, labelled B + i, that
    costs the charge and that each of its bids needs.
    """
    once = auction.exclusive[auction.owner]
    scale = max(float(auction.gain.max()), 1e-300) / 1000 if len(auction.gain) else 1.0
    score = (auction.float_gain - np.where(once, surplus[auction.owner], 0.0)) / scale
    plain = bid_packing(auction, score)
    entry = np.flatnonzero(~auction.exclusive & (surplus > 0))
    place = {int(i): column for column, i in enumerate(entry)}
    bids = [(b, place[int(i)]) for b, i in enumerate(auction.owner[plain.labels]) if int(i) in place]
    if not bids:
        return plain, scale
    row = np.arange(len(bids))
    takes, needs = (np.array(side) for side in zip(*bids, strict=True))
    left = coo_array((np.ones(len(bids)), (row, takes)), shape=(len(bids), len(plain.labels)))
    right = coo_array((-np.ones(len(bids)), (row, needs)), shape=(len(bids), len(entry)))
    matrix = block_array([[plain.matrix, None], [left, right]], format="csr")
    return Packing(
        np.concatenate([plain.labels, len(auction.owner) + entry]),
        np.concatenate([plain.score, -surplus[entry] / scale]),
        csr_array(matrix),
        np.concatenate([plain.upper, np.zeros(len(bids))]),
    ), scale


def _labels(position: _Position, surplus: FloatArray) -> IntArray:
    """The columns of the winning allocation itself: it is worth what the winners pay."""
    entry = np.flatnonzero(~position.auction.exclusive & (surplus > 0))
    return np.concatenate([position.winners.bids, len(position.auction.owner) + np.intersect1d(entry, position.who)])


def _nearest(position: _Position, coalitions: list[Coalition], solver: str) -> FloatArray:
    """Payments (N,) of least total, then nearest to VCG, subject to these coalitions and VCG ≤ p ≤ bid."""
    who = position.who
    low, high = position.vickrey[who], np.maximum(position.offered[who], position.vickrey[who])
    pays = np.array([[float(i not in coalition.members) for i in who] for coalition in coalitions])
    least = np.array([coalition.least for coalition in coalitions])
    scale = max(float(high.max()), 1e-300)
    room, need = (high - low) / scale, (least - pays @ low) / scale
    total = _least_total(pays, need, room, solver)
    count = len(who)
    G = np.vstack([pays, np.eye(count), -np.eye(count), -np.ones((1, count))])
    h = np.concatenate([need, np.zeros(count), -room, [-(total + 1e-10)]])
    payments = np.zeros(len(position.offered))
    payments[who] = low + scale * np.clip(least_distance(G, h), 0.0, room)
    return payments


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
