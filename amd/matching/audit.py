"""Audits of a matching, each with its witnesses: validity, blocking pairs, envy.

Validity and stability are separate questions, and each keeps what it found. Everything is arrays over the entries of
the applicants' lists, so a national market is audited in milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from amd.matching.market import NO_TIER, EntryArray, IntArray, Market, MarketError


class Stability(Enum):
    """What it takes for a pair to block, where there are ties (Irving 1994). The value is the sentence for people."""

    WEAK = "both strictly gain"
    STRONG = "one strictly gains and the other does not lose"
    SUPER = "neither loses"


@dataclass(frozen=True, eq=False)
class Validity:
    """What is wrong with a matching as such.

    `unlisted` applicants whose program is not on their list (or theirs not on its); `overfull` programs above their
    capacity. Both empty means individually rational and feasible.
    """

    unlisted: IntArray
    overfull: IntArray

    @property
    def holds(self) -> bool:
        return not (self.unlisted.size or self.overfull.size)


@dataclass(frozen=True, eq=False)
class BlockingPairs:
    """Pairs (b, 2) of applicant and program who would rather be together, and `displaced` (b,): the applicant whose
    seat would be taken, -1 for a free seat."""

    pairs: IntArray
    displaced: IntArray
    notion: Stability

    @property
    def count(self) -> int:
        return len(self.pairs)

    def sentences(self, market: Market) -> list[str]:
        return [
            f"{market.applicant(a)} and {market.program(p)} block: {self.notion.value}, "
            + ("a seat is free" if d < 0 else f"{market.applicant(d)} would give way")
            for (a, p), d in zip(self.pairs.tolist(), self.displaced.tolist(), strict=True)
        ]


def require_assignment(market: Market, assignment: IntArray) -> None:
    """Raise MarketError unless `assignment` (n,) holds programs or -1."""
    if assignment.shape != (market.applicant_count,):
        raise MarketError(f"{market.applicant_count} applicants but an assignment of shape {assignment.shape}")
    if assignment.size and (assignment.min() < -1 or assignment.max() >= market.program_count):
        raise MarketError(f"the assignment names a program outside 0 … {market.program_count - 1}")


def validity(market: Market, assignment: IntArray) -> Validity:
    """Is everybody at a mutually acceptable program, and no program above its capacity?"""
    require_assignment(market, assignment)
    unlisted = np.flatnonzero((assignment >= 0) & (market.entry_at(assignment) < 0))
    return Validity(unlisted, np.flatnonzero(market.load(assignment) > market.capacity))


def cutoff(market: Market, assignment: IntArray) -> EntryArray:
    """(m,): the tier of the worst applicant each full program admitted; above every tier where a seat is free."""
    entry = market.entry_at(assignment)
    entry = entry[entry >= 0]
    worst = np.full(market.program_count, -1, np.int32)
    np.maximum.at(worst, market.applicants.choice[entry], market.priority[entry])
    return np.where(market.load(assignment) < market.capacity, NO_TIER, worst).astype(np.int32)


def blocking_pairs(market: Market, assignment: IntArray, notion: Stability = Stability.WEAK) -> BlockingPairs:
    """All pairs that block `assignment` (n,), applicant by applicant, best program first.

    A pair not matched to each other blocks when the applicant would move (from its program or from nothing) and the
    program would admit it (to a free seat, or in place of its worst). With strict lists the notions agree.
    """
    require_assignment(market, assignment)
    lists = market.applicants
    now, limit = market.tier_at(assignment)[lists.owner], cutoff(market, assignment)[lists.choice]
    moves, may = lists.tier < now, market.priority < limit
    if notion is not Stability.WEAK:
        would, might = lists.tier <= now, market.priority <= limit
        both = (moves & might) | (would & may) if notion is Stability.STRONG else would & might
        both &= lists.choice != assignment[lists.owner]
    else:
        both = moves & may
    entry = np.flatnonzero(both)
    pairs = np.stack([lists.owner[entry], lists.choice[entry]], axis=1).astype(np.int64)
    return BlockingPairs(pairs, _worst_admitted(market, assignment)[pairs[:, 1]], notion)


def _worst_admitted(market: Market, assignment: IntArray) -> IntArray:
    """(m,): the applicant of lowest priority at each full program, -1 where a seat is free."""
    entry = market.entry_at(assignment)
    entry = entry[entry >= 0]
    order = entry[np.argsort(market.priority[entry], kind="stable")]
    worst = np.full(market.program_count, -1, np.int64)
    worst[market.applicants.choice[order]] = market.applicants.owner[order]
    return np.where(market.load(assignment) < market.capacity, -1, worst)


def is_stable(market: Market, assignment: IntArray, notion: Stability = Stability.WEAK) -> bool:
    """Valid and without a blocking pair."""
    return validity(market, assignment).holds and not blocking_pairs(market, assignment, notion).count


def envy(market: Market, assignment: IntArray) -> IntArray:
    """(e, 3): applicant, program it prefers to its own, and the admitted applicant it envies *with reason*, the one
    with the lowest priority there among those below it (Abdulkadiroğlu and Sönmez 2003). Empty seats are waste, not
    envy: see `waste`."""
    require_assignment(market, assignment)
    lists = market.applicants
    entry = market.entry_at(assignment)
    order = entry[entry >= 0][np.argsort(market.priority[entry[entry >= 0]], kind="stable")]
    worst = np.full(market.program_count, -1, np.int64)
    worst[lists.choice[order]] = order
    rival = worst[lists.choice]
    tier = np.where(rival >= 0, np.append(market.priority, -1)[rival], -1)
    found = np.flatnonzero((lists.tier < market.tier_at(assignment)[lists.owner]) & (market.priority < tier))
    rival_owner = lists.owner[rival[found]]
    return np.stack([lists.owner[found], lists.choice[found], rival_owner], axis=1).astype(np.int64)


def waste(market: Market, assignment: IntArray) -> IntArray:
    """(w, 2): applicant and program it prefers to its own and that has a free seat."""
    require_assignment(market, assignment)
    lists = market.applicants
    free = market.load(assignment) < market.capacity
    found = np.flatnonzero((lists.tier < market.tier_at(assignment)[lists.owner]) & free[lists.choice])
    return np.stack([lists.owner[found], lists.choice[found]], axis=1).astype(np.int64)
