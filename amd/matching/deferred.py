"""Deferred acceptance (Gale and Shapley 1962), from either side, with a trace of its rounds.

Proposers go down their lists; receivers hold the best proposals they have room for and reject the rest. With strict
lists and responsive programs the outcome is the stable matching that every proposer likes best among all stable ones
and every receiver least (Gale and Shapley 1962; Roth and Sotomayor 1990, theorems 2.12, 2.13 and 5.7), whatever the
order of the proposals. So the crowd proposes in whole rounds of arrays, and the last few one at a time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from heapq import heapify, heappush, heappushpop
from typing import Literal

import numpy as np

from amd.matching.market import UNMATCHED, EntryArray, IntArray, Lists, Market, Matching

Side = Literal["applicants", "programs"]

_FEW = 1000  # so many open proposers or fewer go one at a time: a round of arrays costs about as much


@dataclass(frozen=True, eq=False)
class Round:
    """One round: `proposals` (r, 2) and `rejections` (s, 2), each a pair (proposer, receiver)."""

    proposals: IntArray
    rejections: IntArray


@dataclass(frozen=True, eq=False)
class DeferredAcceptance(Matching):
    """The matching, with the number of proposals made and, where asked for, every round."""

    proposers: Side
    proposals: int
    rounds: tuple[Round, ...] | None = None


def deferred_acceptance(market: Market, proposers: Side = "applicants", trace: bool = False) -> DeferredAcceptance:
    """The stable matching that is best for the `proposers`.

    With `trace`, all proposers move in rounds and every round is kept. Raises MarketError when a list has a tie.
    """
    market.require_strict()
    one_each = np.ones(market.applicant_count, np.int64)
    if proposers == "applicants":
        run = _Run(market.applicants, market.programs.tier, market.cross, one_each, market.capacity)
    else:
        run = _Run(market.programs, market.applicants.tier, market.cross_back, market.capacity, one_each)
    rounds = run.all_rounds() if trace else None
    if not trace:
        run.fast()
    assignment = np.full(market.applicant_count, UNMATCHED, np.int64)
    owner, choice = run.owners(run.held), run.lists.choice[run.held]
    applicant, program = (owner, choice) if proposers == "applicants" else (choice, owner)
    assignment[applicant] = program
    method = f"deferred acceptance, {proposers} propose"
    return DeferredAcceptance(assignment, method, proposers, run.proposals, rounds)


@dataclass(eq=False)
class _Run:
    """The state of one run: the next entry and the open places of each proposer, and the entries held."""

    lists: Lists
    tier: EntryArray  # (k,) tiers on the receivers' lists
    cross: IntArray  # (k,) the receiver's entry that answers each of the proposers' entries
    room: IntArray  # (n,) open places of each proposer
    quota: IntArray  # (m,) places of each receiver
    proposals: int = 0
    held: IntArray = field(init=False)
    position: IntArray = field(init=False)

    def __post_init__(self) -> None:
        self.room = self.room.copy()
        self.held = np.empty(0, np.int64)
        self.position = self.lists.start[:-1].copy()

    def owners(self, entries: IntArray) -> IntArray:
        return np.searchsorted(self.lists.start, entries, side="right") - 1

    def active(self) -> IntArray:
        """Proposers with an open place and somebody left to ask."""
        return np.flatnonzero((self.room > 0) & (self.position < self.lists.start[1:]))

    def all_rounds(self) -> tuple[Round, ...]:
        rounds = []
        while (active := self.active()).size:
            rounds.append(self._round(active))
        return tuple(rounds)

    def fast(self) -> None:
        while (active := self.active()).size > _FEW:
            self._round(active)
        self._one_at_a_time(active)

    def _round(self, active: IntArray) -> Round:
        """Every active proposer asks as many as it has places for; receivers keep their best."""
        count = np.minimum(self.room[active], self.lists.start[active + 1] - self.position[active])
        asked = _ranges(self.position[active], count)
        self.position[active] += count
        self.room[active] -= count
        self.proposals += asked.size
        touched = np.zeros(self.quota.size, np.bool_)
        touched[self.lists.choice[asked]] = True
        busy = touched[self.lists.choice[self.held]]
        kept, rejected = self._select(np.concatenate([self.held[busy], asked]))
        self.held = np.concatenate([self.held[~busy], kept])
        np.add.at(self.room, self.owners(rejected), 1)
        return Round(self._pairs(asked), self._pairs(rejected))

    def _select(self, contenders: IntArray) -> tuple[IntArray, IntArray]:
        """Split entries into those within their receiver's quota, best first, and the rest."""
        receiver = self.lists.choice[contenders]
        order = np.lexsort((self.tier[self.cross[contenders]], receiver))
        contenders, receiver = contenders[order], receiver[order]
        first = np.searchsorted(receiver, receiver, side="left")
        keep = np.arange(receiver.size) - first < self.quota[receiver]
        return contenders[keep], contenders[~keep]

    def _pairs(self, entries: IntArray) -> IntArray:
        return np.stack([self.owners(entries), self.lists.choice[entries].astype(np.int64)], axis=1)

    def _one_at_a_time(self, active: IntArray) -> None:
        """The rejection chains of the last proposers, with a heap of held entries at each receiver."""
        choice, tier, cross = self.lists.choice.data, self.tier.data, self.cross.data
        heaps: list[list[tuple[int, int, int]]] = [[] for _ in range(self.quota.size)]
        for entry, owner in zip(self.held.tolist(), self.owners(self.held).tolist(), strict=True):
            heaps[choice[entry]].append((-tier[cross[entry]], entry, owner))
        for heap in heaps:
            heapify(heap)
        position, quota, last = self.position.tolist(), self.quota.tolist(), self.lists.start[1:].tolist()
        waiting = np.repeat(active, self.room[active]).tolist()
        while waiting:
            proposer = waiting.pop()
            entry = position[proposer]
            if entry == last[proposer]:
                continue
            position[proposer] = entry + 1
            self.proposals += 1
            heap, offer = heaps[choice[entry]], (-tier[cross[entry]], entry, proposer)
            if len(heap) < quota[choice[entry]]:
                heappush(heap, offer)
            else:
                waiting.append(heappushpop(heap, offer)[2])
        self.held = np.array([entry for heap in heaps for _, entry, _ in heap], np.int64)


def _ranges(start: IntArray, count: IntArray) -> IntArray:
    """The concatenation of the ranges start[i], …, start[i] + count[i] - 1."""
    total = int(count.sum())
    shift = np.repeat(start - np.concatenate([[0], np.cumsum(count)[:-1]]), count)
    ranges: IntArray = np.arange(total, dtype=np.int64) + shift
    return ranges
