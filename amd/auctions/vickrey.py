"""VCG payments of a combinatorial auction: what each winner's presence costs the others and the seller.

p_i = W(without i) − (W − gain of i's winning bids) + their reserve, exactly: n + 1 winner determinations, losers
skipped because their absence changes nothing, and each one warm-started from the others' winning bids. Where the
linear relaxation is loose, so that each proof is long, one search serves all winners together (`amd.auctions.search`).
A payment lies between the reserve of what was won and the bid (Vickrey, 1961; Clarke, 1971; Groves, 1973). Revenue may
be low, may fall when a bidder joins, and the outcome may be blocked by a coalition (Ausubel and Milgrom, 2006): see
`amd.auctions.core`.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from amd.auctions.bids import CombinatorialAuction
from amd.auctions.packing import Relaxed, deadline, pairwise, search_goals, tighten
from amd.auctions.standing import Standing
from amd.auctions.winner import Winners, all_bids, determine_winners
from amd.model.numbers import ExactArray, IntArray, exact_zeros
from solvers import Settings

LOOSE = 0.03  # the gap of the tightened relaxation above which one search for all winners is the shorter way


@dataclass(frozen=True, eq=False)
class Vickrey:
    """`payments` (N,), 0 for losers, and the value of the best allocation `without` each winner (N,), 0 for losers.

    `allocations` are these best allocations, as positions of bids, in the order of the winners.
    """

    payments: ExactArray
    without: ExactArray
    proven: bool
    allocations: tuple[IntArray, ...] = ()


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
    `proven` False; payments are then at most the bids, also where a better allocation without somebody was found.
    """
    offered, reserve = totals(auction, winners)
    who = winning_bidders(auction, winners)
    payments, without = exact_zeros(len(auction.bidders)), exact_zeros(len(auction.bidders))
    allocations, proven = _best_without(auction, winners, who, seed, solver, settings)
    for i, bids in zip(who, allocations, strict=True):
        without[i] = sum((auction.gain[b] for b in bids), Fraction(0))
        payments[i] = min(without[i] - (winners.value - (offered[i] - reserve[i])) + reserve[i], offered[i])
    return Vickrey(payments, without, proven and winners.proven, tuple(allocations))


def _best_without(
    auction: CombinatorialAuction, winners: Winners, who: IntArray, seed: int, solver: str, settings: Settings
) -> tuple[list[IntArray], bool]:
    """(the best bids without each of `who`, all proven): one by one, or by one search where the relaxation is loose.

    A tight relaxation stays nearly tight without one winner, but is far above what is left without another.
    """
    packing = all_bids(auction, seed)
    if solver == "highs" and len(who) > 1 and pairwise(packing):
        reached = packing.value(np.flatnonzero(np.isin(packing.labels, winners.bids)))
        relaxed = tighten(packing, winners.cliques, reached, solver, settings)
        way = _together if relaxed.value > (1 + LOOSE) * reached else _in_turn
        return way(auction, relaxed, winners, who, settings)
    found = []
    for i in who:
        others = winners.bids[auction.owner[winners.bids] != i]
        found.append(determine_winners(auction, seed, [int(i)], others, winners.cliques, solver, settings))
    return [each.bids for each in found], all(each.proven for each in found)


def _in_turn(
    auction: CombinatorialAuction, relaxed: Relaxed, winners: Winners, who: IntArray, settings: Settings
) -> tuple[list[IntArray], bool]:
    """(the best bids without each of `who`, all proven), one problem after the other from the last one's basis."""
    packing = relaxed.packing
    owner = auction.owner[packing.labels]
    won = np.flatnonzero(np.isin(packing.labels, winners.bids))
    standing = Standing(packing.score, packing.matrix)
    found = [standing.best(owner != i, won, deadline(settings)) for i in who]
    return [packing.labels[each.chosen[0]] for each in found], all(each.proven for each in found)


def _together(
    auction: CombinatorialAuction, relaxed: Relaxed, winners: Winners, who: IntArray, settings: Settings
) -> tuple[list[IntArray], bool]:
    """(the best bids without each of `who`, all proven), by one search."""
    packing = relaxed.packing
    owner = auction.owner[packing.labels]
    group = np.where(np.isin(owner, who), np.searchsorted(who, owner), -1)
    kept = np.isin(packing.labels, winners.bids)
    starts = [np.flatnonzero(kept & (owner != i)) for i in who]
    found = search_goals(relaxed, group, starts, deadline(settings))
    return [packing.labels[chosen] for chosen in found.chosen], found.proven


def revenue(payments: ExactArray) -> Fraction:
    """The sum of payments."""
    return sum(payments, Fraction(0))
