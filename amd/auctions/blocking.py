"""Coalitions that block payments: those that could offer the seller more than the winners pay.

The most violated coalition is found by a winner determination in which every winner is charged its present surplus for
taking part: once for all its bids (Day and Raghavan, 2007). Only scores change from payments to payments, so that where
bids exclude each other pairwise one standing problem serves them all (`amd.auctions.standing`), which also remembers
what was proven at earlier payments. Every packing met on the way that blocks is handed over, not the best alone (Bünz,
Seuken and Lubin, 2015).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import block_array, coo_array, csr_array

from amd.auctions.bids import CombinatorialAuction
from amd.auctions.packing import Packing, deadline, pack, pairwise, tighten
from amd.auctions.standing import Standing
from amd.auctions.vickrey import Vickrey, totals, winning_bidders
from amd.auctions.winner import Winners, bid_packing
from amd.model.numbers import FloatArray, IntArray
from solvers import Settings

STARTS = 30  # packings found last that a search may begin with


@dataclass(frozen=True, eq=False)
class Coalition:
    """A coalition that restricts the payments: its `members` (positions), and the `least` that other winners pay."""

    members: tuple[int, ...]
    least: float


@dataclass(frozen=True, eq=False)
class Position:
    """Where the bargaining stands: the winners `who`, and (N,) what they `offered`, its `reserve`, and VCG."""

    auction: CombinatorialAuction
    winners: Winners
    who: IntArray
    offered: FloatArray
    reserve: FloatArray
    vickrey: FloatArray

    def surplus(self, payments: FloatArray) -> FloatArray:
        """(N,): what each winner keeps of its bid."""
        surplus = np.zeros(len(self.auction.bidders))
        surplus[self.who] = np.maximum(self.offered - payments, 0.0)[self.who]
        return surplus

    def coalition(self, bids: IntArray) -> Coalition:
        """The bidders of these bids, which fit together."""
        members = np.unique(self.auction.owner[bids])
        inside, outside = np.intersect1d(members, self.who), np.setdiff1d(self.who, members)
        worth = float(sum(self.auction.gain[b] for b in bids))
        least = worth - (self.offered - self.reserve)[inside].sum() + self.reserve[outside].sum()
        return Coalition(tuple(int(i) for i in members), float(least))

    def advantage(self, coalition: Coalition, payments: FloatArray) -> float:
        """What a coalition and the seller gain by blocking these payments: what the other winners pay too little."""
        return coalition.least - float(payments[np.setdiff1d(self.who, coalition.members)].sum())


def bargaining(auction: CombinatorialAuction, winners: Winners, vickrey: Vickrey) -> Position:
    """The position in which winners have been told their VCG payments."""
    offered, reserve = (total.astype(float) for total in totals(auction, winners))
    who = winning_bidders(auction, winners)
    return Position(auction, winners, who, offered, reserve, vickrey.payments.astype(float))


@dataclass(frozen=True, eq=False)
class Blocking:
    """Coalitions that block, the `advantage` of the best one found, and a bound on any, `proven` equal or not.

    When `proven` is False and there are `coalitions`, others may block more.
    """

    coalitions: tuple[Coalition, ...]
    advantage: float
    bound: float
    proven: bool


@dataclass(eq=False)
class Blockers:
    """Finds coalitions for one position at ever new payments."""

    position: Position
    limit: float
    solver: str
    settings: Settings
    recent: list[IntArray] = field(default_factory=list)

    def __post_init__(self) -> None:
        auction = self.position.auction
        self.scale = max(float(auction.gain.max()), 1e-300) / 1000 if len(auction.gain) else 1.0
        self.packing = bid_packing(auction, auction.float_gain / self.scale)
        self.standing: Standing | None = None
        owner = auction.owner[self.packing.labels]
        several = np.bincount(owner, minlength=len(auction.bidders)) > 1
        charged_once = not (several & ~auction.exclusive)[self.position.who].any()
        if self.solver == "highs" and len(owner) and charged_once and pairwise(self.packing):
            cliques = [np.flatnonzero(np.isin(self.packing.labels, each)) for each in self.position.winners.cliques]
            self.standing = Standing(self.packing.score, self.packing.matrix, cliques)
            alone = np.isin(owner, self.position.who)  # the others are never charged, and may win several bids by OR
            self.standing.remember(np.where(alone, owner, len(auction.bidders) + np.arange(len(owner))), self._half())

    def _half(self) -> float:
        """Searches look for more than half the limit, and what they remember may exceed that by the other half."""
        return self.limit / 2 / self.scale

    def find(self, payments: FloatArray) -> Blocking:
        """Coalitions that block these payments, or the proof that none gains more than `limit` by it."""
        if not len(self.packing.labels):
            return Blocking((), 0.0, 0.0, True)
        if self.standing is not None:
            return self._standing(self.standing, payments)
        return self._anew(payments)

    def _standing(self, standing: Standing, payments: FloatArray) -> Blocking:
        surplus = self.position.surplus(payments)
        owner = self.position.auction.owner[self.packing.labels]
        score = self.packing.score - surplus[owner] / self.scale
        standing.rescore(score)
        won = np.flatnonzero(np.isin(self.packing.labels, self.position.winners.bids))
        start = max([won, *self.recent], key=lambda columns: float(np.maximum(score[columns], 0.0).sum()))
        enough = float(score[won].sum()) + self._half()
        found = standing.best(np.ones(len(score), dtype=bool), start, deadline(self.settings), enough)
        met = [*found.above, found.chosen[0]]
        self.recent = [*self.recent, *met][-STARTS:]
        packings = [self.packing.labels[columns] for columns in met]
        return self._blocking(packings, payments, found.bound + self._half(), found.proven)

    def _anew(self, payments: FloatArray) -> Blocking:
        surplus = self.position.surplus(payments)
        packing = charged(self.position.auction, self.packing, surplus, self.scale)
        won = self.position.winners.bids
        entry = np.intersect1d(packing.labels, len(self.position.auction.owner) + self.position.who)
        first = np.flatnonzero(np.isin(packing.labels, np.concatenate([won, entry])))
        reached = packing.value(first)
        relaxed = tighten(packing, self.position.winners.cliques, reached, self.solver, self.settings)
        packed = pack(relaxed, first, self.solver, self.settings, enough=reached + self._half())
        packings = [packing.labels[columns] for columns in [*packed.above, packed.chosen]]
        return self._blocking(packings, payments, packed.bound, packed.proven)

    def _blocking(self, packings: Iterable[IntArray], payments: FloatArray, bound: float, proven: bool) -> Blocking:
        position = self.position
        paid = float((payments - position.reserve)[position.who].sum())
        bids = (labels[labels < len(position.auction.owner)] for labels in packings)
        gains = {each: position.advantage(each, payments) for each in map(position.coalition, bids)}
        coalitions = tuple(each for each, gain in gains.items() if gain > self.limit / 2)
        return Blocking(coalitions, max(gains.values()), bound * self.scale - paid, proven)


def charged(auction: CombinatorialAuction, plain: Packing, surplus: FloatArray, scale: float) -> Packing:
    """The packing problem with each bidder charged its surplus once.

    An XOR bidder's charge is taken off each of its bids. An OR bidder i gets a column of its own, labelled B + i, that
    costs the charge and that each of its bids needs.
    """
    owner = auction.owner[plain.labels]
    score = plain.score - np.where(auction.exclusive[owner], surplus[owner], 0.0) / scale
    entry = np.flatnonzero(~auction.exclusive & (surplus > 0))
    place = {int(i): column for column, i in enumerate(entry)}
    bids = [(b, place[int(i)]) for b, i in enumerate(owner) if int(i) in place]
    if not bids:
        return Packing(plain.labels, score, plain.matrix, plain.upper)
    row = np.arange(len(bids))
    takes, needs = (np.array(side) for side in zip(*bids, strict=True))
    left = coo_array((np.ones(len(bids)), (row, takes)), shape=(len(bids), len(plain.labels)))
    right = coo_array((-np.ones(len(bids)), (row, needs)), shape=(len(bids), len(entry)))
    matrix = block_array([[plain.matrix, None], [left, right]], format="csr")
    return Packing(
        np.concatenate([plain.labels, len(auction.owner) + entry]),
        np.concatenate([score, -surplus[entry] / scale]),
        csr_array(matrix),
        np.concatenate([plain.upper, np.zeros(len(bids))]),
    )
