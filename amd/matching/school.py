"""One-sided assignment and school choice, where places are given out and only applicants have wishes that count.

* `immediate_acceptance`, the Boston mechanism: acceptance is final in each round. Pareto efficient, manipulable.
* `top_trading_cycles` with counters (Abdulkadiroğlu and Sönmez 2003): Pareto efficient and strategyproof, not stable.
* `serial_dictatorship`: one after the other, each takes the best place left.
* Deferred acceptance (`amd.matching.deferred`) is the third of school choice: stable and strategyproof.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from amd.matching.market import UNMATCHED, IntArray, Lists, Market, MarketError, Matching
from amd.matching.ties import serving_order


def immediate_acceptance(market: Market) -> Matching:
    """The Boston mechanism. Round k: whoever is left asks the k-th program of its list; programs fill what seats they
    have left in order of priority, for good. Raises MarketError when a list has a tie."""
    market.require_strict()
    lists = market.applicants
    assignment = np.full(market.applicant_count, UNMATCHED, np.int64)
    seats = market.capacity.copy()
    for k in range(int(np.diff(lists.start).max(initial=0))):
        asking = np.flatnonzero((assignment < 0) & (lists.start[:-1] + k < lists.start[1:]))
        entry = lists.start[asking] + k
        order = np.lexsort((market.priority[entry], lists.choice[entry]))
        program = lists.choice[entry][order]
        admitted = np.arange(program.size) - np.searchsorted(program, program) < seats[program]
        assignment[asking[order][admitted]] = program[admitted]
        seats -= np.bincount(program[admitted], minlength=seats.size)
    return Matching(assignment, "immediate acceptance (Boston)")


def top_trading_cycles(market: Market, priorities: Lists | None = None) -> Matching:
    """Everybody points at the best program with a seat left, each program at its best applicant left; every cycle
    trades. Raises MarketError when a list has a tie.

    Priority may be traded by an applicant who does not want the program itself: `priorities` (m lists) are the
    programs' lists as they were before cleaning, which drops such applicants; without it only mutual pairs count.
    """
    market.require_strict()
    orders = market.programs if priorities is None else priorities
    if orders.count != market.program_count:
        raise MarketError(f"{market.program_count} programs but {orders.count} lists of priorities")
    if not orders.is_strict:
        raise MarketError(f"the priorities of {market.program(orders.tied_owner() or 0)} have a tie: break it first")
    trading = _Trading(market, orders)
    for applicant in range(market.applicant_count):
        trading.serve(applicant)
    return Matching(np.array(trading.assignment, np.int64), "top trading cycles")


class _Trading:
    """Pointers into both sides' lists; a walk along them closes a cycle, which trades and leaves."""

    def __init__(self, market: Market, orders: Lists) -> None:
        self.wishes = rows(market.applicants)
        self.orders = rows(orders)
        self.seats = market.capacity.tolist()
        self.assignment = [UNMATCHED] * market.applicant_count
        self.here = [True] * market.applicant_count
        self.wish = [0] * market.applicant_count
        self.turn = [0] * market.program_count

    def program_of(self, applicant: int) -> int | None:
        """The best program with a seat left."""
        wishes = self.wishes[applicant]
        while self.wish[applicant] < len(wishes) and not self.seats[wishes[self.wish[applicant]]]:
            self.wish[applicant] += 1
        return wishes[self.wish[applicant]] if self.wish[applicant] < len(wishes) else None

    def applicant_of(self, program: int) -> int:
        """The best applicant left; there is one, since whoever points at the program stands on its list."""
        order = self.orders[program]
        while not self.here[order[self.turn[program]]]:
            self.turn[program] += 1
        return order[self.turn[program]]

    def serve(self, first: int) -> None:
        """Trade cycles until `first` has left. The walk keeps its beginning after a trade."""
        path = [first]
        while self.here[first]:
            program = self.program_of(path[-1])
            if program is None:
                self.here[path.pop()] = False
                continue
            following = self.applicant_of(program)
            if following not in path:
                path.append(following)
                continue
            cut = path.index(following)
            self.trade(path[cut:])
            del path[cut:]

    def trade(self, cycle: list[int]) -> None:
        got = [self.program_of(applicant) for applicant in cycle]
        for applicant, program in zip(cycle, got, strict=True):
            if program is None:
                raise RuntimeError("an applicant without a wish left stands in a trading cycle")
            self.assignment[applicant] = program
            self.here[applicant] = False
            self.seats[program] -= 1


def rows(lists: Lists) -> list[list[int]]:
    """The lists as plain Python lists."""
    flat, start = lists.choice.tolist(), lists.start.tolist()
    return [flat[first:last] for first, last in pairwise(start)]


def serial_dictatorship(market: Market, order: Sequence[int] | IntArray) -> Matching:
    """In this `order` (n,) of applicants, each takes the best program with a seat left. A tie on a list is broken by
    where the entries stand. Raises MarketError when `order` is not a permutation."""
    queue = np.asarray(order, np.int64)
    if not np.array_equal(np.sort(queue), np.arange(market.applicant_count)):
        raise MarketError(f"the order of a serial dictatorship is a permutation of 0 … {market.applicant_count - 1}")
    wishes, seats = rows(market.applicants), market.capacity.tolist()
    assignment = np.full(market.applicant_count, UNMATCHED, np.int64)
    for applicant in queue.tolist():
        program = next((p for p in wishes[applicant] if seats[p]), None)
        if program is not None:
            assignment[applicant] = program
            seats[program] -= 1
    return Matching(assignment, "serial dictatorship")


def random_serial_dictatorship(market: Market, seed: int = 0) -> Matching:
    """A serial dictatorship in an order drawn with this seed."""
    return Matching(
        serial_dictatorship(market, serving_order(market, seed)).assignment,
        f"random serial dictatorship, seed {seed}",
    )
