"""What a search part by part has proven stays proven while scores change little.

Let P be a packing, s and f the scores and what was to be beaten when all packings with first column k were shown to be
worth at most f − slack, and s', f' what they are now. Columns fall into groups of which a packing holds at most one
member (the bids of one bidder), so

    s'(P) ≤ f − slack + (s' − s)_k + Σ_g max(0, max_{c ∈ g} (s' − s)_c)

over the groups g with a member that does not conflict with k. Where that is no more than f', the part need not be
searched again. Of core payments, whose scores rise with payments as f does, only the payments that fall take from the
slack.

Columns that reduced costs left out were not searched. Each carries a bound of its own on all packings that hold it,
which changes in the same way; parts that could hold one whose bound no longer suffices are searched again. Columns of
score 0 or less never add anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from amd.auctions.branching import Mask
from amd.auctions.cliques import Graph
from amd.auctions.search import DIVES, Recall
from amd.model.numbers import FloatArray, IntArray

FEW_DIVES = 4  # after a search in which they found nothing


@dataclass(frozen=True, eq=False)
class _Round:
    """Scores, what was to be beaten, the columns that were `searched`, and bounds (n,) on packings with the others."""

    score: FloatArray
    floor: float
    searched: Mask
    bound: FloatArray


@dataclass(eq=False)
class Memory:
    """For `conflicts` (n, n) and the `group` (n,) of each column; `order` (n,) are scores that say who comes first.

    What is shown anew stays below what is to be beaten; what is remembered may exceed it by `spare`, so that rounding
    alone undoes no proof.
    """

    conflicts: Graph
    group: IntArray
    order: FloatArray
    spare: float = 0.0
    rounds: list[_Round] = field(default_factory=list)
    cuts: dict[int, Mask] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.number = np.full(len(self.group), -1)  # the round in which each part was last closed
        self.slack = np.zeros(len(self.group))
        members = np.zeros((len(self.group), int(self.group.max(initial=-1)) + 1), dtype=np.float32)
        members[np.arange(len(self.group)), self.group] = 1
        self.fits = ((~self.conflicts).astype(np.float32) @ members) > 0  # (n, groups): a member that does not conflict
        self.fits[np.arange(len(self.group)), self.group] = False  # a part's own group is held already

    def closed(self, score: FloatArray, floor: float, left: Mask) -> Mask:
        """(n,): parts in which nothing among the columns `left` (n,) is worth more than `floor` + `spare` now."""
        floor += self.spare
        closed = np.zeros(len(score), dtype=bool)
        for number in np.unique(self.number[self.number >= 0]):
            old = self.rounds[number]
            risen = self._risen(score - old.score)
            opened = left & ~old.searched & (old.bound + risen > floor)
            endangered = (~self.conflicts[:, opened]).any(axis=1)
            known = (self.number == number) & ~endangered
            closed |= known & (old.floor - self.slack + risen <= floor)
        return closed

    def _risen(self, change: FloatArray) -> FloatArray:
        """(n,): by how much the worth of packings with each column can have risen."""
        most = np.zeros(self.fits.shape[1])
        np.maximum.at(most, self.group, change)
        return np.asarray(change + self.fits @ most, dtype=np.float64)

    def recall(self, names: IntArray, closed: Mask) -> Recall:
        """What a search of the columns `names` may use, with the parts that are `closed` (n,) already.

        Parts that were never closed come first, and those closed last at the end: their proofs are the most likely to
        hold still when no others are left.
        """
        dives = DIVES if len(self.rounds) < 2 or not (self.number == len(self.rounds) - 1).any() else FEW_DIVES
        return Recall(names, len(self.group), self.order[names], closed[names], self.number[names], self.cuts, dives)

    def begin(self, score: FloatArray, floor: float, left: Mask, bound: FloatArray) -> None:
        """A search of the columns `left` begins; packings with others of positive score are worth at most `bound`."""
        self.rounds.append(_Round(score.copy(), floor, left | (score <= 0), bound))

    def close(self, firsts: IntArray, bounds: FloatArray) -> None:
        """The search that began last has shown that packings with these first columns are worth at most `bounds`."""
        self.number[firsts] = len(self.rounds) - 1
        self.slack[firsts] = self.rounds[-1].floor - bounds
