"""VCG payments of a combinatorial auction: what each winner's presence costs the others and the seller.

p_i = W(without i) − (W − gain of i's winning bids) + their reserve, exactly: n + 1 winner determinations, losers
skipped because their absence changes nothing, and each one warm-started from the others' winning bids. A payment lies
between the reserve of what was won and the bid (Vickrey, 1961; Clarke, 1971; Groves, 1973). Revenue may be low, may
fall when a bidder joins, and the outcome may be blocked by a coalition (Ausubel and Milgrom, 2006): see
`amd.auctions.core`.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from amd.auctions.bids import CombinatorialAuction
from amd.auctions.winner import Winners, determine_winners
from amd.model.numbers import ExactArray, IntArray, exact_zeros
from solvers import Settings


@dataclass(frozen=True, eq=False)
class Vickrey:
    """`payments` (N,), 0 for losers, and the value of the best allocation `without` each winner (N,), 0 for losers."""

    payments: ExactArray
    without: ExactArray
    proven: bool


def winning_bidders(auction: CombinatorialAuction, winners: Winners) -> IntArray:
    """Positions of the bidders that won something."""
    return np.unique(auction.owner[winners.bids])


def totals(auction: CombinatorialAuction, winners: Winners) -> tuple[ExactArray, ExactArray]:
    """(offered, reserve), each (N,): the prices and reserves of each bidder's winning bids."""
    offered, reserve = exact_zeros(len(auction.bidders)), exact_zeros(len(auction.bidders))
    for b in winners.bids:
        offered[auction.owner[b]] += auction.price[b]
        reserve[auction.owner[b]] += auction.bundle_reserve[b]
    return offered, reserve


def vcg_payments(
    auction: CombinatorialAuction,
    winners: Winners,
    seed: int = 0,
    solver: str = "highs",
    settings: Settings = Settings(),
) -> Vickrey:
    """The VCG payments that go with these winners; `settings.time_limit` holds for each of the n + 1 solves."""
    offered, reserve = totals(auction, winners)
    payments, without = exact_zeros(len(auction.bidders)), exact_zeros(len(auction.bidders))
    proven = winners.proven
    for i in winning_bidders(auction, winners):
        others = winners.bids[auction.owner[winners.bids] != i]
        best = determine_winners(auction, seed, [int(i)], others, winners.cliques, solver, settings)
        proven &= best.proven
        without[i] = best.value
        payments[i] = best.value - (winners.value - (offered[i] - reserve[i])) + reserve[i]
    return Vickrey(payments, without, proven)


def revenue(payments: ExactArray) -> Fraction:
    """The sum of payments."""
    return sum(payments, Fraction(0))
