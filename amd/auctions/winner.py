"""Winner determination: which bids to accept so that total price less reserves is greatest.

Bids that cannot help are left out (gain at most 0, more units than there are, worse than another bid of an XOR bidder
for no more units); the rest is a set packing problem (`amd.auctions.packing`).

*Ties.* Totals are multiples of 1/denominator of the gains. Every bid gets a random bonus drawn from the seed, so small
that all bonuses of an allocation together stay below half that step: the answer is then of greatest total, and among
those of greatest bonus. Where prices have so many digits that the bonus would be lost in double precision, totals
within a relative 1e-9 of each other count as tied and the solver's choice stands; `Winners.ties` says which.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

import numpy as np
from scipy.sparse import csr_array, vstack

from amd.auctions.bids import CombinatorialAuction
from amd.auctions.packing import Packing, greedy, pack, relax, tighten
from amd.model.numbers import FloatArray, IntArray
from solvers import Settings

LARGEST = 2.0**40  # totals in steps up to this leave room in a double for bonuses below half a step


@dataclass(frozen=True, eq=False)
class Winners:
    """The accepted `bids` (positions), their exact total `value` over reserves, and what is proven about it.

    `bound` is the least upper bound that was proven on any allocation's value; `relaxation` is that of the linear
    program and `prices` (G,) its unit prices, reserve included. `ties` is "seed" where the tie rule applied in full,
    "solver" where prices were too fine for it. `proven` is False only after a time limit. `cliques` are sets of
    bids that exclude each other, found on the way: they speed up solves of the same bids.
    """

    bids: IntArray
    value: Fraction
    bound: float
    relaxation: float
    prices: FloatArray
    ties: str
    proven: bool = True
    cliques: tuple[IntArray, ...] = ()

    @property
    def prices_support(self) -> bool:
        """Whether `prices` are competitive: at them every winner gets what it likes best, and only reserved goods stay.

        By linear-programming duality that is so iff the linear relaxation is worth no more than the allocation
        (Bikhchandani and Mamer, 1997); its tolerance is that of the solver.
        """
        return self.relaxation <= float(self.value) + 1e-7 * max(float(self.value), 1.0)

    @cached_property
    def gap(self) -> float:
        """The bound less the value, relative to the value; 0 when proven."""
        return 0.0 if self.proven else max(self.bound - float(self.value), 0.0) / max(float(self.value), 1e-300)


def determine_winners(
    auction: CombinatorialAuction,
    seed: int = 0,
    without: Collection[int] = (),
    start: IntArray | None = None,
    cliques: Sequence[IntArray] = (),
    solver: str = "highs",
    settings: Settings = Settings(),
) -> Winners:
    """The bids to accept when the bidders `without` (positions) stay away.

    `start` names bids known to fit together, such as the other winners of a solve before: an allocation that holds them
    sets the value to beat, by which reduced-cost fixing then shrinks the integer program (a warm start); `cliques` come
    from such a solve too.
    `settings.time_limit` bounds the integer program; the best allocation found by then comes back with its bound and
    `proven` False. Raises SolverError when the solver fails.
    """
    score, bonus, step, ties = _scores(auction, seed)
    packing = bid_packing(auction, score + bonus, without)
    reserve = auction.reserve.astype(float)
    if not len(packing.labels):
        return Winners(np.zeros(0, dtype=np.int64), Fraction(0), 0.0, 0.0, reserve, ties)
    plain = relax(replace(packing, score=score[packing.labels]), solver, settings)
    first = _best(packing, greedy(packing, plain.x), greedy(packing, plain.x, start))
    tight = tighten(packing, cliques, packing.value(first), solver, settings)
    packed = pack(tight, _best(packing, first, greedy(packing, tight.x)), solver, settings)
    bids = np.sort(packing.labels[packed.chosen])
    value = sum((auction.gain[b] for b in bids), Fraction(0))
    prices = reserve + plain.dual[: len(auction.goods)] * step
    bound = float(value) if packed.proven else max(packed.bound * step, float(value))
    return Winners(bids, value, bound, plain.value * step, prices, ties, packed.proven, tight.cliques)


def all_bids(auction: CombinatorialAuction, seed: int = 0) -> Packing:
    """The set packing problem of all bids, with the bonuses that break ties."""
    score, bonus, _, _ = _scores(auction, seed)
    return bid_packing(auction, score + bonus)


def _best(packing: Packing, one: IntArray, two: IntArray) -> IntArray:
    return one if packing.value(one) >= packing.value(two) else two


def _scores(auction: CombinatorialAuction, seed: int) -> tuple[FloatArray, FloatArray, float, str]:
    """(score (B,), bonus (B,), the worth of one unit of score, how ties are broken). Useless bids score 0."""
    useful = auction.gain > 0
    total = float(auction.gain[useful].sum())
    if total * auction.denominator > LARGEST:
        scale = float(auction.gain.max()) / 1000
        return np.where(useful, auction.float_gain / scale, 0.0), np.zeros(len(useful)), scale, "solver"
    whole = (auction.gain * auction.denominator).astype(np.float64)
    most = min(int(auction.supply.sum()), len(whole))  # each winning bid takes a unit
    bonus = np.random.default_rng(seed).random(len(whole)) / (2 * max(most, 1))
    return np.where(useful, whole, 0.0), np.where(useful, bonus, 0.0), 1 / auction.denominator, "seed"


def bid_packing(auction: CombinatorialAuction, score: FloatArray, without: Collection[int] = ()) -> Packing:
    """The set packing problem of all bids of positive `score` (B,) whose bidders are not `without`.

    Rows: the goods' supplies, then one bid for each XOR bidder with several.
    """
    away = np.isin(auction.owner, np.array(sorted(without), dtype=np.int64))
    entries = auction.units.tocoo()
    over = np.zeros(len(auction.owner), dtype=bool)
    over[entries.row[entries.data > auction.supply[entries.col]]] = True
    bids = np.flatnonzero((score > 0) & ~away & ~over)
    bids = bids[_undominated(auction, bids, score)]
    groups = [own for i, own in _by_owner(auction, bids) if auction.exclusive[i] and len(own) > 1]
    columns = np.concatenate([np.zeros(0, dtype=np.int64), *groups])
    rows = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    once = csr_array((np.ones(len(columns)), (rows, columns)), shape=(len(groups), len(bids)))
    matrix = csr_array(vstack([auction.units[bids].T, once], format="csr")).astype(np.float64)
    upper = np.concatenate([auction.supply.astype(float), np.ones(len(groups))])
    return Packing(bids, score[bids], matrix, upper)


def _by_owner(auction: CombinatorialAuction, bids: IntArray) -> list[tuple[int, IntArray]]:
    """(bidder, its positions in `bids`) for every bidder with any."""
    order = np.argsort(auction.owner[bids], kind="stable")
    owners, first = np.unique(auction.owner[bids][order], return_index=True)
    parts = np.split(order, first[1:]) if len(owners) else []
    return [(int(i), np.sort(own)) for i, own in zip(owners, parts, strict=True)]


def _undominated(auction: CombinatorialAuction, bids: IntArray, score: FloatArray) -> IntArray:
    """Positions in `bids` of all but those XOR bids for which the bidder offers more for no more units."""
    kept = [np.zeros(0, dtype=np.int64)]
    for i, own in _by_owner(auction, bids):
        if not auction.exclusive[i] or len(own) == 1:
            kept.append(own)
            continue
        units, worth = auction.units[bids[own]].toarray(), score[bids[own]]
        within = (units[:, None, :] >= units[None, :, :]).all(axis=2)  # [a, b]: b's bundle lies within a's
        kept.append(own[~(within & (worth[:, None] < worth[None, :])).any(axis=1)])
    return np.sort(np.concatenate(kept))
