"""VCG payments of a combinatorial auction: what each winner's presence costs the others and the seller.

p_i = W(without i) − (W − gain of i's winning bids) + their reserve, exactly: n + 1 winner determinations, losers
skipped because their absence changes nothing, and each one warm-started from the others' winning bids. Where bids
exclude each other pairwise one search serves most winners together (`amd.auctions.search`). A payment lies between the
reserve of what was won and the bid (Vickrey, 1961; Clarke, 1971; Groves, 1973). Revenue may be low, may fall when a
bidder joins, and the outcome may be blocked by a coalition (Ausubel and Milgrom, 2006): see `amd.auctions.core`.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from amd.auctions.bids import CombinatorialAuction
from amd.auctions.packing import Packing, deadline, pairwise, search_goals, tighten
from amd.auctions.winner import Winners, all_bids, determine_winners
from amd.model.numbers import ExactArray, IntArray, exact_zeros
from solvers import Settings

LARGE = 2.5  # times the mean of what winners bid


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
    """The VCG payments that go with these winners.

    `settings.time_limit` holds for each solve, and for the search that stands for several. What it leaves open makes
    `proven` False.
    """
    offered, reserve = totals(auction, winners)
    who = winning_bidders(auction, winners)
    payments, without = exact_zeros(len(auction.bidders)), exact_zeros(len(auction.bidders))
    values, proven = _best_without(auction, winners, who, seed, solver, settings)
    for i, value in zip(who, values, strict=True):
        without[i] = value
        payments[i] = value - (winners.value - (offered[i] - reserve[i])) + reserve[i]
    return Vickrey(payments, without, proven and winners.proven)


def _best_without(
    auction: CombinatorialAuction, winners: Winners, who: IntArray, seed: int, solver: str, settings: Settings
) -> tuple[list[Fraction], bool]:
    """(the best value without each of `who`, all proven).

    One search serves the winners of ordinary size where the bids exclude each other pairwise; those who won much are
    looked at one by one, since a search that also answers what is left without them has more to go through.
    """
    packing = all_bids(auction, seed)
    won = np.array([float(auction.gain[winners.bids[auction.owner[winners.bids] == i]].sum()) for i in who])
    ordinary = won <= LARGE * won.mean() if len(won) else np.zeros(0, dtype=bool)
    if solver != "highs" or not pairwise(packing) or ordinary.sum() < 2:
        ordinary = np.zeros(len(who), dtype=bool)
    values, proven = [Fraction(0)] * len(who), True
    if ordinary.any():
        shared, proven = _together(auction, packing, winners, who[ordinary], settings)
        for place, value in zip(np.flatnonzero(ordinary), shared, strict=True):
            values[place] = value
    for place in np.flatnonzero(~ordinary):
        i = int(who[place])
        others = winners.bids[auction.owner[winners.bids] != i]
        best = determine_winners(auction, seed, [i], others, winners.cliques, solver, settings)
        values[place] = best.value
        proven &= best.proven
    return values, proven


def _together(
    auction: CombinatorialAuction, packing: Packing, winners: Winners, who: IntArray, settings: Settings
) -> tuple[list[Fraction], bool]:
    """(the best value without each of `who`, all proven), by one search."""
    owner = auction.owner[packing.labels]
    group = np.where(np.isin(owner, who), np.searchsorted(who, owner), -1)
    kept = np.isin(packing.labels, winners.bids)
    starts = [np.flatnonzero(kept & (owner != i)) for i in who]
    relaxed = tighten(packing, winners.cliques, packing.value(np.flatnonzero(kept)), "highs", settings)
    found = search_goals(relaxed, group, starts, deadline(settings))
    bids = [packing.labels[chosen] for chosen in found.chosen]
    return [sum((auction.gain[b] for b in own), Fraction(0)) for own in bids], found.proven


def revenue(payments: ExactArray) -> Fraction:
    """The sum of payments."""
    return sum(payments, Fraction(0))
